"""The list of date reminders, the rules, and what a rule would bring before it is switched on."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.dates import planning, rules
from contacts.dates.enums import DateState
from contacts.dates.services import mark
from contacts.models import DateReminder, DateRule, OutboundMessage
from contacts.services import assign_liaison, create_liaison
from members.models import Movement
from tests.contacts.conftest import at
from tests.world import canary

CLERK, OWN = "street_clerk@S11", "community_clerk@C111"
LIST, RULES = "/admin/contacts/datereminder/", "/admin/contacts/date-rules/"
TODAY = timezone.localdate()
SOON = (TODAY + dt.timedelta(days=5)).isoformat()
pytestmark = pytest.mark.django_db


def test_preview_shows_exactly_what_switching_on_brings(
    dated: Any, world: Any, acting: Any, login: Any, owner: Any
) -> None:
    """Rows, recipients with their numbers, nobody for some; and nothing is left of the preview."""
    with acting(CLERK) as actor:
        liaison = create_liaison(organization=world.organization("C111"), name="石评梅", by=actor, email="s@x.invalid")
    near, far = dated(ends=SOON), dated("C112", name="张三丰", ends=SOON)
    dated("C112", name="李时珍", ends=(TODAY + dt.timedelta(days=100)).isoformat())
    with acting(CLERK) as actor:
        assign_liaison(member=near, liaison=liaison, by=actor)
        found = planning.preview(office=world.organization("S11"), kind="return", days_before=14, by=actor)
        assert {(row.member_id, row.day.isoformat()) for row in found.rows} == {(near.pk, SOON), (far.pk, SOON)}
        assert (found.count, found.in_a_year, found.without) == (2, 3, 0)
        assert found.sent_on == TODAY  # the world's city sends on days off
        assert {(one.name, one.count, one.by_mail) for one in found.recipients} == {
            ("石评梅", 1, True), ("账号C112community_clerk", 1, True)}  # fmt: skip
        assert not DateRule.objects.filter(kind="return").exists()
        assert not DateReminder.objects.filter(kind="return").exists()
        assert not OutboundMessage.objects.filter(step="date").exists()
    page = login(CLERK).get(f"{RULES}return/?days=14").content.decode()
    assert "石评梅" in page
    assert "张三丰" in page
    with acting(CLERK) as actor:
        planning.switch_and_plan(office=world.organization("S11"), kind="return", is_on=True, days_before=14, by=actor)
        rows = DateReminder.objects.filter(kind="return", state="open")
        assert {(row.member_id, row.day.isoformat()) for row in rows} == {(near.pk, SOON), (far.pk, SOON)}


@pytest.mark.django_db(transaction=True)
def test_preview_names_those_who_read_in_the_portal_alone(dated: Any, world: Any, acting: Any, owner: Any) -> None:
    owner.execute("update portal_user set email = ''")
    dated("C112", ends=SOON)
    with acting(CLERK) as actor:
        found = planning.preview(office=world.organization("S11"), kind="return", days_before=14, by=actor)
        page = planning.Heard("账号C112community_clerk", 1, by_mail=False)
    assert (found.recipients, found.without) == ([page], 0)


def test_rules_are_set_only_where_one_may(world: Any, acting: Any) -> None:
    with acting(OWN) as actor:
        for key in ("S11", "C112"):
            office = world.organization(key)
            with pytest.raises(PermissionDenied):
                rules.switch(office=office, kind="return", is_on=True, by=actor)
            with pytest.raises(PermissionDenied):
                rules.forget(office=office, kind="return", by=actor)
            with pytest.raises(PermissionDenied):
                planning.preview(office=office, kind="return", days_before=1, by=actor)


def test_rules_page_switches_on_off_and_back(login: Any, world: Any, acting: Any) -> None:
    client = login(OWN)

    def rule() -> tuple[bool, int] | None:
        with acting(OWN):
            row = DateRule.objects.filter(organization=world.organization("C111"), kind="return").first()
        return (row.is_on, row.days_before) if row else None

    def send(form: dict[str, str]) -> Any:
        return client.post(RULES, {"kind": "return", "shown_version": shown()} | form, follow=True)

    def shown() -> str:
        return str(client.get(RULES).context["shown_version"])

    send({"action": "on", "days": "20"})
    assert rule() == (True, 20)
    send({"action": "off"})
    assert rule() == (False, 14)
    send({"action": "forget"})
    assert rule() is None
    for form in ({"action": "on", "days": "181"}, {"action": "on"}, {}):
        answer = send(form)
        assert [message.level_tag for message in answer.context["messages"]][-1] == "error"
    for kind in ("workdays", "x", ""):
        assert client.post(RULES, {"kind": kind, "action": "on", "days": "1"}).status_code == 404
    assert client.get(f"{RULES}workdays/").status_code == 404
    assert rule() is None


@pytest.fixture
def row(dated: Any, rule: Any, acting: Any) -> DateReminder:
    """An open reminder of a member of C111; another one of the world's member there, who has a liaison."""
    member = dated(ends=SOON)
    rule("return", 14)
    with acting(CLERK):
        Movement.objects.filter(member__name=canary("C111")).update(expected_end_on=SOON)
    planning.plan_dates(now=at(TODAY))
    with acting(CLERK):
        return DateReminder.objects.get(member=member)


def test_clerk_ticks_off_and_takes_it_back(row: DateReminder, login: Any, acting: Any) -> None:
    client = login(OWN)

    def stands() -> tuple[str, str]:
        with acting(OWN):
            found = DateReminder.objects.select_related("closed_by").get(pk=row.pk)
        return found.state, found.closed_by.username if found.closed_by else ""

    def on_list(query: str = "") -> bool:
        return str(row.pk) in client.get(f"{LIST}{query}").content.decode()

    assert on_list()
    for action, state, who in (
        ("done_action", "done", OWN), ("reopen_action", "open", ""), ("dismiss_action", "dismissed", OWN)
    ):  # fmt: skip
        where = f"{LIST}?state=all"
        client.post(where, {"action": action, "_selected_action": [str(row.pk)]})
        assert stands() == (state, who)
        assert (on_list(), on_list("?state=all"), on_list(f"?state={state}")) == (state == "open", True, True)


def test_liaison_sees_and_ticks_the_own_members_alone(row: DateReminder, login: Any, acting: Any) -> None:
    with acting("liaison@C111") as actor:
        (own,) = DateReminder.objects.visible_to(actor).filter(kind="return")
        assert own.member.name == canary("C111")
        assert own.pk != row.pk
        assert mark(reminders=[own.pk], state=DateState.DONE, by=actor) == 1
        with pytest.raises(PermissionDenied):
            mark(reminders=[own.pk, row.pk], state=DateState.DONE, by=actor)
        assert DateReminder.objects.filter(pk=row.pk).update(state="done") == 0  # the database alone
    page = login("liaison@C111").get(f"{LIST}?state=all").content.decode()
    assert str(own.pk) in page
    assert str(row.pk) not in page


def test_nobody_ticks_elsewhere(row: DateReminder, acting: Any) -> None:
    for who in ("community_clerk@C112", "street_clerk@S12", "liaison@C112", "district_admin@D1", "city_admin@X"):
        with acting(who) as actor:
            with pytest.raises(PermissionDenied):
                mark(reminders=[row.pk], state=DateState.DONE, by=actor)
            assert DateReminder.objects.filter(pk=row.pk).update(state="done") == 0


def test_anniversary_has_a_greeting_to_copy_and_nothing_else_has(
    row: DateReminder, dated: Any, rule: Any, login: Any, acting: Any
) -> None:
    client = login(CLERK)
    assert "<textarea" not in client.get(f"{LIST}{row.pk}/change/").content.decode()
    joined = TODAY.replace(year=TODAY.year - 30, day=min(TODAY.day, 28))
    member = dated(name="贺龙生", join_date=joined.isoformat())
    rule("birthday", 1)
    planning.plan_dates(now=at(joined.replace(year=TODAY.year)))
    with acting(CLERK):
        other = DateReminder.objects.get(member=member)
    page = client.get(f"{LIST}{other.pk}/change/").content.decode()
    text = page[page.index("<textarea readonly") : page.index("</textarea>")]
    assert "贺龙生" in text
    assert "30" in text


def test_list_is_a_fixed_number_of_statements(row: DateReminder, dated: Any, login: Any) -> None:
    client = login(CLERK)
    counts = []
    for number in (1, 3):
        for place in range(number - 1):
            dated(name=f"多人{place}", ends=SOON)
        planning.plan_dates(now=at(TODAY))
        with CaptureQueriesContext(connection) as statements:
            page = client.get(LIST).content.decode()
        assert page.count('name="_selected_action"') >= number
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_second_saver_of_a_rule_reads_what_the_first_one_saved(login: Any, world: Any, acting: Any) -> None:
    first, second = login(CLERK), login(OWN)
    own = f"?organization={world.organization('C111').code}"
    page, preview = f"{RULES}{own}", f"{RULES}return/{own}&days=20"
    former = second.get(preview).context["shown_version"]
    now = first.get(page).context["shown_version"]
    first.post(page, {"kind": "return", "action": "on", "days": "7", "shown_version": now})
    form = {"kind": "return", "action": "on", "days": "20"}

    def days() -> int:
        with acting(OWN):
            return int(DateRule.objects.get(organization=world.organization("C111"), kind="return").days_before)

    for version in ({"shown_version": former}, {}):
        answer = second.post(page, form | version, follow=True)
        (told,) = [str(message) for message in answer.context["messages"]]
        assert "7" in told
        assert str(world.user(CLERK)) in told
        assert days() == 7
    second.post(page, form | {"kind": "birthday", "shown_version": former})  # of another kind: nobody changed it
    second.post(page, form | {"shown_version": second.get(preview).context["shown_version"]})
    assert days() == 20
    with acting(OWN):
        assert DateRule.objects.filter(organization=world.organization("C111"), kind="birthday").exists()
