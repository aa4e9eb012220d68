"""The columns of a ledger, declared once: what an import understands is what an export writes.

A ledger goes out in the columns and order in which it came in (`LedgerImport.columns`), without one in the usual ones.
Numbers are masked unless the caller, who has checked the right, asks otherwise.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from import_export import fields, resources

from members.enums import Direction
from members.file_fields import FIELDS
from members.importing.values import MEMBER_FIELDS, MOVEMENT_FIELDS, PARTIAL_DATES, HeaderKeys, load_extra
from members.layout_columns import LayoutColumn
from members.ledger.aliases import ALIASES, INFLOW_HEADERS, OUTFLOW_HEADERS
from members.ledger.columns import Column
from members.ledger.folding import fold_header
from members.ledger.parts import part_of, settle_parts
from members.masks import mask_in_export
from members.models import Member, Movement
from members.revealing import THOUGHTS
from portal import access
from portal.fields import PARTIAL_DATE
from portal.models import OrganizationKind
from portal.roles import Right
from portal.sheets import Book, Sheet

HEADERS = {"seq": "序号", "community": "所属社区", "age": "年龄", "party_age": "党龄"} | {
    field.in_ledger: field.header for field in FIELDS
}
"""Ledger field → its usual header: words of the offices' forms, the same that an import recognizes."""

USUAL = [
    ["seq", "name", "gender", "ethnicity", "birth_date", "id_number", "mobile", "community", "member_type"],
    ["join_date", "full_member_date", "education", "occupation", "employer", "current_address", "direction"],
    ["started_on", "destination", "reason", "home_organization", "host_organization", "last_contact_on", "remark"],
]
USUAL_LAYOUT = [LayoutColumn(HEADERS[name], name) for part in USUAL for name in part]
WORDS = {"male": "男", "female": "女", "full": "正式党员", "probationary": "预备党员"}
DIRECTIONS = {Direction.OUTFLOW: "流出", Direction.INFLOW: "流入"}
SHEETS = {Direction.OUTFLOW: "流出党员", Direction.INFLOW: "流入党员", "": "流动党员"}
TITLES = {Direction.OUTFLOW: "流出党员名册", Direction.INFLOW: "流入党员名册", "": "流动党员信息台账"}
_SAYS_DIRECTION = {Direction.OUTFLOW: OUTFLOW_HEADERS, Direction.INFLOW: INFLOW_HEADERS}
_DATES = PARTIAL_DATES | {"last_contact_on"}


@dataclass(slots=True)
class LedgerLine:
    """One line of an exported ledger: a member with one episode of being away, or none."""

    member: Member
    movement: Movement | None
    number: int
    community: str = ""
    _extra: dict[str, str] | None = field(default=None)

    def text(self, name: str, key: str) -> str:
        """The text of a column: `name` is the ledger field or "", `key` its place in `ledger_extra`."""
        value = self._own(name)
        if value:
            return value
        if self._extra is None:
            self._extra = load_extra(self.member.ledger_extra)
        kept = self._extra.get(key, "")
        # a doubtful date was kept as it stood; as a text cell 1985.1 would be January without a question
        return kept if name not in _DATES or PARTIAL_DATE.fullmatch(kept) else ""

    def _own(self, name: str) -> str:
        if name == THOUGHTS and not access.may(Right.VIEW_THOUGHTS, self.member.organization):
            return ""
        if name in MEMBER_FIELDS:
            value = getattr(self.member, name)
            return WORDS.get(value, str(value)) if value else ""
        if name in MOVEMENT_FIELDS:
            return self._of_movement(MOVEMENT_FIELDS[name])
        simple = {"seq": str(self.number), "community": self.community}
        if name in simple:
            return simple[name]
        if name == "direction":
            return DIRECTIONS[Direction(self.movement.direction)] if self.movement else ""
        if name in ("age", "party_age"):
            return _years(self.member.birth_date if name == "age" else self.member.full_member_date)
        return ""

    def _of_movement(self, name: str) -> str:
        if self.movement is None:
            return ""
        if name in ("home", "host"):
            linked = getattr(self.movement, f"{name}_organization")
            return linked.name if linked is not None else getattr(self.movement, f"{name}_text")
        return getattr(self.movement, name)


def _years(since: str) -> str:
    if len(since) < 10:
        return ""
    born, today = dt.date.fromisoformat(since), timezone.localdate()
    return str(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


class LedgerResource(resources.Resource):
    """Writes LedgerLines in the columns of `layout`. `heads`: the headings above each title, none in a `flat` file."""

    def __init__(
        self, layout: list[LayoutColumn], *, unmasked: bool = False, direction: str = "", flat: bool = False
    ) -> None:
        super().__init__()
        self.unmasked = unmasked
        self.in_order: list[Any] = []
        columns = [Column(index, one.header, "", one.field or None, "mapped") for index, one in enumerate(layout)]
        settle_parts(columns)
        keys = HeaderKeys(columns).by_index
        self.fields = {}
        self.heads: list[tuple[str, ...]] = []
        for column, one in zip(columns, layout, strict=True):
            heads = () if flat or _contradicts(one.header, direction) else one.heads
            is_part = bool(column.level or column.word)
            title = one.title if heads else one.header
            self.heads.append(heads)
            self.fields[str(column.index)] = fields.Field(
                column_name=title if heads or is_part else header_for(one.header, one.field, direction),
                dehydrate_method=self._reader(one.field, keys[column.index], column, columns if is_part else []),
            )

    def _reader(self, name: str, key: str, column: Column, columns: list[Column]) -> Any:
        def read(line: LedgerLine) -> str:
            text = line.text(name, key)
            text = text if self.unmasked else mask_in_export(name, text, key)
            return part_of(text, column, columns) if columns else text

        return read

    def get_export_order(self) -> list[str]:
        return list(self.fields)

    def get_export_fields(self, selected_fields: Any = None) -> list[Any]:
        """All fields, found once: import-export looks each one up again for every row."""
        if not self.in_order:
            self.in_order = super().get_export_fields(selected_fields)
        return self.in_order

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        return field.dehydrate_method(instance)  # likewise: the base class searches the field's name


def header_for(header: str, name: str, direction: str) -> str:
    """The header as it came in, or the field's usual one where that would no longer be understood (or contradict)."""
    is_unknown = ALIASES.get(fold_header(header)) != name and "/" in header
    return HEADERS[name] if name in HEADERS and (is_unknown or _contradicts(header, direction)) else header


def _contradicts(header: str, direction: str) -> bool:
    """Whether a header says the other direction than the sheet's."""
    folded = fold_header(header)
    return bool(direction) and any(folded in words for side, words in _SAYS_DIRECTION.items() if side != direction)


_WIDTHS = {
    "seq": 5.5, "name": 9.5, "gender": 5.5, "ethnicity": 7, "age": 5.5, "party_age": 6, "id_number": 20, "mobile": 13,
    "landline": 14, "liaison_phone": 13, "counterpart_contact_phone": 13, "current_address": 24, "remark": 18,
    "household_address": 24, "employer": 18, "home_organization": 20, "host_organization": 20,
}  # fmt: skip
WIDTH, DATE_WIDTH = 12.0, 11.5  # characters


def write_ledger(members: Iterable[Member], layout: list[LayoutColumn], book: Book, *, unmasked: bool = False) -> int:
    """Write members (with `movements` and organizations fetched) into a book in this layout; returns how many.

    Without a column for the direction, outgoing and incoming members stand on sheets of their own.
    """
    layout = layout or USUAL_LAYOUT
    has_direction = any(column.field == "direction" for column in layout)
    made: dict[str, tuple[LedgerResource, Sheet]] = {}
    count = 0
    for member in members:
        count += 1
        for line in lines_of(member):
            direction = "" if has_direction or line.movement is None else line.movement.direction
            if direction not in made:
                made[direction] = _new_sheet(book, layout, direction, unmasked)
            resource, sheet = made[direction]
            line.number = sheet.count + 1
            book.append(sheet, resource.export_resource(line))
    if not made:
        _new_sheet(book, layout, "", unmasked)
    book.sheets.sort(key=lambda sheet: list(SHEETS.values()).index(sheet.name))
    return count


def _new_sheet(
    book: Book, layout: list[LayoutColumn], direction: str, unmasked: bool
) -> "tuple[LedgerResource, Sheet]":
    # in one table for both directions a header must not say one of them
    is_flat = book.kind == "csv"
    resource = LedgerResource(layout, unmasked=unmasked, direction="" if is_flat else direction, flat=is_flat)
    widths = [_WIDTHS.get(column.field, DATE_WIDTH if column.field in _DATES else WIDTH) for column in layout]
    title = f"{book.head.unit}{TITLES[direction]}"
    mark = DIRECTIONS[Direction(direction)] if direction else ""
    return resource, book.sheet(SHEETS[direction], title, resource.get_export_headers(), widths, mark, resource.heads)


def lines_of(member: Member) -> Iterator[LedgerLine]:
    """One line for every open episode, else for the last one, else one without."""
    movements = sorted(member.movements.all(), key=lambda each: each.direction)
    for one in movements:
        one.member = member  # its key opens the movement's sealed texts
    shown: Sequence[Movement | None] = [each for each in movements if not each.ended_on] or movements[-1:] or [None]
    for movement in shown:
        yield LedgerLine(member, movement, 0, _community(member))


def _community(member: Member) -> str:
    node = member.organization
    if node.kind == OrganizationKind.BRANCH and node.parent is not None:
        node = node.parent
    return node.name if node.kind == OrganizationKind.COMMUNITY else ""
