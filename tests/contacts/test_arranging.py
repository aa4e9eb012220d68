"""Pauses, exemptions and intervals of one member's side: what they do to dates and reminders, and who may make them."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from contacts.arranging import decide, decisions_about, end_decision, own_duties
from contacts.models import ContactObligation, DutyDecision
from members.models import Member
from portal import access
from tests.contacts.conftest import log, obligation, system

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
PAUSE = {"side": "home", "kind": "pause", "reason": "ill"}


def state(member, on=TODAY, side="home"):
    return ContactObligation.objects.with_state(on).get(member=member, side=side).state


def plan(world, on):
    """What a round of reminders plans on that day."""
    with access.acting_as(system(world)), connection.cursor() as cursor:
        cursor.execute("select portal.plan_reminders(%s, %s)", [world.organization("X").pk, on])
        return cursor.fetchone()[0]


def reminders(member):
    with connection.cursor() as cursor:
        cursor.execute(
            "select m.state, m.reason from contacts_outboundmessage m join contacts_contactobligation o"
            " on o.id = m.obligation_id where o.member_id = %s order by m.step desc",
            [member.pk],
        )
        return cursor.fetchall()


@pytest.fixture
def late(acting, make_member, live_since):
    """Due since ten days, seen by the clerk."""
    with acting(CLERK) as by:
        live_since(TODAY - 300 * DAY)
        yield make_member(last=TODAY - 100 * DAY), by


def test_pause_holds_up_to_its_last_day_without_a_job(late):
    member, by = late
    assert state(member) == "due"
    decide(member=member, by=by, until_on=TODAY + 5 * DAY, **PAUSE)
    due = obligation(member).due_on
    assert [state(member, TODAY + days * DAY) for days in (0, 5, 6)] == ["paused", "paused", "due"]
    assert due == TODAY - 10 * DAY


@pytest.mark.django_db(transaction=True)
def test_paused_member_is_not_reminded_and_once_afterwards(acting, make_member, live_since, world):
    with acting(CLERK) as by:
        live_since(TODAY - 300 * DAY)
        member = make_member(last=TODAY - 100 * DAY)
    plan(world, TODAY)
    with acting(CLERK):
        assert reminders(member) == [("pending", "")]
    with acting(CLERK) as by:
        decide(member=member, by=by, until_on=TODAY + 5 * DAY, **PAUSE)
        assert reminders(member) == [("cancelled", "paused")]
    for days in (0, 3, 5):
        plan(world, TODAY + days * DAY)
    with acting(CLERK):
        assert reminders(member) == [("cancelled", "paused")]
    plan(world, TODAY + 6 * DAY)
    plan(world, TODAY + 6 * DAY)
    with acting(CLERK):
        assert reminders(member) == [("pending", "")]


@pytest.mark.django_db(transaction=True)
def test_contact_that_is_not_needed_has_no_date_and_no_reminder(acting, make_member, live_since, world):
    with acting(CLERK):
        live_since(TODAY - 300 * DAY)
        member = make_member(last=TODAY - 100 * DAY)
    plan(world, TODAY)
    with acting(CLERK) as by:
        made = decide(member=member, by=by, side="home", kind="exempt", reason="near", note="楼上邻居")
        duty = obligation(member)
        assert (state(member), duty.due_on, duty.limit_on) == ("exempt", None, None)
        assert reminders(member) == [("cancelled", "ended")]
    plan(world, TODAY + 30 * DAY)
    with acting(CLERK) as by:
        assert reminders(member) == [("cancelled", "ended")]
        assert [row.note for row in decisions_about(member, by)] == ["楼上邻居"]
        end_decision(made.pk, member=member, by=by)
        assert (state(member), obligation(member).due_on) == ("due", TODAY - 10 * DAY)
        assert decisions_about(member, by) == []


def test_own_interval_counts_before_every_other(late):
    member, by = late
    decide(member=member, by=by, side="home", kind="interval", reason="care", target_days=10, limit_days=15)
    duty = obligation(member)
    assert (duty.target_days, duty.limit_days, duty.due_on) == (10, 15, TODAY - 90 * DAY)
    decide(member=member, by=by, side="home", kind="interval", reason="care", target_days=200, limit_days=210)
    assert state(member) == "normal"
    assert DutyDecision.objects.open().filter(member=member).count() == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"kind": "pause", "until_on": TODAY},
        {"kind": "pause"},
        {"kind": "pause", "until_on": TODAY + 400 * DAY},
        {"kind": "interval", "target_days": 30, "limit_days": 20},
        {"kind": "interval", "target_days": 30},
    ],
)
def test_terms_that_make_no_sense_are_refused(late, terms):
    member, by = late
    with pytest.raises(ValidationError):
        decide(member=member, by=by, side="home", reason="ill", **terms)
    assert not DutyDecision.objects.exists()


def test_each_side_arranges_its_own_only(acting, make_member, world):
    with acting(CLERK):
        member = make_member(host=world.organization("C121"), last=TODAY - 100 * DAY)
    with acting("community_clerk@C121") as by:
        assert [duty.side for duty in own_duties(member)] == ["host"]
        with pytest.raises(PermissionDenied):
            decide(member=member, by=by, until_on=TODAY + 9 * DAY, **PAUSE)
        decide(member=member, by=by, note="东道", **PAUSE | {"side": "host", "until_on": TODAY + 9 * DAY})
        assert state(member, side="host") == "paused"
    with acting(CLERK) as by:
        assert state(member) == "due" or state(member) == "normal"
        assert not DutyDecision.objects.exists()  # why is not the home's business, that it is paused is
        assert state(member, side="host") == "paused"
    with acting("community_clerk@C121") as by:
        made = DutyDecision.objects.get()
    with acting(CLERK) as by, pytest.raises(Http404):
        end_decision(made.pk, member=member, by=by)
    with acting("district_admin@D1") as by, pytest.raises(PermissionDenied):
        decide(member=member, by=by, until_on=TODAY + 9 * DAY, **PAUSE)


def test_database_refuses_a_decision_about_the_other_side_and_a_changed_one(acting, make_member, world):
    with acting(CLERK) as by:
        member = make_member(host=world.organization("C121"))
        made = decide(member=member, by=by, until_on=TODAY + 9 * DAY, **PAUSE)
        for organization, side in (("C121", "host"), ("C111", "host")):
            row = DutyDecision(
                member=member, organization=world.organization(organization), side=side, kind="exempt", reason="ill"
            )
            with pytest.raises(DatabaseError), transaction.atomic():
                row.save(force_insert=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            DutyDecision.objects.filter(pk=made.pk).update(until_on=TODAY + 99 * DAY)


def test_decision_follows_the_file_to_another_organization(late, world, acting):
    member, by = late
    decide(member=member, by=by, until_on=TODAY + 5 * DAY, **PAUSE)
    Member.objects.filter(pk=member.pk).update(organization=world.organization("C112"))
    assert DutyDecision.objects.get().organization == world.organization("C112")
    assert state(member) == "paused"


def test_clerk_pauses_by_the_form_and_ends_it_again(acting, make_member, live_since, login):
    with acting(CLERK):
        live_since(TODAY - 300 * DAY)
        member = make_member(last=TODAY - 100 * DAY)
    client, address = login(CLERK), f"/admin/contacts/arrange/{member.pk}/"
    form = PAUSE | {"until_on": (TODAY + 5 * DAY).isoformat(), "note": "住院秘"}
    assert client.post(address, form | {"until_on": ""}).context["form"].errors
    assert client.post(address, form).status_code == 302
    card = client.get(f"/admin/members/member/{member.pk}/card/").content.decode()
    assert "住院秘" in card
    listed = client.get("/admin/contacts/contactobligation/?state=paused").content.decode()
    assert member.name in listed
    with acting(CLERK) as by:
        (decision,) = decisions_about(member, by)
    assert client.post(address, {"end": str(uuid.uuid4())}).status_code == 404
    assert client.post(address, {"end": str(decision.pk)}).status_code == 302
    assert member.name not in client.get("/admin/contacts/contactobligation/?state=paused").content.decode()
    assert login("liaison@C111").get(address).status_code == 404


def test_list_leaves_out_what_is_nobodys_work(acting, make_member, login):
    with acting(CLERK):
        member = make_member(direction="inflow", name="外来样例")
        log(member, TODAY - 5 * DAY, side="host")
    client = login(CLERK)

    def sides(query=""):
        answer = client.get(f"/admin/contacts/contactobligation/{query}")
        return {row.side for row in answer.context["cl"].result_list if row.member_id == member.pk}

    assert sides() == {"host"}
    assert sides("?state=outside") == {"home"}
    assert sides("?side=member") == {"member"}


SECRETARY = "branch_secretary@B111"


@pytest.fixture
def of_branch(acting, make_member, live_since):
    """Due since ten days, of the branch B111."""
    with acting(CLERK):
        live_since(TODAY - 300 * DAY)
        return make_member("B111", last=TODAY - 100 * DAY)


def test_branch_secretary_pauses_and_ends_the_pause(of_branch, acting, login):
    client, address = login(SECRETARY), f"/admin/contacts/arrange/{of_branch.pk}/"
    kinds = [value for value, _label in client.get(address).context["form"].fields["kind"].choices]
    assert kinds == ["pause"]
    assert client.post(address, PAUSE | {"until_on": (TODAY + 5 * DAY).isoformat()}).status_code == 302
    with acting(SECRETARY) as by:
        (decision,) = decisions_about(of_branch, by)
        assert state(of_branch) == "paused"
        end_decision(decision.pk, member=of_branch, by=by)
        assert state(of_branch) == "due"


@pytest.mark.parametrize("terms", [{"kind": "exempt"}, {"kind": "interval", "target_days": 30, "limit_days": 40}])
def test_branch_secretary_decides_no_more_than_a_pause(of_branch, acting, terms):
    values = {"target_days": None, "limit_days": None} | terms
    with acting(SECRETARY) as by:
        with pytest.raises(PermissionDenied):
            decide(member=of_branch, by=by, side="home", reason="ill", **terms)
        row = DutyDecision(member=of_branch, organization=of_branch.organization, side="home", reason="ill", **values)
        with pytest.raises(DatabaseError), transaction.atomic():  # the database too
            row.save(force_insert=True)
    with acting(CLERK) as by:
        made = decide(member=of_branch, by=by, side="home", reason="ill", **terms)
    with acting(SECRETARY) as by, pytest.raises(Http404):
        end_decision(made.pk, member=of_branch, by=by)
