"""Report-ins that nobody has decided for more than a day: one line a day to whoever runs them there."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from checkin.models import ReportIn
from contacts.mails import REPORT_INS_PAGE, list_address
from contacts.models import OutboundMessage
from contacts.outbox import send_reminders
from tests.contacts.conftest import at, without_steps
from tests.world import canary

__all__ = ["without_steps"]
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
OWN, OTHER = "community_clerk@C111", "community_clerk@C112"
QUEUE = "/admin/checkin/reportin/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handed_in(owner: Any, without_steps: None) -> Any:
    """handed_in(hours): the report-in of C111 waits for so many hours; nobody is due."""
    owner.execute("update members_member set state = 'archived' where name like '秘%'")

    def make(hours: float, state: str = "waiting") -> None:
        owner.execute(
            "update checkin_reportin set submitted_at = now() - %s * interval '1 hour', state = %s"
            " where receipt = 'R-C111'",
            [hours, state],
        )

    make(1)
    send_reminders(now=at(TODAY))
    mail.outbox.clear()
    return make


def told() -> list[list[str]]:
    return [message.to for message in mail.outbox if QUEUE in message.body]


def rows(acting: Any, who: str = OWN) -> list[tuple[dt.date, str, str]]:
    with acting(who):
        found = OutboundMessage.objects.filter(step="report_ins").order_by("due_on")
        return list(found.values_list("due_on", "state", "reason"))


@pytest.mark.parametrize(("hours", "count"), [(23.9, 0), (24.1, 1)])
def test_clerk_is_told_after_a_day_once_a_day_without_a_name(
    handed_in: Any, acting: Any, hours: float, count: int
) -> None:
    handed_in(hours)
    for hour in (9, 10, 11):
        send_reminders(now=at(TODAY, hour))
    assert told() == [["community_clerk.C111@example.invalid"]] * count
    assert rows(acting) == [(TODAY, "sent", "")] * count
    assert rows(acting, OTHER) == []
    for message in mail.outbox:
        assert f"报{canary('C111')}" not in message.body


def test_every_day_until_it_is_decided_and_then_no_more(handed_in: Any, acting: Any) -> None:
    handed_in(30, "referred")
    for day in (0, 1, 2):
        send_reminders(now=at(TODAY + day * DAY))
        send_reminders(now=at(TODAY + day * DAY, 10))
    assert len(told()) == 3
    handed_in(60, "mistaken")
    send_reminders(now=at(TODAY + 3 * DAY))
    assert len(told()) == 3


def test_decided_before_the_morning_is_not_told(handed_in: Any, acting: Any) -> None:
    handed_in(30)
    send_reminders(now=at(TODAY, 22))  # planned at night, sent in the morning
    assert rows(acting) == [(TODAY, "pending", "")]
    handed_in(30, "mistaken")
    send_reminders(now=at(TODAY + DAY))
    assert told() == []
    assert rows(acting) == [(TODAY, "cancelled", "later_step")]


def test_yesterdays_line_gives_way_to_todays(handed_in: Any, acting: Any) -> None:
    handed_in(30)
    send_reminders(now=at(TODAY, 22))
    send_reminders(now=at(TODAY + DAY))
    assert len(told()) == 1
    assert rows(acting) == [(TODAY, "cancelled", "later_step"), (TODAY + DAY, "sent", "")]


def test_inbox_leads_to_the_queue(handed_in: Any, login: Any) -> None:
    handed_in(30)
    send_reminders(now=at(TODAY))
    page = login(OWN).get("/admin/contacts/inbox/").content.decode()
    assert f'class="inbox-button" href="{list_address(REPORT_INS_PAGE)}"' in page


def test_rule_is_that_of_the_queue(handed_in: Any, acting: Any) -> None:
    for hours, is_late in ((23.9, False), (24.1, True)):
        handed_in(hours)
        with acting(OWN):
            assert ReportIn.objects.late().filter(receipt="R-C111").exists() == is_late
