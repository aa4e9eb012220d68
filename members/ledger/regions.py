"""Which province and city a free text means (浙江杭州, 杭州市余杭区, 在浙务工), by the names of GB/T 2260.

The longest name counts, level by level from the beginning of the text, and each must lie within the one before it. A
text means a region only when nothing else can be meant: 兰州拉面馆 is a noodle shop, 北京路 a street, 成都市场 no city.
A name of several places (朝阳) gives all of them. Sources: GB/T 2260 (`divisions/`); the provinces' short names in
common use, without those that are also the usual short name of a city elsewhere (宁, 青, 吉, 晋, 台).
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .folding import compact
from .vocabulary import ETHNICITIES

_DATA = Path(__file__).parent / "divisions"
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_ABBREVIATIONS = {"京": "11", "津": "12", "冀": "13", "辽": "21", "沪": "31", "苏": "32", "浙": "33", "皖": "34"}
_ABBREVIATIONS |= {"闽": "35", "赣": "36", "鲁": "37", "豫": "41", "鄂": "42", "湘": "43", "粤": "44", "桂": "45"}
_ABBREVIATIONS |= {"琼": "46", "渝": "50", "川": "51", "蜀": "51", "黔": "52", "滇": "53", "陕": "61"}
# Cities below a prefecture known by their short name, which no town elsewhere has (there is a 昆山镇 in Anhui).
_KNOWN_TOWNS = frozenset({"义乌", "常熟", "张家港", "慈溪", "余姚"})
# Short names of counties that are words of their own.
_WORDS = frozenset({"公安", "商城", "合作", "东方", "大城", "通道", "太平", "建设", "开发"})
_PEOPLES = "|".join(
    sorted(
        {"蒙古", "哈萨克", "柯尔克孜", "塔吉克", "锡伯", "维吾尔"} | {n for n in ETHNICITIES if n[-1] == "族"}, key=len
    )[::-1]
)
_KIND = re.compile(
    rf"(?:(?:{_PEOPLES})*(?:自治区|自治州|自治县|自治旗)|特别行政区|地区|新区|林区|特区|省|市|县|区|盟|旗)$"
)
_SHORT = {"内蒙古自治区": "内蒙古"}
_OTHER_NAME = re.compile(
    r"[路街道巷弄桥站楼苑籍味]|胡同|大道|大街|大厦|酒店|饭店|宾馆|小区|花园|广场|大学|学院|银行|人家|话"
)  # 北京路, 深圳大学: the name is part of another one
_CITY_END = re.compile(
    r"[场民容井面]|政(?![务府])"
)  # 成都市场, 合肥市民, 合肥市政: the sign 市 belongs to the next word
_JOINT = re.compile(r"[,，、/\\>\-—_·.。:：()\s]*")
_LEAD = re.compile(
    r"(?:现在|现|目前|长期|常年|一直|外出|居住|务工|打工|经商|工作|地点|地|在|赴|去|到|往|至|于|[,:：、\-()])+"
)
_ONLY_SAFE = re.compile(
    r"(?:务工|打工|经商|工作|就业|创业|居住|生活|定居|上班|上学|读书|学习|求学|养老|做生意|带孙子|带孙女|照顾孙子|照顾孙女|"
    r"随迁|随子女|退休|市区|市内|省内|境内|[()（）,，、.。:：;；\-])*"
)
_ABBREVIATED = re.compile(rf"(?:在|赴|去|到|往|来)?([{''.join(_ABBREVIATIONS)}])(?:{_ONLY_SAFE.pattern})")
_ABROAD_NAMES = "国外|境外|海外|港澳台|香港特别行政区|澳门特别行政区|香港|澳门|台湾省|台湾"
_ABROAD = re.compile(rf"(?:{_ABROAD_NAMES})(?:{_ONLY_SAFE.pattern})")
_UNSURE = re.compile(rf"^外|驻|等|附近|周边|以外|除|方向|交界|{_ABROAD_NAMES}")


@dataclass(frozen=True, slots=True)
class Region:
    """`province`: two digits of GB/T 2260, or ABROAD; `city`: what counts as one city (a prefecture's four digits, two
    of a municipality, six of a county that belongs to no prefecture), "" when only the province is known."""

    province: str
    city: str = ""


ABROAD = "abroad"


@lru_cache(maxsize=16_384)
def regions_of(text: str) -> frozenset[Region]:
    """Every region that a text may mean; empty when it is not certain that it means any."""
    return _regions_of(compact(text))


def region_by_code(code: str, name: str) -> Region | None:
    """The region with a code of 2, 4 or 6 digits, if it really has this name."""
    book = _gazetteer()
    known = book.names.get(code)
    if known is None or compact(name) not in (known, _short(known)):
        return None
    return _region(code)


def scope_between(start: Iterable[Region], end: Iterable[Region]) -> str | None:
    """市内, 省内跨市, 跨省 or 境外 when it is the same for every pair of regions, else None."""
    ends = list(end)
    found = {_scope(one, other) for one in start for other in ends}
    return found.pop() if len(found) == 1 else None


def _scope(start: Region, end: Region) -> str | None:
    if ABROAD in (start.province, end.province):
        return "境外" if start.province != end.province else None
    if start.province != end.province:
        return "跨省"
    if not start.city or not end.city:
        return None
    return "市内" if start.city == end.city else "省内跨市"


@dataclass(slots=True)
class _Gazetteer:
    """`inside`: place ("" at the beginning of a text) → name → (codes, whether it is the full name)."""

    names: dict[str, str] = field(default_factory=dict)
    inside: dict[str, dict[str, tuple[frozenset[str], bool]]] = field(default_factory=dict)
    longest: int = 0
    anywhere: re.Pattern[str] = field(default_factory=lambda: re.compile(""))


def _rows(name: str) -> Iterator[list[str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from list(csv.reader(file))[1:]


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    book, found = _Gazetteer(), defaultdict[str, dict[str, set[tuple[str, bool]]]](lambda: defaultdict(set))

    def put(place: str, code: str, name: str, *, full: bool = True, short: bool = True) -> None:
        if full:
            found[place][name].add((code, True))
        if short and len(_short(name)) >= 2 and _short(name) != name:
            found[place][_short(name)].add((code, False))

    for code, name in _rows("provinces"):
        book.names[code] = name
        put("", code, name)
    for code, name, province in _rows("cities"):
        book.names[code] = name
        if not _is_no_city(code):
            put("", code, name)
            put(province, code, name)
            if name.endswith("自治州"):  # 凉山州
                put("", code, _short(name) + "州", short=False)
                put(province, code, _short(name) + "州", short=False)
    for code, name, city, province in _rows("areas"):
        book.names[code] = name
        is_word = _short(name) in _WORDS
        is_own_name = len(name) > (3 if name.endswith("区") else 2)  # 老城区 and 新市区 are said of any town
        put("", code, name, full=is_own_name, short=_short(name) in _KNOWN_TOWNS)
        put(province, code, name, short=not is_word and (province in _MUNICIPALITIES or not name.endswith("区")))
        put(city, code, name, short=not is_word)
    _add_namesakes(book, found[""])
    book.inside = {
        place: {
            name: (frozenset(code for code, _full in codes), any(full for _code, full in codes))
            for name, codes in names.items()
        }
        for place, names in found.items()
    }
    book.longest = max(len(name) for names in book.inside.values() for name in names)
    book.anywhere = re.compile("|".join(sorted(map(re.escape, book.inside[""]), key=len, reverse=True)))
    return book


def _add_namesakes(book: _Gazetteer, names: dict[str, set[tuple[str, bool]]]) -> None:
    """A short name that a county or district shares with a city or a province may mean either: 西安, 朝阳."""
    for code, name in book.names.items():
        short = _short(name)
        if len(code) == 6 and short in names and short != name:
            names[short].add((code, False))


def _is_no_city(code: str) -> bool:
    """Lines of the table that only gather districts and counties: 市辖区, 省直辖县级行政区划."""
    return code[:2] in _MUNICIPALITIES or code[2:] == "90"


@lru_cache(maxsize=8_192)
def _short(name: str) -> str:
    return _SHORT.get(name) or _KIND.sub("", name)


def _region(code: str) -> Region:
    province = code[:2]
    if province in _MUNICIPALITIES:
        return Region(province, province)
    if code[2:4] == "90":
        return Region(province, code if len(code) == 6 else "")
    return Region(province, code[:4] if len(code) >= 4 else "")


def _regions_of(text: str) -> frozenset[Region]:
    if not text or len(text) > 200:
        return frozenset()
    if _ABROAD.fullmatch(text):
        return frozenset({Region(ABROAD)})
    abbreviated = _ABBREVIATED.fullmatch(text)
    if abbreviated:
        return frozenset({_region(_ABBREVIATIONS[abbreviated[1]])})
    lead = _LEAD.match(text)
    for part in (text, text[lead.end() :] if lead else ""):
        codes = _chain(part)
        if codes:
            return frozenset(map(_region, codes))
    return frozenset()


def _chain(text: str) -> frozenset[str]:
    """Codes of the last level of the names that a text begins with; empty when it is not certain."""
    codes, levels, has_full, is_full, end = frozenset({""}), 0, False, False, 0
    while True:
        start = _JOINT.match(text, end).end() if levels else 0  # type: ignore[union-attr]
        step = _longest(text, start, codes)
        if step is None:
            break
        end, codes, is_full = step
        levels, has_full = levels + 1, has_full or is_full
    rest = text[end:]
    is_part = not is_full and _OTHER_NAME.match(rest)
    if not levels or is_part or _UNSURE.search(rest) or _names_another(rest, codes):
        return frozenset()
    is_certain = has_full or levels > 1 or _ONLY_SAFE.fullmatch(rest)
    return codes if is_certain else frozenset()


def _longest(text: str, start: int, places: frozenset[str]) -> tuple[int, frozenset[str], bool] | None:
    """(end, codes, whether the name is a full one) of the longest name of something inside one of the places."""
    book = _gazetteer()
    known = [book.inside[place] for place in places if place in book.inside]
    for end in range(min(len(text), start + book.longest), start + 1, -1):
        found = [names[text[start:end]] for names in known if text[start:end] in names]
        is_full = any(full for _codes, full in found)
        if found and not (is_full and text[end - 1] == "市" and _CITY_END.match(text, end)):
            return end, frozenset().union(*(codes for codes, _full in found)), is_full
    return None


def _names_another(rest: str, codes: frozenset[str]) -> bool:
    """Whether a text goes on to name a province or a city that does not hold, and does not lie in, what was found."""
    book = _gazetteer()
    for match in book.anywhere.finditer(rest):
        others, is_full = book.inside[""][match.group()]
        if not is_full and _OTHER_NAME.match(rest, match.end()):
            continue
        if not any(one.startswith(other) or other.startswith(one) for one in codes for other in others):
            return True
    return False
