"""What home and host tell each other about a lost contact, and who does not read it."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from contacts.lost.models import LostCase, LostReport
from contacts.lost.reporting import compose, counterparts, report, reports, what_to_tell
from contacts.lost.services import decide, end_case, latest_case, open_case
from contacts.models import Liaison
from contacts.services import assign_liaison
from portal.models import AuditEntry
from tests.contacts.conftest import log
from tests.security.walls import is_refused

CLERK, ADMIN, HOST = "community_clerk@C111", "street_admin@S11", "community_clerk@C121"
TODAY = timezone.localdate()
LIST = "/admin/contacts/unreachable/reports/"

pytestmark = pytest.mark.django_db


def tried(member):
    log(member, TODAY - dt.timedelta(days=200))
    for number, days in enumerate((20, 10, 6)):
        log(member, TODAY - dt.timedelta(days=days), outcome="no_answer", method=("phone", "wechat")[number % 2])


@pytest.fixture
def person(acting, make_member, world):
    """Of C111 at home, away at C121; nobody could reach this person for 200 days."""
    with acting(ADMIN):
        member = make_member(name="查无", host=world.organization("C121"))
        tried(member)
    return member


@pytest.fixture
def decided(person, acting):
    with acting(ADMIN) as actor:
        case = open_case(member=person, by=actor)
        decide(case=case, body="林店街道党工委会议", decided_on=TODAY, number="纪要〔2026〕8号", by=actor)
    return person


def test_facts_reach_the_host_as_a_row_that_both_sides_read(person, acting):
    with acting(CLERK) as actor:
        row = report(member=person, side="host", by=actor)
        assert (row.kind, row.attempts, row.receiver.short_name) == ("facts", 3, "样例C121")
        assert list(reports(person)) == [row]
        assert (
            AuditEntry.objects.filter(action="lost_reported", object_id=person.pk).exists() is False
        )  # not the clerk's
    with acting(HOST):
        assert [one.pk for one in reports()][:1] == [row.pk]
    with acting("community_clerk@C112"):
        assert row.pk not in {one.pk for one in reports()}


def test_decision_and_its_reversal_are_told_each_once_a_day(decided, acting):
    with acting(ADMIN) as actor:
        first = report(member=decided, side="host", by=actor)
        assert report(member=decided, side="host", by=actor).pk == first.pk
        end_case(case=latest_case(decided), reason="找到了", by=actor)
        second = report(member=decided, side="host", by=actor)
        assert (first.kind, second.kind) == ("decided", "reversed")
        assert (second.body, second.number, second.decided_on) == ("林店街道党工委会议", "纪要〔2026〕8号", TODAY)
    with acting(HOST):
        assert {row.kind for row in reports(decided)} == {"decided", "reversed"}


def test_contact_after_the_decision_is_told(decided, acting):
    with acting(ADMIN) as actor:
        log(decided, TODAY)
        assert report(member=decided, side="host", by=actor).kind == "found"


def test_decision_is_told_by_who_may_decide_only(decided, acting):
    with acting(CLERK) as actor, pytest.raises(PermissionDenied):
        report(member=decided, side="host", by=actor)


@pytest.mark.parametrize("side", ["home", "member", "", "nowhere"])
def test_own_side_and_unknown_sides_are_told_nothing(person, acting, side):
    with acting(CLERK) as actor, pytest.raises(ValidationError):
        report(member=person, side=side, by=actor)


def test_nothing_is_told_of_somebody_in_reach(acting, make_member, world):
    with acting(CLERK) as actor:
        member = make_member(name="在此", host=world.organization("C121"))
        log(member, TODAY)
        assert what_to_tell(None, None) is None
        with pytest.raises(ValidationError):
            report(member=member, side="host", by=actor)


def test_host_that_manages_the_file_tells_the_home_side_its_facts(acting, make_member, world):
    with acting(CLERK) as actor:
        member = make_member(name="流入", direction="inflow", home=world.organization("C121"))
        for row in (20, 10, 6):
            log(member, TODAY - dt.timedelta(days=row), outcome="no_answer", side="host",
                method="phone" if row == 10 else "visit")  # fmt: skip
        assert [one.side for one in counterparts(member)] == ["home"]
        row = report(member=member, side="home", by=actor)
    with acting(HOST):
        assert [one.pk for one in reports(member)] == [row.pk]


def test_letter_for_an_organization_outside_names_the_decision(acting, make_member, world):
    with acting(ADMIN) as actor:
        member = make_member(name="查无")
        member.movements.update(host_text="江州市望江街道党工委")
        tried(member)
        case = open_case(member=member, by=actor)
        decide(case=case, body="林店街道党工委会议", decided_on=dt.date(2026, 11, 2), number="纪要8号", by=actor)
        row = report(member=member, side="host", by=actor)
        letter = compose(row, member)
    assert (row.receiver, letter.to, letter.title) == (None, "江州市望江街道党工委", "流动党员联系情况告知函")
    assert "2026年11月2日" in "".join(letter.body)
    assert "纪要8号" in "".join(letter.body)


def test_letter_is_printed_by_its_sender_alone(decided, acting, login):
    with acting(ADMIN) as actor:
        row = report(member=decided, side="host", by=actor)
    answer = login(ADMIN).get(f"{LIST}{row.pk}.pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert login(HOST).get(f"{LIST}{row.pk}.pdf").status_code == 403
    assert login("community_clerk@C112").get(f"{LIST}{row.pk}.pdf").status_code == 404
    assert login("liaison@C111").get(f"{LIST}{row.pk}.pdf").status_code == 404


def test_page_of_the_person_reports_and_lists_it(decided, login):
    page = f"/admin/contacts/unreachable/{decided.pk}/"
    assert "样例C121党委" in login(ADMIN).get(page).content.decode()
    assert login(ADMIN).post(page, {"action": "report", "side": "host"}).status_code == 302
    for who, path in ((ADMIN, page), (ADMIN, LIST), (HOST, LIST)):
        text = login(who).get(path).content.decode()
        assert "样例C111" in text
        assert "纪要〔2026〕8号" in text


@pytest.mark.parametrize("who", ["liaison@C111", "visitor@C111", "stranger", "city_viewer@X", "operator@X"])
def test_no_liaison_visitor_or_viewer_reads_a_report(decided, acting, world, owner, who):
    with acting(ADMIN) as actor:
        report(member=decided, side="host", by=actor)
        liaison = Liaison.objects.filter(user__username="liaison@C111").get()
        assign_liaison(member=decided, liaison=liaison, by=actor)
    with acting(who), connection.cursor() as cursor:
        cursor.execute("select count(*) from contacts_lostreport")
        assert cursor.fetchone() == (0,)
        assert list(reports(decided)) == []


def test_liaison_s_pages_of_the_person_do_not_name_it(decided, acting, login, world):
    with acting(ADMIN) as actor:
        report(member=decided, side="host", by=actor)
        assign_liaison(member=decided, liaison=Liaison.objects.get(user__username="liaison@C111"), by=actor)
    client = login("liaison@C111")
    for path in (f"/admin/members/member/{decided.pk}/card/", f"/admin/contacts/log/{decided.pk}/",
                 "/admin/contacts/contactobligation/", LIST):  # fmt: skip
        answer = client.get(path)
        text = answer.content.decode()
        assert "失去联系" not in text
        assert "失联" not in text
        assert "纪要" not in text
    assert client.get(f"/admin/contacts/log/{decided.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        (CLERK, {"kind": "decided", "body": "某会议", "number": "1", "decided_on": TODAY}),  # may not decide
        (CLERK, {"sender": "C112"}),  # in another's name
        (CLERK, {"receiver": "C211"}),  # to somebody who is no side
        (HOST, {"sender": "C121"}),  # does not manage the file
        ("liaison@C111", {}),
    ],
)
def test_database_refuses_reports_of_others(person, acting, world, who, changed):
    values = {"sender": "C111", "receiver": "C121", "kind": "facts", "body": "", "number": "", "decided_on": None}
    values |= changed
    with acting(who):
        assert is_refused(
            "insert into contacts_lostreport (id, member_id, sender_id, receiver_id, receiver_text, side, kind,"
            " attempts, body, number, decided_on, told_on) values (%s, %s, %s, %s, '', 'host', %s, 0, %s, %s, %s, %s)",
            [uuid.uuid4(), person.pk, world.organization(values["sender"]).pk,
             world.organization(values["receiver"]).pk, values["kind"], values["body"], values["number"],
             values["decided_on"], TODAY],
        )  # fmt: skip


def test_reports_are_never_changed(person, acting):
    with acting(CLERK) as actor:
        row = report(member=person, side="host", by=actor)
        assert is_refused("update contacts_lostreport set attempts = 9 where id = %s", [row.pk])
        assert is_refused("delete from contacts_lostreport where id = %s", [row.pk])
        assert LostReport.objects.get(pk=row.pk).attempts == 3
        assert LostCase.objects.filter(member=person).count() == 0
