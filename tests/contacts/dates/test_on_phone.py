"""Dates on a liaison's phone: of the own members, near, as the rules ask; ticked off there."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import DateReminder, Liaison
from contacts.services import assign_liaison
from members.models import Member
from tests.contacts.dates.conftest import CLERK
from tests.world import canary, link_pin, link_token

ADDRESS = f"/w/{link_token('C111')}/"
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def field(client: Client, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', client.get(ADDRESS).content.decode())
    assert found
    return found[1]


@pytest.fixture
def phone(world: Any) -> Client:
    client = Client()
    assert client.post(ADDRESS, {"mark": field(client, "mark"), "pin": link_pin("C111")}).status_code == 303
    return client


@pytest.fixture
def own(dated: Any, world: Any, acting: Any) -> Any:
    """own(name, **dates): a member whom the liaison of the link looks after."""

    def make(name: str, **dates: Any) -> Member:
        member: Member = dated(name=name, **dates)
        with acting(CLERK) as actor:
            liaison = Liaison.objects.get(organization=world.organization("C111"))
            assign_liaison(member=member, liaison=liaison, by=actor)
        return member

    return make


def dates_of(phone: Client) -> str:
    return "".join(re.findall(r'<ul class="people dates">.*?</ul>', phone.get(ADDRESS).content.decode(), re.DOTALL))


def ends(days: int) -> str:
    return (TODAY + days * DAY).isoformat()


def years_ago(years: int, day: dt.date) -> str:
    return f"{day.year - years}-{day.month:02d}-{day.day:02d}"


def test_phone_shows_what_is_near_by_the_rules_alone(phone: Client, own: Any, rule: Any, planned: Any) -> None:
    own("甲今天", ends=ends(0))
    own("乙本周", ends=ends(7))
    own("丙以后", ends=ends(8))
    own("丁祝贺", join_date=years_ago(20, TODAY + 3 * DAY))
    rule("return", 14)
    planned(TODAY)
    text = dates_of(phone)
    assert [name for name in ("甲今天", "乙本周", "丙以后", "丁祝贺") if name in text] == ["甲今天", "乙本周"]
    rule("birthday", 5)
    planned(TODAY)
    assert "丁祝贺" in dates_of(phone)
    text = phone.get(ADDRESS).content.decode()
    for secret in ("党", "政治生日", "预备期"):
        assert secret not in text, secret


@pytest.mark.django_db(transaction=True)
def test_phone_has_a_text_to_copy_for_a_report_of_ones_own(
    phone: Client, own: Any, rule: Any, planned: Any, owner: Any
) -> None:
    members = [own("甲该报"), own("乙归来", ends=ends(1))]
    for member, days in zip(members, (2, 200), strict=True):  # else the first date follows from the file's own key
        owner.execute("update contacts_contactobligation set due_on = %s where side = 'member' and member_id = %s",
                      [TODAY + days * DAY, member.pk])  # fmt: skip
    rule("own_report", 30)
    rule("return", 14)
    planned(TODAY)
    text = dates_of(phone)
    assert "甲该报" in text
    assert "乙归来" in text
    assert text.count("<textarea readonly") == 1
    assert "党" not in phone.get(ADDRESS).content.decode()
    page = phone.get(f"{ADDRESS}{members[1].pk}/").content.decode()
    assert page.count("<textarea readonly") == 1
    assert "样例C111" in page[page.index("<textarea readonly") :][:300]


def test_phone_shows_nobody_elses_dates(phone: Client, dated: Any, rule: Any, planned: Any, own: Any) -> None:
    dated(name="别人家", ends=ends(0))  # of the same community, nobody looks after this one
    dated("C112", name="邻社区", ends=ends(0))
    own("自己人", ends=ends(0))
    rule("return", 14)
    planned(TODAY)
    text = dates_of(phone)
    assert "自己人" in text
    assert "别人家" not in text
    assert "邻社区" not in text


def test_phone_ticks_off_the_own_alone(
    phone: Client, own: Any, dated: Any, rule: Any, planned: Any, acting: Any
) -> None:
    mine, other = own("自己人", ends=ends(2)), dated(name="别人家", ends=ends(2))
    rule("return", 14)
    planned(TODAY)
    with acting(CLERK):
        rows = {row.member_id: row for row in DateReminder.objects.filter(kind="return")}
    mark = field(phone, "mark")
    for key in (str(rows[other.pk].pk), "x", ""):
        assert phone.post(ADDRESS, {"mark": mark, "date": key}).status_code == 404
    assert phone.post(ADDRESS, {"mark": "0" * 64, "date": str(rows[mine.pk].pk)}).status_code == 302
    assert Client().post(ADDRESS, {"mark": mark, "date": str(rows[mine.pk].pk)}).status_code == 404  # another phone
    with acting(CLERK):
        assert set(DateReminder.objects.filter(kind="return").values_list("state", flat=True)) == {"open"}
    for _again in range(2):
        assert phone.post(ADDRESS, {"mark": mark, "date": str(rows[mine.pk].pk)}).status_code == 303
    with acting(CLERK):
        states = dict(DateReminder.objects.filter(kind="return").values_list("member", "state"))
    assert states == {mine.pk: "done", other.pk: "open"}
    assert 'class="people dates"' not in phone.get(ADDRESS).content.decode()


def test_phone_asks_the_same_however_many_dates(phone: Client, own: Any, rule: Any, planned: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert canary("C111") in phone.get(ADDRESS).content.decode()
        return len(queries)

    before = asked()
    own("甲今天", ends=ends(0))
    own("乙本周", ends=ends(7))
    rule("return", 14)
    planned(TODAY)
    assert asked() == before
