"""The report of an import: its shape is final and read by other programs (field keys: design/ledgers.md)."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .cell import Cell
from .fields import MASKED_FIELDS
from .messages import skip_text
from .results import Interpretation, LedgerRow
from .workbook import LedgerRefused

OUTCOMES = ("new", "changed", "unchanged", "ask", "error", "skipped")
_DATE = re.compile(
    r"(?:19|20)\d\d(?:-?(?:0[1-9]|1[0-2])(?:-?(?:[0-2]\d|3[01]))?|-(?:[1-9]|1[0-2])(?:-(?:[1-9]|[12]\d|3[01]))?)"
    r"(?: [0-2]\d)?"
)
_LONG_NUMBER = re.compile(r"[\d０-９](?:[\s-]?[\d０-９*]){5,}[\dXx０-９]?")


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What the report says of the whole file. `status` is previewed, applied or refused; `batch` the import's id."""

    file: str
    status: str
    batch: str | None = None
    refusal: LedgerRefused | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row, decided against the stored members."""

    outcome: str
    member: str | None = None


def mask_number(text: str) -> str:
    """A number of which only the beginning and the end stay readable: 136****4727."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) >= 9 else "*" * len(text)


def mask_text(text: str) -> str:
    """A text in which every long run of digits is masked; dates stay."""
    return _LONG_NUMBER.sub(_mask_found, text)


def _mask_found(found: re.Match[str]) -> str:
    """A date is no number of a person."""
    number = found.group()
    return number if _DATE.fullmatch(number) else mask_number(re.sub(r"[\s-]", "", number))


def mask_value(field: str, text: str | None) -> str | None:
    """What may leave the importer of one value without the right to see it whole."""
    if not text:
        return text
    if "address" in field:
        return re.split(r"[\d０-９一二三四五六七八九十]+", text, maxsplit=1)[0][:12] + "***"
    masked = mask_text(text)
    if field in MASKED_FIELDS and masked == text:
        return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*"
    return masked


def build_report(
    head: ReportHead,
    interpretation: Interpretation | None,
    outcomes: Mapping[tuple[str, int], Outcome] | None = None,
    *,
    unmasked: bool = False,
) -> dict[str, Any]:
    """The report as plain values. `outcomes` by (sheet, row); a row without one is new unless its problems stop it."""
    rows = interpretation.rows if interpretation else []
    counts: Counter[str] = Counter()
    entries = []
    for row in rows:
        outcome = (outcomes or {}).get((row.sheet, row.row)) or Outcome(default_outcome(row))
        counts[outcome.outcome] += 1
        entries.append(_row(row, outcome, unmasked))
    refusal = {"code": head.refusal.code, "message": head.refusal.message} if head.refusal else None
    return {
        "file": head.file,
        "status": head.status,
        "refusal": refusal,
        "batch": head.batch,
        "sheets": [
            {"name": sheet.name, "rows": sheet.rows, "used": sheet.used, "reason": sheet.reason}
            for sheet in (interpretation.sheets if interpretation else [])
        ],
        "counts": {name: counts[name] for name in OUTCOMES},
        "rows": entries,
    }


def default_outcome(row: LedgerRow) -> str:
    """The outcome that the row's own cells allow."""
    return "skipped" if row.kind == "skip" else row.blocked or "new"


def _row(row: LedgerRow, outcome: Outcome, unmasked: bool) -> dict[str, Any]:
    problems = [
        {"field": item.field, "code": item.code, "severity": item.severity, "message": item.message}
        for item in row.problems
    ]
    if row.reason:
        problems.append({"field": "", "code": row.reason, "severity": "ok", "message": skip_text(row.reason)})
    return {
        "sheet": row.sheet,
        "row": row.row,
        "outcome": outcome.outcome,
        "member": outcome.member,
        "cells": {name: _cell(name, cell, unmasked) for name, cell in row.cells.items()},
        "problems": problems,
    }


def _cell(name: str, cell: Cell, unmasked: bool) -> dict[str, str | None]:
    return {
        "column": cell.column,
        "raw": cell.raw if unmasked else mask_value(name, cell.raw),
        "value": cell.value if unmasked else mask_value(name, cell.value),
        "severity": cell.severity,
        "rule": cell.rule,
    }
