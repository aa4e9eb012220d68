"""One column of a ledger as it came in and goes out again."""

from typing import Any, NamedTuple


class LayoutColumn(NamedTuple):
    """`header` with its headings (流入地/省), the ledger field that it means ("": none), `heads`: those headings alone,
    outermost first. Stored as [header, field, *heads]."""

    header: str
    field: str
    heads: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The lowest title."""
        return self.header.removeprefix("".join(f"{head}/" for head in self.heads))

    def stored(self) -> list[str]:
        """What a layout keeps of it."""
        return [self.header, self.field, *self.heads]


def layout_in(stored: Any) -> list[LayoutColumn]:
    """The columns of a stored layout; anything else counts as none."""
    if not isinstance(stored, list) or not all(isinstance(column, list) and len(column) > 1 for column in stored):
        return []
    return [LayoutColumn(str(header), str(name), tuple(map(str, heads))) for header, name, *heads in stored]
