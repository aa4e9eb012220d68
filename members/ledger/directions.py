"""Whether the people of a sheet went out or came in: by word of the importer, titles, sheet name, headers."""

import re
from collections.abc import Iterable

from .aliases import INFLOW_HEADERS, OUTFLOW_HEADERS, OUTFLOW_REASONS
from .folding import compact
from .headers import Header

OUTFLOW, INFLOW = "outflow", "inflow"
CONFLICT = "conflict"
_OUT = re.compile(r"流出(?!地|党组织|党支部|组织|单位|支部)|外出党员|外流")
_IN = re.compile(r"流入(?!地|党组织|党支部|组织|单位|支部)|外来党员")


def direction_of_text(texts: Iterable[str]) -> str | None:
    """The direction that titles or a sheet's name state; None when they state none or both."""
    text = " ".join(compact(part) for part in texts)
    out, into = bool(_OUT.search(text)), bool(_IN.search(text))
    if out == into:
        return None
    return OUTFLOW if out else INFLOW


def direction_of_headers(header: Header) -> str | None:
    """The direction that the columns state (流入时间, 外出地点, …), `conflict` when they state both."""
    folded = {column.folded for column in header.columns}
    out = bool(folded & OUTFLOW_HEADERS)
    into = bool(folded & INFLOW_HEADERS)
    if not out and not into:
        out = bool(folded & OUTFLOW_REASONS)
    if out and into:
        return CONFLICT
    return OUTFLOW if out else INFLOW if into else None


def sheet_direction(option: str | None, sheet_name: str, header: Header) -> tuple[str | None, str | None]:
    """Return (direction, rule). Direction is None when nothing tells it, `conflict` when two sources contradict.

    The importer's own choice stands above columns, which may come from an old form; against a title or a sheet's name
    it is asked, since then one of the two is a mistake that would turn round a whole sheet.
    """
    stated = [
        (direction_of_text(header.titles), "direction_title"),
        (direction_of_text([sheet_name]), "direction_sheet"),
    ]
    if option:
        if any(found not in (None, option) for found, _ in stated):
            return CONFLICT, "direction_conflict"
        return option, "direction_option"
    by_columns = direction_of_headers(header)
    if by_columns != CONFLICT:
        stated.append((by_columns, "direction_header"))
    known = [(found, rule) for found, rule in stated if found]
    if len({found for found, _ in known}) > 1:
        return CONFLICT, "direction_conflict"
    return known[0] if known else (None, None)
