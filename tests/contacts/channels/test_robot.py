"""The robot of a work group: one text per organization and day, never lost, doubled at most once and then marked."""

import datetime as dt
import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.urls import reverse

from contacts.channels import services
from contacts.channels.services import access_account, try_account
from contacts.channels.texts import GroupLetter, GroupLine, group_letter, group_text
from contacts.dead_letters import give_up, send_again, undelivered
from contacts.models import ChannelAccount, OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import log_contact
from members.models import Member
from portal import outgoing
from portal.database import url_for_database
from portal.models import AuditEntry
from tests import databases
from tests.contacts.channels.conftest import CLERK, DAY, OWN, TODAY
from tests.contacts.conftest import at, shown_version
from tests.contacts.robots import Robot
from tests.processes import PROJECT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(due: list[Member], robot: Robot, acting: Any, make_account: Any) -> ChannelAccount:
    with acting(OWN):
        made: ChannelAccount = make_account(robot.address("own"))
    return made


def rows(acting: Any) -> list[tuple[dt.date, str, str]]:
    with acting(CLERK):
        found = OutboundMessage.objects.filter(account__isnull=False).order_by("due_on")
        return list(found.values_list("due_on", "state", "reason"))


def keys(acting: Any) -> list[Any]:
    with acting(CLERK):
        return list(OutboundMessage.objects.filter(account__isnull=False).values_list("pk", flat=True))


def expire_leases(owner: Any) -> None:
    owner.execute("update contacts_digest set lease_until = now() - interval '1 second' where state = 'sending'")


def test_group_reads_liaisons_and_numbers_once_a_day(account: ChannelAccount, robot: Robot, acting: Any) -> None:
    counts = send_reminders(now=at(TODAY))
    assert (counts["planned"], counts["claimed"], counts["sent"]) == (4, 4, 4)  # three people, one text
    (text,) = robot.texts("own")
    assert "石评梅" in text
    assert "3" in text.splitlines()[0]
    for hidden in ("单田芳", "张三丰", "郭靖", "党", "example.invalid"):
        assert hidden not in text
    assert rows(acting) == [(TODAY, "sent", "")]
    assert len(mail.outbox) == 2  # the liaison, and the clerk for the one without
    assert send_reminders(now=at(TODAY, 15))["sent"] == 0
    assert send_reminders(now=at(TODAY + DAY))["sent"] == 0  # nobody new is due
    assert len(robot.taken) == 1


def test_office_above_hears_of_everybody_below_in_a_text_of_its_own(
    account: ChannelAccount, robot: Robot, acting: Any, make_account: Any
) -> None:
    with acting(CLERK):
        make_account(robot.address("street"), "S11")
    with acting("street_clerk@S12"):
        make_account(robot.address("foreign"), "S12")
    send_reminders(now=at(TODAY))
    assert [len(robot.texts(key)) for key in ("own", "street", "foreign")] == [1, 1, 0]
    assert "3" in robot.texts("street")[0].splitlines()[0]


@pytest.mark.parametrize(
    ("way", "state", "reason", "again"),
    [
        ({"code": 45009}, "retry", "refused", "sent"),  # too many in this minute
        ({"code": -1}, "retry", "refused", "sent"),
        ({"status": 500}, "retry", "refused", "sent"),
        ({"status": 429}, "retry", "refused", "sent"),
        ({"code": 93000}, "failed", "refused", "failed"),  # the robot was taken out of the group
        ({"status": 404}, "failed", "refused", "failed"),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example.com/"}}, "failed", "refused", "failed"),
        ({"status": 502}, "unsure", "interrupted", "sent"),
        ({"drop": True}, "unsure", "interrupted", "sent"),
        ({"wait": 2.0}, "unsure", "interrupted", "sent"),
        ({"body": b"<html>log in</html>"}, "unsure", "interrupted", "sent"),
        ({"body": b"[" * 9000}, "unsure", "interrupted", "sent"),
    ],
)  # fmt: skip
def test_answer_that_is_no_yes_is_no_success(
    account: ChannelAccount, robot: Robot, acting: Any, monkeypatch: pytest.MonkeyPatch,
    way: dict[str, Any], state: str, reason: str, again: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    good = {name: getattr(robot, name) for name in way}
    for name, value in way.items():
        setattr(robot, name, value)
    counts = send_reminders(now=at(TODAY))
    assert (counts[state], counts["sent"]) == (1, 3)  # the mails went out
    assert rows(acting) == [(TODAY, state, reason)]
    for name, value in good.items():
        setattr(robot, name, value)
    assert send_reminders(now=at(TODAY, 9, 1))["claimed"] == 0  # not at once
    send_reminders(now=at(TODAY, 9, 15))
    assert rows(acting)[0][1] == again
    texts = robot.texts("own")
    assert len(texts) == (1 if again == "failed" else 2)
    is_marked = "可能" in texts[-1] or "twice" in texts[-1]
    assert is_marked is (state == "unsure")
    assert send_reminders(now=at(TODAY, 20))["claimed"] == 0


def test_server_that_is_not_there_says_nothing_about_the_text(
    account: ChannelAccount, robot: Robot, acting: Any, settings: Any
) -> None:
    settings.ROBOT_CA_FILE = ""  # nobody there who could prove to be the robot
    assert send_reminders(now=at(TODAY))["retry"] == 1
    assert rows(acting) == [(TODAY, "retry", "not_reached")]
    settings.ROBOT_CA_FILE = str(robot.certificate)
    assert send_reminders(now=at(TODAY, 9, 15))["sent"] == 1
    assert len(robot.taken) == 1


def test_late_text_goes_out_with_the_next_day_and_is_true_then(
    account: ChannelAccount, robot: Robot, due: list[Member], acting: Any
) -> None:
    robot.status = 503
    send_reminders(now=at(TODAY))
    robot.status = 200
    with acting(CLERK) as actor:
        log_contact(member=due[0], by=actor)
    send_reminders(now=at(TODAY + DAY))
    assert rows(acting) == [(TODAY, "sent", "")]
    assert "2" in robot.texts()[-1].splitlines()[0]


def test_nothing_is_said_when_everybody_was_contacted_meanwhile(
    account: ChannelAccount, robot: Robot, due: list[Member], acting: Any
) -> None:
    robot.status = 503
    send_reminders(now=at(TODAY))
    robot.status = 200
    with acting(CLERK) as actor:
        for member in due:
            log_contact(member=member, by=actor)
    send_reminders(now=at(TODAY, 9, 15))
    assert len(robot.taken) == 1
    assert rows(acting) == [(TODAY, "cancelled", "not_due")]


def test_robot_that_is_switched_off_says_nothing_more(account: ChannelAccount, robot: Robot, acting: Any) -> None:
    robot.status = 503
    send_reminders(now=at(TODAY))
    robot.status = 200
    with acting(OWN):
        ChannelAccount.objects.update(is_active=False)
    send_reminders(now=at(TODAY, 9, 15))
    send_reminders(now=at(TODAY + DAY))
    assert len(robot.taken) == 1
    assert rows(acting) == [(TODAY, "cancelled", "not_due")]


def test_killed_worker_loses_nothing_and_doubles_one_marked_text(
    account: ChannelAccount, robot: Robot, acting: Any, owner: Any, settings: Any
) -> None:
    robot.go_on.clear()
    environment = os.environ | {
        "DATABASE_URL": url_for_database(os.environ["DATABASE_URL"], databases.clone_name()),
        "PORTAL_ROBOT_INNER_HOSTS": robot.place, "PORTAL_ROBOT_CA_FILE": str(robot.certificate),
    }  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "send_reminders", "--on", TODAY.isoformat()], cwd=PROJECT, env=environment
    )
    assert robot.got_one.wait(60)
    worker.kill()
    worker.wait()
    robot.go_on.set()
    assert rows(acting) == [(TODAY, "sending", "")]
    assert send_reminders(now=at(TODAY, 9, 1))["claimed"] == 0  # the lease still runs
    expire_leases(owner)
    assert send_reminders(now=at(TODAY, 9, 2))["unsure"] == 1
    assert send_reminders(now=at(TODAY, 9, 13))["sent"] == 1
    first, second = robot.texts("own")
    assert second.startswith(first)
    assert "可能" in second or "twice" in second
    assert rows(acting) == [(TODAY, "sent", "resent")]
    assert send_reminders(now=at(TODAY + DAY))["claimed"] == 0


def test_interrupted_twice_waits_for_a_person(account: ChannelAccount, robot: Robot, acting: Any) -> None:
    robot.drop = True
    send_reminders(now=at(TODAY))
    send_reminders(now=at(TODAY, 9, 11))
    assert rows(acting) == [(TODAY, "unsure", "twice")]
    robot.drop = False
    assert send_reminders(now=at(TODAY, 12))["claimed"] == 0
    with acting(OWN):
        assert undelivered(OutboundMessage.objects.all()).count() == 1
    with acting("community_clerk@C112"):
        assert undelivered(OutboundMessage.objects.all()).count() == 0
    with acting(OWN) as actor:
        assert send_again(keys(acting), by=actor) == 1
    assert send_reminders(now=at(TODAY + DAY))["sent"] == 1
    assert len(robot.texts("own")) == 3


def test_after_the_address_was_corrected_the_text_goes_out_the_same_day(
    account: ChannelAccount, robot: Robot, acting: Any, login: Any
) -> None:
    robot.code = 93000
    send_reminders(now=at(TODAY))
    robot.code = 0
    client, url = login(OWN), reverse("admin:contacts_outboundmessage_changelist") + "?delivery=undelivered"
    (tile,) = [tile for tile in client.get("/admin/").context["tiles"] if "delivery=undelivered" in tile["link"]]
    page = client.get(url)
    assert (tile["count"], page.context["cl"].result_count) == (1, 1)
    assert "C111工作群" in page.content.decode()
    (key,) = keys(acting)
    sent = {"action": "send_again_action", "_selected_action": [str(key)], "index": 0}
    assert client.post(url, sent, follow=True).status_code == 200
    assert send_reminders(now=at(TODAY, 10))["sent"] == 1
    assert rows(acting) == [(TODAY, "sent", "")]
    assert len(robot.texts("own")) == 2


def test_given_up_text_is_not_said_any_more(account: ChannelAccount, robot: Robot, acting: Any) -> None:
    robot.code = 93000
    send_reminders(now=at(TODAY))
    robot.code = 0
    with acting("branch_secretary@B111") as actor, pytest.raises(PermissionDenied):
        give_up(keys(acting), by=actor)
    with acting(OWN) as actor:
        assert give_up(keys(acting), by=actor) == 1
        assert not undelivered(OutboundMessage.objects.all()).exists()
    assert send_reminders(now=at(TODAY, 12))["claimed"] == 0
    assert len(robot.taken) == 1


def test_quiet_hours_are_quiet_in_the_group_too(account: ChannelAccount, robot: Robot) -> None:
    send_reminders(now=at(TODAY, 22))
    assert robot.taken == []


def test_robot_that_hangs_delays_no_mail(
    account: ChannelAccount, robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    robot.wait = 2
    seen: list[int] = []
    monkeypatch.setattr(robot, "taken", _Noting(seen))
    send_reminders(now=at(TODAY))
    assert seen == [2]  # both mails were out before the robot was asked


class _Noting(list[Any]):
    def __init__(self, seen: list[int]) -> None:
        super().__init__()
        self.seen = seen

    def append(self, item: Any) -> None:
        self.seen.append(len(mail.outbox))
        super().append(item)


def test_long_list_of_liaisons_fits_into_one_text() -> None:
    lines = [GroupLine(f"联系人{number:03}", 200 - number, number % 3) for number in range(150)]
    text = group_text(GroupLetter("样例社区", lines=lines), most_bytes=2000)
    assert len(text.encode()) <= 2000
    assert "联系人000" in text
    shown = sum(f"联系人{number:03}" in text for number in range(150))
    assert 0 < shown < 150
    assert str(150 - shown) in text  # how many are left out
    assert str(sum(line.people for line in lines)) in text.splitlines()[0]


def test_numbers_of_the_text_are_those_of_the_list(due: list[Member], acting: Any, world: Any, owner: Any) -> None:
    with acting(OWN):
        letter = group_letter("x", world.organization("C111").pk, TODAY)
        assert {(line.liaison, line.people, line.overdue) for line in letter.lines} == {("石评梅", 2, 1), ("", 1, 0)}
        earlier = group_letter("x", world.organization("C111").pk, TODAY - 41 * DAY)
        assert earlier.lines == []
    with acting("community_clerk@C112"):
        assert group_letter("x", world.organization("C111").pk, TODAY).lines == []


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_tests", services.HourlyCounter(f"robot-tests-{os.urandom(8).hex()}"))


def test_button_lets_the_robot_say_a_test_and_keeps_the_result(
    account: ChannelAccount, robot: Robot, login: Any, acting: Any, counted: None
) -> None:
    client, url = login(OWN), reverse("contacts:test_robot", args=[account.pk])
    assert client.get(url).status_code == 200
    assert robot.taken == []
    assert client.post(url, follow=True).status_code == 200
    (text,) = robot.texts("own")
    assert "样例C111" in text
    robot.code = 93000
    page = client.post(url, follow=True).content.decode()
    assert ("拒" in page) or ("refused" in page)
    with acting(OWN):
        account.refresh_from_db()
        assert (account.test_state, account.test_reason) == ("failed", "refused")
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="robot_tested", object_id=account.pk).count() == 2
    robot.code = 0
    for _time in range(services.TESTS_PER_HOUR):
        client.post(url)
    assert len(robot.taken) == services.TESTS_PER_HOUR


def test_others_neither_see_nor_test_the_robot(account: ChannelAccount, robot: Robot, acting: Any) -> None:
    for name in ("community_clerk@C112", "branch_secretary@B111", "district_admin@D1", "liaison@C111"):
        with acting(name) as actor:
            assert not ChannelAccount.objects.filter(pk=account.pk).exists(), name
            with pytest.raises(Http404):
                access_account(actor, account.pk)
            with pytest.raises(PermissionDenied):
                try_account(account=account, by=actor)
    assert robot.taken == []


def form_of(account: ChannelAccount, **values: Any) -> dict[str, Any]:
    return {"organization": str(account.organization_id), "name": account.name, "is_active": "on", **values}


def test_address_goes_in_and_never_comes_out(
    account: ChannelAccount, robot: Robot, login: Any, acting: Any, caplog: pytest.LogCaptureFixture, counted: None
) -> None:
    caplog.set_level(logging.DEBUG)
    client = login(OWN)
    change = reverse("admin:contacts_channelaccount_change", args=[account.pk])
    secret = robot.address("geheim-4711")
    saved = client.post(change, form_of(account, new_webhook=secret, shown_version=shown_version(client, change)))
    assert saved.status_code == 302
    with acting(OWN):
        account.refresh_from_db()
        assert account.webhook == secret
    bad = form_of(account, new_webhook="https://evil.example.com/?key=geheim-4711")
    robot.code = 93000
    screen = reverse("admin:contacts_channelaccount_changelist")
    pages = [client.post(change, bad), client.get(change), client.get(screen)]
    pages.append(client.post(reverse("contacts:test_robot", args=[account.pk]), follow=True))
    send_reminders(now=at(TODAY))
    pages.append(client.get(reverse("admin:contacts_outboundmessage_changelist")))
    for page in pages:
        assert "geheim" not in page.content.decode()
    assert "geheim" not in caplog.text
    with acting("street_admin@S11"), connection.cursor() as cursor:
        cursor.execute("select string_agg(a::text, ' ') from portal_auditentry a")
        assert "geheim" not in cursor.fetchone()[0]
        cursor.execute("select string_agg(a::text, ' ') from contacts_channelaccount a")
        assert "geheim" not in cursor.fetchone()[0]
    kept = form_of(account, shown_version=shown_version(client, change))
    assert client.post(change, kept).status_code == 302  # left empty: kept
    with acting(OWN):
        account.refresh_from_db()
        assert account.webhook == secret


@pytest.mark.parametrize("address", ["https://evil.example.com/x", "http://127.0.0.1/x", "nonsense", ""])
def test_robot_is_not_switched_on_without_an_address_of_the_list(
    due: list[Member], robot: Robot, login: Any, acting: Any, make_account: Any, address: str
) -> None:
    with acting(OWN):
        account = make_account("", is_active=False)
    change = reverse("admin:contacts_channelaccount_change", args=[account.pk])
    page = login(OWN).post(change, form_of(account, new_webhook=address))
    assert page.status_code == 200
    assert page.context["adminform"].form.errors["new_webhook"]
    with acting(OWN), pytest.raises(DatabaseError), transaction.atomic():
        ChannelAccount.objects.update(is_active=True)


def test_one_robot_of_an_organization_is_switched_on(
    account: ChannelAccount, robot: Robot, acting: Any, make_account: Any
) -> None:
    with acting(OWN), pytest.raises(DatabaseError, match="account_one_active"), transaction.atomic():
        make_account(robot.address("second"))
    with acting(OWN) as actor, pytest.raises(ValidationError):
        try_account(account=make_account("", is_active=False), by=actor)


def test_night_forgets_texts_of_half_a_year_ago(account: ChannelAccount, owner: Any) -> None:
    send_reminders(now=at(TODAY))
    owner.execute("update contacts_outboundmessage set due_on = due_on - 181 where account_id is not null")
    owner.execute("update contacts_digest set for_on = for_on - 181 where account_id is not null")
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_messages()")
        assert cursor.fetchone() == (1,)
    assert owner.execute("select count(*) from contacts_digest where account_id is not null").fetchone() == (0,)


@pytest.mark.parametrize("name", ["street_admin@S11", "community_clerk@C111", "liaison@C111"])
def test_people_may_not_plan_texts(account: ChannelAccount, acting: Any, world: Any, name: str) -> None:
    with acting(name), pytest.raises(DatabaseError, match="reminders_refused"), transaction.atomic():
        connection.cursor().execute("select portal.group_texts(%s, current_date)", [world.organization("X").pk])


def test_merged_organizations_keep_one_robot_that_speaks(
    account: ChannelAccount, robot: Robot, acting: Any, make_account: Any, owner: Any, world: Any
) -> None:
    with acting("community_clerk@C112"):
        make_account(robot.address("other"), "C112")
    own, other = world.organization("C111").pk, world.organization("C112").pk
    for _column in range(2):  # called once for each column
        owner.execute("select portal.merge_rows_contacts_channelaccount(%s, %s)", [other, own])
    left = owner.execute("select id, organization_id, is_active from contacts_channelaccount order by is_active")
    assert [row[1:] for row in left.fetchall()][-2:] == [(own, False), (own, True)]


def test_group_is_left_alone_on_a_day_off(
    account: ChannelAccount, robot: Robot, acting: Any, owner: Any, world: Any
) -> None:
    robot.status = 503
    send_reminders(now=at(TODAY))
    owner.execute("update contacts_daterule set is_on = true where kind = 'workdays'")
    for days, is_workday in ((1, False), (2, True)):
        owner.execute("insert into contacts_calendarday (id, organization_id, day, is_workday, name)"
                      " values (gen_random_uuid(), %s, %s, %s, '')",
                      [world.organization("X").pk, TODAY + days * DAY, is_workday])  # fmt: skip
    robot.status = 200
    send_reminders(now=at(TODAY + DAY))
    assert len(robot.taken) == 1
    send_reminders(now=at(TODAY + 2 * DAY))
    assert len(robot.taken) == 2
    assert rows(acting) == [(TODAY, "sent", "")]
