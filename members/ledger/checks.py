"""What the cells of one row say about each other. A doubt empties the doubtful cell; nothing is corrected."""

from .cell import ASK, ERROR, Cell, Context
from .dates import precedes, years_later
from .identity import birth_of, gender_of

_NO_PROBATION = ("1969-04", "1977-08")  # Party constitutions of the 9th and 10th congress knew no probation
_YOUNGEST_ASKED = 14

Finding = tuple[str, str, str]


def cross_check(cells: dict[str, Cell], context: Context) -> list[Finding]:
    """(field, code, severity) of every doubt; for severity ask that field's cell has been emptied in place."""
    found: list[Finding] = []
    id_number = _value(cells, "id_number")
    born = birth_of(id_number) if id_number else _value(cells, "birth_date")
    if id_number and born:
        _against_id(cells, id_number, born, found)
    if born:
        _against_birth(cells, born, context, found)
    _between_dates(cells, found)
    return found


def ask_other_document(cells: dict[str, Cell]) -> None:
    """A number that is none of a resident is asked, and the row stored, where another kind of document is named."""
    cell, kind = cells.get("id_number"), _value(cells, "id_type")
    if cell is not None and cell.severity == ERROR and kind not in (None, "居民身份证"):
        cells["id_number"] = Cell(cell.column, cell.raw, None, ASK, "id_other_document")


def _value(cells: dict[str, Cell], field: str) -> str | None:
    cell = cells.get(field)
    return cell.value if cell else None


def _ask(cells: dict[str, Cell], field: str, code: str) -> Finding:
    cell = cells[field]
    cells[field] = Cell(cell.column, cell.raw, None, ASK, code)
    return field, code, ASK


def _against_id(cells: dict[str, Cell], id_number: str, told: str, found: list[Finding]) -> None:
    """`told`: the birth date that the number holds."""
    gender = _value(cells, "gender")
    if gender and gender != gender_of(id_number):
        found.append(_ask(cells, "gender", "gender_differs_from_id"))
    born = _value(cells, "birth_date")
    if born and not told.startswith(born):
        found.append(_ask(cells, "birth_date", "birth_differs_from_id"))


def _against_birth(cells: dict[str, Cell], born: str, context: Context, found: list[Finding]) -> None:
    of_age = years_later(born, 18)
    if precedes(context.today_text, of_age) and _value(cells, "birth_date"):
        found.append(_ask(cells, "birth_date", "under_18"))
    joined = _value(cells, "join_date")
    if not joined or not precedes(joined, of_age):
        return
    if precedes(joined, born):
        found.append(_ask(cells, "join_date", "join_before_birth"))
    elif precedes(joined, years_later(born, _YOUNGEST_ASKED)):
        found.append(_ask(cells, "join_date", "join_before_18"))
    else:
        found.append(("join_date", "join_before_18", "warn"))


def _between_dates(cells: dict[str, Cell], found: list[Finding]) -> None:
    joined, full = _value(cells, "join_date"), _value(cells, "full_member_date")
    if full and _value(cells, "member_type") == "预备":
        found.append(_ask(cells, "full_member_date", "full_of_probationary"))
    elif full and joined:
        if precedes(full, joined):
            found.append(_ask(cells, "full_member_date", "full_before_join"))
        elif full == joined and not _NO_PROBATION[0] <= full[:7] <= _NO_PROBATION[1]:
            found.append(("full_member_date", "full_equals_join", "warn"))
    started = _value(cells, "started_on")
    if not started:
        return
    for field in ("ended_on", "expected_end_on"):
        end = _value(cells, field)
        if end and precedes(end, started):
            found.append(_ask(cells, field, "end_before_start"))
