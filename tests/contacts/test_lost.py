"""联系不上处理: who is on the list, what is proposed next, and the check with its decision."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.lost import services
from contacts.lost.models import LostCase
from contacts.lost.services import Stage, Step, approve_employer, decide, end_case, note_step, open_case, out_of_reach
from contacts.models import ContactPolicy
from portal.models import AuditEntry
from tests.contacts.conftest import log

CLERK, ADMIN = "community_clerk@C111", "street_admin@S11"
TODAY = timezone.localdate()
PAGE = "/admin/contacts/unreachable/"

pytestmark = pytest.mark.django_db


def ago(days):
    return TODAY - dt.timedelta(days=days)


def tried(member, *days, methods=("phone", "wechat"), **values):
    for number, day in enumerate(days):
        log(member, ago(day), outcome="no_answer", method=methods[number % len(methods)], **values)


@pytest.fixture
def person(acting, make_member):
    """In vain three times over 14 days, by two ways; the last contact was 200 days ago."""
    with acting(CLERK):
        member = make_member(name="查无")
        log(member, ago(200))
        tried(member, 20, 10, 6)
    return member


def listed(member):
    return next(iter(out_of_reach(member=member)), None)


@pytest.mark.parametrize(
    ("days", "methods", "is_on"),
    [
        ((20, 10, 6), ("phone", "wechat"), True),  # three, two ways, 14 days
        ((20, 6), ("phone", "wechat"), False),  # two attempts
        ((20, 10, 6), ("phone",), False),  # one way
        ((20, 10, 7), ("phone", "wechat"), False),  # 13 days
        ((21, 10, 6), ("phone", "wechat"), True),  # 15 days
        ((30, 20, 10, 6), ("phone", "visit"), True),
    ],
)
def test_bounds_of_the_list(acting, make_member, days, methods, is_on):
    with acting(CLERK):
        member = make_member(name="界限")
        log(member, ago(60))
        tried(member, *days, methods=methods)
        assert (listed(member) is not None) is is_on


@pytest.mark.parametrize(
    ("days", "stage"),
    [(89, Stage.SECRETARY), (90, Stage.STREET), (91, Stage.STREET), (179, Stage.STREET), (180, Stage.REVIEW)],
)
def test_stage_follows_from_days_without_contact(acting, make_member, days, stage):
    with acting(CLERK):
        member = make_member(name="阶段")
        log(member, ago(days))
        tried(member, 20, 10, 6)
        found = listed(member)
        assert (found.stage, found.days, found.attempts, found.success_on) == (stage, days, 3, ago(days))


def test_never_reached_counts_from_the_first_attempt(acting, make_member):
    with acting(CLERK):
        member = make_member(name="从未")
        tried(member, 95, 50, 6)
        assert (listed(member).stage, listed(member).success_on) == (Stage.STREET, None)


def test_rules_are_inherited(acting, make_member, world):
    with acting("street_clerk@S11"):
        member = make_member(name="规则")
        tried(member, 8, 6)
        assert listed(member) is None
        ContactPolicy.objects.create(organization=world.organization("S11"), ladder_attempts=2, ladder_days=2)
        assert listed(member).stage == Stage.SECRETARY


@pytest.mark.parametrize("outcome", ["refused", "through_others"])
def test_other_outcomes_are_no_attempt_in_vain(acting, make_member, outcome):
    with acting(CLERK):
        member = make_member(name="别的")
        tried(member, 20, 10)
        log(member, ago(5), outcome=outcome, method="visit")
        assert listed(member) is None


def test_contact_takes_off_the_list_and_closes_the_check(person, acting):
    with acting(CLERK) as actor:
        case = open_case(member=person, by=actor)
        log(person, TODAY)
        assert listed(person) is None
        case.refresh_from_db()
        assert (case.state, case.closed_on) == ("found", TODAY)


def test_contact_of_the_other_side_closes_it_too(acting, make_member, world):
    with acting("street_clerk@S11") as actor:
        member = make_member(name="两边", host=world.organization("C121"))
        tried(member, 200, 100, 6)
        case = open_case(member=member, by=actor)
    with acting("street_clerk@S12"):
        log(member, TODAY, side="host", organization_id=world.organization("C121").pk)
    with acting("street_clerk@S11"):
        assert listed(member) is None
        assert LostCase.objects.get(pk=case.pk).state == "found"


def test_attempts_of_the_other_side_do_not_count(acting, make_member, world):
    with acting("street_clerk@S11"):
        member = make_member(name="对方", host=world.organization("C121"))
        tried(member, 20, 10)
    with acting("street_clerk@S12"):
        tried(member, 6, side="host", organization_id=world.organization("C121").pk, methods=("visit",))
    with acting("street_clerk@S11"):
        assert listed(member) is None
    with acting("street_clerk@S12"):
        assert listed(member) is None


@pytest.mark.parametrize("who", ["liaison@C111", "visitor@C111", "city_viewer@X", "community_clerk@C112"])
def test_nobody_else_learns_of_it(person, acting, who, login):
    with acting(CLERK) as actor:
        open_case(member=person, by=actor)
    with acting(who):
        assert person.pk not in [line.member.pk for line in out_of_reach()]
        assert not LostCase.objects.filter(member=person).exists()
    assert login(who).get(f"{PAGE}{person.pk}/").status_code == 404


def test_check_is_decided_recorded_and_taken_back(person, acting):
    with acting(CLERK) as actor:
        case = open_case(member=person, by=actor)
        assert open_case(member=person, by=actor) == case
        note_step(case=case, step=Step.FAMILY, by=actor, note="家属称已换号")
        for action in (lambda: decide(case=case, body="甲", decided_on=TODAY, number="1", by=actor),
                       lambda: approve_employer(case=case, by=actor),
                       lambda: end_case(case=case, reason="甲", by=actor)):  # fmt: skip
            with pytest.raises(PermissionDenied):
                action()
    with acting(ADMIN) as actor:
        case = LostCase.objects.get(pk=case.pk)
        decide(case=case, body="街道党工委", decided_on=ago(1), number="〔2026〕3号", by=actor)
        case = LostCase.objects.get(pk=case.pk)
        assert (case.state, case.body, case.number, case.decided_on) == ("decided", "街道党工委", "〔2026〕3号", ago(1))
        evidence = json.loads(case.evidence)
        assert len(evidence["attempts"]) == 3
        assert evidence["checks"].keys() == {"phone", "wechat", "family"}
        end_case(case=case, reason="本人已来电", by=actor)
        case.refresh_from_db()
        assert (case.state, case.closed_on) == ("reversed", TODAY)
        assert "本人已来电" in case.note
        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"lost_opened", "lost_decided", "lost_reversed"} <= actions


@pytest.mark.parametrize("wrong", [{"body": " "}, {"number": ""}, {"decided_on": ago(-1)}])
def test_half_a_decision_is_refused(person, acting, wrong):
    whole = {"body": "党工委", "number": "3号", "decided_on": TODAY}
    with acting(ADMIN) as actor:
        case = open_case(member=person, by=actor)
        with pytest.raises(ValidationError):
            decide(case=case, by=actor, **whole | wrong)
        assert LostCase.objects.get(pk=case.pk).state == "proposed"


def test_second_one_to_decide_is_told(person, acting):
    with acting(ADMIN) as actor:
        case = open_case(member=person, by=actor)
        decide(case=case, body="党工委", decided_on=TODAY, number="3号", by=actor)
        with pytest.raises(ValidationError):
            decide(case=case, body="别的", decided_on=TODAY, number="4号", by=actor)


def test_employer_is_asked_only_after_it_was_agreed(person, acting, login):
    with acting(CLERK) as actor:
        case = open_case(member=person, by=actor)
        with pytest.raises(ValidationError):
            note_step(case=case, step=Step.EMPLOYER, by=actor)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update contacts_lostcase set employer_approved_on = '2026-11-01'")
    page = login(CLERK).get(f"{PAGE}{person.pk}/").content.decode()
    assert 'value="employer"' not in page
    with acting(ADMIN) as actor:
        approve_employer(case=case, by=actor)
    page = login(CLERK).get(f"{PAGE}{person.pk}/").content.decode()
    assert 'value="employer"' in page
    assert "样例S11" in page  # in whose name the caller speaks
    with acting(CLERK) as actor:
        note_step(case=LostCase.objects.get(pk=case.pk), step=Step.EMPLOYER, by=actor)
        assert LostCase.objects.get(pk=case.pk).employer_on == TODAY


def test_clerk_cannot_write_a_decision_behind_the_services(person, acting):
    with acting(CLERK) as actor:
        open_case(member=person, by=actor)
        statement = (
            "update contacts_lostcase set state = 'decided', body = 'x', number = 'x', decided_on = '2026-11-01'"
        )
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_host_that_manages_the_file_tells_the_home_side(acting, make_member):
    with acting(CLERK) as actor:
        member = make_member(name="流入", direction="inflow")
        tried(member, 200, 100, 6, side="host")
        assert listed(member) is not None
        with pytest.raises(ValidationError):
            open_case(member=member, by=actor)


def test_pages_lead_through_the_check(person, login, acting):
    clerk, admin = login(CLERK), login(ADMIN)
    page = clerk.get(PAGE).content.decode()
    assert "查无" in page
    url = f"{PAGE}{person.pk}/"
    assert clerk.post(url, {"action": "open"}).status_code == 302
    clerk.post(url, {"action": "counterpart", "note": "对方也联系不上"})
    assert "对方也联系不上" in clerk.get(url).content.decode()
    assert clerk.post(url, {"action": "decide", "body": "x", "number": "1", "decided_on": TODAY}).status_code == 403
    refused = admin.post(url, {"action": "decide", "body": "", "number": "1", "decided_on": TODAY})
    assert refused.context["form"].errors["body"]
    admin.post(url, {"action": "decide", "body": "党工委", "number": "1号", "decided_on": TODAY})
    assert "1号" in clerk.get(url).content.decode()
    admin.post(url, {"action": "end", "reason": ""})
    with acting(ADMIN):
        assert LostCase.objects.get(member=person).state == "decided"
    admin.post(url, {"action": "end", "reason": "找到了"})
    with acting(ADMIN):
        assert LostCase.objects.get(member=person).state == "reversed"


def test_list_costs_the_same_for_one_and_three(person, login, acting, make_member):
    client, counts = login(CLERK), []
    for _turn in range(2):
        client.get(PAGE)
        with CaptureQueriesContext(connection) as sent:
            client.get(PAGE)
        counts.append(len(sent))
        with acting(CLERK):
            for number in range(2):
                tried(make_member(name=f"更多{number}"), 20, 10, 6)
    assert counts[0] == counts[1]


def test_open_check_follows_its_file(person, acting, world, owner):
    with acting("street_clerk@S11") as actor:
        case = open_case(member=person, by=actor)
        person.organization = world.organization("C112")
        person.save(update_fields=["organization"])
        assert LostCase.objects.get(pk=case.pk).organization == world.organization("C112")


def test_next_step_is_the_first_that_was_not_done(person, acting):
    with acting(ADMIN) as actor:
        assert listed(person).next_step == str(Step.VISIT.label)
        tried(person, 3, methods=("visit",))
        assert listed(person).next_step == str(Step.FAMILY.label)
        case = open_case(member=person, by=actor)
        for step in (Step.FAMILY, Step.COUNTERPART):
            note_step(case=case, step=step, by=actor)
            case.refresh_from_db()
        before = listed(person).next_step
        approve_employer(case=case, by=actor)
        assert (before != str(Step.EMPLOYER.label), listed(person).next_step) == (True, str(Step.EMPLOYER.label))
        assert services.is_home_side(person)
