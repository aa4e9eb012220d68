"""The pages of transfers, as both sides see them."""

import re

import pytest

from members import services, transfers
from members.models import Member, Transfer, access_member

HOME, HOST, STREET = "community_clerk@C111", "community_clerk@C121", "street_clerk@S11"
LIST = "/admin/members/transfer/"


@pytest.fixture
def away(acting, world):
    with acting(HOME) as actor:
        return services.create_member(
            organization=world.organization("C111"),
            values={"name": "转接样例", "gender": "female", "birth_date": "1988-03", "mobile": "13800001234",
                    "employer": "不外传的单位"},
            movement={"direction": "outflow", "started_on": "2026-01", "host_text": "外地"},
            by=actor,
        )  # fmt: skip


@pytest.fixture
def offer(acting, world, away):
    with acting(HOME) as actor:
        return transfers.propose_transfer(
            member=away, kind="host", to=world.organization("C121"), by=actor, note="现住贵社区"
        )


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_home_proposes_by_steps_or_by_name(login, acting, world, away):
    client = login(HOME)
    overview = page(client, f"{LIST}of/{away.pk}/")
    assert f"{LIST}of/{away.pk}/host/" in overview
    assert f"{LIST}of/{away.pk}/home/" not in overview  # nobody came in
    assert "样例X" in page(client, f"{LIST}of/{away.pk}/host/")
    assert "样例C121" in page(client, f"{LIST}of/{away.pk}/host/?under={world.organization('S12').pk}")
    target = f"{LIST}of/{away.pk}/host/to/{world.organization('C121').pk}/"
    assert target in page(client, f"{LIST}of/{away.pk}/host/?q=C121")
    confirmation = page(client, target)
    assert "样例C111" in confirmation
    assert "样例C121" in confirmation
    assert client.post(target, {"note": "现住贵社区"}).status_code == 302
    assert "样例C121" in page(client, f"{LIST}?tab=sent")
    assert client.post(target, {"note": ""}).status_code == 200  # asked already: a sentence, nothing new
    with acting(HOME):
        assert Transfer.objects.filter(member=away).count() == 1


def test_host_reads_the_offer_takes_over_and_sees_the_card(login, away, offer):
    client = login(HOST)
    waiting = page(client, LIST)
    assert re.search(r"转接样例.*1988.*1234", waiting)
    assert "现住贵社区" in waiting
    assert str(away.pk) not in waiting
    assert client.get(f"/admin/members/member/{away.pk}/card/").status_code == 404
    confirmation = page(client, f"{LIST}{offer.pk}/accept/")
    assert "样例C111" in confirmation
    assert "样例C121" in confirmation
    for text in (waiting, confirmation):
        assert "不外传的单位" not in text
        assert "13800001234" not in text
    done = client.post(f"{LIST}{offer.pk}/accept/")
    assert done["Location"] == f"/admin/members/member/{away.pk}/card/"
    assert "转接样例" in page(client, done["Location"])
    assert client.post(f"{LIST}{offer.pk}/accept/")["Location"] == f"{LIST}?tab=done"  # sent twice
    assert "转接样例" in page(client, f"{LIST}?tab=done")


def test_host_sends_back_with_a_reason_that_home_reads(login, away, offer):
    client = login(HOST)
    assert client.post(f"{LIST}{offer.pk}/return/", {"reason": ""}).status_code == 200
    assert client.post(f"{LIST}{offer.pk}/return/", {"reason": "不住这里"}).status_code == 302
    assert "转接样例" not in page(client, f"{LIST}?tab=done")  # wiped
    settled = page(login(HOME), f"{LIST}?tab=done")
    assert "转接样例" in settled
    assert "不住这里" in settled


def test_home_withdraws(login, offer):
    client = login(HOME)
    assert "样例C121" in page(client, f"{LIST}{offer.pk}/withdraw/")
    assert client.post(f"{LIST}{offer.pk}/withdraw/").status_code == 302
    assert "转接样例" not in page(login(HOST), LIST)


@pytest.mark.parametrize(("who", "status"), [(HOME, 403), ("community_clerk@C112", 404), ("district_admin@D1", 404)])
def test_answers_are_for_the_receiving_side(login, offer, who, status):
    client = login(who)
    for step in ("accept", "return"):
        assert client.get(f"{LIST}{offer.pk}/{step}/").status_code == status
        assert client.post(f"{LIST}{offer.pk}/{step}/", {"reason": "x"}).status_code == status


def test_host_ends_its_side_and_home_reads_why(login, acting, away, offer):
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
        movement = access_member(actor, away.pk).movements.get()
    client = login(HOST)
    end = f"{LIST}end/{movement.pk}/"
    assert end in page(client, f"/admin/members/member/{away.pk}/card/")
    assert client.post(end, {"ended_on": "2999-01-01", "reason": "x"}).status_code == 200
    assert client.post(end, {"ended_on": "2026-11-01", "reason": "已搬离"})["Location"] == f"{LIST}?tab=done"
    assert client.get(f"/admin/members/member/{away.pk}/card/").status_code == 404
    assert client.get(end).status_code == 404
    settled = page(login(HOME), f"{LIST}?tab=done")
    assert "已搬离" in settled
    assert "样例C121" in settled


def test_file_goes_outside_with_its_state(login, acting, away):
    client = login(HOME)
    address = f"{LIST}of/{away.pk}/manage/outside/"
    sent = {"to": "某县某镇党委", "state": "transferred", "ended_on": "2026-11-01", "note": ""}
    assert client.post(address, sent | {"to": ""}).status_code == 200
    assert client.post(address, sent).status_code == 302
    with acting(HOME):
        assert Member.objects.get(pk=away.pk).state == "transferred"
    assert "某县某镇党委" in page(client, f"{LIST}?tab=done")


def test_one_step_move_inside_the_street(login, acting, world, away):
    client = login(STREET)
    move = f"{LIST}of/{away.pk}/move/"
    assert move in page(client, f"/admin/members/member/{away.pk}/card/")
    form = page(client, move)
    assert "样例C112" in form
    assert "样例C121" not in form
    foreign = client.post(move, {"organization": world.organization("C121").pk})
    assert foreign.status_code == 200
    assert client.post(move, {"organization": world.organization("C112").pk}).status_code == 302
    with acting("community_clerk@C112"):
        assert Member.objects.filter(pk=away.pk).exists()
    assert move not in page(
        login("community_clerk@C112"), f"/admin/members/member/{away.pk}/card/"
    )  # one community only


def test_many_move_after_a_confirmation_with_their_number(login, acting, world, away):
    client = login(STREET)
    with acting(STREET):
        chosen = [
            str(pk)
            for pk in Member.objects.filter(organization=world.organization("C111")).values_list("pk", flat=True)
        ]
    send = {"action": "move_members_action", "_selected_action": chosen, "select_across": "0"}
    address = "/admin/members/member/"
    first = client.post(address, send)
    assert first.status_code == 200
    assert "样例C112" in first.content.decode()
    to = {"organization": str(world.organization("C112").pk)}
    second = client.post(address, send | to).content.decode()
    assert f"{len(chosen)} " in second
    assert 'name="confirmed"' in second
    with acting(STREET):
        assert Member.objects.filter(organization=world.organization("C111")).count() == len(chosen)
    assert client.post(address, send | to | {"confirmed": "yes"}).status_code == 302
    with acting(STREET):
        assert not Member.objects.filter(organization=world.organization("C111")).exists()


def test_many_are_not_moved_to_a_foreign_community(login, acting, world, away):
    send = {"action": "move_members_action", "_selected_action": [str(away.pk)], "select_across": "0",
            "organization": str(world.organization("C121").pk), "confirmed": "yes"}  # fmt: skip
    text = login(STREET).post("/admin/members/member/", send).content.decode()
    assert "样例C121" not in text
    with acting(STREET) as actor:
        assert access_member(actor, away.pk).organization == world.organization("C111")


def test_front_page_counts_what_waits(login, offer):
    def waiting(who):
        tiles = login(who).get("/admin/").context["tiles"]
        return [tile["count"] for tile in tiles if tile["link"] == f"{LIST}?tab=waiting"]

    assert waiting(HOST) == [1]
    assert waiting(HOME) == [0]
    assert waiting("district_admin@D1") == []


def test_list_costs_the_same_for_one_row_and_for_many(login, acting, world, django_assert_num_queries, offer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = login(HOST)
    page(client, LIST)
    with CaptureQueriesContext(connection) as one:
        page(client, LIST)
    with acting(HOME) as actor:
        for number in range(3):
            other = services.create_member(
                organization=world.organization("C111"), values={"name": f"又一位{number}"}, by=actor
            )
            transfers.propose_transfer(member=other, kind="manage", to=world.organization("C121"), by=actor)
    with django_assert_num_queries(len(one)):
        assert "又一位2" in page(client, LIST)
