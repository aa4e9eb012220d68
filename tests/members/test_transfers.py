"""Transfers between organizations: what each end may do, what follows, and what is never left without anybody."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404

from members import services, transfers
from members.enums import MemberState, TransferKind, TransferState
from members.models import Member, Movement, Transfer, access_member
from members.services import MemberRefused
from portal.models import AuditEntry

HOME, HOST = "community_clerk@C111", "community_clerk@C121"
ID = "34010319880312992X"
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def away(acting, world):
    """A member of C111 who is away; nobody has the host side yet."""
    with acting(HOME) as actor:
        return services.create_member(
            organization=world.organization("C111"),
            values={"name": "转接样例", "gender": "female", "birth_date": "1988-03", "mobile": "13800001234",
                    "id_number": ID, "remark": "只给本方看的备注"},
            movement={"direction": "outflow", "started_on": "2026-01", "host_text": "外地"},
            by=actor,
        )  # fmt: skip


@pytest.fixture
def propose(acting, world):
    def proposed(member, kind=TransferKind.HOST, key="C121", who=HOME, note="请接收"):
        with acting(who) as actor:
            member = access_member(actor, member.pk)
            return transfers.propose_transfer(member=member, kind=kind, to=world.organization(key), by=actor, note=note)

    return proposed


def test_receiver_sees_what_was_handed_over_and_no_member(acting, away, propose):
    offer = propose(away)
    with acting(HOST):
        row = Transfer.objects.get(pk=offer.pk)
        assert json.loads(row.handed_over) == {
            "name": "转接样例", "gender": "female", "birth_year": "1988", "mobile_tail": "1234", "note": "请接收",
        }  # fmt: skip
        assert not Member.objects.filter(pk=away.pk).exists()
        assert not Movement.objects.filter(member=away.pk).exists()
    for outsider in ("community_clerk@C112", "street_clerk@S21", "district_admin@D1", "city_admin@X"):
        with acting(outsider):
            assert not Transfer.objects.filter(pk=offer.pk).exists()


def test_accepted_host_side_sees_the_file_and_owes_contact(acting, world, owner, away, propose):
    offer = propose(away)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=transfers.access_transfer(actor, offer.pk), by=actor)
        movement = access_member(actor, away.pk).movements.get()
        assert (movement.host_organization, movement.host_text) == (world.organization("C121"), "")
        with connection.cursor() as cursor:
            cursor.execute(
                "select side, organization_id from contacts_contactobligation"
                " where member_id = %s and side <> 'member'",
                [away.pk],
            )
            owed = {"home": world.organization("C111").pk, "host": world.organization("C121").pk}
            assert dict(cursor.fetchall()) == owed
        with pytest.raises(PermissionDenied):
            services.change_member(member=access_member(actor, away.pk), values={"name": "改名"}, by=actor)
    with acting(HOME):
        assert Transfer.objects.get(pk=offer.pk).state == TransferState.ACCEPTED


def test_home_side_is_asked_by_the_host(acting, world, away, propose):
    with acting(HOST) as actor:
        guest = services.create_member(
            organization=world.organization("C121"), values={"name": "流入样例"},
            movement={"direction": "inflow", "started_on": "2026-02", "home_text": "某支部"}, by=actor,
        )  # fmt: skip
    offer = propose(guest, TransferKind.HOME, "C111", HOST)
    with acting(HOME) as actor:
        transfers.accept_transfer(transfer=transfers.access_transfer(actor, offer.pk), by=actor)
        assert access_member(actor, guest.pk).movements.get().home_organization == world.organization("C111")


@pytest.mark.parametrize("who", ["community_clerk@C112", "street_clerk@S21", "district_admin@D1", "liaison@C111"])
def test_third_parties_find_no_transfer(acting, away, propose, who):
    offer = propose(away)
    with acting(who) as actor:
        with pytest.raises(Http404):
            transfers.access_transfer(actor, offer.pk)
        for write in (transfers.accept_transfer, transfers.withdraw_transfer):
            with pytest.raises(PermissionDenied):
                write(transfer=offer, by=actor)
        with pytest.raises(PermissionDenied):
            transfers.return_transfer(transfer=offer, reason="不收", by=actor)


def test_each_end_does_only_its_own_part(acting, away, propose):
    offer = propose(away)
    with acting(HOME) as actor:
        with pytest.raises(PermissionDenied):
            transfers.accept_transfer(transfer=offer, by=actor)
        with pytest.raises(PermissionDenied):
            transfers.return_transfer(transfer=offer, reason="不收", by=actor)
    with acting(HOST) as actor, pytest.raises(PermissionDenied):
        transfers.withdraw_transfer(transfer=offer, by=actor)


def test_returned_offer_is_wiped_and_tells_why(acting, owner, away, propose):
    offer = propose(away)
    with acting(HOST) as actor, pytest.raises(MemberRefused):
        transfers.return_transfer(transfer=offer, reason="  ", by=actor)
    with acting(HOST) as actor:
        row = transfers.return_transfer(transfer=offer, reason="不在本社区居住", by=actor)
        assert (row.handed_over, row.answer) == ("", "不在本社区居住")
        assert not Member.objects.filter(pk=away.pk).exists()
        for again in (transfers.accept_transfer, transfers.withdraw_transfer):
            with pytest.raises((MemberRefused, PermissionDenied)):
                again(transfer=row, by=actor)
    with acting(HOME):
        assert Transfer.objects.get(pk=offer.pk).answer == "不在本社区居住"
    assert propose(away).state == TransferState.PROPOSED  # asked anew


def test_withdrawn_offer_is_wiped_and_cannot_be_accepted(acting, away, propose):
    offer = propose(away)
    with acting(HOME) as actor:
        assert transfers.withdraw_transfer(transfer=offer, by=actor).handed_over == ""
    with acting(HOST) as actor:
        with pytest.raises(MemberRefused):
            transfers.accept_transfer(transfer=offer, by=actor)
        assert not Member.objects.filter(pk=away.pk).exists()


def test_one_open_proposal_per_member_and_kind(away, propose):
    propose(away)
    with pytest.raises(MemberRefused):
        propose(away, key="C122")
    assert propose(away, TransferKind.MANAGE).state == TransferState.PROPOSED


def test_side_needs_an_open_movement_and_a_free_place(acting, world, away, propose):
    with pytest.raises(MemberRefused):
        propose(away, TransferKind.HOME)  # nobody came in
    with pytest.raises(MemberRefused):
        propose(away, key="X")  # a city takes no member
    offer = propose(away)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
    with pytest.raises(MemberRefused):
        propose(away, key="C122")


def test_file_of_another_cannot_be_offered(acting, world, away):
    for who in (HOST, "community_clerk@C112", "district_admin@D1"):
        with acting(who) as actor, pytest.raises(PermissionDenied):
            transfers.propose_transfer(member=away, kind="manage", to=world.organization("C122"), by=actor)


def test_whole_file_goes_with_its_side_and_leaves_nobody_behind(acting, world, away, propose):
    offer = propose(away, TransferKind.MANAGE)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
        member = access_member(actor, away.pk)
        assert member.organization == world.organization("C121")
        assert member.remark == "只给本方看的备注"
    with acting(HOME):
        assert not Member.objects.filter(pk=away.pk).exists()
        assert json.loads(Transfer.objects.get(pk=offer.pk).handed_over) == {"name": "转接样例"}


@pytest.mark.parametrize("kind", [TransferKind.HOST, TransferKind.MANAGE])
def test_accepted_transfer_keeps_the_name_alone(acting, owner, away, propose, kind):
    """What the receiver needed to decide is of no use to anybody afterwards."""
    offer = propose(away, kind, note="手机尾号1234，请接收")
    with acting(HOST) as actor:
        row = transfers.accept_transfer(transfer=transfers.access_transfer(actor, offer.pk), by=actor)
        assert json.loads(row.handed_over) == {"name": "转接样例"}
    with acting(HOME):
        assert json.loads(Transfer.objects.get(pk=offer.pk).handed_over) == {"name": "转接样例"}


@pytest.mark.parametrize("how", ["return", "withdraw"])
def test_settled_transfer_keeps_nothing_of_the_person(acting, away, propose, how):
    offer = propose(away)
    with acting(HOST if how == "return" else HOME) as actor:
        if how == "return":
            transfers.return_transfer(transfer=offer, reason="不在本社区", by=actor)
        else:
            transfers.withdraw_transfer(transfer=offer, by=actor)
        row = Transfer.objects.get(pk=offer.pk)
        assert (row.handed_over_sealed, row.handed_over_digest) == (None, None)


def test_whole_file_to_the_other_side_turns_the_movement(acting, world, away, propose):
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=propose(away), by=actor)
    offer = propose(away, TransferKind.MANAGE)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
        movement = access_member(actor, away.pk).movements.get()
        assert movement.direction == "inflow"
        assert (movement.home_organization, movement.host_organization) == (
            world.organization("C111"), world.organization("C121"),
        )  # fmt: skip
    with acting(HOME) as actor:  # still one of its two sides
        assert access_member(actor, away.pk).organization == world.organization("C121")


def test_own_branch_is_left_behind_with_the_file(acting, world, away, propose):
    with acting(HOME) as actor:
        member = access_member(actor, away.pk)
        services.change_movement(
            movement=member.movements.get(), values={"home_organization": world.organization("B111")}, by=actor
        )
    offer = propose(away, TransferKind.MANAGE)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
        assert access_member(actor, away.pk).movements.get().home_organization == world.organization("C121")
    for former in (HOME, "branch_secretary@B111"):
        with acting(former):
            assert not Member.objects.filter(pk=away.pk).exists()


def test_second_file_of_a_person_is_refused_without_saying_so(acting, world, away, propose):
    with acting(HOST) as actor:
        services.create_member(
            organization=world.organization("C121"), values={"name": "同号样例", "id_number": ID}, by=actor
        )
    offer = propose(away, TransferKind.MANAGE)
    with acting(HOST) as actor:
        with pytest.raises(MemberRefused) as refusal:
            transfers.accept_transfer(transfer=offer, by=actor)
        assert "同号" not in str(refusal.value)
        assert "转接样例" not in str(refusal.value)
        assert Transfer.objects.get(pk=offer.pk).state == TransferState.PROPOSED
        assert not Member.objects.filter(pk=away.pk).exists()


def test_refusal_is_the_same_when_the_movement_ended(acting, world, away, propose):
    offer = propose(away)
    with acting(HOME) as actor:
        services.set_state(member=access_member(actor, away.pk), state="returned", by=actor, ended_on="2026-10")
    with acting(HOST) as actor, pytest.raises(MemberRefused, match=transfers._why_not("impossible")):
        transfers.accept_transfer(transfer=offer, by=actor)


@pytest.mark.parametrize("who", [HOME, HOST])
def test_either_side_ends_the_second_side(acting, world, away, propose, who):
    offer = propose(away)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
    with acting(who) as actor:
        movement = access_member(actor, away.pk).movements.select_related("member").get()
        transfers.end_side(movement=movement, ended_on=TODAY, reason="已搬走", by=actor)
    with acting(HOST):
        assert not Member.objects.filter(pk=away.pk).exists()
    for reader in (HOME, HOST):
        with acting(reader):
            row = Transfer.objects.get(pk=offer.pk)
            assert (row.state, row.answer, row.ended_on) == (TransferState.ENDED, "已搬走", TODAY)
            assert row.ended_by == world.organization("C111" if who == HOME else "C121")
    with acting(HOME) as actor:
        movement = access_member(actor, away.pk).movements.get()
        assert (movement.host_organization, movement.host_text) == (None, "样例C121党委")


def test_side_is_not_ended_by_others(acting, world, away, propose):
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=propose(away), by=actor)
    with acting(HOME) as actor:
        movement = access_member(actor, away.pk).movements.select_related("member", "host_organization").get()
    for who in ("community_clerk@C112", "street_clerk@S21", "district_admin@D1"):
        with acting(who) as actor, pytest.raises(PermissionDenied):
            transfers.end_side(movement=movement, ended_on=TODAY, reason="无", by=actor)


def test_side_changed_in_the_form_shows_as_ended(acting, away, propose):
    offer = propose(away)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
    with acting(HOME) as actor:
        movement = access_member(actor, away.pk).movements.select_related("member__organization").get()
        services.change_movement(movement=movement, values={"host_organization": None, "host_text": "外地"}, by=actor)
    with acting(HOST):
        assert Transfer.objects.get(pk=offer.pk).state == TransferState.ENDED


@pytest.mark.parametrize(("kind", "ending"), [("host", None), ("manage", (MemberState.TRANSFERRED, "2026-11"))])
def test_outside_destination_is_done_at_once(acting, away, kind, ending):
    with acting(HOME) as actor:
        member = access_member(actor, away.pk)
        row = transfers.transfer_outside(member=member, kind=kind, to=" 某县某镇党委 ", by=actor, ending=ending)
        assert (row.state, row.target) == (TransferState.ACCEPTED, "某县某镇党委")
        member = access_member(actor, away.pk)
        movement = member.movements.get()
        if kind == "host":
            assert movement.host_text == "某县某镇党委"
        else:
            assert (member.state, movement.ended_on) == (MemberState.TRANSFERRED, "2026-11")
        with pytest.raises(MemberRefused):
            transfers.transfer_outside(member=member, kind="manage", to="某镇", by=actor)


def test_one_step_inside_a_street_moves_many(acting, world, django_assert_max_num_queries):
    with acting("street_clerk@S11") as actor:
        some = [
            services.create_member(
                organization=world.organization("C111"), values={"name": f"批量{number}"},
                movement={"direction": "outflow", "started_on": "2026"}, by=actor,
            )
            for number in range(5)
        ]  # fmt: skip
        queryset = Member.objects.filter(pk__in=[member.pk for member in some])
        with django_assert_max_num_queries(10):
            assert transfers.move_members(members=queryset, organization=world.organization("C112"), by=actor) == 5
        assert queryset.filter(organization=world.organization("C112")).count() == 5
        assert transfers.move_members(members=queryset, organization=world.organization("C112"), by=actor) == 0
        assert AuditEntry.objects.filter(action="move_members").count() == 0  # a clerk reads no log
    with acting("community_clerk@C111"):
        assert not Member.objects.filter(pk__in=[member.pk for member in some]).exists()


def test_move_is_refused_where_one_end_is_foreign(acting, world, away):
    with acting(HOME) as actor, pytest.raises(PermissionDenied):
        transfers.move_members(members=[away], organization=world.organization("C112"), by=actor)
    with acting("street_clerk@S12") as actor, pytest.raises(Http404):
        transfers.move_members(members=[away], organization=world.organization("C121"), by=actor)


def test_move_names_who_has_a_file_there_already(acting, world, away):
    with acting("community_clerk@C112") as actor:
        services.create_member(
            organization=world.organization("C112"), values={"name": "同人", "id_number": ID}, by=actor
        )
    with acting("street_clerk@S11") as actor:
        twin = services.create_member(organization=world.organization("C111"), values={"name": "另一人"}, by=actor)
        with pytest.raises(MemberRefused, match="转接样例"):
            transfers.move_members(members=[away, twin], organization=world.organization("C112"), by=actor)
        assert Member.objects.filter(pk__in=[away.pk, twin.pk], organization=world.organization("C111")).count() == 2


def test_both_ends_in_one_hand_need_no_answer(acting, world, away, propose):
    row = propose(away, key="C112", who="street_clerk@S11")
    assert row.state == TransferState.ACCEPTED


def test_open_offers_follow_the_file_or_are_over(acting, world, away, propose):
    side, whole = propose(away), propose(away, TransferKind.MANAGE)
    with acting("street_clerk@S11") as actor:
        transfers.move_members(members=[away], organization=world.organization("C112"), by=actor)
    with acting(HOST):
        assert Transfer.objects.get(pk=side.pk).from_organization == world.organization("C112")
        row = Transfer.objects.get(pk=whole.pk)
        assert (row.state, row.handed_over) == (TransferState.WITHDRAWN, "")


def test_failure_after_the_acceptance_undoes_all_of_it(acting, world, away, propose):
    offer = propose(away, TransferKind.MANAGE)

    def accept_and_fail():
        with transaction.atomic(), acting(HOST) as actor:
            transfers.accept_transfer(transfer=offer, by=actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        accept_and_fail()
    with acting(HOME) as actor:
        assert access_member(actor, away.pk).organization == world.organization("C111")
        assert Transfer.objects.get(pk=offer.pk).state == TransferState.PROPOSED
