"""The parts of a place in columns of their own (流入地: 省, 市, 县): their titles, and the one text of their cells."""

import re
from collections.abc import Sequence

from .aliases import ALIASES
from .cell import ASK, FIXED, Cell

_PLACES = frozenset({"destination", "current_address", "household_address", "native_place"})
_MOVING = frozenset({"流出", "流入", "外出", "流动", "流向", "去向"})
_LEVELS = (
    "省 省份 省级 所在省 所在省份 省区市 省市区 省市自治区 省自治区直辖市",
    "市 城市 市级 地市 地级市 所在市 所在城市 市州 州市 地市州 市地州 地州市 市州盟",
    "县 区 县级 区县 县区 县市 县市区 市县区 区县市 旗县 旗县区 所在县 所在区县",
    "乡 镇 街道 乡镇 镇街 乡镇街道 街道乡镇 镇街道",
    "村 社区 村居 村社区 社区村 村居社区 居委会",
    "地址 详址 具体地址 具体地点 详细地址 详细住址 门牌号",
)
LEVELS = {word: level for level, words in enumerate(_LEVELS, 1) for word in words.split()}
COARSE = 2
"""A run of columns begins with a province or a city."""
_ENDS = (
    re.compile(r"[^市县区]{2,5}?(?:省|自治区|特别行政区)|(?:北京|天津|上海|重庆)市?"),
    re.compile(r"[^省市县区]{1,10}?(?:自治州|地区|盟|市(?!场))"),
    re.compile(r"[^省市县区旗]{1,12}?(?:县|区|市(?!场)|旗)"),
    re.compile(r"[^省市县区]{1,12}?(?:街道|镇|乡)"),
    re.compile(r".{1,14}?(?:社区|居委会|村)"),
)
_ONLY_GATHERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})  # lines of GB/T 2260


def field_of(stem: str) -> str | None:
    """The field whose place stands under titles with this beginning."""
    stem = stem.removesuffix("区")  # 流向地区
    field = "destination" if stem in _MOVING else ALIASES.get(stem) or ALIASES.get(f"{stem}地")
    return field if field in _PLACES else None


def join(first: Cell, second: Cell) -> Cell:
    """The cell of a place whose finer part is `second`: 安徽省 and 合肥市. What is said twice is kept once."""
    if second.raw is None or first.raw is None:
        return first if second.raw is None else second
    raw = f"{first.raw} {second.raw}"
    asked = next((cell for cell in (first, second) if cell.severity == ASK), None)
    if asked is not None:
        return Cell(first.column, raw, None, ASK, asked.rule)
    text = _joined(first.value or "", second.value or "")
    is_plain = text == first.raw + second.raw
    return Cell(first.column, text, text) if is_plain else Cell(first.column, raw, text or None, FIXED, "place_joined")


def _joined(coarse: str, fine: str) -> str:
    if fine in _ONLY_GATHERS or coarse.endswith(fine):
        return coarse
    return fine if fine.startswith(coarse) else coarse + fine


def split(text: str, levels: Sequence[int]) -> list[str]:
    """A place in as many parts as there are columns of these levels; joined again they are the text.

    The last part takes what is left, and a part that cannot be told is empty.
    """
    parts = []
    for level in levels[:-1]:
        found = _ENDS[level - 1].match(text)
        parts.append(found[0] if found else "")
        text = text[len(parts[-1]) :]
    return [*parts, text]
