"""Needs: who raises, works on, confirms them; what the database refuses; where they go when a file moves."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone

from contacts.needs import services
from contacts.needs.models import Need
from contacts.services import log_contact
from members.models import Member, Movement
from members.services import set_state
from members.transfers import propose_transfer
from tests.contacts.needs.conftest import CLERK, a_key

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def steps(need: Need) -> list[str]:
    return list(need.actions.values_list("step", flat=True))


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "street_clerk@S11"])
def test_raise_need_is_for_whoever_may_log(fresh_need, acting, who):
    need = fresh_need(by=who)
    with acting(CLERK):
        assert (need.state, need.detail, steps(need)) == ("open", "想找一份晚班工作", ["raised"])
    assert need.due_on == TODAY + services.DUE_DAYS * DAY


def test_texts_of_a_need_are_sealed(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK), connection.cursor() as cursor:
        cursor.execute("select detail_sealed from contacts_need where id = %s union all"
                       " select detail_sealed from contacts_needevent where id = %s", [need.pk, need.pk])  # fmt: skip
        sealed = [bytes(value) for (value,) in cursor.fetchall()]
    assert len(sealed) == 2
    assert not any("晚班".encode() in value for value in sealed)


@pytest.mark.parametrize("who", ["visitor@C111", "district_admin@D1", "community_clerk@C112", "auditor@S11"])
def test_raise_need_is_refused_to_others(acting, world, who):
    with acting(CLERK):
        member = world.member("C111")
    with acting(who) as actor, pytest.raises(PermissionDenied):
        services.raise_need(
            member=member, organization=member.organization_id, category="work", detail="x", by=actor, key=a_key()
        )


def test_raise_need_with_the_same_key_writes_once(acting, world):
    key = a_key()
    with acting(CLERK) as actor:
        member = world.member("C111")
        given: Any = {"member": member, "organization": member.organization_id, "by": actor, "key": key}
        first = services.raise_need(category="work", detail="甲", **given)
        assert services.raise_need(category="housing", detail="乙", **given) == first
        need = services.access_need(actor, first)
        assert (need.category, need.detail, steps(need)) == ("work", "甲", ["raised"])


def test_raise_need_of_an_unfit_day_or_without_words_is_refused(acting, world):
    with acting(CLERK) as actor:
        member = world.member("C111")
        given: Any = {"member": member, "organization": member.organization_id, "by": actor}
        for odd in (
            {"category": "work", "detail": " "},
            {"category": "nothing", "detail": "x"},
            {"category": "work", "detail": "x", "raised_on": TODAY + DAY},
            {"category": "work", "detail": "x", "raised_on": TODAY, "due_on": TODAY - DAY},
        ):
            with pytest.raises(ValidationError):
                services.raise_need(key=a_key(), **given, **odd)


def test_need_goes_its_way_and_keeps_its_history(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK) as actor:
        services.take_need(need=need, by=actor)
        assert (need.state, need.owner_id) == ("doing", actor.user_id)
        services.note_action(need=need, text="联系了人社所", by=actor, on=TODAY)
        services.answer_need(need=need, outcome="met", text="已介绍到夜班岗位", by=actor)
        assert services.confirm_need(need=need, is_met=False, by=actor, text="没去成")
        need = services.access_need(actor, need.pk)
        assert (need.state, need.outcome, need.reopened, need.answered_on) == ("open", "", 1, None)
        services.answer_need(need=need, outcome="partly", text="又介绍一家", by=actor)
        assert services.confirm_need(need=need, is_met=True, by=actor)
        assert not services.confirm_need(need=need, is_met=True, by=actor)  # waits no more
        need = services.access_need(actor, need.pk)
        assert (need.state, need.confirmed_on) == ("confirmed", TODAY)
        services.reopen_need(need=need, text="本人又来电", by=actor)
        assert steps(need) == ["raised", "taken", "noted", "answered", "reopened", "answered", "confirmed", "reopened"]
        rows = list(need.actions.all())
        for row in rows:
            row.need = need
        assert [row.text for row in rows if row.text] == [
            "联系了人社所", "已介绍到夜班岗位", "没去成", "又介绍一家", "本人又来电"]  # fmt: skip
        assert [row.outcome for row in rows if row.outcome] == ["met", "partly"]


def test_closing_needs_an_outcome_by_the_database_too(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK) as actor:
        with pytest.raises(ValidationError):
            services.answer_need(need=need, outcome="", text="x", by=actor)
        for change in (
            {"state": "answered", "answered_on": TODAY},
            {"state": "confirmed", "confirmed_on": TODAY, "answered_on": TODAY},
            {"outcome": "met"},
            {"state": "confirmed", "outcome": "met", "answered_on": TODAY},
            {"due_on": need.raised_on - DAY},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                Need.objects.filter(pk=need.pk).update(**change)


def test_history_of_a_need_is_never_changed(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK):
        for statement in ("update contacts_needaction set step = 'noted'", "delete from contacts_needaction",
                          "delete from contacts_need", f"update contacts_needevent set id = '{need.pk}'"):  # fmt: skip
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


@pytest.mark.parametrize("who", ["liaison@C111", "district_admin@D1"])
def test_work_on_a_need_takes_the_right(fresh_need, acting, who):
    need = fresh_need()
    with acting(who) as actor:
        seen = services.access_need(actor, need.pk)
        for work in (
            lambda: services.take_need(need=seen, by=actor),
            lambda: services.note_action(need=seen, text="x", by=actor),
            lambda: services.answer_need(need=seen, outcome="met", text="x", by=actor),
            lambda: services.plan_need(need=seen, by=actor, due_on=TODAY),
        ):
            with pytest.raises(PermissionDenied):
                work()
    with acting("community_clerk@C112") as actor, pytest.raises(Http404):
        services.access_need(actor, need.pk)


def test_liaison_hears_that_a_need_is_met(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK) as actor:
        services.answer_need(need=need, outcome="met", text="x", by=actor)
    with acting("liaison@C111") as actor:
        assert services.confirm_need(need=need, is_met=True, by=actor)
    with acting(CLERK) as actor:
        last = services.access_need(actor, need.pk).actions.last()
        assert last is not None
        assert (last.step, last.liaison_id is not None) == ("confirmed", True)


def test_open_need_follows_the_file_to_its_new_manager(fresh_need, acting, world):
    need, closed = fresh_need(), fresh_need(category="law")
    with acting(CLERK) as actor:
        services.take_need(need=need, by=actor)
        services.answer_need(need=closed, outcome="met", text="x", by=actor)
        services.confirm_need(need=closed, is_met=True, by=actor)
    with acting("street_admin@S11") as actor:
        member = Member.objects.get(pk=need.member_id)
        propose_transfer(member=member, kind="manage", to=world.organization("C112"), by=actor)
        moved = {pk: (node, owner) for pk, node, owner in Need.objects.values_list("id", "organization_id", "owner_id")}
    assert moved[need.pk] == (world.organization("C112").pk, None)  # whoever was in charge works elsewhere
    assert moved[closed.pk][0] == world.organization("C111").pk  # what was done is theirs who did it
    with acting(CLERK) as actor, pytest.raises(Http404):
        services.access_need(actor, need.pk)
    with acting("community_clerk@C112") as actor:
        assert services.access_need(actor, need.pk).detail == "想找一份晚班工作"


def test_need_of_the_other_side_comes_to_the_manager_when_that_side_ends(acting, world, make_member, fresh_need):
    with acting("street_admin@S11"):
        member = make_member(home=world.organization("C111"), host=world.organization("C112"))
    with acting("community_clerk@C112") as actor:
        log = log_contact(member=Member.objects.get(pk=member.pk), by=actor)
        pk = services.raise_need(member=log.member, organization=log.organization_id, category="school", detail="入学",
                                 by=actor, key=a_key())  # fmt: skip
    with acting(CLERK) as actor, pytest.raises(Http404):
        services.access_need(actor, pk)  # the home side does not read the host's
    with acting("street_admin@S11"):
        Movement.objects.filter(member=member).update(ended_on="2026-11-01")
    with acting(CLERK) as actor:
        assert services.access_need(actor, pk).detail == "入学"


def test_need_of_somebody_who_left_is_on_its_own_list(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK) as actor:
        assert need not in Need.objects.in_lane("gone", actor, TODAY)
        set_state(member=Member.objects.get(pk=need.member_id), state="deceased", by=actor, ended_on="2026-11-01")
        assert need in Need.objects.in_lane("gone", actor, TODAY)


def test_lanes_at_their_borders(fresh_need, acting):
    need = fresh_need(due_on=TODAY)
    with acting(CLERK) as actor:
        rows = Need.objects.filter(pk=need.pk)
        assert [rows.in_lane("overdue", actor, TODAY + days * DAY).count() for days in (-1, 0, 1)] == [0, 0, 1]
        services.plan_need(need=need, by=actor, follow_on=TODAY)
        assert [rows.in_lane("follow", actor, TODAY + days * DAY).count() for days in (-1, 0, 1)] == [0, 1, 1]
        assert rows.in_lane("nobody", actor, TODAY).exists()
        services.take_need(need=need, by=actor)
        assert rows.in_lane("mine", actor, TODAY).exists()
        assert not rows.in_lane("nobody", actor, TODAY).exists()
        services.answer_need(need=need, outcome="met", text="x", by=actor)
        assert not rows.in_lane("overdue", actor, TODAY + DAY).exists()


def test_clerk_sees_the_own_needs_only(acting, world):
    with acting(CLERK):
        seen = set(Need.objects.values_list("organization_id", flat=True))
    assert seen == {world.organization("C111").pk}


def test_colleagues_are_of_the_own_office_and_below(fresh_need, acting):
    need = fresh_need()
    with acting(CLERK):
        assert [user.username for user in services.colleagues(need)] == [CLERK]
    with acting("street_clerk@S11"):
        assert {user.username for user in services.colleagues(need)} == {
            CLERK, "street_clerk@S11", "street_admin@S11"}  # fmt: skip
