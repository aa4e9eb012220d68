"""A list of names, from paper or from a WeChat 接龙, that is pasted into a box: who is meant, and what is doubtful."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from checkin.arrivals.matching import Candidate, find_candidates, meant_by
from checkin.arrivals.models import Desk
from members.models import Member

MOST_NAMES = 300
MOST_TEXT = 20_000
# A number before a name: 1. 1、 (1) 1) at the beginning of a line, or between two names in one line.
_NUMBERED = re.compile(r"(?<![\d.])[(]?\d{1,3}(?:[.](?!\d)|[、)])\s*")
_BETWEEN = re.compile(r"[,;、|/\n\t]+")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_REMARK = re.compile(r"[(\[【][^)\]】]*[)\]】]?")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·•]){1,19}")


@dataclass
class Written:
    """One name as it was written, the members it may mean, and whether it is surely the first of them."""

    name: str
    mobile: str = ""
    found: list[Candidate] = field(default_factory=list)
    is_sure: bool = False


def read_names(text: str) -> list[Written]:
    """The names of a pasted text, each once, in its order. Raises ValidationError: nothing, or too much."""
    plain = unicodedata.normalize("NFKC", text[: MOST_TEXT + 1])
    if len(plain) > MOST_TEXT:
        raise ValidationError(_("This text is too long. Please paste at most 300 names at a time."))
    parts = _NUMBERED.split(plain)
    # what stands before the first number is the heading of a 接龙; without numbers every piece may be a name
    pieces = [part.split("\n")[0] for part in parts[1:]] if len(parts) > 1 else _BETWEEN.split(plain)
    written = [one for piece in pieces for one in _people(piece, is_one=len(parts) > 1)]
    unique = list({(one.name, one.mobile): one for one in written}.values())
    if not unique:
        raise ValidationError(_("No name was found. Please paste one name in each line."))
    if len(unique) > MOST_NAMES:
        raise ValidationError(_("This text is too long. Please paste at most 300 names at a time."))
    return unique


def _people(piece: str, *, is_one: bool) -> list[Written]:
    """The people of one piece; a numbered piece is one person with remarks behind the name."""
    mobile = _MOBILE.search(piece)
    words = _REMARK.sub(" ", _MOBILE.sub(" ", piece)).split()
    # 李 四: names of two characters are spread out in tables
    if len(words) > 1 and len(words[0]) == len(words[1]) == 1:
        words[:2] = [words[0] + words[1]]
    names = [word for word in words if _NAME.fullmatch(word)]
    if is_one or mobile:
        names = names[:1]
    return [Written(name, mobile[0] if mobile else "") for name in names]


def find_people(desk: Desk, written: list[Written]) -> None:
    """Say of each name whom it means. One statement. A name without a number is sure when one member has it."""
    digests = {one.mobile: Member.mobile.digest(one.mobile) for one in written if one.mobile}
    candidates = find_candidates(desk, {one.name for one in written}, set(digests.values()))
    for one in written:
        one.found, one.is_sure = meant_by(candidates, one.name, digests.get(one.mobile))
        if not one.mobile:
            one.is_sure = len(one.found) == 1
