from django.utils import timezone

from activities.models import Activity
from members.services import create_member
from tests.world import canary

LIST = "/admin/activities/activity/"


def _activity(world, acting, name, key):
    with acting(name):
        return Activity.objects.get(organization=world.organization(key))


def test_list_shows_the_own_community_only(world, login):
    page = login("community_clerk@C111").get(LIST).content.decode()
    assert canary("C111") in page
    assert canary("C112") not in page
    assert canary("C121") not in page


def test_other_communities_are_absent(world, acting, login):
    hidden = _activity(world, acting, "community_clerk@C112", "C112")
    client = login("community_clerk@C111")
    for path in ("change/", "attendance/"):
        assert client.get(f"{LIST}{hidden.pk}/{path}").status_code == 404
        assert client.post(f"{LIST}{hidden.pk}/{path}", {}).status_code == 404


def test_new_activity_leads_to_the_ticks(world, acting, login):
    client = login("community_clerk@C111")
    made = client.post(f"{LIST}add/", {
        "title": "读书会", "kind": "lecture", "organization": str(world.organization("C111").pk),
        "held_on": timezone.localdate().isoformat(), "hours": "1.5", "place": "", "summary": "",
    })  # fmt: skip
    assert made.status_code == 302
    assert made.url.endswith("/attendance/")
    page = client.get(made.url).content.decode()
    assert canary("C111") in page
    assert canary("C112") not in page
    with acting("community_clerk@C111"):
        member = world.member("C111")
    assert client.post(made.url, {"came": [str(member.pk)]}).status_code == 302
    with acting("community_clerk@C111"):
        assert Activity.objects.get(title="读书会").attendances.get().member_id == member.pk


def test_two_who_tick_at_once_undo_nothing_of_each_other(world, acting, login):
    with acting("community_clerk@C111") as actor:
        here = world.organization("C111")
        first, second, third = (
            create_member(organization=here, values={"name": f"样例{mark}"}, movement={"direction": "inflow"}, by=actor)
            for mark in "甲乙丙"
        )
    activity = _activity(world, acting, "community_clerk@C111", "C111")
    address, client = f"{LIST}{activity.pk}/attendance/", login("community_clerk@C111")

    def ticked() -> set[str]:
        with acting("community_clerk@C111"):
            return {str(pk) for pk in activity.attendances.values_list("member_id", flat=True)}

    client.post(address, {"came": [str(first.pk)], "ticked": ""})
    before = ticked()
    shown = client.get(address).context["form"].initial["ticked"]
    assert set(shown.split(",")) == before
    assert str(first.pk) in before
    client.post(address, {"came": [*before, str(second.pk)], "ticked": shown})
    client.post(address, {"came": [*(before - {str(first.pk)}), str(third.pk)], "ticked": shown})
    assert ticked() == before - {str(first.pk)} | {str(second.pk), str(third.pk)}


def test_activity_of_another_organization_is_not_made(world, acting, login):
    client = login("community_clerk@C111")
    answer = client.post(f"{LIST}add/", {
        "title": "越界活动", "kind": "lecture", "organization": str(world.organization("C112").pk),
        "held_on": "2026-11-01", "hours": "1", "place": "", "summary": "",
    })  # fmt: skip
    assert answer.status_code == 200
    assert canary("C112") not in answer.content.decode()
    with acting("street_clerk@S11"):
        assert not Activity.objects.filter(title="越界活动").exists()


def test_viewer_may_look_but_not_record(world, acting, login):
    activity = _activity(world, acting, "district_admin@D1", "C111")
    client = login("district_admin@D1")
    assert client.get(f"{LIST}{activity.pk}/attendance/").status_code == 200
    assert client.post(f"{LIST}{activity.pk}/attendance/", {}).status_code == 403


def test_period_counts_what_took_place(world, acting, login):
    with acting("community_clerk@C111"):
        community = world.organization("C111")
        today = timezone.localdate()
        Activity.objects.all().update(held_on=today.replace(year=today.year - 2))
        for title, cancelled in (("今天的活动", False), ("取消的活动", True)):
            Activity(organization=community, title=title, held_on=today, is_cancelled=cancelled).save(force_insert=True)
    listed = login("community_clerk@C111").get(f"{LIST}?period=month").context["cl"]
    assert [row.title for row in listed.result_list] == ["今天的活动"]
