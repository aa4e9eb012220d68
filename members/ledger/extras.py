"""What a workbook holds beside its values, as far as it changes what they mean."""

from dataclasses import dataclass, field

from .formats import ShownStyles

Place = tuple[int, int]
"""(row 1-based, column 0-based)."""


@dataclass(slots=True)
class SheetExtras:
    """One sheet: rows (1-based) and columns (0-based) that are hidden, and by place errors, styles, marks, comments.

    `merged` and `width`, how many columns there are, are filled only where the reader does not tell them (ods); the
    corners of the filled cells only where it must be known before the reader begins (xls).
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    styled: dict[Place, int] = field(default_factory=dict)
    shown: dict[Place, str] = field(default_factory=dict)
    struck: set[Place] = field(default_factory=set)
    red: set[Place] = field(default_factory=set)
    comments: dict[Place, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    width: int = 0
    top_left: Place | None = None
    bottom_right: Place = (0, 0)

    @property
    def area(self) -> int:
        """The cells of the rectangle that a reader keeps, where the corners are known."""
        if self.top_left is None:
            return 0
        (top, left), (bottom, right) = self.top_left, self.bottom_right
        return (bottom - top + 1) * (right - left + 1)


@dataclass(slots=True)
class WorkbookExtras:
    """Extras by sheet name, whether dates count from 1904, and what the styles show."""

    sheets: dict[str, SheetExtras] = field(default_factory=dict)
    date1904: bool = False
    styles: ShownStyles = ShownStyles()
