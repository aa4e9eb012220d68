"""The same person twice in one file, and sheets that only repeat the others."""

import re
from collections.abc import Callable

from .cell import ASK
from .folding import compact
from .messages import skip_text
from .results import Interpretation, LedgerRow, Problem, SheetReport

_SUMMARY = re.compile(r"汇总|总表|总台账|总册|总名单|总名册|合计|全街道|全部")


def drop_summaries(result: Interpretation, is_wanted: Callable[[SheetReport], bool] = lambda sheet: False) -> None:
    """Leave out a 汇总 sheet whose people all stand in the other sheets; one with people of its own, or one that was
    asked for, stays in use."""
    for sheet in result.sheets:
        others = [
            other
            for other in result.sheets
            if other.used and other is not sheet and not _SUMMARY.search(compact(other.name))
        ]
        if not sheet.used or not others or not _SUMMARY.search(compact(sheet.name)) or is_wanted(sheet):
            continue
        names = {other.name for other in others}
        elsewhere = {key for row in result.rows if row.sheet in names and row.kind == "data" for key in _keys(row)}
        mine = [row for row in result.rows if row.sheet == sheet.name and row.kind == "data"]
        if mine and all(any(key in elsewhere for key in _keys(row)) for row in mine):
            sheet.used, sheet.reason, sheet.code = False, skip_text("summary"), "summary"
            result.rows = [row for row in result.rows if row.sheet != sheet.name]


def _keys(row: LedgerRow) -> list[tuple[str, str]]:
    """What identifies a person inside a file: ID number, else name with mobile, else name with exact birth date."""
    id_number, name, mobile, born = (row.value(key) for key in ("id_number", "name", "mobile", "birth_date"))
    if id_number:
        return [("id", id_number)]
    if not name:
        return []
    if mobile:
        return [("mobile", f"{name} {mobile}")]
    return [("born", f"{name} {born}")] if born and len(born) == 10 else []


def mark_duplicates(rows: list[LedgerRow]) -> None:
    """Point later rows of a person to the first; one ID number with two names makes every row of it wait."""
    first: dict[tuple[str, str], LedgerRow] = {}
    for row in rows:
        if row.kind != "data":
            continue
        keys = _keys(row)
        name, mobile = row.value("name"), row.value("mobile")
        if name and mobile and keys[0][0] != "mobile":
            keys.append(("mobile", f"{name} {mobile}"))
        for key in keys:
            earlier = first.setdefault(key, row)
            if earlier is row or row.duplicate_of is not None:
                continue
            if key[0] == "id" and earlier.value("name") != name and name and earlier.value("name"):
                for either in (earlier, row):
                    if not any(problem.code == "identity_conflict" for problem in either.problems):
                        either.problems.append(Problem("id_number", "identity_conflict", ASK, waits=True))
            elif key[0] != "id" and row.value("id_number") and earlier.value("id_number"):
                continue  # two ID numbers are two people, whatever else they share
            else:
                row.duplicate_of = (earlier.sheet, earlier.row)
                row.problems.append(Problem("", "duplicate_row", "warn"))
