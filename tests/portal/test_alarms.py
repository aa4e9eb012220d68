"""The alarm in the log when a scope is asked for without an actor, or with a false one; and silence otherwise."""

import pytest
from django.db import connection, transaction
from django.test import Client

from members.models import Member
from portal import access
from tests.world import link_token

LOGGER = "portal.alarms"


def _set(token):
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.actor', %s, true)", [token])


def test_scope_without_an_actor_rings(db, world, caplog):
    assert Member.objects.count() == 0
    assert {record.message for record in caplog.records if record.name == LOGGER} == {
        "a scope was asked for while nobody acts"
    }


@pytest.mark.parametrize("token", ["user", "user.秘密.1.2.3", "{}", "user.00000000-0000-0000-0000-000000000000.1.9.x"])
def test_forged_actor_rings_without_an_echo(db, world, caplog, token):
    with transaction.atomic():
        _set(token)
        assert Member.objects.count() == 0
    messages = {record.message for record in caplog.records if record.name == LOGGER}
    assert messages == {"an actor was refused"}
    assert token not in caplog.text.replace("an actor was refused", "") or token == "user"


def test_work_in_a_scope_is_silent(transactional_db, world, login, caplog):
    assert login("street_clerk@S11").get("/admin/members/member/").status_code == 200
    assert Client().get("/admin/login/").status_code == 200
    assert Client().get("/admin/").status_code == 302
    assert Client().get(f"/w/{link_token('C111')}/").status_code == 200
    assert Client().get("/c/unknown").status_code == 404
    with access.acting_as(access.user_actor(world.user("inactive"))):
        assert Member.objects.count() == 0
    assert [record for record in caplog.records if record.name == LOGGER] == []
