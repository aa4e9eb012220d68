"""The office's own file with what became of every row: coloured cells, a result and its reasons.

Only who uploaded a ledger gets it back, since it holds what that person gave and nothing that was masked for others.
"""

import json
from pathlib import PurePath
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext
from openpyxl import Workbook as NewWorkbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, PatternFill

from members.enums import ImportState, RowOutcome
from members.importing import services
from members.importing.labels import field_label
from members.importing.sources import FILE, Source, find_source
from members.importing.staging import Staged
from members.importing.values import MOVEMENT_FIELDS
from members.ledger.cell import FIXED, raw_text
from members.ledger.marking import FILLS, FORMULA_STARTS, LENGTH_BYTES
from members.ledger.messages import skip_text
from members.ledger.reading import run_child
from members.ledger.results import LedgerRow
from members.ledger.workbook import LedgerRefused, Limits, Sheet
from members.ledger.xlsx import new_sheet, saved
from members.models import LedgerImport
from portal import access
from portal.models import AuditEntry
from portal.roles import Right

_COLOURED = ("error", "ask", "warn")
_QUIET = frozenset({"blank"})
_LEDGER_FIELDS = {attribute: name for name, attribute in MOVEMENT_FIELDS.items()}
_OPEN = (ImportState.PREVIEWED, ImportState.APPLIED)


def may_download(batch: LedgerImport, by: access.Actor) -> bool:
    """Whether this is the actor's own upload and its rows may still be there."""
    return batch.created_by_id is not None and batch.created_by_id == by.user_id and batch.state in _OPEN


def marked_file(*, batch: LedgerImport, by: access.Actor) -> tuple[str, bytes]:
    """Name and content of the result file, an xlsx; recorded.

    Raises PermissionDenied for anybody but the uploader and without the right to import, ImportRefused when the upload
    is no longer kept.
    """
    access.require(Right.IMPORT_LEDGER, batch.organization)
    if access.current() != by or not may_download(batch, by):
        raise PermissionDenied
    source, staged = find_source(batch), services.staged_rows(batch)
    if source is None:
        raise services.ImportRefused(gettext("The uploaded file is kept for one day only. Please upload it again."))
    marks = _marks(staged)
    try:
        content = _marked_original(source, marks)
    except LedgerRefused:
        content = _fresh(source, marks)
    AuditEntry.objects.create(
        actor=str(by), action="download_result", organization=batch.organization, object_type="members.ledgerimport",
        object_id=batch.pk, detail={"counts": batch.counts},
    )  # fmt: skip
    return gettext("%(name)s (result).xlsx") % {"name": PurePath(batch.file_name).stem[:80]}, content


def _marked_original(source: Source, marks: dict[str, Any]) -> bytes:
    """The uploaded workbook itself, marked. Raises LedgerRefused for another format or one too large to be loaded."""
    if source.kind != FILE:
        raise LedgerRefused("unsupported_format")
    plan = json.dumps(marks).encode()
    return run_child("marking", [len(plan).to_bytes(LENGTH_BYTES, "big"), plan, source.content], Limits())


def _marks(staged: Staged) -> dict[str, Any]:
    """By sheet: [row, column, severity] of cells (both 1-based), [row, severity, result, reasons] of rows, and the row
    of the titles."""
    sheets: dict[str, dict[str, Any]] = {}
    places: dict[tuple[str, str], int] = {}
    for sheet in staged.interpretation.sheets:
        for column in sheet.columns:
            if column.field:
                places.setdefault((sheet.name, column.field), sheet.first_column + column.index + 1)
    for row in staged.interpretation.rows:
        marks = sheets.setdefault(row.sheet, {"cells": [], "rows": [], "head": row.row - 1})
        if row.kind != "data":
            if row.reason not in _QUIET:
                marks["rows"].append([row.row, "", str(RowOutcome.SKIPPED.label), skip_text(row.reason or "")])
            continue
        severities = _severities(row)
        for name, severity in severities.items():
            place = places.get((row.sheet, name))
            if place:
                marks["cells"].append([row.row, place, severity])
        outcome = staged.outcomes.get((row.sheet, row.row))
        result = RowOutcome(outcome.outcome) if outcome else RowOutcome.SKIPPED
        marks["rows"].append([row.row, str(result), str(result.label), _reasons(row)])
    return {"sheets": sheets, "titles": [gettext("Result of the row"), gettext("Reasons")]}


def _severities(row: LedgerRow) -> dict[str, str]:
    """The colour of each cell: a correction unless there is a problem, the worst problem first."""
    found = {name: FIXED for name, cell in row.cells.items() if cell.severity == FIXED and cell.raw}
    for severity in reversed(_COLOURED):
        for problem in row.problems:
            if problem.severity == severity:
                found[_LEDGER_FIELDS.get(problem.field, problem.field)] = severity
    return found


def _reasons(row: LedgerRow) -> str:
    lines = []
    for problem in row.problems:
        label = field_label(problem.field) if problem.field else ""
        lines.append(f"{label}：{problem.message}" if label else problem.message)
    return "\n".join(dict.fromkeys(lines))


def _fresh(source: Source, marks: dict[str, Any]) -> bytes:
    """A new workbook with the same rows in the same places, every cell a text."""
    book = NewWorkbook(write_only=True)
    fills = {name: PatternFill("solid", fgColor=colour) for name, colour in FILLS.items()}
    for number, sheet in enumerate(source.workbook().sheets, 1):
        page = new_sheet(book, ILLEGAL_CHARACTERS_RE.sub("", sheet.name)[:31] or f"Sheet{number}")
        found = marks["sheets"].get(sheet.name, {"cells": [], "rows": [], "head": 0})
        _write_sheet(page, sheet, found, marks["titles"], fills)
    return saved(book)


def _write_sheet(page: Any, sheet: Sheet, marks: dict[str, Any], titles: list[str], fills: dict[str, Any]) -> None:
    colours = {(row, column): severity for row, column, severity in marks["cells"]}
    results = {row: rest for row, *rest in marks["rows"]}
    width = sheet.first_column + max((len(row) for row in sheet.rows), default=0)
    for _blank in range(sheet.first_row - 1):
        page.append([])
    for number, row in enumerate(sheet.rows, sheet.first_row):
        values = [None] * sheet.first_column + [raw_text(value) for value in row]
        cells = [
            _text(page, value, fills.get(colours.get((number, place), ""))) for place, value in enumerate(values, 1)
        ]
        cells += [None] * (width - len(cells))
        if number == marks["head"]:
            cells += [_text(page, title, None) for title in titles]
        elif number in results:
            severity, *texts = results[number]
            cells += [_text(page, text, fills.get(severity)) for text in texts]
        page.append(cells)


def _text(page: Any, text: str | None, fill: Any) -> Any:
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text or "")[:32_767] or None)
    if cell.value is not None:
        cell.data_type, cell.number_format = "s", "@"
        cell.quotePrefix = str(cell.value).startswith(FORMULA_STARTS)
        cell.alignment = Alignment(wrap_text="\n" in str(cell.value))
    if fill is not None:
        cell.fill = fill
    return cell
