"""Search and sort keys of Chinese names: pinyin, initials and character grams. The stored name is never changed.

The dictionary of readings is loaded by the processes that need it alone, and without its phrases: they are those of
texts (朝会, 差旅), take 45 MB, and read given names no better than GIVEN does.
"""

import os
import unicodedata
from functools import lru_cache
from operator import add

import zhconv

# Readings of characters as surnames that the general dictionary gets wrong.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "朴": "piao", "查": "zha", "区": "ou", "覃": "qin",
    "盖": "ge", "缪": "miao", "乐": "yue", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "宓": "mi",
    "员": "yun", "种": "chong", "折": "she", "燕": "yan", "任": "ren", "华": "hua", "纪": "ji", "翟": "zhai",
    "洗": "xian", "冼": "xian", "召": "shao", "黑": "he", "秘": "bi", "逄": "pang", "适": "kuo", "都": "du",
    "卜": "bu", "薄": "bo", "乜": "nie",
}  # fmt: skip
# And in given names.
GIVEN = {
    "长": "chang", "重": "chong", "朝": "zhao", "晟": "sheng", "靓": "liang", "泊": "bo", "佛": "fo", "都": "du",
    "禅": "chan", "宿": "su", "莞": "wan", "薄": "bo",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def simplified(text: str) -> str:
    """Traditional characters folded to simplified ones, for search keys only."""
    return zhconv.convert(text, "zh-cn")


def _syllables(name: str) -> list[str]:
    for length in (2, 1):
        reading = SURNAMES.get(name[:length])
        if reading and len(name) > length:
            return [*reading.split(), *_readings(name[length:])]
    return list(_readings(name))


@lru_cache(maxsize=50_000)  # given names repeat
def _readings(text: str) -> tuple[str, ...]:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # it asks when it is loaded
    from pypinyin import Style, lazy_pinyin

    read = lazy_pinyin(text, style=Style.NORMAL, errors="default")
    return tuple(map(GIVEN.get, text, read)) if len(read) == len(text) else tuple(read)


def search_keys(name: str) -> dict[str, object]:
    """Keys of one name: `name_pinyin` (order key zhangsanfeng), `name_initials`, `name_grams` (1, 2 characters)."""
    letters = _letters(simplified(name).lower())
    syllables = [part.lower().replace("ü", "v") for part in _syllables(letters)]
    grams = {*letters, *map(add, letters, letters[1:])}
    return {
        "name_pinyin": "".join(syllables)[:120],
        "name_initials": "".join([part[:1] for part in syllables])[:40],
        "name_grams": sorted(grams),
    }


def _letters(folded: str) -> str:
    return "".join(folded.replace("·", "").replace("•", "").split())


def search_terms(text: str) -> tuple[list[str], str]:
    """What a typed text looks for: (grams that a name must have, "") or ([], beginning of pinyin or initials); of one
    character (itself, its reading as a surname)."""
    folded = _letters(simplified(unicodedata.normalize("NFKC", text)).lower()).replace("ü", "v")[:50]
    if "\0" in folded:  # PostgreSQL takes no NUL in a text
        return [], ""
    if folded.isascii():
        return [], folded
    if len(folded) == 1:
        reading = SURNAMES.get(folded) or "".join(_readings(folded))
        return [folded], reading if reading.isascii() else ""
    return [folded[at : at + 2] for at in range(len(folded) - 1)], ""


def label_person(name: str, *marks: str | None) -> str:
    """姓名（mark · mark）: a name with what tells it from others; empty marks are left out."""
    told = " · ".join(mark for mark in marks if mark)
    return f"{name}（{told}）" if told else name
