"""Two people who set up one robot: the second reads what the first one changed, and never the address."""

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from contacts.models import ChannelAccount
from portal.changes import history_of
from tests.contacts.conftest import shown_version
from tests.contacts.robots import Robot

CLERK, OWN = "street_clerk@S11", "community_clerk@C111"
pytestmark = pytest.mark.django_db


@pytest.fixture
def account(robot: Robot, acting: Any, make_account: Any) -> ChannelAccount:
    with acting(OWN):
        made: ChannelAccount = make_account(robot.address("geheim-1"))
    return made


def test_second_saver_of_a_robot_reads_what_the_first_one_saved(
    account: ChannelAccount, robot: Robot, login: Any, acting: Any, world: Any
) -> None:
    first, second = login(CLERK), login(OWN)
    change = reverse("admin:contacts_channelaccount_change", args=[account.pk])
    former = shown_version(second, change)
    form = {"organization": str(account.organization_id), "is_active": "on"}
    now = {"shown_version": shown_version(first, change)}
    new = form | now | {"name": "新群名", "new_webhook": robot.address("geheim-2")}
    assert first.post(change, new).status_code == 302
    answer = second.post(change, form | {"name": "旧的人写的", "shown_version": former})
    assert answer.status_code == 200
    told = " ".join(answer.context["adminform"].form.non_field_errors())
    assert "新群名" in told
    assert str(world.user(CLERK)) in told
    assert "geheim" not in answer.content.decode()
    with acting(OWN):
        account.refresh_from_db()
        assert (account.name, account.webhook) == ("新群名", robot.address("geheim-2"))
    again = form | {"name": "旧的人写的", "shown_version": answer.context["adminform"].form["shown_version"].value()}
    assert second.post(change, again).status_code == 302


def test_test_of_a_robot_is_no_change_of_it(account: ChannelAccount, login: Any, acting: Any) -> None:
    client = login(OWN)
    change = reverse("admin:contacts_channelaccount_change", args=[account.pk])
    before = shown_version(client, change)
    client.post(reverse("contacts:test_robot", args=[account.pk]))
    with acting(OWN):
        account.refresh_from_db()
        assert account.tested_at is not None
    assert shown_version(client, change) == before


def test_history_of_a_robot_holds_no_address_and_is_for_the_own_office(account: ChannelAccount, acting: Any) -> None:
    count = {}
    for who in (OWN, "community_clerk@C112", "liaison@C111", "branch_secretary@B111", "city_viewer@X"):
        with acting(who), connection.cursor() as cursor:
            cursor.execute("select string_agg(e::text, ' '), count(*) from contacts_channelaccountevent e"
                           " where pgh_obj_id = %s", [account.pk])  # fmt: skip
            text, count[who] = cursor.fetchone()
            assert "geheim" not in (text or "")
    assert count == {OWN: 1} | dict.fromkeys([who for who in count if who != OWN], 0)
    columns = {field.name for field in history_of(ChannelAccount)._meta.fields}
    assert "webhook_digest" in columns
    assert not columns & {"webhook_sealed", "data_key"}
