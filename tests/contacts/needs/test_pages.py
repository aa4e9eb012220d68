"""The pages of needs: board, list, one need, and the part of a contact's form, in the office and on the phone."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactLog
from contacts.needs import services
from contacts.needs.models import Need
from tests.contacts.needs.conftest import CLERK
from tests.contacts.test_work_pages import ADDRESS, contact, ids, page_of, phone  # noqa: F401
from tests.world import canary

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def typed(client, need, **values):
    """What a browser sends from the page of a need."""
    page = client.get(reverse("contacts:need", args=[need.pk]))
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value not in (None, "")} | values


def test_need_is_raised_in_the_contact_form_in_one_save(login, acting, world):
    client = login(CLERK)
    with acting(CLERK):
        member = world.member("C111")
    url = reverse("contacts:log", args=[member.pk])
    page = client.get(url).context
    sent = {name: page["form"][name].value() for name in page["form"].fields if page["form"][name].value()} | {
        "need_category": "housing", "need_detail": "租的房子漏雨",
        "need_due_on": (TODAY + 5 * DAY).isoformat()}  # fmt: skip
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 302  # sent twice
    with acting(CLERK) as actor:
        log = ContactLog.objects.filter(member=member).order_by("-recorded_at").first()
        (need,) = Need.objects.filter(member=member, category="housing")
        assert (need.contact_id, need.detail, need.due_on) == (log.pk, "租的房子漏雨", TODAY + 5 * DAY)
        assert ContactLog.objects.visible_to(actor).filter(member=member, contacted_on=TODAY).count() == 1


@pytest.mark.parametrize(
    "odd", [{"need_detail": "漏雨"}, {"need_category": "housing"}, {"need_category": "x", "need_detail": "y"}]
)
def test_half_a_need_stores_neither_need_nor_contact(login, acting, world, odd):
    client = login(CLERK)
    with acting(CLERK):
        member = world.member("C111")
        before = ContactLog.objects.count(), Need.objects.count()
    url = reverse("contacts:log", args=[member.pk])
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    assert client.post(url, sent | odd).status_code == 200
    with acting(CLERK):
        assert (ContactLog.objects.count(), Need.objects.count()) == before


def test_answered_need_is_confirmed_in_the_next_contact(login, acting, fresh_need):
    need = fresh_need()
    with acting(CLERK) as actor:
        services.answer_need(need=need, outcome="met", text="x", by=actor)
    client = login("liaison@C111")
    url = reverse("contacts:log", args=[need.member_id])
    page = client.get(url)
    form, part = page.context["form"], page.context["need_part"]
    assert [one.pk for one, _field in part.asked()] == [need.pk]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    assert client.post(url, sent | {part.asked()[0][1].html_name: "yes"}).status_code == 302
    with acting(CLERK) as actor:
        assert services.access_need(actor, need.pk).state == "confirmed"


def test_need_is_raised_on_the_phone_of_the_liaison(phone, ids, acting):  # noqa: F811
    page = page_of(ids, "C111")
    shown = phone.get(page).content.decode()
    assert "need_category" in shown
    sent = contact(phone, page, need_category="health", need_detail="想找好医院")
    for _again in range(2):
        assert phone.post(page, sent).status_code == 303
    with acting(CLERK):
        (need,) = Need.objects.filter(category="health")
        assert need.detail == "想找好医院"
        assert need.actions.get().liaison_id == need.contact.liaison_id
    assert phone.post(page, contact(phone, page, need_detail="没选类别")).status_code == 200


def test_visiting_worker_raises_a_need_and_reads_none(login, acting, world):
    from contacts.assigning import assign_visits
    from contacts.models import Liaison

    with acting(CLERK) as by:
        worker = Liaison.objects.create(organization=world.organization("C111"), name="走访员", kind="grid",
                                        user=world.user("visitor@C111"))  # fmt: skip
        assign_visits(members=[world.member("C111")], visitor=worker, by=by)
        member = world.member("C111")
    client = login("visitor@C111")
    url = reverse("contacts:visit", args=[member.pk])
    page = client.get(url)
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    sent |= {"need_category": "hardship", "need_detail": "独居,缺人照应"}
    assert client.post(url, sent).status_code == 302
    with acting("visitor@C111"):
        assert not Need.objects.exists()
    with acting(CLERK):
        (need,) = Need.objects.filter(category="hardship")
        assert (need.detail, need.contact.method) == ("独居,缺人照应", "visit")
    assert client.get(reverse("contacts:need", args=[need.pk])).status_code == 404


def test_page_of_one_need_works_on_it(login, acting, fresh_need):
    need, client = fresh_need(), login(CLERK)
    url = reverse("contacts:need", args=[need.pk])
    assert client.post(url, typed(client, need, step="taken", owner=CLERK, text="先问了人社所")).status_code == 302
    with acting(CLERK) as actor:
        need = services.access_need(actor, need.pk)
        assert (need.state, need.owner.username) == ("doing", CLERK)
        assert list(need.actions.values_list("step", flat=True)) == ["raised", "taken", "noted"]
    refused = client.post(url, typed(client, need, step="answered", text="解决了"))
    assert "outcome" in refused.context["form"].errors
    assert client.post(url, typed(client, need, step="answered", outcome="met", text="解决了")).status_code == 302
    shown = client.get(url).content.decode()
    assert "解决了" in shown
    assert "先问了人社所" in shown


def test_second_saver_is_told_and_keeps_the_entries(login, fresh_need):
    need, client, other = fresh_need(), login(CLERK), login("street_clerk@S11")
    url = reverse("contacts:need", args=[need.pk])
    first, second = typed(client, need, step="taken"), typed(other, need, step="answered", outcome="met", text="我写的")
    assert client.post(url, first).status_code == 302
    refused = other.post(url, second)
    assert refused.status_code == 200
    assert refused.context["form"].non_field_errors()
    assert "我写的" in refused.content.decode()
    assert (
        other.post(url, {name: value for name, value in second.items() if name != "shown_version"}).status_code == 200
    )


def test_somebody_out_of_reach_is_not_put_in_charge(login, fresh_need, acting):
    need, client = fresh_need(), login(CLERK)
    url = reverse("contacts:need", args=[need.pk])
    for name in ("community_clerk@C112", "street_clerk@S11", "nobody-known"):
        assert "owner" in client.post(url, typed(client, need, owner=name)).context["form"].errors
    with acting(CLERK) as actor:
        assert services.access_need(actor, need.pk).owner is None


def test_board_and_list_show_own_needs_in_a_fixed_number_of_queries(login, acting, fresh_need):
    first, client = fresh_need(due_on=TODAY), login(CLERK)
    board, table = reverse("contacts:needs"), reverse("admin:contacts_need_changelist")

    def count(url):
        with CaptureQueriesContext(connection) as found:
            answer = client.get(url)
        assert answer.status_code == 200
        assert canary("C112") not in answer.content.decode()
        return len(found)

    client.get(board), client.get(table)
    before = count(board), count(table)
    for _more in range(3):
        fresh_need()
    assert (count(board), count(table)) == before
    assert str(first.pk) in client.get(board).content.decode()


def test_lanes_count_as_their_lists(login, acting, fresh_need):
    need = fresh_need()
    fresh_need(category="law")
    with acting(CLERK) as actor:
        services.answer_need(need=need, outcome="met", text="x", by=actor)
    client = login(CLERK)
    lanes = {lane.state: lane.count for lane in client.get(reverse("contacts:needs")).context["lanes"]}
    table = reverse("admin:contacts_need_changelist")
    for state, number in lanes.items():
        assert client.get(f"{table}?lane={state}").context["cl"].result_count == number, state
    assert lanes["answered"] == 1


def test_tiles_count_what_their_lists_show(login, fresh_need):
    fresh_need()
    client = login(CLERK)
    tiles = [tile for tile in client.get("/admin/").context["tiles"] if "/need/" in tile["link"]]
    assert len(tiles) == 2
    for tile in tiles:
        assert client.get(tile["link"]).context["cl"].result_count == tile["count"]


def test_card_shows_the_needs(login, fresh_need):
    need = fresh_need()
    shown = login(CLERK).get(reverse("admin:members_member_card", args=[need.member_id])).content.decode()
    assert "想找一份晚班工作" in shown
    assert reverse("contacts:need", args=[need.pk]) in shown
    assert re.search(r"20\d\d-\d\d-\d\d", shown)
