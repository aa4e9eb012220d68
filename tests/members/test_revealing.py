"""查看完整号码: who sees which field, with what reason, how often; and nothing without an audit row."""

import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import reverse

from members import revealing, services
from members.models import Movement, access_member
from members.resources import LedgerLine
from members.revealing import Wish, reveal_field
from portal import limits
from portal.models import AuditEntry
from tests.world import canary, id_number, mobile


@pytest.fixture(autouse=True)
def fresh_counter(monkeypatch):
    monkeypatch.setattr(limits, "_reveals", limits.HourlyCounter(f"test-{uuid.uuid4()}"))


@pytest.fixture
def member_of(owner, world):
    def found(key):
        statement = "select id from members_member where organization_id = %s"
        return str(owner.execute(statement, [world.organization(key).pk]).fetchone()[0])

    return found


def wish(name, reason="check", **more):
    return Wish(name, reason, **more)


def address(pk):
    return reverse("admin:members_member_reveal", args=[pk])


def sent(name, reason="contact", **more):
    return {"field": name, "reason": reason, "key": str(uuid.uuid4())} | more


def entries(acting, **where):
    with acting("street_admin@S11"):
        return list(AuditEntry.objects.filter(action="reveal", **where))


# --- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["street_admin@S11", "street_clerk@S11", "community_clerk@C111"])
def test_clerks_see_every_field_and_it_is_written_down(acting, world, who):
    with acting(who) as by:
        member = world.member("C111")
        values = {name: reveal_field(member=member, wish=wish(name), by=by)
                  for name in ("id_number", "mobile", "employer", "current_address")}  # fmt: skip
    text = canary("C111")
    assert values == {"id_number": id_number("C111"), "mobile": mobile("C111"), "employer": text,
                      "current_address": text}  # fmt: skip
    noted = entries(acting)
    assert {row.detail["field"] for row in noted} == set(values)
    assert {(row.object_id, row.organization_id, row.detail["reason"]) for row in noted} == {
        (member.pk, world.organization("C111").pk, "check")
    }
    assert not [value for value in values.values() if value in repr([row.detail for row in noted])]


def test_fields_of_the_movement_are_shown_one_at_a_time(acting, world):
    with acting("community_clerk@C111") as by:
        member = world.member("C111")
        movement = member.movements.get()
        movement.member = member
        movement.destination, movement.counterpart_phone = "样例省样例市样例路1号", "13900002222"
        movement.save()
        for name, value in (("destination", "样例省样例市样例路1号"), ("counterpart_phone", "13900002222")):
            assert reveal_field(member=member, wish=wish(name, row=movement.pk), by=by) == value
            assert reveal_field(member=member, wish=wish(name, row=uuid.uuid4()), by=by) == ""
            assert reveal_field(member=member, wish=wish(name), by=by) == ""


def test_movement_of_another_member_is_not_shown_through_this_one(acting, world):
    with acting("street_clerk@S11") as by:
        foreign = world.member("C112").movements.get()
        foreign.member = world.member("C112")
        foreign.destination = "别人的地址"
        foreign.save()
        named = wish("destination", row=foreign.pk)
        assert reveal_field(member=world.member("C111"), wish=named, by=by) == ""


@pytest.mark.parametrize("name", ["id_number", "employer", "current_address"])
@pytest.mark.parametrize("who", ["liaison@C111", "district_admin@D1"])
def test_readers_without_the_right_see_no_field(acting, world, who, name):
    with acting(who) as by:
        member = world.member("C111")
        with pytest.raises(PermissionDenied):
            reveal_field(member=member, wish=wish(name), by=by)
    assert entries(acting) == []


def place_in_branch(acting, world, key="C111", branch="B111"):
    with acting("street_clerk@S11") as by:
        member = world.member(key)
        services.change_movement(
            movement=member.movements.select_related("member__organization").get(),
            values={"host_organization": world.organization(branch)}, by=by,
        )  # fmt: skip
    return member


def test_branch_secretary_sees_the_mobile_only(acting, world):
    member = place_in_branch(acting, world)
    with acting("branch_secretary@B111") as by:
        member = world.member("C111")
        assert reveal_field(member=member, wish=wish("mobile", "contact"), by=by) == mobile("C111")
        for name in ("id_number", "employer", "current_address", "destination"):
            with pytest.raises(PermissionDenied):
                reveal_field(member=member, wish=wish(name), by=by)


def test_branch_secretary_does_not_find_members_of_others(acting, world, member_of):
    with acting("branch_secretary@B111") as by, pytest.raises(Http404):
        access_member(by, member_of("C111"))


def test_other_side_sees_the_mobile_and_not_the_id_number(acting, world, owner):
    """C112 is the host of a member whom C111 manages: both call, the identity is the manager's own."""
    with acting("street_clerk@S11") as by:
        member = world.member("C111")
        Movement.objects.filter(member=member).update(host_organization=world.organization("C112"))
    with acting("community_clerk@C112") as by:
        member = access_member(by, member.pk)
        assert reveal_field(member=member, wish=wish("mobile"), by=by) == mobile("C111")
        with pytest.raises(PermissionDenied):
            reveal_field(member=member, wish=wish("id_number"), by=by)
    with acting("community_clerk@C111") as by:
        assert reveal_field(member=world.member("C111"), wish=wish("id_number"), by=by) == id_number("C111")


def test_liaison_calls_without_being_asked_why(acting, world):
    with acting("liaison@C111") as by:
        member = world.member("C111")
        assert reveal_field(member=member, wish=wish("mobile", "call"), by=by) == mobile("C111")
    (entry,) = entries(acting)
    assert entry.detail == {"field": "mobile", "reason": "call"}
    with acting("community_clerk@C111") as by, pytest.raises(ValidationError):
        reveal_field(member=world.member("C111"), wish=wish("mobile", "call"), by=by)


@pytest.mark.parametrize("given", [
    {"reason": ""}, {"reason": "x"}, {"reason": "other"}, {"reason": "other", "text": "   "},
    {"reason": "other", "text": "号码 340103199001011234"},
])  # fmt: skip
def test_reason_is_asked(acting, world, given):
    with acting("community_clerk@C111") as by, pytest.raises(ValidationError):
        reveal_field(member=world.member("C111"), wish=wish("mobile", **given), by=by)
    assert entries(acting) == []


def test_other_reason_stands_in_the_log(acting, world):
    with acting("community_clerk@C111") as by:
        reveal_field(member=world.member("C111"), wish=wish("mobile", "other", text=" 急 事 "), by=by)
    (entry,) = entries(acting)
    assert entry.detail == {"field": "mobile", "reason": "other", "text": "急 事"}


def test_unknown_and_empty_fields_show_nothing(acting, world):
    with acting("community_clerk@C111") as by:
        with pytest.raises(PermissionDenied):
            reveal_field(member=world.member("C111"), wish=wish("ledger_extra"), by=by)
        bare = services.create_member(organization=world.organization("C111"), values={"name": "空示例"}, by=by)
        assert reveal_field(member=bare, wish=wish("mobile"), by=by) == ""
    assert entries(acting) == []


# --- the limit ------------------------------------------------------------------------------------------------------


def test_only_so_many_in_an_hour_for_one_person(acting, world, settings):
    settings.REVEALS_PER_HOUR = 3
    with acting("community_clerk@C111") as by:
        for _ in range(3):
            assert reveal_field(member=world.member("C111"), wish=wish("mobile"), by=by)
        with pytest.raises(revealing.TooMany):
            reveal_field(member=world.member("C111"), wish=wish("mobile"), by=by)
    with acting("street_clerk@S11") as by:
        assert reveal_field(member=world.member("C111"), wish=wish("mobile"), by=by)
    assert len(entries(acting)) == 4


def test_limit_holds_without_redis(acting, world, settings, monkeypatch):
    settings.REVEALS_PER_HOUR, settings.REDIS_URL = 2, "unix:///nowhere/redis.sock?db=0"
    with acting("community_clerk@C111") as by:
        for _ in range(2):
            assert reveal_field(member=world.member("C111"), wish=wish("mobile"), by=by)
        with pytest.raises(revealing.TooMany):
            reveal_field(member=world.member("C111"), wish=wish("mobile"), by=by)


# --- the pages ------------------------------------------------------------------------------------------------------


def test_card_shows_masks_and_offers_each_field_to_the_clerk(login, member_of):
    page = login("community_clerk@C111").get(reverse("admin:members_member_card", args=[member_of("C111")]))
    text = page.content.decode()
    for value in (id_number("C111"), mobile("C111")):
        assert value not in text
    assert re.findall(r'name="field" value="(\w+)"', text) == [
        *("birth_date", "id_number", "mobile", "number", "wechat_id", "family_contact"),
        *("employer", "current_address", "remark"),  # the note on thoughts is for few
    ]
    admin = login("street_admin@S11").get(reverse("admin:members_member_card", args=[member_of("C111")]))
    assert 'name="field" value="thought_note"' in admin.content.decode()
    reader = login("district_admin@D1").get(reverse("admin:members_member_card", args=[member_of("C111")]))
    assert 'name="field"' not in reader.content.decode()
    assert mobile("C111") not in reader.content.decode()


def test_value_is_shown_once_and_kept_nowhere(login, member_of, acting):
    client, pk = login("community_clerk@C111"), member_of("C111")
    form = sent("id_number", "check")
    shown = client.post(address(pk), form)
    text = shown.content.decode()
    assert shown.status_code == 200
    assert text.count(id_number("C111")) == 1
    assert mobile("C111") not in text
    assert "no-store" in shown["Cache-Control"]
    assert shown["Refresh"] == f"60; url={reverse('admin:members_member_card', args=[pk])}"
    again = client.post(address(pk), form, follow=True)  # the page loaded anew
    assert again.redirect_chain
    assert id_number("C111") not in again.content.decode()
    assert len(entries(acting)) == 1


def test_script_gets_the_value_alone(login, member_of):
    client = login("community_clerk@C111")
    shown = client.post(address(member_of("C111")), sent("mobile"), headers={"X-Requested-With": "fetch"})
    assert shown.json()["value"] == mobile("C111")
    assert shown.json()["seconds"] == 60
    assert "no-store" in shown["Cache-Control"]
    refused = client.post(address(member_of("C111")), sent("mobile", ""), headers={"X-Requested-With": "fetch"})
    assert refused.status_code == 400
    assert set(refused.json()) == {"error", "key"}


def test_foreign_and_absent_members_answer_alike(login, member_of):
    client = login("community_clerk@C111")
    answers = [client.post(address(pk), sent("mobile")) for pk in (member_of("C112"), member_of("C211"), uuid.uuid4())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert client.get(address(member_of("C111"))).status_code == 405


def test_page_says_when_the_hour_is_used_up(login, member_of, settings):
    settings.REVEALS_PER_HOUR = 1
    client = login("community_clerk@C111")
    assert client.post(address(member_of("C111")), sent("mobile")).status_code == 200
    for more in ({}, {"headers": {"X-Requested-With": "fetch"}}):
        told = client.post(address(member_of("C111")), sent("mobile"), **more)
        assert told.status_code == 429
        assert mobile("C111") not in told.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("more", [{}, {"headers": {"X-Requested-With": "fetch"}}], ids=["page", "script"])
def test_nothing_is_shown_when_it_cannot_be_recorded(login, member_of, owner, more):
    client, pk = login("community_clerk@C111"), member_of("C111")
    assert mobile("C111") in client.post(address(pk), sent("mobile"), **more).content.decode()
    owner.execute("revoke insert on portal_auditentry from portal_app")
    try:
        told = client.post(address(pk), sent("mobile"), **more)
    finally:
        owner.execute("grant insert on portal_auditentry to portal_app")
    assert told.status_code == 503
    assert mobile("C111") not in told.content.decode()


# --- the ledger's note on thoughts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "may"), [("street_admin@S11", True), ("street_clerk@S11", False)])
def test_note_on_thoughts_follows_the_right_to_read_such_notes(acting, world, who, may):
    with acting(who) as by:
        member = world.member("C111")
        assert revealing.may_reveal(member, "thought_note", by) is may
        assert revealing.may_reveal(member, "remark", by)
        assert may is (LedgerLine(member, None, 1).text("thought_note", "") == canary("C111"))
        if not may:
            with pytest.raises(PermissionDenied):
                reveal_field(member=member, wish=wish("thought_note"), by=by)
