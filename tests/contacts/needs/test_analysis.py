"""Needs by kind and community: the numbers are right, and above the street no small one can be worked out."""

import datetime as dt
import io
import random
import uuid
from fractions import Fraction
from itertools import product

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.urls import reverse

from contacts.needs import analysis
from contacts.needs.enums import NeedCategory
from tests.security.walls import is_refused

pytestmark = pytest.mark.django_db
QUARTER = analysis.Period(2026, 3)
KINDS = NeedCategory.values


@pytest.fixture
def many(owner, world):
    """many({("C111", "work"): 7, …}, on="2026-08-01"): so many needs were raised there."""

    def make(numbers, on="2026-08-01"):
        for (key, kind), number in numbers.items():
            owner.execute(
                "insert into contacts_need (id, member_id, organization_id, category, raised_on, due_on, state,"
                " outcome, reopened, created_at) select gen_random_uuid(), m.id, m.organization_id, %s, %s,"
                " '2027-01-01', 'open', '', 0, now()"
                " from (select * from members_member where organization_id = %s limit 1) m,"
                " generate_series(1, %s)", [kind, on, world.organization(key).pk, number])  # fmt: skip

    return make


def cell(table, key, kind, world):
    line = next(one for one in table.lines if one.organization == (key and world.organization(key)))
    return line.cells[KINDS.index(kind) if kind else -1]


@pytest.mark.django_db(transaction=True)
def test_street_reads_exact_numbers(acting, world, many):
    many({("C111", "work"): 7, ("C111", "law"): 2, ("C112", "work"): 1, ("C121", "work"): 9})
    many({("C111", "work"): 30}, on="2026-10-01")  # the next quarter
    many({("C111", "work"): 30}, on="2026-06-30")  # the one before
    with acting("street_clerk@S11"):
        table = analysis.count_needs(world.organization("S11"), QUARTER)
        year = analysis.count_needs(world.organization("S11"), analysis.Period(2026))
    asked = [("C111", "work"), ("C111", "law"), ("C112", "work"), ("C111", ""), (None, "work"), (None, "")]
    assert [cell(table, *one, world) for one in asked] == ["7", "2", "1", "9", "8", "10"]
    assert world.organization("C121") not in [line.organization for line in table.lines]
    assert not table.has_hidden
    assert cell(year, "C111", "work", world) == "68"  # one more: the world's own, raised in November


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["district_viewer@D1", "district_admin@D1", "city_viewer@X", "city_admin@X"])
def test_small_numbers_are_hidden_above_the_street(acting, world, many, who):
    many({("C111", "work"): 7, ("C111", "law"): 4, ("C112", "work"): 12, ("C112", "law"): 11, ("C121", "work"): 5,
          ("C121", "law"): 30, ("C122", "law"): 6})  # fmt: skip
    with acting(who):
        assert analysis.nodes()[0] == world.organization("D1")
        table = analysis.count_needs(world.organization("D1"), QUARTER)
    assert cell(table, "C111", "law", world) == analysis.HIDDEN
    assert cell(table, "C111", "work", world) == analysis.HIDDEN or cell(table, "C111", "", world) == analysis.HIDDEN
    assert cell(table, "C111", "school", world) == "0"
    assert table.has_hidden
    assert any(text not in ("0", analysis.HIDDEN) for line in table.lines for text in line.cells)  # and not all


@pytest.mark.parametrize(
    ("who", "key", "first", "months"),
    [
        ("district_viewer@D1", "S11", "2026-07-01", 3),  # a part of the own table: its sums would tell
        ("district_viewer@D1", "C111", "2026-07-01", 3),
        ("district_viewer@D1", "D1", "2026-01-01", 12),  # a year less three quarters
        ("district_viewer@D1", "D1", "2026-02-01", 3),
        ("district_viewer@D1", "D2", "2026-07-01", 3),
        ("city_viewer@X", "X", "2026-07-01", 3),
        ("street_clerk@S11", "S12", "2026-07-01", 3),
        ("street_clerk@S11", "D1", "2026-07-01", 3),
        ("street_clerk@S11", "S11", "2026-07-02", 3),
        ("street_clerk@S11", "S11", "2026-07-01", 1),
        ("liaison@C111", "C111", "2026-07-01", 3),
        ("visitor@C111", "C111", "2026-07-01", 3),
        ("operator@X", "X", "2026-07-01", 3),
        ("auditor@S11", "S11", "2026-07-01", 3),
    ],
)
def test_other_tables_are_refused(acting, world, who, key, first, months):
    with acting(who):
        statement = "select * from portal.need_counts(%s, %s, %s)"
        assert is_refused(statement, [world.organization(key).pk, first, months])
        assert is_refused(statement, [uuid.uuid4(), first, months])


def test_categories_of_the_database_are_those_of_the_forms(acting, world):
    with acting("street_clerk@S11"), connection.cursor() as cursor:
        cursor.execute("select * from portal.need_counts(%s, '2026-07-01', 3)", [world.organization("S11").pk])
        assert [kind for _pk, kind, _count in cursor.fetchall()][: len(KINDS)] == KINDS


def hide(numbers):
    """numbers: rows of cells without sums → (table with sums, what is hidden)."""
    full = [[*row, sum(row)] for row in numbers]
    full.append([sum(column) for column in zip(*full, strict=True)])
    flat = [value for row in full for value in row]
    with connection.cursor() as cursor:
        cursor.execute("select portal.hide_small(%s, %s)", [flat, len(full[0])])
        hidden = cursor.fetchone()[0]
    width = len(full[0])
    return full, [hidden[start : start + width] for start in range(0, len(hidden), width)]


def told_exactly(full, hidden):
    """The hidden cells that follow from the shown ones and the sums: those fixed in every solution of the equations."""
    unknown = [place for place in product(range(len(full)), range(len(full[0]))) if hidden[place[0]][place[1]]]
    last_row, last_column = len(full) - 1, len(full[0]) - 1
    lines = [[(row, column) for column in range(last_column + 1)] for row in range(last_row + 1)]
    lines += [[(row, column) for row in range(last_row + 1)] for column in range(last_column + 1)]
    rows = []
    for line in lines:
        sign = {place: Fraction(-1 if place == line[-1] else 1) for place in line}
        rows.append([sign.get(place, Fraction(0)) for place in unknown])
    reduced, pivots = [], []
    for row in rows:
        for known, pivot in zip(reduced, pivots, strict=True):
            if row[pivot]:
                row = [a - row[pivot] * b for a, b in zip(row, known, strict=True)]
        pivot = next((place for place, value in enumerate(row) if value), None)
        if pivot is not None:
            row = [value / row[pivot] for value in row]
            reduced = [[a - other[pivot] * b for a, b in zip(other, row, strict=True)] for other in reduced]
            reduced.append(row)
            pivots.append(pivot)
    return {unknown[pivot] for row, pivot in zip(reduced, pivots, strict=True) if sum(map(bool, row)) == 1}


def test_no_small_number_follows_from_the_sums():
    chance = random.Random(7)
    seen = 0
    for _round in range(60):
        height, width = chance.randint(1, 7), chance.randint(1, 5)
        numbers = [[chance.choice([0, 0, 1, 2, 3, 4, 5, 6, 9, 40]) for _cell in range(width)] for _row in range(height)]
        full, hidden = hide(numbers)
        small = {(row, column) for row, cells in enumerate(full) for column, value in enumerate(cells)
                 if 1 <= value <= 4}  # fmt: skip
        assert all(hidden[row][column] for row, column in small)
        told = told_exactly(full, hidden) & small
        everything = all(all(row) for row in hidden)
        assert not told or everything, (numbers, hidden, told)
        seen += len(small)
    assert seen > 200


def test_numbers_without_small_ones_are_all_shown():
    _full, hidden = hide([[5, 0, 12], [7, 9, 0]])
    assert not any(any(row) for row in hidden)


@pytest.mark.django_db(transaction=True)
def test_page_and_file_show_the_same(login, many, world):
    many({("C111", "work"): 7, ("C112", "law"): 2})
    client = login("street_clerk@S11")
    asked = "?node=990101001&period=2026-q3"
    page = client.get(reverse("contacts:need_counts") + asked)
    assert page.status_code == 200
    table = page.context["table"]
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("contacts:need_counts_file") + asked).content))
    rows = [[cell for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]
    for line in table.lines:
        name = str(line.organization) if line.organization else rows[-1][0]
        assert [name, *line.cells] in rows
    for odd in ("?node=990102001", "?node=9901", "?period=2031-q1", "?period=x"):
        assert client.get(reverse("contacts:need_counts") + odd).status_code == 404


def test_periods_end_today():
    from portal.models import Organization

    street = Organization(kind="street")
    codes = [period.code for period in analysis.periods(street, dt.date(2026, 4, 1))]
    assert codes[:4] == ["2026", "2026-q2", "2026-q1", "2025"]
    assert "2026" not in [
        period.code for period in analysis.periods(Organization(kind="district"), dt.date(2026, 4, 1))
    ]


def test_whoever_sees_no_totals_is_refused(acting):
    with acting("liaison@C111"), pytest.raises(PermissionDenied):
        analysis.choose("", "")
    with acting("street_clerk@S11"), pytest.raises(Http404):
        analysis.choose("9901", "")
