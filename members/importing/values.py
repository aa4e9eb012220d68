"""From the clean cells of one row to what the member file stores."""

import json
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from members.enums import Gender, MemberType
from members.file_fields import BY_LEDGER_KEY, FIELDS, Kind, Store, keys_of, keys_of_kind
from members.importing.masked_cells import Masks, find_masks, holds_mask
from members.importing.problems import MatchProblem
from members.ledger.aliases import ALIASES
from members.ledger.cell import ASK, Cell, raw_text
from members.ledger.cells import beside_mobiles, further_mobiles
from members.ledger.columns import Column
from members.ledger.fields import NEVER_WITHOUT_CONSENT
from members.ledger.identity import birth_of, gender_of
from members.ledger.results import Interpretation, LedgerRow
from members.ledger.workbook import Workbook

GENDERS = {"男": Gender.MALE.value, "女": Gender.FEMALE.value}
MEMBER_TYPES = {"正式": MemberType.FULL.value, "预备": MemberType.PROBATIONARY.value}
MEMBER_FIELDS = frozenset(field.key for field in FIELDS if not field.of_movement)
MOVEMENT_FIELDS = {field.in_ledger: field.key for field in FIELDS if field.of_movement and field.key != "direction"}
"""Ledger field → where the movement keeps it; home and host are an organization in reach or a text."""

SEALED_FIELDS = keys_of(Store.SEALED)
SEALED_MOVEMENT_FIELDS = keys_of(Store.MOVEMENT_SEALED)
PARTIAL_DATES = keys_of_kind(Kind.DATE) - {"last_contact_on"}
KEPT_FIELDS = (frozenset(ALIASES.values()) | BY_LEDGER_KEY.keys()) - NEVER_WITHOUT_CONSENT
"""What an import keeps: the rest is listed to the importer and left in the sheet."""

_APART = NEVER_WITHOUT_CONSENT | {"community", "direction", "floating"}
_LONGEST = {field.in_ledger: field.most for field in FIELDS}
_CODED = {"gender": GENDERS, "member_type": MEMBER_TYPES}
_ORDINARY = MEMBER_FIELDS - _CODED.keys() - {"last_contact_on", "mobile"}


@dataclass(slots=True)
class RowValues:
    """What one row says, in the terms of the models.

    `fields`: ledger field → plain text of a member field; `derived`: what the ID number tells, for empty fields only;
    `movement`: movement attribute → plain text (`home` and `host` as written), empty when the row has no direction;
    `extra`: header → raw text of what has no field of its own; `phones`: further own numbers of the mobile's cell;
    `masks`: what is masked and therefore in none of these; `scope`: how far the movement goes, when both its ends tell
    it and no column does.
    """

    fields: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    movement: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    masks: Masks | None = None
    scope: str = ""


class HeaderKeys:
    """The key in `Member.ledger_extra` of every column of a sheet: its header, numbered where it repeats."""

    def __init__(self, columns: list[Column]) -> None:
        self.by_index: dict[int, str] = {}
        self.by_field: dict[str, str] = {}
        seen: dict[str, int] = {}
        for column in columns:
            header = column.header or f"#{column.index + 1}"
            seen[header] = seen.get(header, 0) + 1
            key = header if seen[header] == 1 else f"{header} ({seen[header]})"
            self.by_index.setdefault(column.index, key)
            if column.field and column.status == "mapped":
                self.by_field.setdefault(column.field, key)

    def key_of(self, name: str, cell: Cell) -> str:
        """The key under which the text of a field's cell is kept."""
        return self.by_field.get(name, cell.column or name)


def unknown_texts(workbook: Workbook, interpretation: Interpretation) -> dict[tuple[str, int], dict[str, str]]:
    """{(sheet, row): {header: raw text}} of columns that mean no field, so that nothing of a ledger is lost."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    wanted, ages = {}, {}
    for report in interpretation.sheets:
        if not report.used:
            continue
        keys = HeaderKeys(report.columns).by_index
        places = [column.index for column in report.columns]
        wanted[report.name] = [
            (column.index, keys[column.index])
            for column in report.columns
            # a second table below may have another column in the same place
            if column.status in ("unknown", "ask", "duplicate") and places.count(column.index) == 1
        ]
        # nothing else tells how old somebody is: kept as it stands, never made a birth date of
        ages[report.name] = [(c.index, keys[c.index]) for c in report.columns if c.field == "age"][:1]
    for row in interpretation.rows:
        columns = wanted.get(row.sheet, [])
        if ages.get(row.sheet) and not row.value("birth_date") and not row.value("id_number"):
            columns = columns + ages[row.sheet]
        if row.kind != "data" or not columns:
            continue
        sheet = sheets[row.sheet]
        cells = sheet.rows[row.row - sheet.first_row]
        texts = {key: raw_text(cells[index]) for index, key in columns if index < len(cells)}
        found[row.sheet, row.row] = {key: text.strip() for key, text in texts.items() if text and text.strip()}
    return found


def row_values(row: LedgerRow, keys: HeaderKeys, unknown: dict[str, str]) -> RowValues:
    """What a row stores. A text that is too long for its field becomes a question in the row's cell."""
    masks = find_masks(row, unknown)
    result = RowValues(extra=dict(unknown), masks=masks)
    left_out: Container[str] = _APART
    if masks is not None:
        left_out = _APART | masks.cells.keys()
        result.extra = {key: text for key, text in unknown.items() if key not in masks.extra}
    for name, cell in row.cells.items():
        value = cell.value
        if name in left_out or (value is None and not cell.raw):
            continue
        if value is not None and len(value) > _LONGEST.get(name, 2_000):
            row.cells[name] = cell = Cell(cell.column, cell.raw, None, ASK, "too_long")
            row.problems.append(MatchProblem(name, "too_long", ASK))
            value = None
        if value is None:
            if cell.raw and cell.severity == ASK and name != "id_number" and not holds_mask(cell.raw):
                result.extra[keys.key_of(name, cell)] = cell.raw
        elif name in _ORDINARY:
            result.fields[name] = value
        elif name == "last_contact_on" and len(value) < 10:
            result.extra[keys.key_of(name, cell)] = value
        elif name in MEMBER_FIELDS:
            result.fields[name] = _CODED[name][value] if name in _CODED else value
            if cell.rule == "mobile_several":
                result.phones = further_mobiles(cell)
                landline = row.cell("landline")
                if beside_mobiles(cell) and (landline is None or landline.raw != cell.raw):
                    result.extra[keys.key_of(name, cell)] = cell.raw or ""
        elif name in MOVEMENT_FIELDS:
            result.movement[MOVEMENT_FIELDS[name]] = value
        elif cell.raw:
            result.extra[keys.key_of(name, cell)] = cell.raw
    _derive(row, result)
    return result


def keep_as_extra(row: LedgerRow, result: RowValues, keys: HeaderKeys) -> None:
    """Without a direction there is no movement to hold the facts of one: keep them as they stand."""
    for name in MOVEMENT_FIELDS:
        cell = row.cells.get(name)
        if cell is not None and cell.value and cell.raw:
            result.extra[keys.key_of(name, cell)] = cell.value
    result.movement = {}


def _derive(row: LedgerRow, result: RowValues) -> None:
    number = result.fields.get("id_number")
    if not number:
        return
    born, gender = row.cells.get("birth_date"), row.cells.get("gender")
    if born is None or born.raw is None:
        result.derived["birth_date"] = birth_of(number)
    if gender is None or gender.raw is None:
        result.derived["gender"] = GENDERS[gender_of(number)]


def load_extra(text: str) -> dict[str, str]:
    """The dictionary inside `Member.ledger_extra`; anything unreadable counts as empty."""
    if not text:
        return {}
    try:
        loaded: Any = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}


def dump_extra(extra: dict[str, str]) -> str:
    """The text for `Member.ledger_extra`: one order, so that equal contents have equal digests."""
    return json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else ""
