import pytest
from django.core.exceptions import PermissionDenied

from activities.models import Activity
from activities.services import attendance_choices, record_attendance


def _activity(world, key):
    return Activity.objects.get(organization=world.organization(key))


def test_list_follows_the_ticks_and_marks_late_entries(world, acting):
    with acting("community_clerk@C111") as actor:
        activity, member = _activity(world, "C111"), world.member("C111")
        assert record_attendance(activity=activity, came=[], offered=[member.pk], by=actor) == (0, 1)
        activity.held_on = activity.held_on.replace(year=2020)
        activity.save()
        assert record_attendance(activity=activity, came=[member.pk], offered=[member.pk], by=actor) == (1, 0)
        entry = activity.attendances.get()
        assert entry.is_late_entry
        assert entry.recorded_by == world.user("community_clerk@C111")
        assert record_attendance(activity=activity, came=[member.pk], offered=[member.pk], by=actor) == (0, 0)


def test_who_was_not_offered_stays(world, acting):
    with acting("community_clerk@C111") as actor:
        activity = _activity(world, "C111")
        assert record_attendance(activity=activity, came=[], offered=[], by=actor) == (0, 0)
        assert activity.attendances.count() == 1


def test_member_of_another_community_is_refused(world, acting):
    with acting("street_clerk@S11") as actor:
        activity, stranger = _activity(world, "C111"), world.member("C112")
        with pytest.raises(PermissionDenied):
            record_attendance(activity=activity, came=[stranger.pk], offered=[stranger.pk], by=actor)


def test_without_the_right_nothing_is_recorded(world, acting):
    with acting("district_admin@D1") as actor:
        activity, member = _activity(world, "C111"), world.member("C111")
        with pytest.raises(PermissionDenied):
            record_attendance(activity=activity, came=[], offered=[member.pk], by=actor)
        assert activity.attendances.count() == 1


def test_choices_are_the_members_of_the_organization(world, acting):
    with acting("street_clerk@S11") as actor:
        assert list(attendance_choices(_activity(world, "C111"), actor)) == [world.member("C111")]
