"""What each column of a header means, by its titles alone: the member's own data, somebody else's, or a question."""

import re
from dataclasses import dataclass
from itertools import pairwise

from .aliases import ALIASES, ASKED, DECIDED_BY_WORDS, label_of
from .cells import empty
from .folding import compact
from .parts import settle_parts
from .titles import (
    CONTACT_PEOPLE,
    OF_OFFICER,
    OWN_PHONES,
    PERSON_END,
    PERSONAL,
    PHONE_HEADERS,
    PLAINER,
    RELATION,
    ROLES,
)
from .vocabulary import CHOICES, NULL_WORDS
from .workbook import Value

IGNORED = frozenset({"seq", "age", "party_age"})
"""Known columns whose values are never stored."""

_ORGANIZATION = re.compile(r"党组织|党支部|党委|原单位|流[出入]组织")
_OTHER_PARTY = re.compile(rf"流出地|流入地|{_ORGANIZATION.pattern}")
FAMILY = re.compile(r"家属|家庭(?:主要)?成员|家人|亲属|社会关系|紧急|配偶|子女|父母|监护")
_LIAISON = re.compile(r"结对|包联|包保|专属|责任人|帮扶|帮联")
_OF_ANYBODY = PERSONAL | {
    "education", "degree", "member_type", "occupation", "employer", "former_employer", "former_occupation",
    "native_place", "household_address", "wechat_id", "join_date", "full_member_date",
}  # fmt: skip
_TWICE = frozenset({"started_on", "seq"})


@dataclass(slots=True)
class Column:
    """One column: its place in the rows, its header as written, the field it means (None: not imported) and how so.

    `status`: mapped, unknown (no such header), ask (several meanings), duplicate (the field has a column already),
    ignored (numbering, age and other values that are never stored). `level` of a place or date, `word` of a tick in
    several columns (members.ledger.parts); 0 and "" for any other column. `heads`: the headings above the lowest title,
    outermost first.
    """

    index: int
    header: str
    folded: str
    field: str | None
    status: str
    level: int = 0
    heads: tuple[str, ...] = ()
    word: str = ""


def columns_of(levels: list[list[str]], data: list[list[Value]]) -> list[Column]:
    """The columns of a header given as its titles by level; `data`: rows below, whose words may settle a meaning."""
    width = len(levels[0])
    texts = [[level[index] for level in levels] for index in range(width)]
    columns = [_column(index, texts[index]) for index in range(width)]
    if not any(column.field == "name" for column in columns):
        # 流出地党组织情况 over the member's own columns: somebody must be named
        own = next((_parts(parts)[0] for parts in texts if _may_name_members(_parts(parts))), None)
        columns = [_column(index, texts[index], own) for index in range(width)]
    for column in columns:
        if column.status == "ask":
            _decide(column, data)
    _settle_parties(columns)
    _settle_phones(columns)
    settle_parts([column for column in columns if column.folded])
    _settle_duplicates(columns)
    return [column for column in columns if column.folded or _has_data(data, column.index)]


def _has_data(data: list[list[Value]], index: int) -> bool:
    return any(index < len(row) and not empty(row[index]) for row in data)


def _parts(texts: list[str]) -> list[str]:
    return [text for place, text in enumerate(texts) if text and (place == 0 or text != texts[place - 1])] or [""]


def _may_name_members(parts: list[str]) -> bool:
    parent = compact("".join(parts[:-1]))
    is_of_person = FAMILY.search(parent) is not None or _LIAISON.search(parent) is not None
    return ALIASES.get(label_of(parts[-1])) == "name" and not is_of_person


def _column(index: int, texts: list[str], own: str | None = None) -> Column:
    """What a column means: all levels joined first, then the lowest that is known in its context.

    `own`: a heading whose columns are the member's, whatever it sounds like.
    """
    parts = _parts(texts)
    folded = [label_of(part) for part in parts]
    shown, heads = "/".join(parts), tuple(parts[:-1])
    whole = "".join(folded)
    if not whole:
        return Column(index, "", "", None, "unknown")
    for size in range(len(folded)):
        label = "".join(folded[size:])
        # 流出地党组织填写 says who fills in, not whose data stand below
        parent = "".join(part for part in folded[:size] if "填" not in part)
        name = ALIASES.get(label)
        if name is None and label not in ASKED:
            continue
        if parent and parts[0] != own:
            other = _of_other(parent, label, name)
            if other is not None:
                return Column(index, shown, label, other or None, "mapped" if other else "ask", heads=heads)
        if name is None:
            return Column(index, shown, label, None, "ask", heads=heads)
        return Column(index, shown, label, name, "ignored" if name in IGNORED else "mapped", heads=heads)
    return Column(index, shown, whole, None, "unknown", heads=heads)


def _of_other(parent: str, label: str, name: str | None) -> str | None:
    """The field of another person under a group heading; '' when it cannot be told, None when it is the member's."""
    is_of_person = FAMILY.search(parent) is not None or _LIAISON.search(parent) is not None
    if name not in PERSONAL and label not in ASKED:
        return "" if is_of_person and name in _OF_ANYBODY else None
    is_phone = label in PHONE_HEADERS or "电话" in label or "手机" in label or "联系方式" in label
    if not (is_phone or label in ("姓名", "联系人")):
        is_of_office = name == "current_address" and _ORGANIZATION.search(parent) is not None
        return "" if is_of_office or (is_of_person and name in _OF_ANYBODY) else None
    if FAMILY.search(parent):
        return "family_contact"
    if _LIAISON.search(parent):
        return "liaison_phone" if is_phone else "liaison_name"
    if _OTHER_PARTY.search(parent):
        return "counterpart_contact_phone" if is_phone else "counterpart_contact_name"
    return "" if label == "联系人" or "联系人" in parent else None


def _decide(column: Column, data: list[list[Value]]) -> None:
    """Settle a header of several meanings when every word below belongs to exactly one fixed list."""
    words = {
        compact(str(row[column.index])).lower()
        for row in data
        if column.index < len(row) and not empty(row[column.index])
    }
    words -= NULL_WORDS
    if not words:
        return
    fits = [name for name in DECIDED_BY_WORDS.get(column.folded, ()) if words <= CHOICES[name].keys()]
    if len(fits) == 1:
        column.field, column.status = fits[0], "mapped"


def _settle_parties(columns: list[Column]) -> None:
    """A phone under 流入地 alone, with nobody named beside it, may as well be the member's new one: asked."""
    for column in columns:
        parent, _, _label = column.header.rpartition("/")
        if column.field != "counterpart_contact_phone" or not parent or _ORGANIZATION.search(compact(parent)):
            continue
        beside = [other for other in columns if other.header.startswith(f"{parent}/") and other is not column]
        if not any("联系人" in other.folded or other.field == "counterpart_contact_name" for other in beside):
            column.field, column.status = None, "ask"


_PHONE_OF = {
    "family_contact": "family_contact",
    "liaison_name": "liaison_phone",
    "counterpart_contact_name": "counterpart_contact_phone",
}


def _settle_phones(columns: list[Column]) -> None:
    """A phone right after another person's column is that person's, never the member's; whose is unknown is asked.

    Between the two may stand what that person is (关系, 职务): no fact of the member either.
    """
    before: Column | None = None
    for column in columns:
        if not column.folded:
            continue
        if before is not None and _describes(column, before):
            if column.field is not None:
                column.field, column.status = None, "ask"
            continue
        if column.field == "mobile" and column.folded in PHONE_HEADERS and before is not None:
            owner = before.field if before.field in _PHONE_OF else CONTACT_PEOPLE.get(before.folded)
            owner = owner or _owner_by_role(before)
            if owner in _PHONE_OF:
                column.field = _PHONE_OF[owner]
            elif _is_somebody_else(before):
                column.field, column.status = None, "ask"
        before = column


def _describes(column: Column, before: Column) -> bool:
    """Whether a column says what the other person of the column before is."""
    is_of_same = column.header.rpartition("/")[0] == before.header.rpartition("/")[0]
    return is_of_same and column.folded in RELATION | OF_OFFICER and _is_somebody_else(before)


def _is_somebody_else(column: Column) -> bool:
    """Whether a column names a person beside the member, known or not."""
    if column.field in _PHONE_OF or column.folded in CONTACT_PEOPLE:
        return True
    return column.field is None and bool(ROLES.search(column.folded) or PERSON_END.search(column.folded))


def _owner_by_role(column: Column) -> str | None:
    """The field of a person whose column has no field of its own, by the words of its header."""
    if column.field is not None or not ROLES.search(column.folded):
        return None
    for pattern, name in ((FAMILY, "family_contact"), (_LIAISON, "liaison_name")):
        if pattern.search(column.folded):
            return name
    return None


def _own_phone(columns: list[Column]) -> Column | None:
    """The member's own column among several phones; those right after an organization are asked, they may be its."""
    phones = [column for column in columns if column.field == "mobile"]
    own = next((column for column in phones if column.folded in OWN_PHONES), None)
    if own is None and len(phones) > 1:
        for before, column in pairwise(column for column in columns if column.folded):
            if column in phones and before.field in ("home_organization", "host_organization"):
                column.field, column.status = None, "ask"
    return own


def _settle_duplicates(columns: list[Column]) -> None:
    """One column a field: the one whose title says more (现居住地, not 家庭住址), else the first. Both columns of a
    movement's start stay, the direction chooses between them.

    Of several phones the one that is said to be the member's own wins. A plain 党支部 beside 流出地党组织 may be where
    the member is now: it is asked.
    """
    own = _own_phone(columns)
    chosen: dict[str, Column] = {"mobile": own} if own is not None else {}
    for column in columns:
        first = chosen.get(column.field or "")
        is_plainer = first is not None and first.folded in PLAINER and column.folded not in PLAINER
        if column.field and (first is None or (is_plainer and first is not own)):
            chosen[column.field] = column
    for column in columns:
        if (
            column.field is None
            or column.field in _TWICE
            or column.level
            or column.word
            or chosen[column.field] is column
        ):
            continue
        may_be_host = column.field == "home_organization" and column.folded in PLAINER
        is_asked = may_be_host and chosen[column.field].folded not in PLAINER
        column.field, column.status = None, "ask" if is_asked else "duplicate"
