"""What a workbook holds beside its values, as far as it changes what they mean."""

from dataclasses import dataclass, field

from .formats import ShownStyles

Place = tuple[int, int]
"""(row 1-based, column 0-based)."""


@dataclass(slots=True)
class SheetExtras:
    """One sheet: rows (1-based) and columns (0-based) that are hidden, and by place errors, styles, marks, comments.

    `merged` and `width`, how many columns there are, are filled only where the reader does not tell them (ods).
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


@dataclass(slots=True)
class WorkbookExtras:
    """Extras by sheet name, whether dates count from 1904, and what the styles show."""

    sheets: dict[str, SheetExtras] = field(default_factory=dict)
    date1904: bool = False
    styles: ShownStyles = ShownStyles()
