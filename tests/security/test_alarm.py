"""The alarm: scoped data asked for without a genuine actor gives no rows and one line of the log; nothing else does."""

import hashlib
import hmac
import logging
import time
import uuid
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from checkin.codes import make_code
from members.models import Member
from portal import access, alarm, keys
from portal.middleware import ActorMiddleware
from tests.security.canaries import keys_by_table

CLERK = "street_clerk@S11"
TABLES = ("members_member", "members_placement", "members_memberevent", "members_movement", "contacts_contactlog",
          "contacts_contactpolicy", "contacts_liaison", "contacts_outboundmessage", "checkin_reportin",
          "checkin_checkinpoint", "activities_activity", "activities_attendance", "members_ledgerimport",
          "portal_auditentry", "portal_organizationgrant", "portal_worklink")  # fmt: skip


@pytest.fixture
def alarms(caplog: Any) -> Any:
    """What was written so far: call it. Starts without a memory of earlier tests."""
    alarm._written.clear()
    caplog.set_level(logging.WARNING, logger="portal.alarm")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "portal.alarm"]


def token(kind: str, who: str, *, pid: int | None = None, expiry: float = 3600, key: bytes | None = None) -> str:
    if pid is None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            pid = cursor.fetchone()[0]
    message = f"{kind}.{who}.{pid}.{int(time.time() + expiry)}"
    return f"{message}.{hmac.digest(key or keys.load().actor, message.encode(), hashlib.sha256).hex()}"


def as_actor(text: str) -> int:
    """Members that a query with this setting finds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('portal.actor', %s, true)", [text])
        return Member.objects.count()


def test_genuine_actor_raises_no_alarm(world: Any, alarms: Any) -> None:
    assert as_actor(token("user", str(world.user(CLERK).pk))) == 2
    assert alarms() == []


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("unset", lambda who: ""),
        ("forged", lambda who: token("user", who, key=b"another key")),
        ("forged", lambda who: token("user", who).replace("user.", "system.", 1)),
        ("forged", lambda who: token("user", who, expiry=-10, key=b"another key")),
        ("unknown_kind", lambda who: token("robot", who)),
        ("other_session", lambda who: token("user", who, pid=1)),
        ("expired", lambda who: token("user", who, expiry=-10)),
        ("malformed", lambda who: "user"),
        ("malformed", lambda who: f"user.{who}.1.x.ab"),
    ],
)
def test_actor_that_is_not_genuine_finds_nothing_and_is_reported(world: Any, alarms: Any, kind: str, make: Any) -> None:
    who = str(world.user(CLERK).pk)
    assert as_actor(make(who)) == 0
    (line,) = alarms()
    assert f": {kind}, at tests/security/test_alarm.py:" in line
    assert who not in line


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES)
def test_every_scoped_table_reports(world: Any, alarms: Any, owner: Any, table: str) -> None:
    if not owner.execute(f"select 1 from {table} limit 1").fetchone():  # noqa: S608
        owner.execute(
            "insert into contacts_contactpolicy (id, organization_id, target_days, limit_days, go_live_on)"
            " values (gen_random_uuid(), %s, 90, 120, '2026-01-01')",
            [world.organization("C111").pk],
        )
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {table}")  # noqa: S608
        assert cursor.fetchall() == []
    assert len(alarms()) == 1


def test_write_without_an_actor_reports(world: Any, alarms: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update members_member set name = 'x'")
        assert cursor.rowcount == 0
    assert len(alarms()) == 1


def test_alarm_is_written_once_a_minute_for_each_place(world: Any, alarms: Any) -> None:
    def ask() -> None:
        Member.objects.count()

    for _again in range(5):
        ask()
    Member.objects.count()  # another line of code
    assert len(alarms()) == 2
    assert all("(0 more before)" in line for line in alarms())
    alarm._written.update({at: (since - alarm.QUIET_SECONDS, more) for at, (since, more) in alarm._written.items()})
    ask()
    (first, _other, later) = alarms()
    assert later.partition(" (")[0] == first.partition(" (")[0]
    assert "(0 more before)" not in later


def test_owner_works_without_an_actor(world: Any, owner: Any, alarms: Any) -> None:
    assert owner.execute("select portal.actor()").fetchone() == (None,)
    notices: list[Any] = []
    owner.add_notice_handler(notices.append)
    owner.execute("select count(*) from portal.held_rights()")
    assert notices == []
    assert connections["owner"].settings_dict["USER"] != connection.settings_dict["USER"]


# --- pages -----------------------------------------------------------------------------------------------------------


def _forgetful(request: Any) -> HttpResponse:
    return HttpResponse(f"{Member.objects.count()} members")


def test_page_that_forgets_the_actor_is_an_error_and_no_empty_list(world: Any, alarms: Any) -> None:
    request = RequestFactory().get("/admin/somewhere/")
    with pytest.raises(access.NoActor):
        ActorMiddleware(_forgetful)(request)
    assert len(alarms()) == 1


def test_public_page_that_forgets_the_actor_is_an_error(world: Any, alarms: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.security.forgetful_urls"
    answered = Client(raise_request_exception=False).get("/c/forgetful")
    assert answered.status_code == 500
    assert "0 members" not in answered.content.decode()
    assert len(alarms()) == 1


def test_screen_without_an_actor_is_no_empty_list(world: Any) -> None:
    from django.contrib import admin

    with pytest.raises(access.NoActor):
        admin.site._registry[Member].get_queryset(RequestFactory().get("/admin/members/member/"))


@pytest.mark.django_db(transaction=True)
def test_ordinary_requests_raise_no_alarm(world: Any, login: Any, alarms: Any, owner: Any) -> None:
    ids = keys_by_table(owner)
    pages = ["/admin/", "/admin/members/member/", "/admin/contacts/contactobligation/", "/admin/contacts/liaison/",
             "/admin/activities/activity/", "/admin/checkin/reportin/", "/admin/checkin/checkinpoint/",
             "/admin/organizations/", "/admin/staff/", "/admin/no-such-page", "/admin/members/member/add/",
             f"/admin/members/member/{ids['members_member']['C111']}/card/", "/admin/logout/"]  # fmt: skip
    for who in (CLERK, "community_clerk@C111", "district_admin@D1", "liaison@C111", "stranger", "operator@X"):
        client = login(who)
        for path in pages:
            client.get(path)
        client.post("/admin/logout/")
    nobody = Client()
    code = make_code(uuid.UUID(ids["checkin_checkincode"]["C111"]))
    for path in ("/", "/healthz", "/readyz", "/admin/", "/admin/login/", f"/c/{code}", "/c/wrong", "/w/wrong/",
                 "/static/none.css", *pages):  # fmt: skip
        nobody.get(path)
    nobody.post(f"/c/{code}", {"name": "张三", "mobile": "13800000000", "consent": "on",
                               "client_key": "00000000-0000-4000-8000-000000000001"})  # fmt: skip
    nobody.post("/admin/login/", {"username": CLERK, "password": "wrong"})
    landed = nobody.post("/admin/login/", {"username": CLERK, "password": "demo-password-1"})
    assert landed.status_code == 302
    assert landed["Location"].startswith(reverse("admin:index"))
    assert alarms() == []
