"""Cells that hold more than one thing, taken apart: 测甲 138…, 测乙（139…）, 138…/0551-6…, 测丙（已转出）."""

import re

from .cell import ASK, FIXED, Cell
from .cells import beside_mobiles, landline_in
from .folding import fold

_PHONE = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}[- ]?\d{7,8}|(?<!\d)[2-8]\d{6,7})(?!\d)")
_GLUE = re.compile(r"[\s,;:/、。()（），；：—\-]+")
_WORDS = re.compile(r"(?:手机|电话|联系|号码?|联系方式)+[:：]?")
_NAME = re.compile(r"[㐀-鿿\U00020000-\U000323af·]{2,15}")

PHONE_OF = {
    "name": "mobile",
    "counterpart_contact_name": "counterpart_contact_phone",
    "liaison_name": "liaison_phone",
}
"""Name field → the field of that person's phone."""


def split_name_phone(text: str) -> tuple[str, str] | None:
    """(name, phone) of a cell that holds exactly one of each and nothing else, or None."""
    text = fold(text)
    if not any(char.isdigit() for char in text):
        return None
    phones = _PHONE.findall(text)
    if len(phones) != 1:
        return None
    name = _GLUE.sub("", _WORDS.sub("", _PHONE.sub(" ", text)))
    return (name, phones[0].replace(" ", "")) if _NAME.fullmatch(name) else None


def take_apart(cells: dict[str, Cell]) -> None:
    """Split joined cells of a row in place; a second phone that differs is asked."""
    for field, phone_field in PHONE_OF.items():
        cell = cells.get(field)
        if cell is None or not cell.raw or cell.raw.isalpha():
            continue
        parts = split_name_phone(cell.raw)
        if parts is None:
            continue
        name, phone = parts
        if phone.startswith("1"):
            phone = phone.replace("-", "")
        elif phone_field == "mobile":
            continue
        other = cells.get(phone_field)
        cells[field] = Cell(cell.column, cell.raw, name, FIXED, "name_phone")
        if other is None or not other.raw or other.value == phone:
            cells[phone_field] = Cell(cell.column, cell.raw, phone, FIXED, "name_phone")
        else:
            cells[phone_field] = Cell(other.column, other.raw, None, ASK, "two_values")


_LEFT = re.compile(
    r"故|亡|去世|死|转出|转走|迁出|调出|调走|退党|除名|开除|出党|停止|失联|返回|返乡|回流|流回|注销|删|重复|作废|不是|非"
)


def tells_of_leaving(remark: str) -> bool:
    """Whether a remark on a name may mean that nobody is to be kept here: the row waits for a person to look."""
    return _LEFT.search(remark) is not None


def note_remark(cells: dict[str, Cell], remark: str) -> None:
    """Keep what stood beside a name with the row's remark."""
    cell = cells.get("remark")
    if cell is not None and cell.value and remark in cell.value:
        return
    text = f"{cell.value}；{remark}" if cell is not None and cell.value else remark
    column, raw = (cell.column, cell.raw) if cell is not None else ("", None)
    cells["remark"] = Cell(column, raw, text[:2_000], FIXED, "name_remark")


def note_landline(cells: dict[str, Cell]) -> None:
    """The landline of a cell with several numbers, where the row has none of its own."""
    mobile = cells.get("mobile")
    if mobile is None or mobile.rule != "mobile_several" or not mobile.raw:
        return
    own, rest = cells.get("landline"), beside_mobiles(mobile)
    landline = landline_in(rest) if rest and (own is None or own.raw is None) else None
    if landline is not None:
        cells["landline"] = Cell(mobile.column, mobile.raw, landline, FIXED, "mobile_several")
