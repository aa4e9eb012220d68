"""Accounts and roles on the staff pages: given, renewed and ended inside the own street only; passwords, leaving."""

import datetime as dt
import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.models import LiaisonAssignment
from portal import access, grants
from portal.administration import reach, services
from portal.models import AuditEntry, OrganizationGrant, User
from portal.roles import Role

ADMIN = "street_admin@S11"


def address(name, *args):
    return reverse(f"administration:{name}", args=args)


def grant_of(owner, name):
    return owner.execute(
        "select g.id from portal_organizationgrant g join portal_user u on u.id = g.user_id where u.username = %s",
        [name],
    ).fetchone()[0]


def new_person(**changes):
    return {
        "pk": str(uuid.uuid4()), "role": "community_clerk", "who": "new", "username": "xin", "name": "新来的",
        "email": "", "until": "", "reason": "新入职",
    } | changes  # fmt: skip


@pytest.fixture
def admin(login):
    return login(ADMIN)


# --- giving ----------------------------------------------------------------------------------------------------------


def test_new_account_gets_a_one_time_password_that_is_shown_once(admin, world, client):
    response = admin.post(address("give", world.organization("C111").pk), new_person())
    password = re.search(r'class="one-time">([^<]+)<', response.content.decode())[1]
    user = User.objects.get(username="xin")
    assert user.check_password(password)
    assert user.must_change_password
    assert password not in admin.get(address("account", user.pk)).content.decode()
    assert "no-store" in response["Cache-Control"]
    with access.acting_as(access.user_actor(user)):
        assert access.may("change_members", world.organization("C111"))
        assert not access.may("change_members", world.organization("C112"))


def test_form_sent_twice_makes_one_account(admin, world):
    form = new_person()
    page = address("give", world.organization("C111").pk)
    admin.post(page, form)
    second = admin.post(page, form)
    assert second["Location"] == address("account", form["pk"])
    assert User.objects.filter(username="xin").count() == 1


def test_taken_user_name_makes_nothing_and_names_nobody(admin, world):
    response = admin.post(address("give", world.organization("C111").pk), new_person(username="street_clerk@S21"))
    assert response.status_code == 200
    assert "账号S21" not in response.content.decode()
    assert User.objects.filter(name="新来的").count() == 0


def test_known_account_gets_a_role_with_end_and_reason(admin, world, acting):
    day = timezone.localdate() + dt.timedelta(days=10)
    form = new_person(who="known", username="community_clerk@C112", until=day.isoformat())
    page = address("give", world.organization("C111").pk)
    for _twice in range(2):
        assert admin.post(page, form)["Location"] == address("node", world.organization("C111").pk)
    with acting(ADMIN):
        grant = OrganizationGrant.objects.get(
            user=world.user("community_clerk@C112"), content_object=world.organization("C111")
        )
        assert (grant.until, grant.reason, grant.granted_by) == (day, "新入职", world.user(ADMIN))
    text = admin.get(address("node", world.organization("C111").pk)).content.decode()
    assert day.isoformat() in text
    assert "账号C112community_clerk" in text


def test_role_that_is_held_already_is_renewed_on_its_own_page_alone(admin, world, acting, owner):
    """Given once more it would move the end of a colleague's role without a word; renewed it is written down so."""
    node, name = world.organization("C111").pk, "community_clerk@C111"
    response = admin.post(address("give", node), new_person(who="known", username=name, role="community_clerk"))
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    with acting(ADMIN):
        grant = OrganizationGrant.objects.get(user=world.user(name), content_object=node)
        assert (grant.until, grant.reason) == (None, "")
        assert not AuditEntry.objects.filter(object_id=world.user(name).pk).exists()
    day = timezone.localdate() + dt.timedelta(days=5)
    sent = {"until": day.isoformat(), "reason": "借调", "shown_version": _version(admin, address("renew", grant.pk))}
    assert admin.post(address("renew", grant.pk), sent).status_code == 302
    with acting(ADMIN):
        assert OrganizationGrant.objects.get(pk=grant.pk).until == day
        assert [entry.action for entry in AuditEntry.objects.filter(object_id=world.user(name).pk)] == ["renew_role"]


def _version(admin, page):
    shown = admin.get(page).context
    return shown["form"]["shown_version"].value() if "form" in shown else shown["hidden"]["shown_version"]


def _post(admin, page, **sent):
    """What the browser sends: with the version that the page carries."""
    return admin.post(page, sent | {"shown_version": _version(admin, page)})


@pytest.mark.parametrize("name", ["street_clerk@S21", "stranger", "nobody", "inactive"])
def test_account_out_of_reach_or_switched_off_is_not_taken(admin, world, name):
    form = new_person(who="known", username=name)
    response = admin.post(address("give", world.organization("C111").pk), form)
    assert response.status_code == 200
    assert "账号S21" not in response.content.decode()


def test_account_out_of_reach_reads_like_an_absent_one(admin, world):
    page = address("give", world.organization("C111").pk)
    foreign, absent = (
        admin.post(page, new_person(who="known", username=name)).content.decode().replace(name, "")
        for name in ("street_clerk@S21", "absentclerk@S21")
    )
    hide = re.compile(r'value="[0-9a-zA-Z-]{32,64}"|nonce="[^"]*"')
    assert hide.sub("", foreign) == hide.sub("", absent)


@pytest.mark.parametrize(
    ("actor", "key", "roles"),
    [
        (ADMIN, "S11", {"street_admin", "street_clerk", "liaison", "visitor", "auditor"}),
        (ADMIN, "C111", {"community_clerk", "liaison", "visitor", "auditor"}),
        (ADMIN, "B111", {"branch_secretary", "liaison", "visitor", "auditor"}),
        (ADMIN, "D1", set()),
        (ADMIN, "S12", set()),
        ("district_admin@D1", "D1", {"district_admin", "district_viewer", "drill_down"}),
        ("district_admin@D1", "S11", {"liaison", "visitor"}),
        ("city_admin@X", "D1", {"district_viewer", "drill_down"}),
        ("city_admin@X", "X", {"city_admin", "city_viewer", "drill_down"}),
        ("street_clerk@S11", "S11", set()),
    ],
)
def test_only_roles_that_one_holds_are_offered(acting, world, actor, key, roles):
    with acting(actor):
        held = set(reach.roles_to_give(world.organization(key)))
    assert held == roles


@pytest.mark.parametrize(
    ("actor", "key", "role", "status"),
    [(ADMIN, "C111", "street_admin", 200), (ADMIN, "C111", "operator", 200), (ADMIN, "S12", "liaison", 404),
     (ADMIN, "D1", "liaison", 404), ("district_admin@D1", "S11", "street_clerk", 200),
     ("city_admin@X", "X", "city_viewer", 200), ("city_admin@X", "X", "auditor", 200),
     ("street_clerk@S11", "C111", "liaison", 404)],
)  # fmt: skip
def test_forged_role_or_place_is_refused(login, world, owner, actor, key, role, status):
    before = owner.execute("select count(*) from portal_organizationgrant").fetchone()
    response = login(actor).post(address("give", world.organization(key).pk), new_person(role=role))
    assert response.status_code == status
    assert owner.execute("select count(*) from portal_organizationgrant").fetchone() == before
    assert not User.objects.filter(username="xin").exists()


def test_nobody_gives_to_themselves_or_renews_the_own_role(admin, world, owner):
    form = new_person(who="known", username=ADMIN)
    assert admin.post(address("give", world.organization("C111").pk), form).status_code == 200
    own = grant_of(owner, ADMIN)
    assert admin.post(address("renew", own), {"reason": "x"}).status_code == 403
    assert _post(admin, address("end", own)).status_code == 403
    with access.acting_as(access.user_actor(world.user(ADMIN))):
        assert OrganizationGrant.objects.filter(user=world.user(ADMIN)).count() == 1


def test_day_that_is_over_is_refused(admin, world):
    response = admin.post(address("give", world.organization("C111").pk), new_person(until="2020-01-01"))
    assert response.status_code == 200
    assert not User.objects.filter(username="xin").exists()


# --- ending ----------------------------------------------------------------------------------------------------------


def test_ended_role_is_gone_at_the_next_request(admin, login, owner, acting):
    clerk = login("community_clerk@C111")
    assert clerk.get("/admin/members/member/").status_code == 200
    grant = grant_of(owner, "community_clerk@C111")
    for _twice in range(2):
        assert _post(admin, address("end", grant)).status_code == 302
    assert clerk.get("/admin/members/member/").status_code == 302  # the login page: no role left
    with acting(ADMIN):
        assert OrganizationGrant.objects.get(pk=grant).until == timezone.localdate() - dt.timedelta(days=1)
        assert AuditEntry.objects.filter(action="end_grant").count() == 1


def test_role_that_runs_out_is_gone_at_the_next_request(admin, login, owner, acting, world):
    clerk, today = login("community_clerk@C111"), timezone.localdate()
    grant = grant_of(owner, "community_clerk@C111")
    _post(admin, address("renew", grant), until=today.isoformat(), reason="最后一天")
    assert clerk.get("/admin/members/member/").status_code == 200
    with acting(ADMIN):  # the day after
        grants.grant_role(
            user=world.user("community_clerk@C111"), role=Role.COMMUNITY_CLERK,
            organization=world.organization("C111"), until=today - dt.timedelta(days=1),
        )  # fmt: skip
    assert clerk.get("/admin/members/member/").status_code == 302
    _post(admin, address("renew", grant), until="", reason="续期")
    assert clerk.get("/admin/members/member/").status_code == 200


@pytest.mark.parametrize("page", ["renew", "end"])
@pytest.mark.parametrize("name", ["street_clerk@S12", "street_clerk@S21", "district_admin@D1", "city_admin@X"])
def test_roles_outside_are_absent(admin, owner, page, name):
    grant = grant_of(owner, name)
    for answer in (admin.get, admin.post):
        assert answer(address(page, grant)).status_code == 404
    assert owner.execute("select until from portal_organizationgrant where id = %s", [grant]).fetchone() == (None,)


def test_database_refuses_what_a_screen_forgets(acting, owner, world):
    foreign, account = grant_of(owner, "street_clerk@S21"), world.user("street_clerk@S21").pk
    statements = [
        ("end_grant(%s)", [foreign]),
        ("reset_account(%s, 'x')", [account]),
        ("set_account_active(%s, false)", [account]),
        ("end_staff(%s)", [account]),
        ("people_below(%s)", [world.organization("S21").pk]),
        ("person_left(%s)", [account]),
        ("person_works_for(%s)", [account]),
        ("members_below(%s)", [world.organization("S21").pk]),
    ]
    for actor in (ADMIN, "street_clerk@S21", "operator@X"):
        with acting(actor), connection.cursor() as cursor:
            for call, values in statements:
                with pytest.raises(DatabaseError, match=r"_refused|permission denied"), transaction.atomic():
                    cursor.execute(f"select portal.{call}", values)


# --- the life of an account ------------------------------------------------------------------------------------------


def test_reset_password_ends_the_session_and_must_be_changed(admin, login, world, client):
    clerk = login("street_clerk@S11")
    assert clerk.get("/admin/").status_code == 200
    response = admin.post(address("reset_password", world.user("street_clerk@S11").pk))
    password = re.search(r'class="one-time">([^<]+)<', response.content.decode())[1]
    assert clerk.get("/admin/").status_code == 302
    client.post("/admin/login/", {"username": "street_clerk@S11", "password": password})
    assert client.get("/admin/")["Location"] == "/admin/password_change/"


def test_switched_off_account_is_out_at_the_next_request_and_can_come_back(admin, login, world):
    clerk, pk = login("street_clerk@S11"), world.user("street_clerk@S11").pk
    assert admin.post(address("switch", pk), {"wanted": "no"}).status_code == 302
    assert clerk.get("/admin/").status_code == 302
    admin.post(address("switch", pk), {"wanted": "no"})  # sent twice: still off
    assert not User.objects.get(pk=pk).is_active
    admin.post(address("switch", pk), {"wanted": "yes"})
    assert User.objects.get(pk=pk).is_active


def test_leaving_ends_session_roles_and_assignments(admin, login, world, acting):
    liaison, pk = login("liaison@C111"), world.user("liaison@C111").pk
    assert liaison.get("/admin/contacts/contactobligation/").status_code == 200
    with acting(ADMIN):
        assert LiaisonAssignment.objects.filter(liaison__user=pk, ended_on=None).count() == 1
    assert admin.post(address("leave", pk))["Location"] == address("account", pk)
    assert liaison.get("/admin/contacts/contactobligation/").status_code == 302
    user = User.objects.get(pk=pk)
    assert not user.is_active
    assert not user.has_usable_password()
    with acting(ADMIN):
        assert not LiaisonAssignment.objects.filter(liaison__user=pk, ended_on=None).exists()
        assert LiaisonAssignment.objects.filter(liaison__user=pk, ended_on=timezone.localdate()).count() == 1
        assert not reach.grants().filter(reach.in_force(), user=pk).exists()
        assert AuditEntry.objects.get(action="person_left").detail == {"assignments": 1, "closed": True}
    with acting("street_clerk@S12"):
        assert LiaisonAssignment.objects.filter(ended_on=None).count() == 2  # the others' stay


def give_elsewhere(owner, name, key_code):
    owner.execute(
        "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at, reason)"
        " select gen_random_uuid(), u.id, p.id, o.id, now(), '' from portal_user u, auth_permission p,"
        " portal_organization o where u.username = %s and p.codename = 'role_street_clerk' and o.code = %s",
        [name, key_code],
    )


@pytest.mark.django_db(transaction=True)
def test_account_in_use_elsewhere_keeps_its_password_and_its_other_roles(admin, world, owner, acting):
    give_elsewhere(owner, "community_clerk@C111", world.organization("S21").code)
    user = world.user("community_clerk@C111")
    for page, form in (("reset_password", {}), ("switch", {"wanted": "no"})):
        assert "office-refusal" in admin.get(address(page, user.pk)).content.decode()
        assert admin.post(address(page, user.pk), form).status_code == 403
    assert "样例S21" not in admin.get(address("account", user.pk)).content.decode()
    admin.post(address("leave", user.pk))
    user.refresh_from_db()
    assert user.is_active
    assert user.check_password("demo-password-1")
    with access.acting_as(access.user_actor(user)):
        assert access.may("change_members", world.organization("S21"))
        assert not access.may("change_members", world.organization("C111"))


def test_nobody_takes_an_account_that_may_do_more(login, world):
    """A district administrator who set a clerk's password could change members as the clerk."""
    district, clerk = login("district_admin@D1"), world.user("street_clerk@S11").pk
    assert district.post(address("reset_password", clerk)).status_code == 403
    assert district.post(address("switch", clerk), {"wanted": "no"}).status_code == 302


@pytest.mark.parametrize("page", ["account", "reset_password", "switch", "leave"])
@pytest.mark.parametrize("name", ["street_clerk@S12", "liaison@C121", "district_admin@D1", "stranger"])
def test_accounts_outside_are_absent(admin, world, page, name):
    for answer in (admin.get, admin.post):
        assert answer(address(page, world.user(name).pk)).status_code == 404
    user = User.objects.get(username=name)
    assert user.is_active
    assert user.check_password("demo-password-1")


@pytest.mark.parametrize("page", ["reset_password", "switch", "leave"])
def test_own_account_is_left_to_others(admin, world, page):
    pk = world.user(ADMIN).pk
    assert "office-refusal" in admin.get(address(page, pk)).content.decode()
    assert admin.post(address(page, pk), {"wanted": "no"}).status_code == 403
    assert admin.get("/admin/").status_code == 200


# --- lists -----------------------------------------------------------------------------------------------------------


def test_list_shows_the_own_street_only(admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(21):  # two for the head: messages not read, the street's drawing
        text = admin.get(address("accounts")).content.decode()
    assert "账号S11street_clerk" in text
    assert "账号C111liaison" in text
    for foreign in ("账号S12", "账号S21", "账号C121", "账号D1", "账号X", "stranger"):
        assert foreign not in text


def test_search_keeps_the_name_out_of_the_address(admin):
    response = admin.post(address("accounts"), {"q": "账号C111"})
    assert "C111" not in response["Location"]
    text = admin.get(response["Location"]).content.decode()
    assert "账号C111liaison" in text
    assert "账号S11street_clerk" not in text


def test_reports_name_what_needs_a_look_and_nobody_else(admin, owner, world, acting):
    soon = timezone.localdate() + dt.timedelta(days=30)
    _post(admin, address("renew", grant_of(owner, "visitor@C111")), until=soon.isoformat(), reason="到期")
    _post(admin, address("end", grant_of(owner, "community_clerk@C112")))
    with acting(ADMIN):
        assert [grant.user.username for grant in reach.ending_soon()] == ["visitor@C111"]
        assert [user.username for user in reach.without_role()] == ["community_clerk@C112", "expired"]
        assert [grant.user.username for grant in reach.of_closed_accounts()] == ["inactive"]
    with acting("street_admin@S12"):
        assert not reach.ending_soon()
        assert not reach.without_role()
        assert not reach.of_closed_accounts()
    text = admin.get(address("reports")).content.decode()
    assert soon.isoformat() in text
    assert "S12" not in text


def test_service_refuses_a_role_that_is_not_ones_own(acting, world):
    with acting("district_admin@D1"), pytest.raises(PermissionDenied):
        services.give_role(
            world.user("visitor@C111"), world.organization("C111"), role=Role.COMMUNITY_CLERK, until=None, reason="x"
        )
