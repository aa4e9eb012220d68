"""Who is missing in the next quarter's ledger is told, with names of this office alone, and never deleted."""

import pytest
from django.urls import reverse

from members.enums import MemberState
from members.models import Member
from tests.members.importing.pages import row, upload
from tests.members.ledger.making import HEADER

CLERK = "street_clerk@S11"
TOLD = "请核实", "came home"


def bring_in(client, world, *rows, **more):
    client.post(upload(client, world, *rows, **more).url, {"confirm": "1"})


def told(page):
    return any(words in page for words in TOLD)


@pytest.fixture
def clerk(login, world):
    client = login(CLERK)
    bring_in(client, world, row(1), row(2), row(3), name="一季度.xlsx")
    return client


def test_missing_people_are_named_and_stay(clerk, world, acting):
    url = upload(clerk, world, row(2), row(4), name="二季度.xlsx").url
    page = clerk.get(url).content.decode()
    assert told(page)
    assert "一季度.xlsx" in page
    with acting(CLERK):
        gone = [Member.objects.get(name=row(number)[1]) for number in (1, 3)]
        kept = Member.objects.get(name=row(2)[1])
    cards = [reverse("admin:members_member_card", args=[member.pk]) for member in (*gone, kept)]
    assert [f'"{card}"' in page.split("ledger-fixes")[1].split("</ul>")[0] for card in cards] == [True, True, False]
    clerk.post(url, {"confirm": "1"})
    with acting(CLERK):
        assert {member.state for member in Member.objects.filter(pk__in=[one.pk for one in gone])} == {"floating"}
    assert told(clerk.get(url).content.decode())


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        ([row(1), row(2), row(3), row(4)], {}),
        # a row that waits is in the ledger
        ([row(1), row(2), row(3, 身份证号码="3.40103E+17")], {}),
        # another form is no successor
        ([[cell for place, cell in enumerate(row(2)) if place != 3]], {"header": [*HEADER[:3], *HEADER[4:]]}),
    ],
)
def test_nobody_is_missing_where_nothing_says_so(clerk, world, lines, more):
    assert not told(clerk.get(upload(clerk, world, *lines, **more).url).content.decode())


def test_who_came_home_is_not_asked_about_again(clerk, world, acting):
    with acting(CLERK):
        Member.objects.filter(name__in=[row(1)[1], row(3)[1]]).update(state=MemberState.RETURNED)
    assert not told(clerk.get(upload(clerk, world, row(2)).url).content.decode())


def test_people_of_another_office_are_never_named(clerk, world, login):
    """The other street's clerk uploads a ledger of the same titles: its former one counts, not this one's."""
    other = login("street_clerk@S12")
    page = other.get(upload(other, world, row(2, community="样例C121"), key="S12").url).content.decode()
    assert not told(page)
    assert row(1)[1] not in page
