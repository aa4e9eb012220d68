"""What each side of a member learns of the other's contacts, and nobody left without a duty or in wrong hands."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import ContactLog, ContactObligation, LiaisonAssignment
from contacts.numbers import without_liaison
from contacts.services import assign_liaison, create_liaison, log_contact
from contacts.two_sides import other_side_contacts
from members import services, transfers
from members.models import Member, Transfer, access_member
from members.services import move_member

HOME, HOST, STREET = "community_clerk@C111", "community_clerk@C121", "street_clerk@S11"
TODAY = timezone.localdate()
SECRETS = ("家里的话", "家里下一步", "只给本方的备注", "13711112222", "对方联系人甲", "经手人乙")


@pytest.fixture
def shared(acting, world):
    """A member of C111 with C121 as its host; each side has a liaison's contact with a text of its own."""
    with acting(HOME) as actor:
        member = services.create_member(
            organization=world.organization("C111"),
            values={"name": "双方样例", "remark": "只给本方的备注", "ledger_extra": '{"备用列": "经手人乙"}',
                    "mobile": "13800005678", "id_number": "34010319880312992X"},
            movement={"direction": "outflow", "started_on": "2026-01", "counterpart_contact": "对方联系人甲",
                      "counterpart_phone": "13711112222"},
            by=actor,
        )  # fmt: skip
        liaison = create_liaison(
            organization=world.organization("C111"), name="经手人乙", by=actor, mobile="13711112222"
        )
        assign_liaison(member=member, liaison=liaison, by=actor)
        offer = transfers.propose_transfer(member=member, kind="host", to=world.organization("C121"), by=actor)
    with acting(HOST) as actor:
        transfers.accept_transfer(transfer=offer, by=actor)
    for who, day, outcome, note in (
        (HOME, 3, "reached", "家里的话"), (HOME, 2, "no_answer", "家里的话"), (HOST, 0, "reached", "外面的话"),
    ):  # fmt: skip
        with acting(who) as actor:
            log_contact(
                member=access_member(actor, member.pk), by=actor, contacted_on=TODAY - dt.timedelta(days=day),
                outcome=outcome, note=note, next_step="家里下一步" if who == HOME else "",
            )  # fmt: skip
    return member


def test_each_side_reads_day_and_side_of_the_others_contacts(acting, shared):
    with acting(HOST):
        found = other_side_contacts([shared.pk])[shared.pk]
        assert [(row.side, row.contacted_on, row.is_reached) for row in found] == [
            ("home", TODAY - dt.timedelta(days=2), False), ("home", TODAY - dt.timedelta(days=3), True),
        ]  # fmt: skip
    with acting(HOME):
        assert [(row.side, row.contacted_on) for row in other_side_contacts([shared.pk])[shared.pk]] == [
            ("host", TODAY)
        ]


@pytest.mark.parametrize("who", ["community_clerk@C112", "street_clerk@S21", "liaison@C111", "operator@X", None])
def test_third_parties_learn_of_no_contact(acting, shared, who):
    if who is None:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from portal.other_side_contacts(%s)", [[shared.pk]])
            assert cursor.fetchone() == (0,)
        return
    with acting(who):
        assert other_side_contacts([shared.pk]) == {}


@pytest.mark.parametrize("screen", ["card", "log", "obligations", "members", "transfers", "logs"])
def test_host_pages_hold_nothing_of_the_home_but_the_minimum(login, shared, screen):
    address = {
        "card": f"/admin/members/member/{shared.pk}/card/",
        "log": f"/admin/contacts/log/{shared.pk}/",
        "obligations": "/admin/contacts/contactobligation/",
        "members": "/admin/members/member/",
        "transfers": "/admin/members/transfer/?tab=done",
        "logs": "/admin/contacts/contactlog/",
    }[screen]
    response = login(HOST).get(address)
    text = response.content.decode()
    assert response.status_code == 200
    assert "双方样例" in text
    assert not [secret for secret in SECRETS if secret in text]
    if screen in ("card", "log"):
        assert (TODAY - dt.timedelta(days=3)).isoformat() in text  # that the home side made contact
        assert "外面的话" in text
    if screen == "card":
        assert "138****5678" in text
        assert "账号C111" not in text


@pytest.mark.parametrize(("who", "direction"), [(HOME, "outflow"), (HOST, "inflow"), ("district_admin@D1", "outflow")])
def test_same_person_is_outgoing_for_the_home_and_incoming_for_the_host(login, shared, who, direction):
    client = login(who)
    opposite = {"outflow": "inflow", "inflow": "outflow"}[direction]
    assert "双方样例" in client.get(f"/admin/members/member/?direction={direction}").content.decode()
    assert "双方样例" not in client.get(f"/admin/members/member/?direction={opposite}").content.decode()
    card = client.get(f"/admin/members/member/{shared.pk}/card/").content.decode()
    assert f"<dd>{ {'outflow': '流出', 'inflow': '流入'}[direction] }</dd>" in card


def test_home_card_holds_no_text_of_the_host(login, shared):
    text = login(HOME).get(f"/admin/members/member/{shared.pk}/card/").content.decode()
    assert "外面的话" not in text
    assert TODAY.isoformat() in text
    assert all(own in text for own in ("家里的话", "经手人乙", 'name="field" value="remark"'))
    assert "只给本方的备注" not in text  # masked: read by the button beside it


def test_host_reads_no_history_rows(acting, shared):
    with acting(HOST), connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from members_memberevent where pgh_obj_id = %s),"
            " (select count(*) from members_movementevent where member_id = %s)",
            [shared.pk] * 2,
        )
        assert cursor.fetchone() == (0, 0)
        cursor.execute("select portal.member_changed_at(%s)", [shared.pk])
        assert cursor.fetchone()[0] is not None
    with acting("community_clerk@C112"), connection.cursor() as cursor:
        cursor.execute("select portal.member_changed_at(%s)", [shared.pk])
        assert cursor.fetchone() == (None,)


def test_each_side_has_its_own_tasks_only(login, shared):
    texts = {who: login(who).get("/admin/contacts/contactobligation/").content.decode() for who in (HOME, HOST)}
    assert [len(re.findall(r">\s*双方样例", text)) for text in texts.values()] == [1, 1]
    cells = re.findall(r'<td class="field-organization[^>]*>\s*([^<]*?)\s*<', texts[HOST])
    assert set(cells) == {"样例C121"}


def owes(owner, member):
    """Eligible members (in the state to be looked after) whose managing organization has no open duty."""
    return owner.execute(
        "select m.id from members_member m where m.state in ('floating', 'pending') and not exists (select 1 from"
        " contacts_contactobligation o where o.member_id = m.id and o.ended_on is null and o.side <> 'member'"
        " and o.organization_id = m.organization_id)"
    ).fetchall()


MOVED = "select count(*) from contacts_liaisonassignment where member_id = %s and ended_on is null"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["manage", "manage_other_side", "one_step", "service", "raw"])
def test_no_path_leaves_a_member_without_duty_or_with_a_foreign_liaison(acting, world, owner, path):
    target = {"manage": "C122", "manage_other_side": "C121"}.get(path, "C112")
    with acting(STREET) as actor:
        member = services.create_member(
            organization=world.organization("C111"), values={"name": "移交样例"},
            movement={"direction": "outflow", "started_on": "2026-01"}, by=actor,
        )  # fmt: skip
        liaison = create_liaison(organization=world.organization("C111"), name="原联系人", by=actor)
        assign_liaison(member=member, liaison=liaison, by=actor)
        assert list(without_liaison().filter(pk=member.pk)) == []
    move(acting, world, member, target, path)
    assert owes(owner, member) == []
    assert owner.execute(MOVED, [member.pk]).fetchone() == (0,)
    with acting({"C122": "street_clerk@S12", "C121": HOST}.get(target, "community_clerk@C112")):
        assert list(without_liaison().filter(pk=member.pk)) == [member]
        assert ContactObligation.objects.filter(member=member, organization=world.organization(target)).exists()


def move(acting, world, member, target, path):
    organization = world.organization(target)
    if path.startswith("manage"):
        receiver = "street_clerk@S12"
        if path == "manage_other_side":
            with acting(HOME) as actor:
                side = transfers.propose_transfer(member=member, kind="host", to=organization, by=actor)
            with acting(receiver) as actor:
                transfers.accept_transfer(transfer=side, by=actor)
        with acting(HOME) as actor:
            offer = transfers.propose_transfer(member=member, kind="manage", to=organization, by=actor)
        with acting(receiver) as actor:
            transfers.accept_transfer(transfer=offer, by=actor)
        return
    with acting(STREET) as actor:
        if path == "one_step":
            transfers.move_members(members=[member], organization=organization, by=actor)
        elif path == "service":
            move_member(member=access_member(actor, member.pk), organization=organization, by=actor)
        else:
            Member.objects.filter(pk=member.pk).update(organization=organization)


def test_liaison_of_the_street_stays_when_the_community_changes(acting, world):
    with acting(STREET) as actor:
        member = world.member("C111")
        liaison = create_liaison(organization=world.organization("S11"), name="街道联系人", by=actor)
        assign_liaison(member=member, liaison=liaison, by=actor)
        transfers.move_members(members=[member], organization=world.organization("C112"), by=actor)
        assert LiaisonAssignment.objects.open().get(member=member).liaison == liaison


def test_contacts_stay_with_who_made_them(acting, world, owner):
    with acting(STREET) as actor:
        member = world.member("C111")
        before = ContactLog.objects.filter(member=member).count()
        transfers.move_members(members=[member], organization=world.organization("C112"), by=actor)
        assert ContactLog.objects.filter(member=member, organization=world.organization("C111")).count() == before > 0


def test_merged_office_keeps_liaisons_sides_and_offers(acting, world, shared):
    with acting(HOME) as actor:
        member = access_member(actor, shared.pk)
        offer = transfers.propose_transfer(member=member, kind="manage", to=world.organization("C122"), by=actor)
    for gone, kept in (("C111", "C112"), ("C121", "C122")):
        with acting("district_admin@D1"), connection.cursor() as cursor:
            cursor.execute(
                "select portal.merge_organizations(%s, %s)", [world.organization(gone).pk, world.organization(kept).pk]
            )
    with acting("community_clerk@C112") as actor:
        member = access_member(actor, shared.pk)
        assert LiaisonAssignment.objects.open().filter(member=member).exists()
        movement = member.movements.get()
        assert (movement.direction, movement.host_organization) == ("outflow", world.organization("C122"))
        states = dict(Transfer.objects.filter(member=member).values_list("kind", "state"))
        assert states == {"host": "accepted", "manage": "proposed"}
        assert Transfer.objects.get(pk=offer.pk).from_organization == world.organization("C112")


@pytest.mark.parametrize("state", ["transferred", "left", "deceased", "archived"])
def test_who_has_left_for_good_is_on_nobodys_list(acting, world, shared, state):
    with acting(HOME) as actor:
        mine = LiaisonAssignment.objects.filter(member=shared)
        assert mine.open().count() == 1
        services.set_state(member=access_member(actor, shared.pk), state=state, ended_on="2026-10", by=actor)
        assert (mine.open().count(), mine.count()) == (0, 1)
        assert not ContactObligation.objects.open().filter(member=shared).exists()
