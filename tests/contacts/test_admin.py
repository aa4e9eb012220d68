"""Staff pages of contacts: who sees what, what a click does, how many statements a page costs."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactLog, ContactPolicy, Liaison, LiaisonAssignment
from contacts.services import log_contact, log_once
from portal.models import AuditEntry
from tests.contacts.conftest import obligation, shown_version
from tests.world import canary, mobile

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "community_clerk@C111"
LISTS = ["contactobligation", "contactlog", "liaison", "outboundmessage"]


def address(model, action="changelist", *args):
    return reverse(f"admin:contacts_{model}_{action}", args=args)


@pytest.mark.parametrize("model", LISTS)
def test_list_shows_the_own_community_only(login, world, model):
    page = login(CLERK).get(address(model)).content.decode()
    assert canary("C111") in page
    assert canary("C112") not in page
    assert canary("C121") not in page


@pytest.mark.parametrize("model", LISTS)
def test_detail_of_another_community_is_absent(login, acting, world, model):
    from django.apps import apps

    with acting("community_clerk@C112"):
        pk = apps.get_model("contacts", model).objects.filter(organization=world.organization("C112")).first().pk
    assert login(CLERK).get(address(model, "change", pk)).status_code == 404


@pytest.mark.parametrize(
    ("name", "status"), [("stranger", 302), ("operator@X", 403), ("auditor@S11", 403), ("city_viewer@X", 403)]
)
@pytest.mark.parametrize("model", [*LISTS, "contactpolicy"])
def test_list_is_closed_without_the_right(login, name, status, model):
    assert login(name).get(address(model)).status_code == status


def test_liaison_sees_own_members_only(login, acting, world, make_member):
    with acting(CLERK):
        make_member(name="别人家")
    client = login("liaison@C111")
    page = client.get(address("contactobligation")).content.decode()
    assert canary("C111") in page
    assert "别人家" not in page
    assert client.get(address("contactlog")).status_code == 200
    assert client.get(address("liaison")).status_code == 403
    assert client.get(address("outboundmessage")).status_code == 403


def test_duty_list_has_lamps_and_leads_to_the_log_page(login, acting, world, make_member, live_since):
    with acting("street_clerk@S11"):
        live_since(TODAY - 365 * DAY)
        member = make_member(name="单田芳", last=TODAY - 100 * DAY)
    client = login(CLERK)
    page = client.get(address("contactobligation"), {"state": "due"}).content.decode()
    assert "单田芳" in page
    assert reverse("contacts:log", args=[member.pk]) in page
    assert "单田芳" not in client.get(address("contactobligation"), {"state": "overdue"}).content.decode()
    with acting(CLERK):
        pk = obligation(member).pk
    assert client.get(address("contactobligation", "change", pk)).url == reverse("contacts:log", args=[member.pk])


def test_duty_list_finds_by_pinyin(login, acting, make_member):
    with acting(CLERK):
        make_member(name="单田芳")
        make_member(name="张三丰")
    page = login(CLERK).get(address("contactobligation"), {"q": "zhangs"}).content.decode()
    assert "张三丰" in page
    assert "单田芳" not in page


@pytest.mark.parametrize("model", ["contactobligation", "contactlog", "outboundmessage"])
def test_list_costs_the_same_for_one_row_and_three(login, acting, world, make_member, model, django_assert_num_queries):
    client = login(CLERK)
    client.get(address(model))

    def cost():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(model)).status_code == 200
        return len(queries)

    before = cost()
    with acting(CLERK) as actor:
        for number in range(2):
            log_contact(member=make_member(name=f"甲{number}"), by=actor, note="谈话")
    assert cost() == before


def test_log_page_shows_who_and_saves_with_one_click(login, acting, world, make_member):
    with acting(CLERK):
        member = make_member(name="单田芳", last=TODAY - 100 * DAY)
        member.mobile = "13812345678"
        member.save()
    client, url = login(CLERK), reverse("contacts:log", args=[member.pk])
    page = client.get(url).content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page
    back = address("contactobligation") + "?state=due"
    answer = client.post(
        url, {"contacted_on": TODAY.isoformat(), "method": "phone", "outcome": "reached", "note": "好", "next": back}
    )
    assert (answer.status_code, answer.url) == (302, back)
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY
        assert ContactLog.objects.get(member=member, source="logged").note == "好"
    assert "好" in client.get(url).content.decode()


def test_log_page_sent_twice_is_stored_once(login, acting, make_member):
    with acting(CLERK):
        member = make_member()
    client, url = login(CLERK), reverse("contacts:log", args=[member.pk])

    def fresh(**values):
        key = re.search(r'name="key" value="([^"]+)"', client.get(url).content.decode())[1]
        return {"key": key, "contacted_on": TODAY.isoformat(), "method": "phone", "outcome": "no_answer"} | values

    form = fresh(note="没人接")
    for sent in (form, form, form | {"note": "改过"}, fresh(note="没人接")):  # twice, then "back" in two browsers
        assert client.post(url, sent).status_code == 302
    with acting(CLERK):
        assert ContactLog.objects.get(member=member, source="logged").note == "没人接"
    assert client.post(url, fresh(note="接了", outcome="reached")).status_code == 302
    with acting(CLERK):
        assert ContactLog.objects.filter(member=member, source="logged").count() == 2


def test_same_contact_later_is_another_one(acting, make_member):
    with acting(CLERK) as actor:
        member = make_member()
        first = log_once(member=member, by=actor, outcome="no_answer")
        assert log_once(member=member, by=actor, outcome="no_answer") == first
    with acting("street_clerk@S11") as colleague:
        assert log_once(member=member, by=colleague, outcome="no_answer") != first


def test_liaison_with_a_login_calls_from_the_log_page(login, acting, world, ids_of):
    client, url = login("liaison@C111"), reverse("contacts:log", args=[ids_of("C111")])
    assert mobile("C111") not in client.get(url).content.decode()
    shown = client.post(url, {"call": "1"})
    assert f'href="tel:{mobile("C111")}"' in shown.content.decode()
    assert shown["Refresh"]
    assert mobile("C111") not in login(CLERK).post(url, {"call": "1"}).content.decode()  # asked why, on the card
    with acting("street_admin@S11"):
        assert [row.detail for row in AuditEntry.objects.filter(action="reveal")] == [
            {"field": "mobile", "reason": "call"}
        ]


@pytest.fixture
def ids_of(owner, world):
    return lambda key: owner.execute(
        "select id from members_member where organization_id = %s", [world.organization(key).pk]
    ).fetchone()[0]


@pytest.mark.parametrize("evil", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_log_page_goes_back_inside_only(login, acting, make_member, evil):
    with acting(CLERK):
        member = make_member()
    form = {"contacted_on": TODAY.isoformat(), "method": "visit", "outcome": "no_answer", "next": evil}
    answer = login(CLERK).post(reverse("contacts:log", args=[member.pk]), form)
    assert answer.url == address("contactobligation")


def test_log_page_refuses_a_day_to_come(login, acting, make_member):
    with acting(CLERK):
        member = make_member()
    form = {"contacted_on": (TODAY + DAY).isoformat(), "method": "phone", "outcome": "reached"}
    assert login(CLERK).post(reverse("contacts:log", args=[member.pk]), form).status_code == 200
    with acting(CLERK):
        assert not ContactLog.objects.filter(member=member).exists()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("community_clerk@C112", 404),
        ("liaison@C112", 404),
        ("liaison@C111", 200),
        ("street_clerk@S11", 200),
        ("district_admin@D1", 403),
        ("city_viewer@X", 404),
        ("stranger", 302),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_log_page_by_role(login, acting, world, name, status, method):
    with acting(CLERK):
        member = world.member("C111")
    answer = getattr(login(name), method)(reverse("contacts:log", args=[member.pk]))
    assert answer.status_code == status
    if status != 200:
        assert canary("C111") not in answer.content.decode()


def test_clerk_logs_for_the_liaison(login, acting, world):
    with acting(CLERK):
        member = world.member("C111")
        liaison = Liaison.objects.get(organization=world.organization("C111"))
        foreign = Liaison.objects.none()
    with acting("community_clerk@C112"):
        foreign = Liaison.objects.get(organization=world.organization("C112"))
    client, url = login(CLERK), reverse("contacts:log", args=[member.pk])
    form = {"contacted_on": TODAY.isoformat(), "method": "phone", "outcome": "reached", "liaison": str(foreign.pk)}
    answer = client.post(url, form)
    assert answer.status_code == 200
    assert canary("C112") not in answer.content.decode()
    assert client.post(url, form | {"liaison": str(liaison.pk)}).status_code == 302
    with acting(CLERK):
        log = ContactLog.objects.get(member=member, contacted_on=TODAY)
        assert log.source == "on_behalf"
    card = reverse("admin:members_member_card", args=[member.pk])
    for shown in (url, card, address("contactlog"), address("contactlog", "change", log.pk)):
        page = client.get(shown)
        assert str(log.get_source_display()) in page.content.decode()
        assert str(world.user(CLERK)) in page.content.decode()


def test_clerk_adds_a_liaison_and_the_number_stays_masked(login, acting, world):
    client = login(CLERK)
    form = {"organization": str(world.organization("C111").pk), "name": "石评梅", "kind": "committee",
            "new_mobile": "13912345678", "email": "shi@example.invalid", "is_active": "on"}  # fmt: skip
    assert client.post(address("liaison", "add"), form).status_code == 302
    with acting(CLERK):
        liaison = Liaison.objects.get(name="石评梅")
        assert liaison.mobile == "13912345678"
    for page in (client.get(address("liaison")), client.get(address("liaison", "change", liaison.pk))):
        assert "13912345678" not in page.content.decode()
    other = form | {"organization": str(world.organization("C112").pk), "name": "外人"}
    assert client.post(address("liaison", "add"), other).status_code == 200
    with acting("street_clerk@S11"):
        assert not Liaison.objects.filter(name="外人").exists()


def test_administrator_links_a_login_and_a_clerk_cannot(login, acting, world):
    with acting(CLERK):
        pk = Liaison.objects.get(organization=world.organization("C111")).pk
        Liaison.objects.filter(pk=pk).update(user=None)
    form = {"organization": str(world.organization("C111").pk), "name": "甲", "kind": "grid", "is_active": "on",
            "username": "liaison@C111"}  # fmt: skip
    form["shown_version"] = shown_version(login(CLERK), address("liaison", "change", pk))
    assert login(CLERK).post(address("liaison", "change", pk), form).status_code == 302
    with acting(CLERK):
        assert Liaison.objects.get(pk=pk).user is None
    form["shown_version"] = shown_version(login(CLERK), address("liaison", "change", pk))
    assert login("street_admin@S11").post(address("liaison", "change", pk), form).status_code == 302
    with acting(CLERK):
        assert Liaison.objects.get(pk=pk).user == world.user("liaison@C111")


def test_policy_form_checks_and_recomputes(login, acting, world, make_member):
    with acting(CLERK):
        member = make_member(last=TODAY - 10 * DAY)
    client = login(CLERK)
    form = {"organization": str(world.organization("C111").pk), "target_days": "30", "limit_days": "20",
            "go_live_on": TODAY.isoformat()}  # fmt: skip
    assert client.post(address("contactpolicy", "add"), form).status_code == 200
    assert client.post(address("contactpolicy", "add"), form | {"limit_days": "40"}).status_code == 302
    with acting(CLERK):
        assert ContactPolicy.objects.count() == 1
        assert obligation(member).due_on == TODAY + 20 * DAY


def test_members_are_handed_over_from_their_list(login, acting, world, make_member):
    with acting(CLERK):
        members = [make_member(name=name) for name in ("单田芳", "张三丰")]
        liaison = Liaison.objects.get(organization=world.organization("C111"))
    client, url = login(CLERK), reverse("admin:members_member_changelist")
    assert "单田芳" in client.get(url, {"liaison": "none"}).content.decode()
    chosen = {"action": "assign_liaison_action", "_selected_action": [str(member.pk) for member in members]}
    page = client.post(url, chosen).content.decode()
    assert liaison.name in page
    assert canary("C112") not in page
    assert client.post(url, chosen | {"liaison": str(liaison.pk)}).status_code == 302
    with acting(CLERK):
        assert LiaisonAssignment.objects.open().filter(member__in=members, liaison=liaison).count() == 2
    page = client.get(url, {"liaison": "none"}).content.decode()
    assert "单田芳" not in page


def test_hand_over_refuses_a_liaison_out_of_reach(login, acting, world):
    with acting("community_clerk@C112"):
        foreign = Liaison.objects.get(organization=world.organization("C112"))
    with acting(CLERK):
        member = world.member("C111")
    chosen = {"action": "assign_liaison_action", "_selected_action": [str(member.pk)], "liaison": str(foreign.pk)}
    answer = login(CLERK).post(reverse("admin:members_member_changelist"), chosen)
    assert answer.status_code == 200
    assert foreign.name not in answer.content.decode()
    with acting(CLERK):
        assert LiaisonAssignment.objects.open().get(member=member).liaison_id != foreign.pk


def test_card_shows_the_lamps_and_the_liaison(login, acting, world, make_member):
    with acting(CLERK):
        member = world.member("C111")
    page = login(CLERK).get(reverse("admin:members_member_card", args=[member.pk])).content.decode()
    assert f"联{canary('C111')}" in page
    assert reverse("contacts:log", args=[member.pk]) in page
