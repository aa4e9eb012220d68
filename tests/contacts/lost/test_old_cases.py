"""Decisions of earlier years, entered in one go with their document numbers."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from contacts.lost.models import LostCase
from contacts.lost.old_cases import enter_old_cases, read_lines
from portal.models import AuditEntry
from tests.contacts.conftest import log

ADMIN = "street_admin@S11"
TODAY = timezone.localdate()
PAGE = "/admin/contacts/unreachable/earlier/"
BODY = "林店街道党工委"

pytestmark = pytest.mark.django_db


def enter(actor, *lines, body=BODY):
    return enter_old_cases(lines=read_lines("\n".join(lines)), body=body, by=actor)


def stored():
    return {case.member.name: (case.state, case.number, case.decided_on, case.body)
            for case in LostCase.objects.filter(state="decided").select_related("member")}  # fmt: skip


def test_lines_become_decisions_with_their_document_numbers(acting, make_member):
    with acting(ADMIN) as actor:
        make_member(name="甲旧")
        make_member("C112", name="乙旧")
        assert enter(actor, "姓名\t日期\t文号", "甲旧\t2023-05-06\t街工〔2023〕5号", "乙旧，2022年1月2日，纪要3号") == 2
        assert stored() == {
            "甲旧": ("decided", "街工〔2023〕5号", dt.date(2023, 5, 6), BODY),
            "乙旧": ("decided", "纪要3号", dt.date(2022, 1, 2), BODY),
        }
        assert AuditEntry.objects.filter(action="lost_old_entered").count() == 2


def test_two_of_one_name_are_told_apart_by_a_number(acting, make_member):
    with acting(ADMIN) as actor:
        first, second = make_member(name="同名"), make_member(name="同名")
        second.mobile = "13911112222"
        second.save()
        with pytest.raises(ValidationError, match="1"):
            enter(actor, "同名,2023-05-06,5号")
        enter(actor, "同名,13911112222,2023-05-06,5号")
        assert set(LostCase.objects.filter(state="decided").values_list("member", flat=True)) == {second.pk}
        assert first.pk != second.pk


def test_open_check_becomes_the_decision(acting, make_member):
    with acting(ADMIN) as actor:
        member = make_member(name="在查")
        case = LostCase(member=member, organization=member.organization, opened_on=TODAY)
        case.save(force_insert=True)
        enter(actor, "在查,2023-05-06,5号")
        case.refresh_from_db()
        assert (case.state, case.number) == ("decided", "5号")


@pytest.mark.parametrize(
    "lines",
    [
        ("",),
        ("甲旧",),
        ("甲旧,5号",),
        ("甲旧,2023-02-30,5号",),
        ("甲旧,2023-05-06",),
        ("甲旧,2999-05-06,5号",),
        ("甲旧,2023-05-06,5号,多余",),
        ("甲旧,2023-05-06,5号", "无此人,2023-05-06,6号"),
        ("甲旧,2023-05-06,5号", "甲旧,2023-05-06,6号"),
        ("别处,2023-05-06,5号",),
        ("已回,2023-05-06,5号",),
        ("流入,2023-05-06,5号",),
    ],
)
def test_one_bad_line_stores_nothing(acting, make_member, lines):
    with acting("street_admin@S12"):
        make_member("C121", name="别处")
    with acting(ADMIN) as actor:
        make_member(name="甲旧")
        make_member(name="流入", direction="inflow")
        log(make_member(name="已回"), dt.date(2024, 1, 1))
        with pytest.raises(ValidationError):
            enter(actor, *lines)
        assert stored() == {}


def test_contact_after_the_decision_closes_it(acting, make_member):
    with acting(ADMIN) as actor:
        member = make_member(name="甲旧")
        enter(actor, "甲旧,2023-05-06,5号")
        log(member, TODAY)
        assert stored() == {}


@pytest.mark.parametrize("who", ["street_clerk@S11", "community_clerk@C111", "branch_secretary@B111", "liaison@C111"])
def test_clerks_do_not_enter_decisions(acting, make_member, login, who):
    with acting("street_clerk@S11"):
        make_member(name="甲旧")
    with acting(who) as actor, pytest.raises(PermissionDenied):
        enter(actor, "甲旧,2023-05-06,5号")
    assert login(who).post(PAGE, {"body": BODY, "lines": "甲旧,2023-05-06,5号"}).status_code == 403
    with acting(ADMIN):
        assert stored() == {}


def test_page_stores_and_names_the_bad_line(acting, make_member, login):
    with acting(ADMIN):
        make_member(name="甲旧")
    client = login(ADMIN)
    answer = client.post(PAGE, {"body": BODY, "lines": "甲旧,2023-05-06,5号\n无此人,2023-05-06,6号"})
    assert answer.status_code == 200
    assert "2" in str(answer.context["form"].errors["lines"])
    assert client.post(PAGE, {"body": BODY, "lines": "甲旧,2023-05-06,5号"}).status_code == 302
    with acting(ADMIN):
        assert set(stored()) == {"甲旧"}
