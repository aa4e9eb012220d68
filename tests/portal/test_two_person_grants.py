"""Roles that two persons give, and looking at single members for a time (drill_down)."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from members.models import Member
from portal import access, grants
from portal.administration import reach
from portal.models import AuditEntry, GrantRequest, OrganizationGrant
from portal.roles import ROLE_BASES, ROLE_DAYS, ROLE_KINDS, OrganizationKind, Purpose, Role, needs_two

FIRST, SECOND = "city_admin@X", "second"


def address(name, *args):
    return reverse(f"administration:{name}", args=args)


def soon(days=30):
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def second(world):
    """A second administrator of the city, made on the server."""
    call_command("create_staff", SECOND, role="city_admin", organization=world.organization("X").code)
    user = grants.User.objects.get(username=SECOND)
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    world._users[SECOND] = user
    return user


def ask(acting, world, who=FIRST, *, name="city_viewer@X", role="drill_down", key="X", until=None, reason="督查"):
    with acting(who):
        return grants.request_grant(
            uuid.uuid4(), user=world.user(name), role=role, organization=world.organization(key),
            until=until or (soon() if role == "drill_down" else None), reason=reason,
        )  # fmt: skip


def decide(acting, asked, who=SECOND, *, approve=True):
    with acting(who):
        grants.decide_grant(asked, approve=approve)


def state_of(owner_or_acting, asked):
    with owner_or_acting(FIRST):
        return GrantRequest.objects.get(pk=asked).state


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_role_has_its_kinds_of_node():
    assert set(ROLE_KINDS) == set(Role)
    assert all(kinds and set(kinds) <= set(OrganizationKind) for kinds in ROLE_KINDS.values())
    assert ROLE_DAYS[Role.DRILL_DOWN] == 90
    assert set(ROLE_BASES) == {Role.DRILL_DOWN}


@pytest.mark.parametrize(
    ("role", "kind", "answer"),
    [
        ("city_viewer", "city", True),
        ("auditor", "province", True),
        ("auditor", "district", False),
        ("drill_down", "district", True),
        ("district_admin", "district", False),
        ("street_admin", "street", False),
    ],
)
def test_second_person_is_needed_above_districts_and_for_members(role, kind, answer):
    assert needs_two(role, kind) is answer


# --- two persons ------------------------------------------------------------------------------------------------------


def test_role_of_the_city_is_given_by_the_second_person(acting, world, second):
    asked = ask(acting, world, name="district_viewer@D1", role="city_viewer")
    with acting("district_viewer@D1"):
        assert not access.may("view_aggregates", world.organization("D2"))
    decide(acting, asked)
    with acting("district_viewer@D1"):
        assert access.may("view_aggregates", world.organization("D2"))
    with acting(FIRST):
        grant = OrganizationGrant.objects.get(user=world.user("district_viewer@D1"), content_object__kind="city")
        assert grant.granted_by == world.user(FIRST)
        request = GrantRequest.objects.get(pk=asked)
        assert (request.state, request.decided_by) == ("approved", second)


def test_neither_who_asked_nor_who_gets_it_decides(acting, world, second):
    asked = ask(acting, world, name=SECOND, role="city_viewer")
    for name in (FIRST, SECOND, "district_admin@D1", "city_viewer@X", "street_admin@S11", "stranger"):
        for approve in (True, False):
            with acting(name), pytest.raises(PermissionDenied):
                grants.decide_grant(asked, approve=approve)
    assert state_of(acting, asked) == "waiting"


def test_purpose_does_not_stand_in_for_the_second_person(acting, world, second):
    asked = ask(acting, world)
    with access.acting_as(access.system_actor(Purpose.SETUP, world.organization("X"))), pytest.raises(PermissionDenied):
        grants.decide_grant(asked, approve=True)


@pytest.mark.parametrize(
    ("who", "name", "role", "key"),
    [
        (FIRST, FIRST, "drill_down", "X"),  # for oneself
        (FIRST, FIRST, "city_viewer", "X"),
        ("city_viewer@X", "district_viewer@D1", "city_viewer", "X"),  # may give nothing
        ("district_admin@D1", "district_viewer@D1", "city_viewer", "X"),  # above the own node
        ("district_admin@D1", "district_viewer@D2", "drill_down", "D2"),  # beside it
        (FIRST, "district_viewer@D1", "auditor", "X"),  # does not hold view_audit
        (FIRST, "district_viewer@D1", "operator", "X"),
        (FIRST, "district_viewer@D1", "street_admin", "X"),  # does not fit
        (FIRST, "district_viewer@D1", "district_viewer", "D1"),  # takes one person only
        (FIRST, "inactive", "city_viewer", "X"),
        (FIRST, "district_viewer@D1", "drill_down", "D2"),  # base elsewhere
        (FIRST, "district_admin@D1", "drill_down", "D1"),  # no base at all
        (FIRST, "street_clerk@S11", "drill_down", "D1"),
    ],
)
def test_request_beyond_the_rules_is_refused(acting, world, who, name, role, key):
    with pytest.raises(PermissionDenied):
        ask(acting, world, who, name=name, role=role, key=key, until=soon())


@pytest.mark.parametrize(("until", "reason"), [(91, "督查"), (-1, "督查"), (None, "督查"), (30, ""), (30, "  ")])
def test_looking_at_members_has_an_end_within_90_days_and_a_reason(acting, world, until, reason):
    with acting(FIRST), pytest.raises(PermissionDenied):
        grants.request_grant(
            uuid.uuid4(), user=world.user("city_viewer@X"), role="drill_down", organization=world.organization("X"),
            until=until and soon(until), reason=reason,
        )  # fmt: skip
    ask(acting, world, until=soon(90))


def test_account_with_a_handed_over_password_waits_for_its_own(acting, world, second):
    second.must_change_password = True
    second.save(update_fields=["must_change_password"])
    with pytest.raises(PermissionDenied):
        ask(acting, world, name=SECOND, role="city_viewer")


def test_same_request_twice_waits_once(acting, world, second):
    pk = uuid.uuid4()
    given = {"user": world.user("city_viewer@X"), "role": "drill_down", "organization": world.organization("X")}
    with acting(FIRST):
        for _twice in range(2):
            assert grants.request_grant(pk, **given, until=soon(), reason="督查") == pk
        with pytest.raises(ValidationError):
            grants.request_grant(uuid.uuid4(), **given, until=soon(), reason="督查")
        assert reach.waiting().count() == 1
    decide(acting, pk)
    with acting(SECOND), pytest.raises(PermissionDenied):  # decided once
        grants.decide_grant(pk, approve=False)


def test_refused_request_gives_nothing_and_may_be_asked_again(acting, world, second):
    decide(acting, ask(acting, world), approve=False)
    with acting("city_viewer@X"):
        assert not access.may("view_members")
    decide(acting, ask(acting, world))
    with acting("city_viewer@X"):
        assert access.may("view_members")


@pytest.mark.django_db(transaction=True)
def test_request_expires_after_14_days(acting, world, second, owner):
    asked = ask(acting, world)
    days = owner.execute("select expires_at - asked_at from portal_grantrequest where id = %s", [asked]).fetchone()[0]
    assert days == dt.timedelta(days=14)
    owner.execute("update portal_grantrequest set expires_at = now() where id = %s", [asked])
    with acting(SECOND):
        assert not reach.waiting()
        assert reach.to_decide() == 0
        with pytest.raises(PermissionDenied):
            grants.decide_grant(asked, approve=True)
    ask(acting, world)
    assert state_of(acting, asked) == "expired"


def test_request_whose_asker_left_or_whose_base_ended_can_only_be_refused(acting, world, second):
    asked = ask(acting, world, SECOND)
    with acting(FIRST):
        grant = OrganizationGrant.objects.get(user=world.user("city_viewer@X"))
        grants.ask_database("end_grant", grant.pk)
        with pytest.raises(ValidationError):
            grants.decide_grant(asked, approve=True)
        grants.decide_grant(asked, approve=False)
    other = ask(acting, world, SECOND, name="district_viewer@D1", role="city_viewer")
    with acting(FIRST):
        grants.ask_database("end_grant", OrganizationGrant.objects.get(user=second).pk)
        with pytest.raises(ValidationError):
            grants.decide_grant(other, approve=True)


def test_password_of_a_role_of_two_persons_is_not_one_persons_to_reset(acting, world, second):
    """Whoever sets the second person's password could approve as the second person."""
    with acting(FIRST):
        assert grants.ask_database("manages_account", second.pk)
        for name in (SECOND, "city_viewer@X"):
            with pytest.raises(PermissionDenied):
                grants.ask_database("reset_account", world.user(name).pk, "x")
        grants.ask_database("reset_account", world.user("district_viewer@D1").pk, "x")
    ask(acting, world, name="district_viewer@D2", role="city_viewer")
    with acting(FIRST), pytest.raises(PermissionDenied):  # nor while it waits
        grants.ask_database("reset_account", world.user("district_viewer@D2").pk, "x")


def test_each_step_is_in_the_audit_log(acting, world, second, owner):
    decide(acting, ask(acting, world))
    decide(acting, ask(acting, world, name="district_viewer@D1", role="city_viewer"), approve=False)
    with acting(FIRST):
        grants.grant_role(user=world.user("stranger"), role="district_viewer", organization=world.organization("D1"))
    call_command("create_staff", "auditor.x", role="auditor", organization=world.organization("X").code)
    world._users["auditor.x"] = grants.User.objects.get(username="auditor.x")
    with acting("auditor.x"):
        entries = AuditEntry.objects.filter(action__in=["request_grant", "approve_grant", "refuse_grant", "give_role"])
        who = {(entry.action, entry.actor) for entry in entries if entry.actor.startswith("user.")}
    first, second_actor = f"user.{world.user(FIRST).pk}", f"user.{second.pk}"
    assert who == {("request_grant", first), ("approve_grant", second_actor), ("refuse_grant", second_actor),
                   ("give_role", first)}  # fmt: skip


# --- drill_down -------------------------------------------------------------------------------------------------------


def test_viewer_sees_members_with_it_only_and_changes_nothing(acting, world, second, login):
    viewer = login("city_viewer@X")
    assert viewer.get("/admin/members/member/").status_code == 403
    decide(acting, ask(acting, world))
    listed = viewer.get("/admin/members/member/")
    assert listed.status_code == 200
    assert listed.context["cl"].result_count == 8
    with acting("city_viewer@X"):
        member = Member.objects.get(organization=world.organization("C111"))
        assert not access.may("reveal_identity")
        assert Member.objects.count() == 8
    card = viewer.get(f"/admin/members/member/{member.pk}/card/")
    text = card.content.decode()
    assert card.status_code == 200
    for secret in (member.id_number, member.mobile):
        assert secret
        assert secret not in text
        assert secret not in listed.content.decode()
    assert viewer.post(f"/admin/members/member/{member.pk}/change/", {"name": "x"}).status_code == 403
    assert viewer.get("/admin/members/ledgerimport/export/").status_code == 403
    with acting("city_viewer@X"):
        assert Member.objects.get(pk=member.pk).name == member.name


def test_district_viewer_sees_the_own_district_only(acting, world, second):
    decide(acting, ask(acting, world, "district_admin@D1", name="district_viewer@D1", key="D1"))
    with acting("district_viewer@D1"):
        assert Member.objects.count() == 4


def test_city_admin_gets_it_from_two_others(acting, world, second):
    asked = ask(acting, world, SECOND, name=FIRST)
    for name in (FIRST, SECOND, "district_admin@D1"):
        with acting(name), pytest.raises(PermissionDenied):
            grants.decide_grant(asked, approve=True)
    call_command("create_staff", "third", role="city_admin", organization=world.organization("X").code)
    world._users["third"] = grants.User.objects.get(username="third")
    decide(acting, asked, "third")
    with acting(FIRST):
        assert Member.objects.count() == 8
        assert not access.may("change_members")


@pytest.mark.parametrize("how", ["end_grant", "end_staff", "runs out"])
def test_it_ends_with_the_role_it_stands_beside(acting, world, second, how):
    decide(acting, ask(acting, world))
    viewer = world.user("city_viewer@X")
    with acting(FIRST):
        base = OrganizationGrant.objects.get(user=viewer, permission__codename="role_city_viewer")
        if how == "end_grant":
            grants.ask_database("end_grant", base.pk)
        elif how == "end_staff":
            grants.ask_database("end_staff", viewer.pk)
    if how == "runs out":
        give_base(world, viewer, until=soon(-1))
    with acting("city_viewer@X"):
        assert not access.may("view_members")
        assert Member.objects.count() == 0
    with acting(FIRST):
        users = access.users_with("view_members", world.organization("X"))
    assert viewer not in users
    if how != "end_staff":  # the base renewed later brings nothing back
        give_base(world, viewer, until=None)
        with acting("city_viewer@X"):
            assert access.may("view_aggregates")
            assert not access.may("view_members")


def give_base(world, viewer, until):
    with access.acting_as(access.system_actor(Purpose.SETUP, world.organization("X"))):
        grants.grant_role(user=viewer, role=Role.CITY_VIEWER, organization=world.organization("X"), until=until)


def test_it_ends_by_date(acting, world, second, owner):
    asked = ask(acting, world, until=soon(0))
    decide(acting, asked)
    with acting("city_viewer@X"):
        assert access.may("view_members", world.organization("C111"))
    with acting(FIRST):
        grant = OrganizationGrant.objects.get(permission__codename="role_drill_down")
        grants.ask_database("end_grant", grant.pk)
    with acting("city_viewer@X"):
        assert not access.may("view_members")
        assert access.may("view_aggregates")


# --- pages ------------------------------------------------------------------------------------------------------------


def form(world, **changes):
    return {
        "pk": str(uuid.uuid4()), "role": "drill_down", "who": "known", "username": "city_viewer@X", "name": "",
        "email": "", "until": soon().isoformat(), "reason": "督查回访",
    } | changes  # fmt: skip


def test_page_asks_and_the_second_administrator_approves(login, world, second, acting):
    first, other, node = login(FIRST), login(SECOND), world.organization("X").pk
    sent = form(world)
    for _twice in range(2):
        assert first.post(address("give", node), sent)["Location"] == address("waiting")
    page = address("decide", sent["pk"])
    assert "督查回访" in first.get(address("waiting")).content.decode()
    assert page not in first.get(address("waiting")).content.decode()
    assert first.post(page, {"decision": "approve"}).status_code == 403
    assert page in other.get(address("waiting")).content.decode()
    assert [tile["count"] for tile in other.get("/admin/").context["tiles"] if tile["icon"] == "approval"] == [1]
    assert not [tile for tile in first.get("/admin/").context["tiles"] if tile["icon"] == "approval"]
    assert other.get(page).status_code == 200
    assert other.post(page, {"decision": "approve", "answer": "同意"})["Location"] == address("waiting")
    assert other.get(page).status_code == 404
    assert "同意" in first.get(address("waiting")).content.decode()
    with acting("city_viewer@X"):
        assert access.may("view_members")


def test_page_refuses(login, world, second, acting):
    sent = form(world, role="city_viewer", username="district_viewer@D1", until="")
    login(FIRST).post(address("give", world.organization("X").pk), sent)
    login(SECOND).post(address("decide", sent["pk"]), {"decision": "refuse"})
    assert state_of(acting, sent["pk"]) == "refused"
    with acting("district_viewer@D1"):
        assert not access.may("view_aggregates", world.organization("X"))


@pytest.mark.parametrize(
    "changes",
    [{"until": ""}, {"until": soon(91).isoformat()}, {"reason": ""}, {"username": "district_viewer@D1"},
     {"who": "new", "username": "xin", "name": "新"}, {"username": "stranger"}, {"username": FIRST}],
)  # fmt: skip
def test_page_says_what_is_wrong(login, world, acting, changes):
    answer = login(FIRST).post(address("give", world.organization("X").pk), form(world, **changes))
    assert answer.status_code == 200
    with acting(FIRST):
        assert not reach.waiting()
    assert not grants.User.objects.filter(username="xin").exists()


def test_renewing_a_role_of_the_city_asks_again(login, world, second, acting, owner):
    with acting(FIRST):
        grant = OrganizationGrant.objects.get(user=world.user("city_viewer@X"))
    client, page = login(FIRST), address("renew", grant.pk)
    sent = {"pk": str(uuid.uuid4()), "until": soon().isoformat(), "reason": "续期"}
    sent["shown_version"] = client.get(page).context["form"]["shown_version"].value()
    assert client.post(page, sent)["Location"] == address("waiting")
    with acting(FIRST):
        assert OrganizationGrant.objects.get(pk=grant.pk).until is None
    decide(acting, sent["pk"])
    with acting(FIRST):
        assert OrganizationGrant.objects.get(pk=grant.pk).until == soon()


@pytest.mark.parametrize("name", ["district_admin@D1", "street_admin@S11"])
def test_requests_of_the_city_are_absent_below_it(login, world, second, acting, name):
    asked = ask(acting, world)
    client = login(name)
    assert "督查" not in client.get(address("waiting")).content.decode()
    assert client.get(address("decide", asked)).status_code == 404
    assert client.post(address("decide", asked), {"decision": "approve"}).status_code == 404
    assert state_of(acting, asked) == "waiting"


@pytest.mark.parametrize("name", ["city_viewer@X", "street_clerk@S11", "auditor@S11", "operator@X"])
def test_requests_do_not_exist_for_others(login, world, second, acting, name):
    asked = ask(acting, world)
    assert login(name).get(address("waiting")).status_code == 404
    assert login(name).get(address("decide", asked)).status_code == 404
    with acting(name):
        assert not GrantRequest.objects.exists()


# --- end dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (1, True)])
def test_role_is_worth_something_up_to_its_last_day(login, acting, world, days, allowed):
    clerk = login("community_clerk@C111")
    with acting("street_admin@S11"):
        grants.grant_role(
            user=world.user("community_clerk@C111"), role=Role.COMMUNITY_CLERK,
            organization=world.organization("C111"), until=soon(days), reason="x",
        )  # fmt: skip
    assert clerk.get("/admin/members/member/").status_code == (200 if allowed else 302)
    with acting("street_admin@S11"):
        assert {g.user.username for g in reach.ending_soon()} == ({"community_clerk@C111"} if allowed else set())
        assert {u.username for u in reach.without_role()} - {"expired"} == (
            set() if allowed else {"community_clerk@C111"}
        )


def test_operator_whose_role_has_ended_sees_no_technical_pages(login, world):
    operator = world.user("operator@X")
    assert login("operator@X").get("/admin/status/").status_code == 200
    with access.acting_as(access.system_actor(Purpose.SETUP, world.organization("X"))):
        grants.grant_role(
            user=operator, role=Role.OPERATOR, organization=world.organization("X"), until=soon(-1), reason="x"
        )
        grants.grant_role(user=operator, role=Role.CITY_VIEWER, organization=world.organization("X"), reason="x")
    assert login("operator@X").get("/admin/status/").status_code == 404
