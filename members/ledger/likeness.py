"""Organizations whose names resemble a text, most alike first: offered to a person, never taken.

林店社区党委第二支部 and 林店第二党支部 differ in words that say only what kind of body it is; what tells two bodies
apart is the place, and the number of a branch.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .folding import compact

_NUMBER = re.compile(
    r"第?(\d{1,3}|[一二三四五六七八九十]{1,3})(?=(?:联合|综合)?(?:党支部|支部|党小组|党总支|总支|网格))"
)
_KIND = re.compile(
    r"中国共产党|中共|居民委员会|居委会|村民委员会|村委会|街道办事处|街道办|办事处|党工委|党总支部|党总支|党支部|党小组|党委|"
    r"党组织|委员会|社区|街道|联合|综合|工委|总支|支部"
)
_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")}
_LEAST = 0.6
_INSIDE = 0.8  # 杏花村林店 holds 林店: a longer way to write it, more likely than another place
_OTHER_NUMBER, _NO_NUMBER, _OTHER_KIND = 0.35, 0.05, 0.1


@dataclass(frozen=True, slots=True)
class _Form:
    stem: str
    number: str
    is_branch: bool


def _form(name: str) -> _Form:
    text = compact(name)
    number = _NUMBER.search(text)
    if number:
        text = text[: number.start()] + text[number.end() :]
    return _Form(_KIND.sub("", text) or text, _arabic(number[1]) if number else "", "支部" in text or "党小组" in text)


def _arabic(number: str) -> str:
    if number.isdecimal():
        return str(int(number))
    tens, ten, ones = number.rpartition("十")
    return ((_DIGITS.get(tens, "1") if ten else "") + (_DIGITS.get(ones, "0" if ten else ones))) or number


class Likeness:
    """Compares many texts with one list of organizations, each given by its names."""

    def __init__(self, organizations: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._known = [(key, [_form(name) for name in names if name]) for key, names in organizations]

    def like(self, text: str, most: int = 5) -> list[str]:
        """Keys of the organizations that a text resembles, the most alike first."""
        wanted = _form(text)
        scores = [(max((_score(wanted, form) for form in forms), default=0.0), key) for key, forms in self._known]
        found = sorted((pair for pair in scores if pair[0] >= _LEAST), key=lambda pair: -pair[0])
        return [key for _score_, key in found[:most]]


def _score(wanted: _Form, form: _Form) -> float:
    if wanted.stem == form.stem:
        score = 1.0
    elif not set(wanted.stem) & set(form.stem):
        return 0.0
    else:
        score = difflib.SequenceMatcher(None, wanted.stem, form.stem, autojunk=False).ratio()
        shorter, longer = sorted((wanted.stem, form.stem), key=len)
        if len(shorter) >= 2 and shorter in longer:
            score = max(score, _INSIDE)
    if wanted.number != form.number:
        score -= _OTHER_NUMBER if wanted.number and form.number else _NO_NUMBER
    return score - (_OTHER_KIND if wanted.is_branch != form.is_branch else 0)
