"""Small wishes: posted, taken over by one, fulfilled; the board and who may use it."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Wish
from contacts.wishes.services import claim_wish, fulfil_wish, give_back, post_wish, unclaimed, withdraw_wish
from members.services import move_member
from portal import access
from tests.security.walls import count, is_refused

CLERK = "community_clerk@C111"
TODAY = timezone.localdate()
BROKEN_RULE = -2
BOARD = "/admin/contacts/wishes/"


@pytest.fixture
def wish(acting, make_member):
    with acting(CLERK) as actor:
        member = make_member(name="许愿")
        return post_wish(member=member, text="一副老花镜", by=actor, key=uuid.uuid4())


def state_of(pk):
    return Wish.objects.values_list("state", "claimant").get(pk=pk)


@pytest.mark.django_db
def test_wish_is_posted_taken_over_and_fulfilled(acting, wish):
    with acting(CLERK) as actor:
        assert Wish.objects.select_related("member").get(pk=wish).text == "一副老花镜"
        claim_wish(wish=wish, claimant="汽车市场党支部", by=actor)
        assert state_of(wish) == ("claimed", "汽车市场党支部")
        fulfil_wish(wish=wish, by=actor)
        assert state_of(wish) == ("fulfilled", "汽车市场党支部")


@pytest.mark.django_db
def test_wish_that_is_taken_over_is_nobody_else_s(acting, wish):
    with acting(CLERK) as actor:
        claim_wish(wish=wish, claimant="甲单位", by=actor)
        with pytest.raises(ValidationError):
            claim_wish(wish=wish, claimant="乙单位", by=actor)
        assert count("update contacts_wish set claimant = '乙单位' where id = %s", [wish]) == BROKEN_RULE
        assert state_of(wish) == ("claimed", "甲单位")
        give_back(wish=wish, by=actor)
        claim_wish(wish=wish, claimant="乙单位", by=actor)
        assert state_of(wish) == ("claimed", "乙单位")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_claimant(acting, world, wish):
    names = ["甲单位", "乙单位", "丙单位", "丁单位"]
    together = Barrier(len(names))

    def take(name):
        try:
            with access.acting_as(access.user_actor(world.user(CLERK))) as actor:
                together.wait(10)
                claim_wish(wish=wish, claimant=name, by=actor)
                return True
        except ValidationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(len(names)) as pool:
        took = list(pool.map(take, names))
    assert took.count(True) == 1
    with acting(CLERK):
        assert state_of(wish) == ("claimed", names[took.index(True)])


@pytest.mark.django_db
@pytest.mark.parametrize("end", [fulfil_wish, withdraw_wish])
def test_closed_wish_stays_closed(acting, wish, end):
    with acting(CLERK) as actor:
        if end is fulfil_wish:
            claim_wish(wish=wish, claimant="甲单位", by=actor)
        end(wish=wish, by=actor)
        for again in (give_back, fulfil_wish, withdraw_wish):
            with pytest.raises(ValidationError):
                again(wish=wish, by=actor)
        reopened = "update contacts_wish set state = 'open', claimant = '', claimed_on = null, closed_on = null"
        assert count(f"{reopened} where id = %s", [wish]) == BROKEN_RULE


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_listed"), [(7, False), (8, True), (6, False)])
def test_wish_that_waits_for_more_than_seven_days_is_listed(acting, owner, wish, login, days, is_listed):
    with acting(CLERK):
        with connection.cursor() as cursor:  # the day is not for rewriting: moved by moving today
            cursor.execute("select posted_on from contacts_wish where id = %s", [wish])
            posted = cursor.fetchone()[0]
        rows = unclaimed(Wish.objects.filter(pk=wish), posted + dt.timedelta(days=days))
        assert rows.exists() is is_listed


@pytest.mark.django_db
def test_form_sent_twice_is_one_wish(acting, make_member):
    with acting(CLERK) as actor:
        member, key = make_member(name="两次"), uuid.uuid4()
        first = post_wish(member=member, text="花镜", by=actor, key=key)
        assert post_wish(member=member, text="花镜", by=actor, key=key) == first
        assert Wish.objects.filter(member=member).count() == 1
        assert post_wish(member=make_member(name="别人"), text="花镜", by=actor, key=key) != first


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["community_clerk@C112", "liaison@C111", "visitor@C111", "branch_secretary@B111"])
def test_others_take_over_nothing(acting, wish, who):
    with acting(who) as actor:
        with pytest.raises(Http404):
            claim_wish(wish=wish, claimant="别人", by=actor)
        assert not Wish.objects.filter(pk=wish).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("setting", ["text_sealed = null", "posted_on = '2026-01-01'", "member_id = member_id"])
def test_text_and_day_of_a_wish_are_not_rewritten(acting, wish, setting):
    with acting(CLERK):
        assert is_refused(f"update contacts_wish set {setting} where id = %s", [wish])
        assert is_refused("delete from contacts_wish where id = %s", [wish])


@pytest.mark.django_db
def test_reader_posts_nothing(acting, make_member):
    with acting(CLERK):
        member = make_member(name="只读")
    with acting("district_admin@D1") as actor, pytest.raises(PermissionDenied):
        post_wish(member=member, text="花镜", by=actor, key=uuid.uuid4())


@pytest.mark.django_db
def test_open_wish_goes_with_its_file_and_a_closed_one_stays(acting, world, wish, make_member):
    with acting("street_clerk@S11") as actor:
        member = Wish.objects.select_related("member").get(pk=wish).member
        done = post_wish(member=member, text="花", by=actor, key=uuid.uuid4())
        withdraw_wish(wish=done, by=actor)
        move_member(member=member, organization=world.organization("C112"), by=actor)
        assert dict(Wish.objects.values_list("pk", "organization__short_name").filter(member=member)) == {
            wish: "样例C112", done: "样例C111"}  # fmt: skip


@pytest.mark.django_db
def test_board_and_form(login, acting, make_member, wish):
    with acting(CLERK):
        member = make_member(name="新愿")
    client = login(CLERK)
    assert "一副老花镜" in client.get(BOARD).content.decode()
    form = client.get(f"{BOARD}{member.pk}/").content.decode()
    assert "新愿" in form
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert client.post(f"{BOARD}{member.pk}/", {"text": "一本字典", "key": key}).status_code == 302
    assert client.get(BOARD).content.decode().count("一本字典") == 1
    assert client.post(BOARD, {"wish": str(wish), "action": "claim", "claimant": "甲单位"}).status_code == 302
    assert "甲单位" in client.get(BOARD).content.decode()
    assert "一副老花镜" in client.get(f"/admin/members/member/{_member_of(acting, wish)}/card/").content.decode()
    assert "一本字典" not in login("community_clerk@C112").get(BOARD).content.decode()


def _member_of(acting, wish):
    with acting(CLERK):
        return Wish.objects.values_list("member_id", flat=True).get(pk=wish)


@pytest.mark.django_db
def test_board_asks_the_same_number_of_questions_for_more_wishes(login, acting, make_member, wish):
    client = login(CLERK)
    client.get(BOARD)
    with CaptureQueriesContext(connection) as one:
        client.get(BOARD)
    with acting(CLERK) as actor:
        for number in range(3):
            post_wish(member=make_member(name=f"愿{number}"), text="花", by=actor, key=uuid.uuid4())
    with CaptureQueriesContext(connection) as more:
        client.get(BOARD)
    assert len(more) == len(one)
