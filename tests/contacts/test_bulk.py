"""Many contacts in one save."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.bulk import duties_to_log, log_many
from contacts.enums import Outcome, Source
from contacts.models import ContactLog, ContactObligation
from contacts.services import assign_liaison, create_liaison
from members.models import Member
from tests.contacts.conftest import log, obligation

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
PAGE = "/admin/contacts/log/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(acting, make_member, live_since):
    """Thirty due members of C111."""
    with acting(CLERK):
        live_since(TODAY - 365 * DAY)
        return [make_member(name=f"甲{number:02}", last=TODAY - 100 * DAY) for number in range(30)]


def typed(duty, **changes):
    """What the browser sends for one ticked row."""
    values = {"contacted_on": TODAY.isoformat(), "method": "phone", "outcome": "reached", "note": ""} | changes
    return {"row": str(duty.pk)} | {f"{duty.pk}-{name}": value for name, value in values.items()}


def form_of(*rows, key=None):
    sent = {"key": str(key or uuid.uuid4()), "row": []}
    for row in rows:
        sent["row"].append(row.pop("row"))
        sent |= row
    return sent


def logged(members):
    return ContactLog.objects.filter(member__in=members, source__in=[Source.LOGGED, Source.ON_BEHALF])


def test_many_ticked_with_two_exceptions_are_one_save(people, acting, login):
    with acting(CLERK):
        duties = [obligation(member) for member in people]
    client = login(CLERK)
    rows = [typed(duty) for duty in duties[:28]]
    rows[3] = typed(duties[3], outcome="no_answer", note="关机,晚上再打")
    rows[4] = typed(duties[4], contacted_on=(TODAY - 2 * DAY).isoformat(), method="visit")
    answer = client.post(PAGE, form_of(*rows))
    assert answer.status_code == 302
    with acting(CLERK):
        assert logged(people).count() == 28
        missed = logged(people).select_related("member").get(member=people[3])
        assert (missed.outcome, missed.note) == (Outcome.NO_ANSWER, "关机,晚上再打")
        assert obligation(people[3]).last_success_on == TODAY - 100 * DAY  # an attempt moves no date
        assert obligation(people[4]).last_success_on == TODAY - 2 * DAY
        assert obligation(people[0]).due_on == TODAY + 90 * DAY
        assert obligation(people[29]).last_success_on == TODAY - 100 * DAY  # not ticked


def test_same_form_twice_and_back_button_store_once(people, acting, login):
    with acting(CLERK):
        duties = [obligation(member) for member in people[:3]]
    client, key = login(CLERK), uuid.uuid4()
    for _twice in range(2):
        assert client.post(PAGE, form_of(*map(typed, duties), key=key)).status_code == 302
    assert client.post(PAGE, form_of(*map(typed, duties))).status_code == 302  # “back” makes a new key
    with acting(CLERK):
        assert logged(people).count() == 3


def test_one_wrong_row_stores_nothing_and_keeps_what_was_typed(people, acting, login):
    with acting(CLERK):
        duties = [obligation(member) for member in people[:3]]
    wrong = typed(duties[1], contacted_on=(TODAY + DAY).isoformat(), note="这行写错了日期")
    answer = login(CLERK).post(PAGE, form_of(typed(duties[0]), wrong, typed(duties[2], note="一切都好")))
    assert answer.status_code == 200
    assert "这行写错了日期" in answer.content.decode()
    assert "一切都好" in answer.content.decode()
    assert sum(line.is_ticked for line in answer.context["lines"]) == 3
    with acting(CLERK):
        assert not logged(people).exists()


def test_nothing_ticked_is_said(people, login):
    answer = login(CLERK).post(PAGE, {"key": str(uuid.uuid4())})
    assert answer.status_code == 200
    assert [str(message.level_tag) for message in answer.context["messages"]] == ["error"]


@pytest.mark.parametrize("whose", ["C121", "C211", "absent"])
def test_row_of_another_street_refuses_the_whole_form(people, acting, login, world, owner, whose):
    foreign = uuid.uuid4()
    if whose != "absent":
        found = "select id from contacts_contactobligation where organization_id = %s limit 1"
        foreign = owner.execute(found, [world.organization(whose).pk]).fetchone()[0]
    with acting(CLERK):
        own = obligation(people[0])
    before = owner.execute("select count(*) from contacts_contactlog").fetchone()
    answer = login(CLERK).post(PAGE, form_of(typed(own), typed(ContactObligation(pk=foreign))))
    assert answer.status_code == 404
    assert owner.execute("select count(*) from contacts_contactlog").fetchone() == before


def test_service_refuses_a_duty_out_of_reach(people, acting, world, owner):
    with acting(CLERK):
        foreign = obligation(people[0])
    with acting("community_clerk@C112") as actor:
        assert foreign not in duties_to_log(actor)
        with pytest.raises(Http404):
            log_many([(foreign, {})], by=actor, key=uuid.uuid4())
    with acting(CLERK):
        assert not logged(people).exists()


def test_as_many_statements_for_thirty_as_for_one(people, acting):
    with acting(CLERK) as actor:
        duties = list(duties_to_log(actor).filter(member__in=people))
        assert len(duties) == 30
        counts = []
        for chosen in (duties[:1], duties[1:]):
            with CaptureQueriesContext(connection) as sent:
                assert log_many([(duty, {}) for duty in chosen], by=actor, key=uuid.uuid4()) == len(chosen)
            counts.append(len(sent))
        assert counts[0] == counts[1]


def test_page_costs_the_same_however_many_rows_it_shows(people, acting, login):
    client, counts = login(CLERK), []
    for name in ("甲00", "甲"):
        client.get(PAGE, {"q": name})
        with CaptureQueriesContext(connection) as sent:
            shown = client.get(PAGE, {"q": name})
        counts.append((len(sent), len(shown.context["lines"]) > 20))
    assert counts[0][0] == counts[1][0]
    assert (counts[0][1], counts[1][1]) == (False, True)


def test_contacts_of_one_liaison_are_logged_on_their_behalf(people, acting, login, world):
    with acting(CLERK) as actor:
        liaison = create_liaison(organization=world.organization("C111"), name="石评梅", by=actor)
        for member in people[:2]:
            assign_liaison(member=member, liaison=liaison, by=actor)
        own, other = obligation(people[0]), obligation(people[5])
    client = login(CLERK)
    page = client.get(PAGE, {"liaison": str(liaison.pk)})
    assert {line.duty.member.name for line in page.context["lines"]} == {"甲00", "甲01"}
    address = f"{PAGE}?liaison={liaison.pk}"
    assert client.post(address, form_of(typed(other))).status_code == 404  # not of this liaison
    assert client.post(address, form_of(typed(own))).status_code == 302
    with acting(CLERK):
        row = logged(people).get()
        assert (row.liaison, row.source) == (liaison, Source.ON_BEHALF)


def test_side_of_the_other_organization_is_not_offered(acting, make_member, world, login):
    with acting(CLERK):
        member = make_member(name="两头", host=world.organization("C122"))
        sides = dict(ContactObligation.objects.filter(member=member).values_list("side", "pk"))
    shown = login("community_clerk@C111").get(PAGE, {"q": "两头"}).context["lines"]
    assert [line.duty.pk for line in shown] == [sides["home"]]


def test_liaison_with_a_login_sees_the_own_members_only(acting, make_member, world, login):
    with acting(CLERK):
        make_member(name="别人的")
    client = login("liaison@C111")
    names = {line.duty.member.name for line in client.get(PAGE).context["lines"]}
    assert names
    assert "别人的" not in names
    with acting("liaison@C111") as actor:
        assert {duty.member_id for duty in duties_to_log(actor)} <= set(
            Member.objects.filter(assignments__liaison__user=actor.user_id).values_list("pk", flat=True)
        )


def test_contact_logged_before_is_seen_and_all_can_be_ticked(people, acting, login):
    with acting(CLERK):
        log(people[0], TODAY - 7 * DAY)
    page = login(CLERK).get(PAGE, {"q": "甲", "all": "1"})
    assert all(line.is_ticked for line in page.context["lines"])
    assert (TODAY - 7 * DAY).isoformat() in page.content.decode()
    assert reverse("contacts:log_table") == PAGE
