"""What apps above do with columns that no file keeps, once a ledger is written."""

from collections.abc import Callable
from dataclasses import dataclass

from members.importing.deciding import NamedRow
from members.importing.staging import fields_in, unpack
from members.models import LedgerImport


@dataclass(frozen=True)
class Told:
    """One cell: the title of its column, and its clean value."""

    header: str
    value: str


Taker = Callable[[LedgerImport, dict[str, Told]], None]
takers: dict[str, Taker] = {}
"""Ledger field → who takes its values: file id → what the ledger says. In the import's transaction, as its importer."""


def hand_on(batch: LedgerImport, rows: list[NamedRow]) -> None:
    """Give every taker its column. A ledger without such a column costs nothing more than the look at its titles."""
    wanted = takers.keys() & fields_in(batch.report)
    if not wanted:
        return
    staged = unpack(batch.report)
    titles = {
        (sheet.name, column.field): column.header for sheet in staged.interpretation.sheets for column in sheet.columns
    }
    files = {(sheet, number): pk for pk, sheet, number in rows}
    for name in sorted(wanted):
        told = {}
        for row in staged.interpretation.rows:
            value, file = row.value(name), files.get((row.sheet, row.row))
            if value and file:
                told[str(file)] = Told(titles.get((row.sheet, name), ""), value)
        takers[name](batch, told)
