"""Reminders on the own page: only where the member agreed, only what is due, and nothing leaves the portal."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from activities.models import Activity
from checkin.models import MemberRequest
from tests.checkin.own_page.conftest import CLERK, field

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)


def wish(phone, address, answer, **changes):
    shown = phone.get(address)
    form = {"mark": field(shown, "mark"), "key": field(shown, "key"), "remind": answer}
    assert phone.post(address, form | changes).status_code == 303
    return form


def notices(phone, address):
    return phone.get(address).content.decode().count('class="notice"')


@pytest.fixture
def due(world, owner):
    """due(days): the own yearly report of C111's member has been due for so many days."""
    with_owner = "update contacts_contactobligation set due_on = %s, limit_on = %s {} where side = 'member'"

    def make(days, more=""):
        owner.execute(with_owner.format(more), [TODAY - days * DAY, TODAY - days * DAY + 65 * DAY])

    return make


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (0, 1), (100, 1)])
def test_own_report_is_told_from_its_day_on_to_who_agreed(phone, address, due, days, count):
    due(days)
    assert notices(phone, address) == 0
    wish(phone, address, "yes")
    assert notices(phone, address) == count
    assert mail.outbox == []
    wish(phone, address, "no")
    assert notices(phone, address) == 0


@pytest.mark.parametrize(
    "change", [", paused_until = current_date + 1", ", ended_on = current_date", ", standing = 'exempt'"]
)
def test_report_that_is_not_expected_is_not_told(phone, address, due, change):
    wish(phone, address, "yes")
    due(5, change)
    assert notices(phone, address) == 0


@pytest.mark.parametrize(("ahead", "is_told"), [(-1, False), (0, True), (7, True), (8, False)])
def test_activity_within_a_week_is_told(phone, address, acting, world, ahead, is_told):
    days = {"C111": ("邻里茶话会", TODAY + ahead * DAY), "C112": ("别处的会", TODAY)}
    for key, (title, day) in days.items():
        with acting(f"community_clerk@{key}"):
            Activity.objects.create(organization=world.organization(key), title=title, held_on=day, place="二楼")
    assert "邻里茶话会" not in phone.get(address).content.decode()
    wish(phone, address, "yes")
    text = phone.get(address).content.decode()
    assert ("邻里茶话会" in text) is is_told
    assert "别处的会" not in text


def test_wish_is_kept_once_decided_at_once_and_read_by_the_own_office(phone, address, acting, world, login):
    form = wish(phone, address, "yes")
    assert phone.post(address, form).status_code == 303  # sent again
    wish(phone, address, "no", mark="0" * 64)  # of another page
    wish(phone, address, "no", key="x")
    with acting(CLERK):
        rows = MemberRequest.objects.filter(member=world.member("C111"), kind__in=["remind", "silence"])
        assert list(rows.values_list("kind", "state")) == [("remind", "done")]
        assert rows.get().decided_at is not None
    wish(phone, address, "no")
    client = login(CLERK)
    with acting(CLERK):
        assert sorted(rows.values_list("kind", flat=True)) == ["remind", "silence"]
        pk = rows.get(kind="remind").pk
    assert str(pk) in client.get("/admin/checkin/sent-in/?state=decided").content.decode()
    assert str(pk) not in client.get("/admin/checkin/sent-in/").content.decode()
    assert client.get(f"/admin/checkin/sent-in/{pk}/").status_code == 200
    with acting("community_clerk@C112"):
        assert not MemberRequest.objects.filter(kind__in=["remind", "silence"]).exists()


def test_who_goes_abroad_is_not_reminded(phone, address, owner, world, due):
    due(5)
    wish(phone, address, "yes")
    owner.execute("update members_movement set scope = '境外' where ended_on = ''")
    assert phone.get(address).status_code == 404
