"""Exact names only: every usual form of one community, never a likeness, never a namesake elsewhere."""

import pytest

from members.ledger.communities import Choice, CommunityMatcher, resolve_community, sheet_hint
from tests.members.ledger.making import choices

ALL = CommunityMatcher(choices())


@pytest.mark.parametrize(
    "text",
    [
        "五里",
        "五里社区",
        " 五里社区 ",
        "五里社区居委会",
        "五里社区居民委员会",
        "五里居委会",
        "五里社區",
        "杏花村街道五里社区",
        "庐阳区杏花村街道五里社区居委会",
        "安徽省合肥市庐阳区杏花村街道五里社区",
        "合肥市/庐阳区/杏花村街道/五里社区",
        "安徽合肥庐阳杏花村街道五里",
        "五里社区党委",
    ],
)
def test_every_form_of_a_name_is_found(text: str) -> None:
    found = ALL.match(text).choice
    assert found is not None
    assert found.code == "340103005001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("五里墩社区", "community_unknown"),
        ("新五里社区", "community_unknown"),
        ("池州市贵池区杏花村街道五里社区", "community_unknown"),
        ("五里社区一组", "community_unknown"),
        ("杏花村街道", "community_missing"),
        ("安徽省合肥市庐阳区杏花村街道", "community_missing"),
        ("杏花村街道党工委", "community_missing"),
        ("", "community_missing"),
        (None, "community_missing"),
    ],
)
def test_nothing_else_is_guessed(text: str | None, code: str) -> None:
    assert ALL.match(text).choice is None
    assert ALL.match(text).code == code


def test_two_of_one_name_need_the_street() -> None:
    matcher = CommunityMatcher(
        [
            Choice(1, "1", "和平社区居委会", "和平社区", ("甲区", "东街道")),
            Choice(2, "2", "和平社区居委会", "和平社区", ("甲区", "西街道")),
        ]
    )
    assert matcher.match("和平社区").code == "community_ambiguous"
    found = matcher.match("西街道和平社区").choice
    assert found is not None
    assert found.id == 2


def test_villages_have_forms_too() -> None:
    matcher = CommunityMatcher([Choice(1, "1", "桃花村村民委员会"), Choice(2, "2", "桃花社区居委会")])
    assert [matcher.match(text).code for text in ("桃花村", "桃花村委会", "桃花社区")] == [None, None, None]
    assert matcher.match("桃花").code == "community_ambiguous"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("6.松竹社区", "松竹社区"),
        ("五里流动党员台账", "五里"),
        ("（三）林店社区（12人）", "林店社区"),
        ("Sheet1", None),
        ("流入党员", None),
        ("2025年台账", None),
        ("工作表2", None),
    ],
)
def test_sheet_names_give_hints(name: str, hint: str | None) -> None:
    assert sheet_hint(name) == hint


def test_fallback_is_taken_only_where_the_file_names_none() -> None:
    own = choices(["340103005001"])
    matcher = CommunityMatcher(own)
    assert resolve_community(None, None, matcher, own[0]).choice == own[0]
    assert resolve_community("身份证", "sheet", matcher, own[0]).choice == own[0]
    assert resolve_community("林店社区", "sheet", matcher, own[0]).severity == "error"
    assert resolve_community("林店社区", "column", matcher, own[0]).severity == "error"
    assert resolve_community(None, None, matcher).code == "community_missing"


def test_visible_but_not_allowed_is_out_of_scope() -> None:
    seen = Choice(1, "1", "林店社区居委会", "林店社区", (), allowed=False)
    assert resolve_community("林店社区", "column", CommunityMatcher([seen])).code == "community_out_of_scope"
