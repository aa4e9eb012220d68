"""What the cells of one row say about each other. A doubt empties the doubtful cell; nothing is corrected."""

from collections.abc import Iterator

from .cell import ASK, Cell, Context
from .dates import precedes, years_later
from .identity import birth_of, gender_of

_NO_PROBATION = ("1969-04", "1977-08")  # Party constitutions of the 9th and 10th congress knew no probation
_YOUNGEST_ASKED = 14

Finding = tuple[str, str, str]


def cross_check(cells: dict[str, Cell], context: Context) -> Iterator[Finding]:
    """Yield (field, code, severity) and, for severity ask, empty that field's cell in place."""
    id_cell = cells.get("id_number")
    id_number = id_cell.value if id_cell else None
    if id_number:
        yield from _against_id(cells, id_number)
    born = birth_of(id_number) if id_number else _value(cells, "birth_date")
    if born:
        yield from _against_birth(cells, born, context)
    yield from _between_dates(cells)


def _value(cells: dict[str, Cell], field: str) -> str | None:
    cell = cells.get(field)
    return cell.value if cell else None


def _ask(cells: dict[str, Cell], field: str, code: str) -> Finding:
    cell = cells[field]
    cells[field] = Cell(cell.column, cell.raw, None, ASK, code)
    return field, code, ASK


def _against_id(cells: dict[str, Cell], id_number: str) -> Iterator[Finding]:
    gender = _value(cells, "gender")
    if gender and gender != gender_of(id_number):
        yield _ask(cells, "gender", "gender_differs_from_id")
    born = _value(cells, "birth_date")
    if born and not birth_of(id_number).startswith(born):
        yield _ask(cells, "birth_date", "birth_differs_from_id")


def _against_birth(cells: dict[str, Cell], born: str, context: Context) -> Iterator[Finding]:
    if precedes(context.today_text, years_later(born, 18)) and _value(cells, "birth_date"):
        yield _ask(cells, "birth_date", "under_18")
    joined = _value(cells, "join_date")
    if not joined:
        return
    if precedes(joined, born):
        yield _ask(cells, "join_date", "join_before_birth")
    elif precedes(joined, years_later(born, _YOUNGEST_ASKED)):
        yield _ask(cells, "join_date", "join_before_18")
    elif precedes(joined, years_later(born, 18)):
        yield "join_date", "join_before_18", "warn"


def _between_dates(cells: dict[str, Cell]) -> Iterator[Finding]:
    joined, full = _value(cells, "join_date"), _value(cells, "full_member_date")
    if full and _value(cells, "member_type") == "预备":
        yield _ask(cells, "full_member_date", "full_of_probationary")
    elif full and joined:
        if precedes(full, joined):
            yield _ask(cells, "full_member_date", "full_before_join")
        elif full == joined and not _NO_PROBATION[0] <= full[:7] <= _NO_PROBATION[1]:
            yield "full_member_date", "full_equals_join", "warn"
    started = _value(cells, "started_on")
    for field in ("ended_on", "expected_end_on"):
        end = _value(cells, field)
        if started and end and precedes(end, started):
            yield _ask(cells, field, "end_before_start")
