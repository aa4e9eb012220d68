"""The same person twice in one file, and sheets that only repeat the others."""

import re
from collections.abc import Callable

from .cell import ASK
from .folding import compact
from .messages import skip_text
from .results import Interpretation, LedgerRow, Problem, SheetReport

_SUMMARY = re.compile(r"汇总|总表|总台账|总册|总名单|总名册|合计|全街道|全部")


def drop_summaries(result: Interpretation, is_wanted: Callable[[SheetReport], bool] = lambda sheet: False) -> None:
    """Leave out a sheet that only repeats the others: one called 汇总 whose people all stand elsewhere, or one with the
    same titles that holds exactly the people of several others. One with people of its own, or one that was asked for,
    stays in use."""
    if sum(sheet.used for sheet in result.sheets) < 2:
        return
    people: dict[str, list[list[tuple[str, str]]]] = {sheet.name: [] for sheet in result.sheets}
    for row in result.rows:
        if row.kind == "data":
            people[row.sheet].append(_keys(row))
    for sheet in result.sheets:
        if not sheet.used or is_wanted(sheet):
            continue
        is_named = _is_summary(sheet)
        others = [one for one in result.sheets if one.used and one is not sheet and not _is_summary(one)]
        if not is_named:
            others = [one for one in others if one.key == sheet.key]
        if len(others) < (1 if is_named else 2) or not _stand_in(people[sheet.name], people, others):
            continue
        if is_named or all(_stand_in(people[one.name], people, [sheet]) for one in others):
            sheet.used, sheet.reason, sheet.code = False, skip_text("summary"), "summary"
            result.rows = [row for row in result.rows if row.sheet != sheet.name]


def _is_summary(sheet: SheetReport) -> bool:
    return _SUMMARY.search(compact(sheet.name)) is not None


def _stand_in(
    mine: list[list[tuple[str, str]]], people: dict[str, list[list[tuple[str, str]]]], sheets: list[SheetReport]
) -> bool:
    """Whether everybody of some rows stands in one of the sheets."""
    there = {key for sheet in sheets for keys in people[sheet.name] for key in keys}
    return bool(mine) and all(any(key in there for key in keys) for keys in mine)


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
