"""Visits of care: planned for festivals, made once, counted as a contact, taken back."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from contacts.care import services
from contacts.care.festivals import Festival, festival_day, lunar_day, next_festival
from contacts.care.models import CareVisit
from contacts.models import ContactLog
from members.models import Member

CLERK = "community_clerk@C111"
TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("festival", "year", "day"),
    [
        ("spring", 2026, dt.date(2026, 2, 17)),
        ("spring", 2027, dt.date(2027, 2, 6)),
        ("mid_autumn", 2026, dt.date(2026, 9, 25)),
        ("mid_autumn", 2025, dt.date(2025, 10, 6)),  # after the leap sixth month
        ("double_ninth", 2026, dt.date(2026, 10, 18)),
        ("new_year", 2027, dt.date(2027, 1, 1)),
        ("national", 2026, dt.date(2026, 10, 1)),
    ],
)
def test_festivals_fall_on_their_days(festival, year, day):
    assert festival_day(festival, year) == day


def test_thirtieth_of_a_short_lunar_month_is_its_last_day():
    assert lunar_day(2024, 12, 30) == dt.date(2025, 1, 28)  # 29 days: 除夕 is the 29th
    assert lunar_day(2025, 12, 30) == dt.date(2026, 2, 16)
    assert lunar_day(2023, 12, 30) == dt.date(2024, 2, 9)


def test_next_festival_counts_the_day_itself():
    assert next_festival(dt.date(2026, 10, 1)) == (Festival.NATIONAL.value, 2026)
    assert next_festival(dt.date(2026, 10, 2)) == (Festival.DOUBLE_NINTH.value, 2026)
    assert next_festival(dt.date(2026, 12, 31)) == (Festival.NEW_YEAR.value, 2027)


def plan(by, *members, festival="spring", year=2026):
    return services.plan_visits(
        members={member.pk for member in members}, festival=festival, year=year, planned_for=TODAY, by=by
    )


def test_plan_lists_exactly_those_not_visited_this_year(acting, make_member):
    year = TODAY.year
    with acting(CLERK) as by:
        visited, planned, before, nobody = (make_member(name=name) for name in ("去过", "已排", "去年", "没人"))
        plan(by, visited, festival="national", year=year)
        services.note_visits(visits=[CareVisit.objects.get(member=visited).pk], on=TODAY, by=by)
        plan(by, planned, festival="spring", year=year)
        CareVisit.objects.create(member=before, organization_id=before.organization_id, festival="spring",
                                 year=year - 1, planned_for=TODAY, visited_on=dt.date(year - 1, 12, 31))  # fmt: skip
        gone = make_member(name="走了")
        Member.objects.filter(pk=gone.pk).update(state="deceased")
        found = set(services.not_visited(by, year, "spring").values_list("pk", flat=True))
        other = set(services.not_visited(by, year, "mid_autumn").values_list("pk", flat=True))
    assert {before.pk, nobody.pk} <= found
    assert found.isdisjoint({visited.pk, planned.pk, gone.pk})
    assert planned.pk in other  # not planned for that festival, not visited yet


def test_bulk_plan_is_made_once_and_in_few_statements(acting, make_member, django_assert_max_num_queries):
    with acting(CLERK) as by:
        people = [make_member(name=f"访{number}") for number in range(5)]
        assert plan(by, people[0]) == 1
        with django_assert_max_num_queries(12):
            assert plan(by, *people) == 4
        assert CareVisit.objects.filter(member__in=people).count() == 5


def test_visit_counts_as_a_contact_and_is_withdrawn(acting, make_member):
    with acting(CLERK) as by:
        with connection.cursor() as cursor:
            cursor.execute("select to_regprocedure('portal.work_done(text, uuid, uuid[], uuid, date)') is not null")
            counts = cursor.fetchone()[0]
        member = make_member()
        plan(by, member)
        visit = CareVisit.objects.get(member=member)
        assert services.note_visits(visits=[visit.pk], on=TODAY - DAY, by=by, note="送去米油") == 1
        assert services.note_visits(visits=[visit.pk], on=TODAY, by=by) == 0  # is noted
        visit = CareVisit.objects.select_related("member").get(pk=visit.pk)
        assert (visit.visited_on, visit.note) == (TODAY - DAY, "送去米油")
        made = ContactLog.objects.filter(member=member, source="visit")
        assert list(made.values_list("contacted_on", "method")) == ([(TODAY - DAY, "visit")] if counts else [])
        assert services.undo_visits(visits=[visit.pk], by=by) == 1
        assert not made.exists()
        assert CareVisit.objects.get(pk=visit.pk).visited_on is None
        assert services.drop_visits(visits=[visit.pk], by=by) == 1
        assert not CareVisit.objects.filter(pk=visit.pk).exists()


def test_visit_that_was_made_stays_on_the_plan(acting, make_member):
    with acting(CLERK) as by:
        member = make_member()
        plan(by, member)
        pk = CareVisit.objects.get(member=member).pk
        with pytest.raises(ValidationError):
            services.note_visits(visits=[pk], on=TODAY + DAY, by=by)
        services.note_visits(visits=[pk], on=TODAY, by=by)
        assert services.drop_visits(visits=[pk], by=by) == 0
        assert CareVisit.objects.filter(pk=pk).delete()[0] == 0  # the wall refuses it too


@pytest.mark.parametrize("who", ["liaison@C111", "branch_secretary@B111", "district_admin@D1"])
def test_visits_are_planned_with_the_right_only(acting, world, who):
    with acting(CLERK):
        member = world.member("C111")
    with acting(who) as by, pytest.raises(PermissionDenied):
        plan(by, member)


def test_nobody_else_is_planned_or_noted(acting, world, owner):
    foreign = owner.execute("select id, member_id from contacts_carevisit where organization_id = %s",
                            [world.organization("C112").pk]).fetchone()  # fmt: skip
    with acting(CLERK) as by:
        for work in (
            lambda: services.plan_visits(members={foreign[1]}, festival="spring", year=2026, planned_for=TODAY, by=by),
            lambda: services.note_visits(visits=[foreign[0]], on=TODAY, by=by),
            lambda: services.undo_visits(visits=[foreign[0]], by=by),
            lambda: services.drop_visits(visits=[uuid.uuid4()], by=by),
        ):
            with pytest.raises(Http404):
                work()


def test_page_plans_notes_and_takes_back(login, acting, make_member):
    client, url = login(CLERK), reverse("contacts:care") + f"?festival=spring&year={TODAY.year}"
    with acting(CLERK):
        member = make_member(name="老赵头")
    assert "老赵头" in client.get(url).content.decode()
    client.post(url, {"action": "plan", "member": member.pk, "planned_for": TODAY.isoformat()})
    with acting(CLERK):
        visit = CareVisit.objects.get(member=member)
    assert [row.pk for row in client.get(url).context["planned"]] == [visit.pk]
    client.post(url, {"action": "made", "visit": visit.pk, "on": TODAY.isoformat(), "note": "慰问"})
    assert [row.note for row in client.get(url).context["made"]] == ["慰问"]
    client.post(url, {"action": "undo", "visit": visit.pk})
    client.post(url, {"action": "drop", "visit": visit.pk})
    with acting(CLERK):
        assert not CareVisit.objects.filter(pk=visit.pk).exists()
    assert client.post(url, {"action": "made", "visit": uuid.uuid4(), "on": TODAY.isoformat()}).status_code == 404
    assert client.get(reverse("contacts:care") + "?festival=x&year=2026").status_code == 404
    assert client.get(reverse("contacts:care") + "?festival=spring&year=1").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_merging_two_offices_keeps_the_visit_that_was_made(owner, world):
    gone, kept = world.organization("C111").pk, world.organization("C112").pk
    member = owner.execute("select id from members_member where organization_id = %s", [gone]).fetchone()[0]
    with owner.transaction(force_rollback=True):
        for node, festival, made in ((gone, "national", TODAY), (kept, "national", None), (gone, "party_day", None),
                                     (kept, "party_day", None), (gone, "army_day", None)):  # fmt: skip
            owner.execute(
                "insert into contacts_carevisit (id, member_id, organization_id, festival, year, planned_for,"
                " visited_on, recorded_at) values (gen_random_uuid(), %s, %s, %s, 2026, %s, %s, now())",
                [member, node, festival, TODAY, made])  # fmt: skip
        for _again in range(2):  # asked for each column
            owner.execute("select portal.merge_rows_contacts_carevisit(%s, %s)", [gone, kept])
        left = owner.execute(
            "select festival, organization_id, visited_on from contacts_carevisit"
            " where member_id = %s and year = 2026 order by 1", [member]).fetchall()  # fmt: skip
    assert left == [("army_day", kept, None), ("national", kept, TODAY), ("party_day", kept, None)]
