"""Episodes of one person may not contradict each other, by whatever way they are written."""

import pytest
from django.db import IntegrityError, connection, transaction

from members import services
from members.episodes import certainly_overlap
from members.models import Movement

SPANS = [
    (("2020", "2023"), ("2023", ""), False),
    (("2020", "2023-06"), ("2023", ""), False),  # it may have begun in the second half
    (("2020", "2023-06"), ("2022", ""), True),
    (("2020-01-01", "2023-06-15"), ("2023-06-15", "2024"), False),
    (("2020-01-01", "2023-06-16"), ("2023-06-15", "2024"), True),
    (("2020", ""), ("2024", ""), True),
    (("", ""), ("2024", ""), True),
    (("", ""), ("2020", "2021"), False),
    (("", "2021"), ("2019", ""), False),
    (("2020-02", "2020-03"), ("2020-02-29", "2020-04"), True),
    (("2020", "2020"), ("2020-01-01", "2020-12-31"), False),
]


@pytest.mark.parametrize(("one", "other", "overlaps"), SPANS)
def test_spans_overlap_only_where_no_reading_avoids_it(owner, one, other, overlaps):
    assert certainly_overlap(one, other) is certainly_overlap(other, one) is overlaps
    statement = "select portal.movement_span(%s, %s) && portal.movement_span(%s, %s)"
    assert owner.execute(statement, [*one, *other]).fetchone()[0] is overlaps


def test_second_open_episode_of_a_direction_is_refused_by_a_constraint(acting, world, owner):
    kind = owner.execute("select contype from pg_constraint where conname = 'movement_one_open'").fetchone()[0]
    assert kind in ("x", b"x")
    with acting("community_clerk@C111"), pytest.raises(IntegrityError, match="movement_one_open"), transaction.atomic():
        Movement(member=world.member("C111"), direction="inflow", started_on="2026").save()


@pytest.mark.parametrize(
    "values",
    [
        {"direction": "inflow", "started_on": "2024", "ended_on": "2026"},
        {"direction": "outflow", "host": "C112"},
    ],
)
def test_contradicting_episode_is_refused_by_service_and_database(acting, world, values):
    values = dict(values)
    side = values.pop("host", None)
    if side:
        values["host_organization"] = world.organization(side)
    with acting("street_clerk@S11") as actor:
        member = world.member("C111")
        with pytest.raises(services.MemberRefused):
            services.start_movement(member=member, values=values, by=actor)
        with pytest.raises(IntegrityError, match="movement_contradicts"), transaction.atomic():
            Movement(member=member, **values).save()
        assert member.movements.count() == 1


def test_bulk_write_is_judged_too(acting, world):
    with acting("street_clerk@S11"):
        member = world.member("C111")
        Movement(member=member, direction="inflow", started_on="2019", ended_on="2021").save()
        refused = pytest.raises(IntegrityError, match="movement_contradicts")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update members_movement set started_on = '2020' where member_id = %s", [member.pk])
