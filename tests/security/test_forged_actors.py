"""Actors that nobody signed, or that were signed for something else, see and write nothing: users, links, purposes."""

import hashlib
import hmac
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from portal import access, keys
from portal.roles import Purpose
from tests.security.walls import ask, count

KINDS = ("user", "link", "system")
pytestmark = pytest.mark.django_db(transaction=True)


def signed(message: str) -> str:
    """What nobody but the portal can make: the true key, for texts that the portal would never sign."""
    return f"{message}.{hmac.digest(keys.load().actor, message.encode(), hashlib.sha256).hex()}"


@pytest.fixture(params=KINDS)
def actor(request: Any, world: Any, owner: psycopg.Connection) -> access.Actor:
    """One of each kind that really reaches members."""
    if request.param == "user":
        return access.user_actor(world.user("street_clerk@S11"))
    if request.param == "system":
        return access.system_actor(Purpose.DEMO, world.organization("S11"))
    link = owner.execute("update portal_worklink set device_digest = 'x' where organization_id = %s returning id",
                         [world.organization("C111").pk]).fetchone()  # fmt: skip
    assert link is not None
    return access.link_actor(link[0])


@pytest.fixture
def token(actor: access.Actor) -> Callable[[], list[str]]:
    """The five parts of a true token of this connection."""

    def parts() -> list[str]:
        head, mac = access._announce(actor).token.rsplit(".", 1)
        head, expiry = head.rsplit(".", 1)
        head, pid = head.rsplit(".", 1)
        kind, _dot, who = head.partition(".")
        return [kind, who, pid, expiry, mac]

    return parts


def _reached(text: str) -> tuple[Any, ...]:
    """Rows seen and written, and what the resolver says, with this text in the setting; a refusal counts as nothing."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                ask("select set_config('portal.actor', %s, true)", [text])
                found = (
                    count("select 1 from members_member"),
                    count("select 1 from contacts_contactlog"),
                    count("update members_member set ethnicity = 'x'"),
                    ask("select coalesce(array_length(portal.organization_ids('view_members'), 1), 0)"),
                    ask("select cardinality(portal.assigned_member_ids())"),
                )
        except (DatabaseError, ValueError):
            found = (0, 0, 0, 0, 0)
        transaction.set_rollback(True)
    return found


def _others(world: Any) -> dict[str, str]:
    return {
        "user": str(world.user("street_admin@S21").pk),
        "system": f"demo@{world.organization('X').pk}",
        "link": str(uuid.uuid4()),
    }


def _forgeries(parts: list[str], world: Any) -> dict[str, str]:
    kind, who, pid, expiry, mac = parts
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    indic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    other = _others(world)
    made = {
        "nothing but the id": f"{kind}.{who}",
        "no mac": f"{kind}.{who}.{pid}.{expiry}.",
        "mac of zeros": f"{kind}.{who}.{pid}.{expiry}.{'0' * 64}",
        "mac of another text": f"{kind}.{other[kind]}.{pid}.{expiry}.{mac}",
        "another process": f"{kind}.{who}.{int(pid) + 1}.{expiry}.{mac}",
        "longer life": f"{kind}.{who}.{pid}.{int(expiry) + 9999}.{mac}",
        "mac in capitals": f"{kind}.{who}.{pid}.{expiry}.{mac.upper()}",
        "mac cut short": f"{kind}.{who}.{pid}.{expiry}.{mac[:-1]}",
        "mac with more": f"{kind}.{who}.{pid}.{expiry}.{mac}0",
        "mac with a blank": f"{kind}.{who}.{pid}.{expiry}.{mac} ",
        "blank before": f" {kind}.{who}.{pid}.{expiry}.{mac}",
        "sixth part": f"{kind}.{who}.{pid}.{expiry}.{mac}.{mac}",
        "part before": f"x.{kind}.{who}.{pid}.{expiry}.{mac}",
        "dots doubled": f"{kind}..{who}.{pid}.{expiry}.{mac}",
        "kind in capitals": f"{kind.upper()}.{who}.{pid}.{expiry}.{mac}",
        "wide digits in the process": f"{kind}.{who}.{pid.translate(wide)}.{expiry}.{mac}",
        "array breakers": "{},{},{},{},{}",
        "null": "NULL",
        "long": f"{kind}." + "9" * 100_000,
        # signed with the true key, and still nothing
        "signed for another process": signed(f"{kind}.{who}.1.{expiry}"),
        "signed and expired": signed(f"{kind}.{who}.{pid}.1000000000"),
        "signed without expiry": signed(f"{kind}.{who}.{pid}."),
        "signed with a float": signed(f"{kind}.{who}.{pid}.9e99"),
        "signed with a sign": signed(f"{kind}.{who}.{pid}.-{expiry}"),
        "signed with wide digits": signed(f"{kind}.{who}.{pid}.{expiry.translate(wide)}"),
        "signed with Indic digits": signed(f"{kind}.{who}.{pid}.{expiry.translate(indic)}"),
        "signed process in wide digits": signed(f"{kind}.{who}.{pid.translate(wide)}.{expiry}"),
        "signed with thirteen digits": signed(f"{kind}.{who}.{pid}.9999999999999"),
        "signed with four parts": signed(f"{kind}.{who}.{pid}"),
        "signed with six parts": signed(f"{kind}.{who}.x.{pid}.{expiry}"),
        "signed unknown kind": signed(f"root.{who}.{pid}.{expiry}"),
        "signed kind in capitals": signed(f"{kind.upper()}.{who}.{pid}.{expiry}"),
        "signed empty id": signed(f"{kind}..{pid}.{expiry}"),
        "signed id that nobody has": signed(f"{kind}.{uuid.uuid4()}.{pid}.{expiry}"),
        "signed SQL in the id": signed(f"{kind}.{who}' or '1'='1.{pid}.{expiry}"),
        "signed SQL after the id": signed(f"{kind}.{who}'; select 1 --.{pid}.{expiry}"),
        "signed wildcard": signed(f"{kind}.%.{pid}.{expiry}"),
        "signed array": signed(f"{kind}.{{{who},{other[kind]}}}.{pid}.{expiry}"),
        "signed purpose that does not exist": signed(f"system.nothing@{world.organization('X').pk}.{pid}.{expiry}"),
        "signed purpose without a node": signed(f"system.reminders.{pid}.{expiry}"),
        "signed purpose on a node that is none": signed(f"system.reminders@{uuid.uuid4()}.{pid}.{expiry}"),
    }
    for name in KINDS:
        if name != kind:  # the same id and mac under another kind, and the same id signed as another kind
            made[f"as {name}"] = f"{name}.{who}.{pid}.{expiry}.{mac}"
            made[f"signed as {name}"] = signed(f"{name}.{who}.{pid}.{expiry}")
    return made


def test_forged_actor_sees_and_writes_nothing(token: Callable[[], list[str]], world: Any) -> None:
    parts = token()
    true_one = _reached(".".join(parts))
    assert true_one[0] > 0, "the true one reaches nobody: nothing could leak"
    forgeries = _forgeries(parts, world)
    wrong = {name: reached for name, text in forgeries.items() if (reached := _reached(text)) != (0, 0, 0, 0, 0)}
    assert wrong == {}
    assert _reached(".".join(parts)) == true_one


def test_every_changed_character_breaks_the_signature(token: Callable[[], list[str]]) -> None:
    text = ".".join(token())
    for at in range(0, len(text), 3):
        changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
        assert _reached(changed) == (0, 0, 0, 0, 0), changed


def test_token_of_one_connection_is_worth_nothing_on_another(token: Callable[[], list[str]]) -> None:
    text = ".".join(token())
    assert _reached(text)[0] > 0
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        before = cursor.fetchone()
    connections["default"].close()
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() != before
    assert _reached(text) == (0, 0, 0, 0, 0)


def test_signer_takes_no_part_that_would_shift_the_others(world: Any) -> None:
    """An id is a key of ours; one with dots in it makes a text of more parts, which the database refuses."""
    clerk = world.user("street_clerk@S11").pk
    for odd in (f"{clerk}.1.9999999999", f"x.{clerk}", "", "."):
        try:
            with access.acting_as(access.Actor("user", odd)):
                assert count("select 1 from members_member") == 0
        except DatabaseError:
            continue
