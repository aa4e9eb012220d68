"""Members' phones: whom a secret stands for, and how that ends."""

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import override_settings

from checkin import devices
from checkin.models import MemberDevice
from portal import access
from portal.models import AuditEntry
from tests.security.walls import ask, is_refused
from tests.world import World, canary, device_secret

OWN = device_secret("C111")


def _request(**cookies: str) -> HttpRequest:
    request = HttpRequest()
    request.COOKIES = {name.replace("_", "-"): value for name, value in cookies.items()}
    return request


def test_cookie_is_the_phones_alone(db: None) -> None:
    response = HttpResponse()
    secret = devices.leave(response)
    cookie = response.cookies["member-device"]
    assert (len(secret), cookie["httponly"], cookie["samesite"]) == (devices.SECRET_LENGTH, True, "Lax")
    assert devices.leave(HttpResponse()) != secret
    assert devices.secret_of(_request(member_device=secret)) == secret
    assert [devices.secret_of(_request(**found)) for found in ({}, {"member_device": "x"}, {"sessionid": secret})] == [
        "",
        "",
        "",
    ]
    assert devices.digest("") is None


@override_settings(IS_HTTPS=True)
def test_cookie_behind_https_is_of_this_host(db: None) -> None:
    response = HttpResponse()
    devices.leave(response)
    cookie = response.cookies["__Host-member-device"]
    assert (bool(cookie["secure"]), cookie["path"], cookie["domain"]) == (True, "/", "")


def test_phone_stands_for_its_people_only(world: World, owner: psycopg.Connection) -> None:
    assert [person.name for person in devices.people(devices.digest(OWN))] == [canary("C111")]
    assert devices.people(devices.digest(OWN[:-1] + "x")) == []
    assert devices.people(None) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        "update checkin_memberdevice set revoked_at = now()",
        "update checkin_memberdevice set last_used_on = current_date - 366",
        "update members_member set state = 'left'",
    ],
)
def test_phone_revoked_unused_or_of_somebody_who_left_is_nobodys(
    change: str, world: World, owner: psycopg.Connection
) -> None:
    (person,) = devices.people(devices.digest(OWN))
    owner.execute(change)  # type: ignore[call-overload]
    assert devices.people(devices.digest(OWN)) == []
    with access.acting_as(access.device_actor(person.device_id)):
        assert ask("select portal.acting_member()") is None


@pytest.mark.django_db(transaction=True)
def test_phone_notes_the_day_of_its_use(world: World, owner: psycopg.Connection) -> None:
    owner.execute("update checkin_memberdevice set last_used_on = current_date - 30")
    (person,) = devices.people(devices.digest(OWN))
    used = dict(owner.execute("select id, last_used_on >= current_date - 1 from checkin_memberdevice").fetchall())
    assert used.pop(person.device_id) is True
    assert set(used.values()) == {False}


def test_phone_as_an_actor_names_its_member_and_reaches_nothing(world: World, owner: psycopg.Connection) -> None:
    (person,) = devices.people(devices.digest(OWN))
    with access.acting_as(access.device_actor(person.device_id)):
        assert ask("select portal.acting_member()") == person.member_id
        assert ask("select count(*) from portal.held_rights()") == 0
        assert ask("select count(*) from members_member") == ask("select count(*) from checkin_memberdevice") == 0
    with access.acting_as(access.device_actor(uuid.uuid4())):
        assert ask("select portal.acting_member()") is None


def test_phone_gives_its_person_up_and_no_other(world: World, owner: psycopg.Connection) -> None:
    (person,) = devices.people(devices.digest(OWN))
    (other,) = devices.people(devices.digest(device_secret("C112")))
    devices.forget(devices.digest(OWN) or b"", other.device_id)
    assert devices.people(devices.digest(device_secret("C112"))) == [other]
    devices.forget(devices.digest(OWN) or b"", person.device_id)
    assert devices.people(devices.digest(OWN)) == []


def test_office_of_the_member_revokes_a_phone(acting: Callable[[str], Any], world: World) -> None:
    with acting("community_clerk@C111") as by:
        device = MemberDevice.objects.visible_to(by).select_related("member__organization").get()
        devices.revoke(device=device, by=by)
        devices.revoke(device=device, by=by)
        assert devices.people(devices.digest(OWN)) == []
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="member_device_revoked", object_id=device.member_id).count() == 1
    with acting("street_clerk@S12") as by, pytest.raises(PermissionDenied):
        devices.revoke(device=device, by=by)


def test_phone_is_not_made_by_hand(acting: Callable[[str], Any], world: World) -> None:
    with acting("community_clerk@C111"):
        assert is_refused("update checkin_memberdevice set device_digest = 'x'")
        assert is_refused("delete from checkin_memberdevice")
        assert is_refused("select portal.add_device('x', gen_random_uuid(), gen_random_uuid())")
