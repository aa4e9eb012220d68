"""可转接组织关系: who is on the list, and what is noted about it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from contacts.moving.models import TransferAdvice
from contacts.moving.services import months_before, note_advice, transferable
from members.models import Movement

CLERK = "community_clerk@C111"
PAGE = "/admin/contacts/transferable/"
DAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(acting, make_member):
    """away(started_on, **changes): the open outgoing movement of a new floating member of C111."""

    def make(started_on="2026-01", key="C111", **changes):
        member = make_member(key, name=f"去{started_on}")
        type(member).objects.filter(pk=member.pk).update(state="floating")
        values = {"started_on": started_on, "host_text": "外地某街道"} | changes
        Movement.objects.filter(member=member).update(**values)
        return Movement.objects.get(member=member)

    return make


@pytest.mark.parametrize(
    ("started_on", "day", "is_listed"),
    [
        ("2026-05-22", "2026-11-22", True),
        ("2026-05-23", "2026-11-22", False),
        ("2026-05-21", "2026-11-22", True),
        ("2026-05", "2026-11-29", False),
        ("2026-05", "2026-11-30", False),  # until the 31st of May may have been meant
        ("2026-05", "2026-12-01", True),
        ("2026-04", "2026-10-30", True),
        ("2026-04", "2026-10-29", False),
        ("2026-04", "2026-11-01", True),
        ("2025", "2026-06-30", False),
        ("2025", "2026-07-01", True),
        ("2025-08-31", "2026-02-28", False),
        ("2025-08-31", "2026-03-01", True),
    ],
)
def test_six_months_by_precision(acting, away, started_on, day, is_listed):
    with acting(CLERK):
        movement = away(started_on)
        listed = transferable(dt.date.fromisoformat(day)).filter(pk=movement.pk).exists()
    assert listed is is_listed


def test_months_end_with_shorter_months():
    assert months_before(dt.date(2026, 8, 31), 6) == dt.date(2026, 2, 28)
    assert months_before(dt.date(2028, 8, 31), 6) == dt.date(2028, 2, 29)
    assert months_before(dt.date(2026, 1, 15), 6) == dt.date(2025, 7, 15)


@pytest.mark.parametrize(
    "changes", [{"scope": "境外"}, {"ended_on": "2026-10"}, {"host_text": ""}, {"direction": "inflow"}]
)
def test_not_everybody_away_could_transfer(acting, away, changes):
    with acting(CLERK):
        assert transferable(DAY).filter(pk=away("2026-02").pk).exists()
        assert not transferable(DAY).filter(pk=away("2026-01", **changes).pk).exists()


def test_entries_are_noted_and_the_last_one_counts(acting, away):
    with acting(CLERK) as actor:
        movement = away()
        note_advice(movement=movement, state="reminded", by=actor)
        note_advice(movement=movement, state="not_yet", reason="半年后回乡", by=actor)
        row = transferable(DAY).get(pk=movement.pk)
        assert (row.advice, row.advice_reason) == ("not_yet", "半年后回乡")
        assert TransferAdvice.objects.filter(movement=movement).count() == 2
        with pytest.raises(ValidationError):
            note_advice(movement=movement, state="not_yet", reason=" ", by=actor)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update contacts_transferadvice set reason = 'x'")


def test_transferred_ends_the_file_and_leaves_the_list(acting, away, login):
    with acting(CLERK):
        movement = away()
    answer = login(CLERK).post(PAGE, {"movement": movement.pk, "state": "moved", "on": "2026-10-01"})
    assert answer.status_code == 302
    with acting(CLERK):
        movement.member.refresh_from_db()
        movement.refresh_from_db()
        assert (movement.member.state, movement.ended_on) == ("transferred", "2026-10-01")
        assert not transferable(DAY).filter(pk=movement.pk).exists()


@pytest.mark.parametrize("who", ["community_clerk@C112", "branch_secretary@B111"])
def test_others_neither_see_nor_note_it(acting, away, login, who):
    with acting(CLERK) as actor:
        movement = away()
        note_advice(movement=movement, state="reminded", by=actor)
    with acting(who) as actor:
        assert not transferable(DAY).filter(pk=movement.pk).exists()
        assert not TransferAdvice.objects.filter(movement=movement).exists()
        with pytest.raises(PermissionDenied):
            note_advice(movement=movement, state="reminded", by=actor)
    status = login(who).post(PAGE, {"movement": movement.pk, "state": "reminded"}).status_code
    assert status == (404 if who.startswith("community") else 403)


def test_page_shows_and_narrows(acting, away, login):
    with acting(CLERK) as actor:
        away("2026-02")
        note_advice(movement=away("2026-03"), state="reminded", by=actor)
    client = login(CLERK)
    pages = [client.get(PAGE, {"state": state}).content.decode() for state in ("", "open", "reminded")]
    everybody, open_ones, told = pages
    assert ("去2026-02" in everybody, "去2026-03" in everybody) == (True, True)
    assert ("去2026-02" in open_ones, "去2026-03" in open_ones) == (True, False)
    assert ("去2026-02" in told, "去2026-03" in told) == (False, True)
    assert client.get(PAGE, {"state": "moved"}).status_code == 404
