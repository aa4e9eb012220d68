"""The page of days off: the year of one office, set and taken back, and the note about a year that is not announced."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import CalendarDay, DateRule

CLERK, OWN = "street_clerk@S11", "community_clerk@C111"
URL = "/admin/contacts/calendar/"
YEAR = timezone.localdate().year
pytestmark = pytest.mark.django_db


def send(client: Any, form: dict[str, str], url: str = URL) -> Any:
    """Send a form of the page as it is shown now."""
    return client.post(url, {"shown_version": client.get(url).context["shown_version"]} | form)


def test_days_are_set_and_taken_back_on_the_page(login: Any, world: Any, acting: Any) -> None:
    client = login(OWN)
    form = {"action": "set", "first": f"{YEAR}-07-01", "last": f"{YEAR}-07-03", "kind": "off", "name": "停电"}
    assert send(client, form).status_code == 302
    with acting(OWN):
        rows = CalendarDay.objects.filter(organization=world.organization("C111"), day__year=YEAR)
        assert [(row.day.day, row.is_workday, row.name) for row in rows] == [(day, False, "停电") for day in (1, 2, 3)]
    page = client.get(URL).content.decode()
    assert page.count("停电") == 3
    send(client, {"action": "forget", "day": f"{YEAR}-07-02"})
    assert client.get(URL).content.decode().count("停电") == 2


@pytest.mark.parametrize(
    "form",
    [
        {"action": "set"},
        {"action": "set", "first": "2026-07-01", "kind": "maybe"},
        {"action": "set", "first": "2026-07-02", "last": "2026-07-01", "kind": "off"},
        {"action": "set", "first": "2026-01-01", "last": "2026-12-31", "kind": "off"},
        {"action": "set", "first": "31.1.", "kind": "off"},
        {"action": "x"},
    ],
)
def test_what_cannot_be_read_saves_nothing(login: Any, form: dict[str, str], owner: Any) -> None:
    before = owner.execute("select count(*) from contacts_calendarday").fetchone()
    answer = login(OWN).post(URL, form, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert owner.execute("select count(*) from contacts_calendarday").fetchone() == before


def test_office_and_year_out_of_reach_are_not_there(login: Any, world: Any) -> None:
    client = login(OWN)
    for query in ({"organization": world.organization("C112").code}, {"year": "1999"}, {"year": "x"}):
        assert client.get(URL, query).status_code == 404
    assert client.post(f"{URL}?organization={world.organization('S11').code}", {"action": "rest"}).status_code == 404
    assert client.post(URL, {"action": "forget", "day": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_note_stands_while_the_next_year_is_not_announced(login: Any, owner: Any) -> None:
    def notes(client: Any) -> int:
        return int(client.get(URL).content.decode().count('role="note"'))

    client = login(OWN)
    owner.execute("delete from contacts_calendarday where organization_id is null and is_workday"
                  " and extract(year from day) = %s", [YEAR + 1])  # fmt: skip
    assert notes(client) == 1
    owner.execute("insert into contacts_calendarday (id, day, is_workday, name)"
                  " values (gen_random_uuid(), %s, true, '')", [dt.date(YEAR + 1, 2, 20)])  # fmt: skip
    assert notes(client) == 0


def test_office_decides_whether_it_sends_on_days_off(login: Any, world: Any, acting: Any) -> None:
    client = login(OWN)
    for action, is_on in (("rest", True), ("work_on", False)):
        send(client, {"action": action})
        with acting(OWN):
            rule = DateRule.objects.get(organization=world.organization("C111"), kind="workdays")
        assert rule.is_on is is_on
        assert (f'value="{"work_on" if is_on else "rest"}"' in client.get(URL).content.decode()) is True


def test_page_is_a_fixed_number_of_statements(login: Any) -> None:
    client = login(CLERK)
    counts = []
    for number in (1, 20):
        form = {"action": "set", "first": f"{YEAR}-07-01", "last": f"{YEAR}-07-{number:02}", "kind": "off"}
        send(client, form)
        with CaptureQueriesContext(connection) as statements:
            client.get(URL)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_second_saver_of_a_day_reads_what_the_first_one_saved(login: Any, world: Any, acting: Any) -> None:
    """Both opened the page before; the second one's entries stay, and saving again is then a choice."""
    first, second = login(CLERK), login(OWN)
    own = f"{URL}?organization={world.organization('C111').code}"
    former = second.get(own).context["shown_version"]
    assert (
        send(first, {"action": "set", "first": f"{YEAR}-07-01", "kind": "off", "name": "停电"}, own).status_code == 302
    )
    form = {"action": "set", "first": f"{YEAR}-07-01", "last": f"{YEAR}-07-02", "kind": "work", "name": "照常"}
    answer = second.post(own, form | {"shown_version": former})
    assert answer.status_code == 200
    (told,) = [str(message) for message in answer.context["messages"]]
    assert "停电" in told
    assert str(world.user(CLERK)) in told
    assert 'value="照常"' in answer.content.decode()

    def days() -> list[tuple[int, bool]]:
        with acting(OWN):
            rows = CalendarDay.objects.filter(organization=world.organization("C111"), day__year=YEAR)
            return [(row.day.day, row.is_workday) for row in rows]

    assert days() == [(1, False)]
    other = form | {"first": f"{YEAR}-08-01", "last": "", "shown_version": former}  # a day that nobody changed
    assert second.post(own, other).status_code == 302
    assert second.post(own, form | {"shown_version": answer.context["shown_version"]}).status_code == 302
    assert days() == [(1, True), (2, True), (1, True)]
    late = {"action": "forget", "day": f"{YEAR}-07-01", "shown_version": answer.context["shown_version"]}
    second.post(own, late)
    assert len(days()) == 3  # set since then, by oneself in another window
    assert second.post(own, form).status_code == 200  # without a version: saw no page


def test_history_of_days_is_for_the_own_office_and_never_the_countrys(acting: Any, login: Any, world: Any) -> None:
    send(login(CLERK), {"action": "set", "first": f"{YEAR}-07-01", "kind": "off"},
         f"{URL}?organization={world.organization('C111').code}")  # fmt: skip
    for who, seen in ((OWN, {"C111"}), ("community_clerk@C112", {"C112"}), ("liaison@C111", set())):
        with acting(who), connection.cursor() as cursor:
            cursor.execute("select distinct organization_id from contacts_calendardayevent")
            assert {row[0] for row in cursor.fetchall()} == {world.organization(key).pk for key in seen}, who
