"""One value over several columns: a date in 年, 月 and 日, a gender or a kind of member as a tick below its word."""

import random
import re
from typing import Any

from tests.members.ledger.office.grid import Grid
from tests.members.ledger.office.layout import Ledger

DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
TITLES = {
    "birth_date": [["出生年", "出生月", "出生日"], ["出生日期/年", "出生日期/月", "出生日期/日"]],
    "join_date": [["入党时间（年）", "入党时间（月）", "入党时间（日）"], ["入党年份", "入党月份", "入党日"]],
    "gender": [["性别/男", "性别/女"]],
    "member_type": [["党员类别/正式", "党员类别/预备"]],
}
TICKS = ("√", "✓", "1", "是")


def spread(seed: int, ledger: Ledger) -> Ledger:
    """The same ledger with some of its columns spread out, where it has one line of titles and no merged cells below.

    A cell that is no plain date or word stands whole in the first of its columns.
    """
    rng = random.Random(f"{seed} spread")
    if any(top != bottom or top > 0 for grid in ledger.grids for top, _left, bottom, _right in grid.merged):
        return ledger
    if any(truth.is_shifted for truth in ledger.people):
        return ledger
    for field, choices in TITLES.items():
        if field in ledger.fields and rng.random() < 0.7:
            titles, tick = rng.choice(choices), rng.choice(TICKS)
            for grid in ledger.grids:
                _spread(ledger, grid, field, titles, tick)
    return ledger


def _spread(ledger: Ledger, grid: Grid, field: str, titles: list[str], tick: str) -> None:
    people = {truth.row - 1: truth for truth in ledger.people if truth.sheet == grid.name}
    header = next(row for row in grid.rows if len(row) > 2 and ledger.headers[field] in row)
    place, whole = header.index(ledger.headers[field]), list(header)
    more = len(titles) - 1
    for index, row in enumerate(grid.rows):
        if index in people and place < len(row):
            parts, is_plain = _parts(row[place], titles, tick)
            expected, must = people[index].expected[field]
            people[index].expected[field] = (expected, must and is_plain)
            row[place : place + 1] = parts
        elif row == whole:
            row[place : place + 1] = titles
        elif len(row) > place:
            row[place + 1 : place + 1] = [None] * more
    grid.merged = [(top, left, bottom, right + more) for top, left, bottom, right in grid.merged]
    grid.formats = {
        (row, column if column <= place else column + more): code
        for (row, column), code in grid.formats.items()
        if column != place
    }


def _parts(value: Any, titles: list[str], tick: str) -> tuple[list[Any], bool]:
    empty: list[Any] = [None] * (len(titles) - 1)
    if value is None:
        return [None, *empty], True
    if len(titles) == 2:
        words = [title.rpartition("/")[2] for title in titles]
        if value in words:
            return [tick if word == value else None for word in words], True
    elif isinstance(value, str) and (found := DATE.fullmatch(value)):
        return [str(int(part)) if part else None for part in found.groups()], True
    return [value, *empty], False
