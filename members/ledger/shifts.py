"""Rows whose cells moved by one column because somebody deleted or inserted a cell: found by what fits where.

A moved row may look well in many single cells (an employer under the address, a phase of life under the date), so that
it is judged as a whole, by the columns that take only their own kind of value.
"""

from collections.abc import Sequence
from typing import Protocol

from .cell import ASK, ERROR, Context
from .cells import Cleaner, empty
from .workbook import Value

_TYPED = frozenset(
    {"gender", "ethnicity", "birth_date", "id_number", "mobile", "join_date", "full_member_date", "member_type"}
    | {"started_on", "ended_on", "education", "last_contact_on", "reported_on", "counterpart_contact_phone"}
)
_MOST = 40


class Place(Protocol):
    """One mapped column."""

    @property
    def index(self) -> int: ...
    @property
    def field(self) -> str: ...
    @property
    def header(self) -> str: ...
    @property
    def clean(self) -> Cleaner: ...


def is_shifted(row: list[Value], places: Sequence[Place], context: Context) -> bool:
    """Whether the cells of a row from some column on stand one column too far left or right."""
    typed = sorted((place for place in places if place.field in _TYPED), key=lambda place: place.index)[:_MOST]
    own = {place.index: _fits(place, _at(row, place.index), context) for place in typed}
    if not any(fit is False for fit in own.values()):
        return False
    return any(_moved(row, typed, own, step, context) for step in (-1, 1))


def _moved(row: list[Value], typed: list[Place], own: dict[int, bool | None], step: int, context: Context) -> bool:
    """Whether, from some column on to the last, the values one column further fit clearly better than their own."""
    more_fits = fewer_failures = 0
    for place in reversed(typed):
        mine, there = own[place.index], _fits(place, _at(row, place.index + step), context)
        more_fits += (there is True) - (mine is True)
        fewer_failures += (mine is False) - (there is False)
        if more_fits >= 1 and fewer_failures >= 1 and more_fits + fewer_failures >= 3:
            return True
    return False


def _at(row: list[Value], index: int) -> Value:
    return row[index] if 0 <= index < len(row) else None


def _fits(place: Place, value: Value, context: Context) -> bool | None:
    """Whether a value is one of a column's kind; None where there is none."""
    if empty(value):
        return None
    cell = place.clean(place.header, value, context)
    if cell.value is not None:
        # a phone column of another person takes any words
        return place.field != "counterpart_contact_phone" or cell.value.isdecimal()
    return False if cell.severity in (ASK, ERROR) else None
