"""The fields of a member's file, declared once: what form, card, importer, export, reveal and completeness all read.

A new fact about a person is a line here. Where it is kept (`store`): in a column of its own where lists filter or
statistics count it, sealed in a column of its own where it is matched, and otherwise in `Member.details`, one sealed
document for a person: that costs a save and an import one encryption, however many facts there are.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Sensitivity(IntEnum):
    """How much harm a value does outside the office; from PERSONAL on pages mask it."""

    ORDINARY = 1
    PERSONAL = 2
    GRAVE = 3


class Store(StrEnum):
    COLUMN = "column"
    SEALED = "sealed"
    DETAILS = "details"
    MOVEMENT = "movement"
    MOVEMENT_SEALED = "movement_sealed"


class Part(StrEnum):
    """The sections of a file that a person checks at one go."""

    IDENTITY = "identity"
    CONTACT = "contact"
    MOVEMENT = "movement"
    WORK = "work"
    CARE = "care"


PART_LABELS: dict[Part, Any] = {
    Part.IDENTITY: _("Who it is"),
    Part.CONTACT: _("Contact"),
    Part.MOVEMENT: _("Movement"),
    Part.WORK: _("Work and life"),
    Part.CARE: _("Care"),
}


class Kind(StrEnum):
    """What a value looks like: decides the input, the check and the mask."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    OPEN = "open"  # a list to choose from that keeps other words too
    DATE = "date"
    ID = "id"
    PHONE = "phone"
    PLACE = "place"
    PERSON = "person"


@dataclass(frozen=True)
class FileField:
    """One fact: `key` is its name in the models (and in a ledger, unless `ledger_key` says another), `header` the
    usual title of its column. `is_needed`: a complete file has it, or the field named by `or_else`."""

    key: str
    label: Any  # lazy text
    header: str
    part: Part
    kind: Kind = Kind.TEXT
    sensitivity: Sensitivity = Sensitivity.ORDINARY
    store: Store = Store.COLUMN
    ledger_key: str = ""
    most: int = 200
    is_needed: bool = False
    or_else: str = ""

    @property
    def in_ledger(self) -> str:
        return self.ledger_key or self.key

    @property
    def is_masked(self) -> bool:
        return self.sensitivity >= Sensitivity.PERSONAL

    @property
    def of_movement(self) -> bool:
        return self.store in (Store.MOVEMENT, Store.MOVEMENT_SEALED)


_S2, _S3 = Sensitivity.PERSONAL, Sensitivity.GRAVE
_ID, _CONTACT, _AWAY, _WORK, _CARE = Part.IDENTITY, Part.CONTACT, Part.MOVEMENT, Part.WORK, Part.CARE
_SEALED, _DETAILS, _MOVE, _MOVE_SEALED = Store.SEALED, Store.DETAILS, Store.MOVEMENT, Store.MOVEMENT_SEALED

FIELDS: tuple[FileField, ...] = (
    FileField("name", _("name"), "姓名", _ID, most=50),
    FileField("gender", _("gender"), "性别", _ID, Kind.CHOICE, is_needed=True),
    FileField("ethnicity", _("ethnic group"), "民族", _ID, Kind.OPEN, most=20, is_needed=True),
    FileField("birth_date", _("birth date"), "出生日期", _ID, Kind.DATE, _S2, is_needed=True),
    FileField("id_type", _("kind of identity document"), "证件类型", _ID, Kind.CHOICE, _S2, _DETAILS),
    FileField("id_number", _("ID number"), "身份证号码", _ID, Kind.ID, _S3, _SEALED, most=30, is_needed=True),
    FileField("native_place", _("native place"), "籍贯", _ID, Kind.PLACE, _S2, _DETAILS),
    FileField("household_address", _("registered residence"), "户籍所在地", _ID, Kind.PLACE, _S2, _DETAILS),
    FileField("member_type", _("member type"), "人员类别", _ID, Kind.CHOICE, is_needed=True),
    FileField("join_date", _("date of joining"), "入党时间", _ID, Kind.DATE, is_needed=True),
    FileField("full_member_date", _("date of full membership"), "转正时间", _ID, Kind.DATE),
    FileField("membership_status", _("membership status"), "党籍状态", _ID, Kind.CHOICE, store=_DETAILS),
    FileField("certificate_number", _("certificate of floating members"), "流动党员活动证", _ID, most=60),
    FileField("dues_paid_until", _("dues paid until"), "党费交至", _ID, Kind.DATE, _S2, _DETAILS),
    FileField("mobile", _("mobile"), "联系电话", _CONTACT, Kind.PHONE, _S2, _SEALED, most=30, is_needed=True),
    FileField("landline", _("landline"), "固定电话", _CONTACT, Kind.PHONE, _S2, _DETAILS, most=60),
    FileField("wechat_id", _("WeChat name"), "微信号", _CONTACT, Kind.TEXT, _S2, _DETAILS, most=60),
    FileField("in_group", _("in the WeChat group"), "是否入群", _CONTACT, Kind.CHOICE, store=_DETAILS),
    FileField("family_contact", _("family contact"), "家属联系人", _CONTACT, Kind.TEXT, _S2, _DETAILS),
    FileField("liaison_name", _("liaison by the ledger"), "专属联系人", _CONTACT, Kind.PERSON, _S2, _DETAILS),
    FileField("liaison_phone", _("phone of the liaison by the ledger"), "专属联系人电话", _CONTACT, Kind.PHONE, _S2,
              _DETAILS),
    FileField("last_contact_on", _("last contact by the ledger"), "最近联系时间", _CONTACT, Kind.DATE),
    FileField("contact_note", _("contact note"), "联系情况", _CONTACT, Kind.LONG, _S3, _DETAILS, most=2_000),
    FileField("direction", _("direction"), "流动方向", _AWAY, Kind.CHOICE, store=_MOVE, is_needed=True),
    FileField("started_on", _("started on"), "流动时间", _AWAY, Kind.DATE, store=_MOVE, is_needed=True),
    FileField("scope", _("range of the movement"), "流动范围", _AWAY, Kind.CHOICE, store=_MOVE,
              ledger_key="movement_scope", most=20),
    FileField("destination", _("destination"), "流动去向", _AWAY, Kind.PLACE, _S2, _MOVE_SEALED),
    FileField("destination_kind", _("kind of destination"), "外出去向类别", _AWAY, Kind.CHOICE, store=_MOVE, most=20),
    FileField("reason", _("reason for moving"), "流动原因", _AWAY, Kind.OPEN, store=_MOVE, most=60, is_needed=True),
    FileField("home", _("home organization"), "流出地党组织", _AWAY, store=_MOVE, ledger_key="home_organization",
              most=100, is_needed=True),
    FileField("host", _("host organization"), "流入地党组织", _AWAY, store=_MOVE, ledger_key="host_organization",
              most=100, is_needed=True),
    FileField("counterpart_contact", _("contact of the other organization"), "对方党组织联系人", _AWAY, Kind.PERSON,
              _S2, _MOVE_SEALED, "counterpart_contact_name"),
    FileField("counterpart_phone", _("phone of the other organization"), "流出组织联系电话", _AWAY, Kind.PHONE, _S2,
              _MOVE_SEALED, "counterpart_contact_phone", 30),
    FileField("joined_host_on", _("joined the host branch on"), "纳入支部时间", _AWAY, Kind.DATE, store=_MOVE),
    FileField("reported_on", _("reported in on"), "报到时间", _AWAY, Kind.DATE, store=_DETAILS),
    FileField("expected_end_on", _("expected end"), "预计返回时间", _AWAY, Kind.DATE, store=_MOVE),
    FileField("ended_on", _("ended on"), "返回时间", _AWAY, Kind.DATE, store=_MOVE),
    FileField("education", _("education"), "学历", _WORK, Kind.OPEN, most=20),
    FileField("graduated_on", _("graduated on"), "毕业时间", _WORK, Kind.DATE, store=_DETAILS),
    FileField("degree", _("degree"), "学位", _WORK, store=_DETAILS, most=60),
    FileField("occupation", _("occupation"), "从事职业", _WORK, most=60, is_needed=True, or_else="employer"),
    FileField("new_employment", _("new employment group"), "新就业群体", _WORK, Kind.CHOICE, most=20),
    FileField("employer", _("employer"), "工作单位", _WORK, Kind.TEXT, _S2, _SEALED),
    FileField("former_occupation", _("former occupation"), "原职业", _WORK, Kind.OPEN, most=60),
    FileField("former_employer", _("former employer"), "原工作单位及职务", _WORK, Kind.TEXT, _S2, _DETAILS),
    FileField("current_address", _("current address"), "现居住地", _WORK, Kind.PLACE, _S2, _SEALED, is_needed=True),
    FileField("skills", _("skills and offers"), "特长", _WORK, store=_DETAILS),
    FileField("remark", _("remark"), "备注", _WORK, Kind.LONG, _S2, _SEALED, most=2_000),
    FileField("care_tags", _("kinds of care"), "关爱类别", _CARE, Kind.TEXT, _S3, _DETAILS),
    FileField("needs", _("difficulties and needs by the ledger"), "困难需求", _CARE, Kind.LONG, _S3, _DETAILS,
              most=2_000),
    FileField("thought_note", _("note on thoughts"), "思想状况", _CARE, Kind.LONG, _S3, _DETAILS, most=2_000),
    FileField("lost_since", _("contact lost since (by the ledger)"), "失去联系日期", _CARE, Kind.DATE, _S3, _DETAILS),
    FileField("lost_cause", _("how contact was lost (by the ledger)"), "失去联系情形", _CARE, Kind.OPEN, _S3, _DETAILS),
)  # fmt: skip

BY_KEY: dict[str, FileField] = {field.key: field for field in FIELDS}
BY_LEDGER_KEY: dict[str, FileField] = {field.in_ledger: field for field in FIELDS}
MEMBER_KEYS: frozenset[str] = frozenset(field.key for field in FIELDS if not field.of_movement)
MOVEMENT_KEYS: frozenset[str] = frozenset(field.key for field in FIELDS if field.of_movement)
DETAIL_KEYS: tuple[str, ...] = tuple(field.key for field in FIELDS if field.store == Store.DETAILS)
MASKED_KEYS: frozenset[str] = frozenset(field.key for field in FIELDS if field.is_masked)


def keys_of(*stores: Store) -> frozenset[str]:
    """Keys of the fields that are kept in one of these ways."""
    return frozenset(field.key for field in FIELDS if field.store in stores)


def keys_of_kind(*kinds: Kind) -> frozenset[str]:
    """Keys of the fields of one of these kinds."""
    return frozenset(field.key for field in FIELDS if field.kind in kinds)


def field_label(name: str) -> str:
    """The word for a field by its key in the models or in a ledger; the name itself (a header) where it is none."""
    field = BY_KEY.get(name) or BY_LEDGER_KEY.get(name)
    return str(field.label) if field else name
