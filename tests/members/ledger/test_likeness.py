"""Which organizations a text resembles, and in which order they are offered."""

import time

import pytest

from members.ledger.likeness import Likeness

KNOWN = Likeness(
    (name, [name])
    for name in (
        "林店社区居委会",
        "林店第一党支部",
        "林店第二党支部",
        "松竹社区居委会",
        "松竹社区第二党支部",
        "五里村村民委员会",
    )
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("林店社区党委第二支部", "林店第二党支部"),
        ("林店2支部", "林店第二党支部"),
        ("林店党支部第一支部", "林店第一党支部"),
        ("杏花村街道林店居委", "林店社区居委会"),
        ("松竹党支部", "松竹社区第二党支部"),
        ("松竹", "松竹社区居委会"),
        ("五里村委会", "五里村村民委员会"),
    ],
)
def test_most_alike_comes_first(text: str, first: str) -> None:
    assert KNOWN.like(text)[0] == first


def test_a_branch_of_another_number_comes_later() -> None:
    found = KNOWN.like("林店第二支部")
    assert found[0] == "林店第二党支部"
    assert "松竹社区第二党支部" not in found


@pytest.mark.parametrize("text", ["某某大学化学学院第二党支部", "社区", "党支部", "", "外地"])
def test_what_resembles_nothing_gets_no_offer(text: str) -> None:
    assert KNOWN.like(text) == []


def test_two_hundred_names_against_a_district_take_no_time() -> None:
    letters = "春夏秋冬东南西北梅兰竹菊金木水火土山川湖海"
    names = [f"{a}{b}{c}社区居委会" for a in letters for b in letters[:10] for c in letters[:5]]
    many = Likeness((name, [name]) for name in names)
    began = time.monotonic()
    for number in range(200):
        many.like(f"{letters[number % 20]}{letters[number % 7]}桥社区第{number % 9 + 1}支部")
    assert time.monotonic() - began < 20
