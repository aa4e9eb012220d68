"""Which community a ledger means, out of those that the importer may write to. Exact names only, never a likeness.

A community comes under many forms of one name (五里, 五里社区, 五里社区居委会, 五里社区居民委员会, with the street,
the district or the whole path before it). Street names repeat across the country, so that a path must agree in every
part that is given; and nothing outside `choices` is ever told apart from what does not exist.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .folding import compact, fold

_NOISE = re.compile(r"[\s/\\>\-—_·、,，.。:：|]+")
_COMMUNITY_END = re.compile(
    r"(?:社区居民委员会|社区居委会|居民委员会|居委会|社区党总支部|社区党总支|社区党委|社区党支部|社区党组织|社区综合党委|社区)$"
)
_VILLAGE_END = re.compile(r"(?:村村民委员会|村民委员会|村委会|村党总支|村党委|村党支部|村)$")
_PLACE_END = re.compile(r"(?:自治区|街道办事处|街道|自治县|自治州|地区|省|市|区|县|旗|镇|乡|街)$")
_OFFICE_END = re.compile(r"(?:党工委|工委|办事处|党委|街道办)$")
_LOOKS = re.compile(r"[㐀-鿿]{2,}?(?:社区(?:居民委员会|居委会)?|居委会|居民委员会|村民委员会|村委会)$")
_IN_TITLE = re.compile(r"[㐀-鿿]{2,30}?(?:社区(?:居民委员会|居委会)?|村民委员会|村委会)")
_TITLE_START = re.compile(r"^.*?(?:填报单位|填表单位|报送单位|单位|年度|年|月份|月|季度)(?=[㐀-鿿])")
_NOT_ONE = re.compile(r"(?:各|本|所属|所在|街道|村|城市|每|全部|辖区|个)社区$|^(?:社区|智慧社区)$")
_NUMBERS = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_LIST_NUMBER = re.compile(rf"^{_NUMBERS}[.、\-_ :]+|^\({_NUMBERS}\)|^\d{{1,3}}(?=[㐀-鿿])")
_GENERAL_SHEET = re.compile(r"(?i)(?:sheet|工作表|表|附件)\s*\d*")
_BRANCH = re.compile(
    r"(?<=[㐀-鿿]{2})第?[一二三四五六七八九十\d]{0,3}(?:联合|综合)?(?:党支部|支部|党小组|党总支|党委)$"
)
_SHEET_WORDS = re.compile(
    r"(?:\(?\d+人?\)?|\((?:流入|流出|外出|流动)(?:党员)?\)|流动党员|流入党员|流出党员|流入|流出|外出|党员|信息|台账|名单|名册|花名册|登记表|统计表|汇总表|一览表|表|"
    r"20\d\d年?|第?[一二三四1-4]季度|\d+月份?)+$"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A community that the importer may see. `path_names` are the names above it from the province down to the street;
    `allowed` is false for one that is seen but not written to: naming it is an error, not a typing mistake.
    """

    id: Any
    code: str
    name: str
    short_name: str = ""
    path_names: tuple[str, ...] = ()
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class CommunityMatch:
    """Outcome of one hint: `choice` when found, else `code`: community_missing, _unknown or _ambiguous."""

    choice: Choice | None
    code: str | None = None
    candidates: tuple[Choice, ...] = ()


def _plain(text: str) -> str:
    return _NOISE.sub("", compact(text))


def name_forms(name: str) -> set[str]:
    """Every form of the name of one community or village."""
    text = _plain(name)
    forms = {text}
    stem = _COMMUNITY_END.sub("", text)
    if stem != text and len(stem) >= 2:
        ends = [
            "社区",
            "社区居委会",
            "社区居民委员会",
            "居委会",
            "居民委员会",
            "社区党委",
            "社区党总支",
            "社区党支部",
            "社区党组织",
            "社区综合党委",
        ]
        return forms | {stem} | {stem + end for end in ends}
    stem = _VILLAGE_END.sub("", text)
    if stem != text and len(stem) >= 1:
        ends = ["村", "村委会", "村村委会", "村民委员会", "村村民委员会", "村党总支", "村党委", "村党支部"]
        forms |= {stem + end for end in ends} | ({stem} if len(stem) >= 2 else set())
    return forms


class CommunityMatcher:
    """Matches many hints against one set of choices; answers are kept, since a ledger repeats its communities."""

    def __init__(self, choices: Iterable[Choice]):
        self.forms: dict[str, list[Choice]] = {}
        self.paths: set[tuple[str, ...]] = set()
        self._answers: dict[str, CommunityMatch] = {}
        for choice in choices:
            self.paths.add(tuple(_plain(name) for name in choice.path_names))
            for form in name_forms(choice.name) | (name_forms(choice.short_name) if choice.short_name else set()):
                present = self.forms.setdefault(form, [])
                if choice not in present:
                    present.append(choice)
        self._longest = max((len(form) for form in self.forms), default=0)

    def know(self, name: str, choice: Choice) -> None:
        """Take a name for a community because a person said so."""
        self._answers[_plain(name)] = CommunityMatch(choice)

    def match(self, hint: str | None) -> CommunityMatch:
        """Find the community that a text means."""
        text = _plain(hint or "")
        if not text:
            return CommunityMatch(None, "community_missing")
        answer = self._answers.get(text)
        if answer is None:
            answer = self._answers[text] = self._find(text)
        return answer

    def _find(self, text: str) -> CommunityMatch:
        found = list(self.forms.get(text, ()))
        if not found:
            for size in range(min(len(text) - 1, self._longest), 1, -1):
                prefix, form = text[:-size], text[-size:]
                for choice in self.forms.get(form, ()):
                    if choice not in found and _is_path(prefix, tuple(_plain(name) for name in choice.path_names)):
                        found.append(choice)
        if len(found) == 1:
            return CommunityMatch(found[0])
        if found:
            return CommunityMatch(None, "community_ambiguous", tuple(found))
        above = _OFFICE_END.sub("", text)
        if any(_is_path(part, path) for part in {text, above} for path in self.paths):
            return CommunityMatch(None, "community_missing")
        return CommunityMatch(None, "community_unknown")


def _is_path(prefix: str, path: tuple[str, ...]) -> bool:
    """Whether `prefix` is made of names of the path in their order, each once, with or without its ending."""
    if not prefix:
        return True
    for index, name in enumerate(path):
        short = _PLACE_END.sub("", name)
        for form in {name, short, f"{name}办事处"} if len(short) >= 2 else {name}:
            if prefix.startswith(form) and _is_path(prefix[len(form) :], path[index + 1 :]):
                return True
    return False


def sheet_hint(name: str) -> str | None:
    """The community in the name of a sheet: 6.松竹社区流动党员 gives 松竹社区; None for Sheet1 and its like."""
    text = _LIST_NUMBER.sub("", fold(name))
    if _GENERAL_SHEET.fullmatch(text):
        return None
    text = _BRANCH.sub("", _SHEET_WORDS.sub("", text).strip(" -_()"))
    return None if len(text) < 2 or _GENERAL_SHEET.fullmatch(text) else text


def section_hint(text: str) -> str | None:
    """The community in a heading between the rows, as 五里社区（2人）; None when it names something else."""
    text = _LIST_NUMBER.sub("", fold(text))
    text = re.sub(r"\(.*$|:.*$|共?\d+[人名]$", "", text).strip()
    return text if looks_like_community(text) else None


def title_hint(titles: Iterable[str]) -> str | None:
    """The one community that the title rows name, or None (several different ones also give None)."""
    found = set()
    for title in titles:
        text = _TITLE_START.sub("", compact(title).replace(":", "").replace("(盖章)", ""))
        match = _IN_TITLE.search(text)
        if match and not _NOT_ONE.search(match.group()):
            found.add(match.group())
    return found.pop() if len(found) == 1 else None


def looks_like_community(text: str) -> bool:
    """Whether a text names a community by its form, so that not finding it is a mistake and not a blank."""
    return _LOOKS.search(_plain(text)) is not None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a row belongs: a community, or a problem (`code`, `severity` ask or error); `rule`: how it was found."""

    choice: Choice | None
    code: str | None = None
    severity: str = "ok"
    rule: str | None = None


def resolve_community(
    hint: str | None, origin: str | None, matcher: CommunityMatcher, fallback: Choice | None = None
) -> Resolution:
    """Decide the community of a row.

    `origin` tells where the hint stood: column, section, sheet or title. `fallback` is the community that the import
    was started for, if it was one: it is taken only where the file names none. A name that is not among the choices is
    an error, one and the same for everything outside; a sheet's name that does not look like a community names none.
    """
    match = matcher.match(hint)
    if match.choice is not None and not match.choice.allowed:
        return Resolution(None, "community_out_of_scope", "error")
    if match.choice is not None:
        return Resolution(match.choice, rule=None if origin == "column" else f"community_{origin}")
    code = match.code or "community_unknown"
    if origin == "sheet" and code == "community_unknown" and not looks_like_community(hint or ""):
        code = "community_missing"
    if code != "community_missing":
        return Resolution(None, code, "error")
    if fallback is not None:
        return Resolution(fallback, severity="fixed", rule="community_default")
    return Resolution(None, "community_missing", "ask")
