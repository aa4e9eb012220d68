"""Steps by policy: whoever calls is reminded before, at the target and at the limit; those above hear after it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from contacts.models import ContactPolicy, OutboundMessage
from contacts.outbox import send_reminders
from contacts.services import assign_liaison, create_liaison, log_contact
from members.models import Member
from tests.contacts.conftest import at

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK = "street_clerk@S11"
STEPS = {"before_days": 7, "secretary_days": 7, "community_days": 14, "street_days": 30}
DUE, LIMIT = TODAY - 10 * DAY, TODAY + 20 * DAY
LIAISON, SECRETARY = "shi@example.invalid", "branch_secretary.B111@example.invalid"
COMMUNITY, STREET = "community_clerk.C111@example.invalid", "street_admin.S11@example.invalid"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member(acting: Any, world: Any, make_member: Any, live_since: Any, without_steps: None, owner: Any) -> Member:
    """Of the branch B111, with a liaison; every step in use; nobody else in the world is due."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY, **STEPS)
        liaison = create_liaison(organization=world.organization("B111"), name="石评梅", by=actor, email=LIAISON)
        member = make_member("B111", name="单田芳", last=TODAY - 100 * DAY)
        assign_liaison(member=member, liaison=liaison, by=actor)
    return member


def rows(acting: Any, member: Member) -> dict[str, str]:
    with acting(CLERK):
        return dict(OutboundMessage.objects.filter(obligation__member=member).values_list("step", "state"))


def to() -> list[str]:
    return [address for message in mail.outbox for address in message.to]


@pytest.mark.parametrize(
    ("step", "first", "reader"),
    [
        ("before", DUE - 7 * DAY, LIAISON),
        ("target", DUE, LIAISON),
        ("limit", LIMIT, LIAISON),
        ("secretary", LIMIT + 7 * DAY, SECRETARY),
        ("community", LIMIT + 14 * DAY, COMMUNITY),
        ("street", LIMIT + 30 * DAY, STREET),
    ],
)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_step_is_sent_from_its_day_to_its_reader(
    member: Member, acting: Any, step: str, first: dt.date, reader: str, days: int
) -> None:
    send_reminders(now=at(first + days * DAY))
    assert (rows(acting, member).get(step) == "sent") is (days >= 0)
    if days >= 0:
        assert reader in to()


def test_each_step_is_sent_once_to_the_one_above_the_last(member: Member, acting: Any) -> None:
    for days in range(-20, 80):
        send_reminders(now=at(DUE + days * DAY))
    assert to() == [LIAISON, LIAISON, LIAISON, SECRETARY, COMMUNITY, STREET]
    assert set(rows(acting, member).values()) == {"sent"}


def test_after_a_long_silence_whoever_calls_and_one_above_hear_once(member: Member, acting: Any) -> None:
    send_reminders(now=at(LIMIT + 100 * DAY))
    send_reminders(now=at(LIMIT + 101 * DAY))
    assert sorted(to()) == sorted([LIAISON, STREET])
    assert rows(acting, member) == {"limit": "sent", "street": "sent"}


def test_contact_ends_every_step(member: Member, acting: Any) -> None:
    send_reminders(now=at(LIMIT + 7 * DAY, 22))  # quiet hours: planned
    assert rows(acting, member) == {"limit": "pending", "secretary": "pending"}
    with acting(CLERK) as actor:
        log_contact(member=member, by=actor)
    assert set(rows(acting, member).values()) == {"cancelled"}
    send_reminders(now=at(LIMIT + 8 * DAY))
    assert to() == []


def test_planned_step_that_a_later_one_overtook_is_not_sent(member: Member, acting: Any) -> None:
    send_reminders(now=at(DUE - DAY, 22))
    send_reminders(now=at(DUE))
    assert rows(acting, member) == {"before": "cancelled", "target": "sent"}
    assert to() == [LIAISON]


def test_step_that_was_switched_off_meanwhile_is_not_sent(member: Member, acting: Any) -> None:
    send_reminders(now=at(LIMIT + 7 * DAY, 22))
    with acting(CLERK):
        ContactPolicy.objects.filter(organization__code__isnull=False, secretary_days=7).update(secretary_days=0)
    send_reminders(now=at(LIMIT + 8 * DAY))
    assert rows(acting, member) == {"limit": "sent", "secretary": "cancelled"}
    assert to() == [LIAISON]


def test_without_a_secretary_the_next_above_hears(member: Member, owner: Any) -> None:
    owner.execute("update portal_organizationgrant g set until = '2020-01-01' from portal_user u"
                  " where u.id = g.user_id and u.username = 'branch_secretary@B111'")  # fmt: skip
    send_reminders(now=at(LIMIT + 7 * DAY))
    assert sorted(to()) == sorted([LIAISON, COMMUNITY])


def test_those_above_read_counts_by_community_and_no_name(
    member: Member, acting: Any, world: Any, make_member: Any
) -> None:
    with acting(CLERK):
        for key, name in (("C111", "张三丰"), ("C112", "李时珍"), ("C112", "王羲之")):
            make_member(key, name=name, last=TODAY - 100 * DAY)
    send_reminders(now=at(LIMIT + 30 * DAY))
    (message,) = [message for message in mail.outbox if message.to == [STREET]]
    counts = {line for line in message.body.splitlines() if "样例C" in line}
    assert {re.sub(r"\D*(C\d+)\D*(\d+)\D*", r"\1 \2", line) for line in counts if "：" in line or ":" in line} >= {
        "C111 2",
        "C112 2",
    }
    assert "4" in message.subject
    assert not re.search("党|组织|单田芳|张三丰|李时珍|王羲之|石评梅", message.subject + message.body)
    assert "http" in message.body


def test_one_person_told_twice_over_is_counted_once(member: Member, acting: Any, owner: Any) -> None:
    """Without a liaison the secretary is who calls, and who hears of the limit too."""
    owner.execute("update contacts_liaison set is_active = false")
    send_reminders(now=at(LIMIT + 7 * DAY))
    (message,) = mail.outbox
    assert message.to == [SECRETARY]
    assert "1" in message.subject
    assert "2" not in message.subject
