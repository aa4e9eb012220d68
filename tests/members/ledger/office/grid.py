"""A sheet as it lies on a clerk's screen, before it becomes a file of some kind."""

import datetime
from dataclasses import dataclass, field
from typing import Any

Area = tuple[int, int, int, int]


@dataclass
class Grid:
    """One sheet. All places are 0-based: `merged` (row, column, last row, last column), `formats` by (row, column)."""

    name: str = "Sheet1"
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    state: str = "visible"
    struck: set[tuple[int, int]] = field(default_factory=set)
    red: set[tuple[int, int]] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)


def shown(value: Any, code: str = "") -> str:
    """What a cell becomes in a text file: what the spreadsheet shows of it."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, datetime.date):
        return value.strftime("%Y/%m/%d") if code != "month" else f"{value.year}年{value.month}月"
    if isinstance(value, float):
        if code == "0.00":
            return f"{value:.2f}"
        if value >= 1e11:
            return f"{value:.5E}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int) and value >= 10**11:
        return f"{value:.5E}"
    return str(value)
