"""A sheet of visits, as a file, copied out of WPS or Excel, or typed: who, when, how, what. It only fills the table of
contacts in; what it does not say clearly, the person at the table decides.

Cells are known by what stands in them, not by their order, so a sheet needs no titles.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from contacts.bulk import duties_to_log
from contacts.enums import Method, Outcome
from contacts.models import ContactObligation
from members.enums import PhoneUse
from members.importing.pasting import pasted_rows
from members.ledger.cell import raw_text
from members.ledger.reading import read_workbook
from members.ledger.workbook import LedgerRefused, Limits, Sheet
from members.models import Member, Phone
from portal import access

MOST_LINES = 200
LIMITS = Limits(file_bytes=2 * 1024 * 1024, rows=5_000, columns=60, cells=100_000, text_chars=2_000_000, sheets=20)
MOST_NAME = 20
TITLES = {"姓名", "名字", "联系对象", "流动党员姓名"}
METHODS = {
    "电话": Method.PHONE, "打电话": Method.PHONE, "手机": Method.PHONE, "微信": Method.WECHAT, "走访": Method.VISIT,
    "上门": Method.VISIT, "上门走访": Method.VISIT, "入户": Method.VISIT, "入户走访": Method.VISIT,
    "见面": Method.MEETING, "面谈": Method.MEETING, "当面": Method.MEETING, "其他": Method.OTHER,
}  # fmt: skip
OUTCOMES = {
    "已联系上": Outcome.REACHED, "联系上": Outcome.REACHED, "已联系": Outcome.REACHED, "见到": Outcome.REACHED,
    "无人接听": Outcome.NO_ANSWER, "未接": Outcome.NO_ANSWER, "没接": Outcome.NO_ANSWER, "未接通": Outcome.NO_ANSWER,
    "不在家": Outcome.NO_ANSWER, "停机": Outcome.DEAD_NUMBER, "空号": Outcome.DEAD_NUMBER,
    "拒绝": Outcome.REFUSED, "他人转告": Outcome.THROUGH_OTHERS, "转告": Outcome.THROUGH_OTHERS,
}  # fmt: skip
_DAY = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})日?(?:\s.*)?")
_BETWEEN = re.compile("[,;\\s\\u3001\\uff0c\\uff1b]+")  # and their wide forms
_MOBILE = re.compile(r"1\d{10}")


@dataclass
class Pasted:
    """One line: what it says, and the duties it may mean (one: clear; several: to be asked; none: not found)."""

    name: str = ""
    mobile: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    found: list[ContactObligation] = field(default_factory=list)
    is_clear: bool = False

    @property
    def label(self) -> str:
        return self.name or (f"…{self.mobile[-4:]}" if self.mobile else "—")


def read_sheet(text: str, *, by: access.Actor) -> list[Pasted]:
    """The lines of a pasted sheet with the own duties that they mean, in a fixed number of statements.

    Raises LedgerRefused: empty, too_large, too_many_rows (more than MOST_LINES).
    """
    return _read(_rows(text), by)


def read_file(data: bytes, *, by: access.Actor) -> list[Pasted]:
    """The same for a file of any kind that a ledger may have: its first sheet with rows, without what is hidden.

    Raises LedgerRefused with the codes of members.ledger.reading too.
    """
    sheets = [sheet for sheet in read_workbook(data, LIMITS).sheets if sheet.visible]
    return _read(next(filter(None, map(_cells_of, sheets)), []), by)


def _cells_of(sheet: Sheet) -> list[list[str]]:
    rows = []
    for number, values in enumerate(sheet.rows, sheet.first_row):
        if number not in sheet.hidden_rows:
            placed = enumerate(values, sheet.first_column)
            shown = [raw_text(value) for place, value in placed if place not in sheet.hidden_columns]
            rows.append([(text or "").strip() for text in shown])
    filled = [sum(map(bool, row)) for row in rows]
    least = 2 if max(filled, default=0) > 1 else 1  # a line of one cell is a title or a note
    return [row for row, count in zip(rows, filled, strict=True) if count >= least and not TITLES & set(row)]


def _read(rows: list[list[str]], by: access.Actor) -> list[Pasted]:
    lines = [line for line in map(_line, rows) if line.name or line.mobile]
    if not lines:
        raise LedgerRefused("empty")
    if len(lines) > MOST_LINES:
        raise LedgerRefused("too_many_rows")
    _find(lines, by)
    return lines


def _rows(text: str) -> list[list[str]]:
    """The cells; without tabs the signs between the words divide them."""
    if "\t" in text:
        rows = pasted_rows(text)
    else:
        rows = [_BETWEEN.split(line.strip()) for line in text.splitlines() if line.strip()]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if not TITLES & set(row)]


def _line(cells: Sequence[str]) -> Pasted:
    line, words = Pasted(), []
    for written in filter(None, cells):
        cell = unicodedata.normalize("NFKC", written)
        number = re.sub(r"[\s-]", "", cell)
        day = _day(cell)
        if not line.mobile and _MOBILE.fullmatch(number):
            line.mobile = number
        elif day and "contacted_on" not in line.details:
            line.details["contacted_on"] = day
        elif cell in METHODS and "method" not in line.details:
            line.details["method"] = METHODS[cell].value
        elif cell in OUTCOMES and "outcome" not in line.details:
            line.details["outcome"] = OUTCOMES[cell].value
        elif not line.name and not cell.isdigit() and len(cell) <= MOST_NAME:
            line.name = cell
        elif not cell.isdigit():  # numbers of rows
            words.append(written)
    line.details.setdefault("method", Method.VISIT.value)
    line.details["note"] = " ".join(words)[:2000]
    return line


def _day(text: str) -> dt.date | None:
    """A day; without a year the last one that was."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    today = timezone.localdate()
    year = int(match[1] or today.year)
    try:
        day = dt.date(year, int(match[2]), int(match[3]))
        return day if match[1] or day <= today else day.replace(year=year - 1)
    except ValueError:
        return None


def _find(lines: list[Pasted], by: access.Actor) -> None:
    digests = {line.mobile: Member.mobile.digest(line.mobile) for line in lines if line.mobile}
    former = Phone.objects.filter(number_digest__in=list(digests.values()), use=PhoneUse.OWN)
    owners: dict[bytes, set[Any]] = {}
    for phone in former:
        owners.setdefault(bytes(phone.number_digest), set()).add(phone.member_id)  # type: ignore[attr-defined]
    names = {line.name for line in lines if line.name}
    known = set().union(*owners.values())
    wanted = Q(member__name__in=names) | Q(member__mobile_digest__in=list(digests.values())) | Q(member__in=known)
    duties = list(duties_to_log(by).with_state(timezone.localdate()).filter(wanted))
    for line in lines:
        digest = digests.get(line.mobile)
        by_number = [one for one in duties if digest and _has_number(one, digest, owners)]
        by_name = [one for one in duties if line.name and one.member.name == line.name]
        both = [one for one in by_number if one in by_name]
        line.found = _one_each(both or by_name or by_number)
        # a name beside a number of nobody, or of somebody else, is not clear
        line.is_clear = len(line.found) == 1 and (bool(both) or not digest or not line.name)


def _has_number(duty: ContactObligation, digest: bytes, owners: dict[bytes, set[Any]]) -> bool:
    own = duty.member.mobile_digest  # type: ignore[attr-defined]
    return (own is not None and bytes(own) == digest) or duty.member_id in owners.get(digest, ())


def _one_each(duties: list[ContactObligation]) -> list[ContactObligation]:
    """One duty a person: where one acts for both sides, the managing one's."""
    first: dict[Any, ContactObligation] = {}
    for duty in sorted(duties, key=lambda one: one.organization_id != one.member.organization_id):
        first.setdefault(duty.member_id, duty)
    return list(first.values())
