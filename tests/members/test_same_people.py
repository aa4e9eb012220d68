"""One person in two organizations: found by the job, settled by the superior, nobody else learns of it."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import Http404

from contacts.models import ContactLog, ContactObligation
from contacts.services import assign_liaison, create_liaison, log_contact
from members.models import Member, Movement, Placement, SamePersonCase
from members.same_people import services
from members.services import MemberRefused, create_member
from portal import access
from tests.members.pairs import HOME, HOST, NUMBER, SUPERIOR, as_user, file, found, pair, picture, step

committed = pytest.mark.django_db(transaction=True)  # the owner looks from another connection


def seen(world, who):
    with as_user(world, who) as by:
        return set(Member.objects.visible_to(by).filter(name__startswith="双").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("keys", "node"), [(("C111", "C112"), "S11"), (("C111", "C121"), "D1"), (("C111", "C211"), "X")]
)
def test_case_opens_once_at_the_lowest_node_above_both(world, keys, node):
    for key, direction in zip(keys, ("outflow", "inflow"), strict=True):
        file(world, key, direction)
    assert [services.find_same_people() for _ in range(3)] == [1, 0, 0]
    with as_user(world, "city_admin@X") as by:
        assert services.cases(by).get().organization == world.organization(node)


def test_command_finds_and_says_how_many(world):
    pair(world)
    out = io.StringIO()
    call_command("find_same_people", stdout=out)
    assert "1" in out.getvalue()


def test_two_files_that_a_street_holds_itself_and_below_are_its_own_case(world):
    file(world, "C111", "outflow")
    with as_user(world, "street_clerk@S11") as by, pytest.raises(MemberRefused):
        create_member(organization=world.organization("S11"), values={"name": "双甲", "id_number": NUMBER}, by=by)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("district_admin@D1", 1), ("city_admin@X", 1), ("district_admin@D2", 0), ("street_admin@S11", 0),
     ("street_clerk@S11", 0), ("community_clerk@C111", 0), ("community_clerk@C121", 0), ("city_viewer@X", 0),
     ("liaison@C111", 0), ("operator@X", 0), ("auditor@S11", 0)],
)  # fmt: skip
def test_case_is_read_by_its_superiors_only(world, who, sees):
    pair(world)
    services.find_same_people()
    with as_user(world, who):
        assert SamePersonCase.objects.count() == sees
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from portal.same_person_files(array(select id from members_samepersoncase))"
            )
            assert cursor.fetchone()[0] == 2 * sees


def test_city_without_members_in_view_sees_surname_and_organizations(world):
    pair(world)
    case = found(world, "city_admin@X")
    with as_user(world, "city_admin@X"):
        services.add_files([case])
        assert {(f.surname, str(f.organization), f.member) for f in case.files} == {
            ("双", "样例C111", None), ("双", "样例C121", None)}  # fmt: skip
        assert sorted(f.direction for f in case.files) == ["inflow", "outflow"]


def test_linking_makes_one_file_that_both_sides_see(world):
    home, host = pair(world)
    assert step(world, "link", found(world)) == ""
    for who in (HOME, HOST, SUPERIOR):
        assert seen(world, who) == {home.pk}, who
    with as_user(world, HOST):
        one = Member.objects.get(pk=home.pk)
        assert one.movements.get().host_organization == world.organization("C121")
        assert Member.objects.get(pk=host.pk).remark == "密C121密"  # the own history is still the own side's to read
    with as_user(world, HOME):
        assert not Member.objects.filter(pk=host.pk).exists()


def test_linked_pair_counts_once_above(world):
    pair(world)
    case = found(world)
    with as_user(world, SUPERIOR) as by:
        before = Member.objects.visible_to(by).count()
        assert services.counted_twice() == 2
    step(world, "link", case)
    with as_user(world, SUPERIOR) as by:
        assert Member.objects.visible_to(by).count() == before - 1
        assert services.counted_twice() == 0
        assert (
            Placement.objects.filter(organization=world.organization("D1"), member__name__startswith="双").count() == 1
        )


@committed
def test_duties_of_the_kept_file_count_contacts_of_both(world, owner):
    home, host = pair(world)
    with as_user(world, HOST) as by:
        log_contact(member=host, by=by, note="东道")
    with as_user(world, HOME) as by:
        log_contact(member=home, by=by, note="家乡", outcome="no_answer")
    step(world, "link", found(world))
    rows = owner.execute(
        "select member_id, side, organization_id, last_success_on is not null from contacts_contactobligation"
        " where member_id in (%s, %s) and ended_on is null and side <> 'member' order by side", [home.pk, host.pk],
    ).fetchall()  # fmt: skip
    assert rows == [
        (home.pk, "home", world.organization("C111").pk, False),
        (home.pk, "host", world.organization("C121").pk, True),
    ]


def test_each_side_logs_on_its_own_file_and_reads_its_own_texts(world):
    home, host = pair(world)
    step(world, "link", found(world))
    with as_user(world, HOST) as by:
        kept = Member.objects.get(pk=home.pk)
        assert log_contact(member=kept, by=by, note="东道话").member_id == host.pk
        assert ContactObligation.objects.open().get(member=kept, side="host").last_success_on is not None
    with as_user(world, HOME) as by:
        log_contact(member=Member.objects.get(pk=home.pk), by=by, note="家乡话")
        assert [row.note for row in ContactLog.objects.visible_to(by).filter(member__name__startswith="双")] == [
            "家乡话"
        ]
    with as_user(world, HOST) as by:
        rows = ContactLog.objects.visible_to(by).filter(source="logged", contacted_on__isnull=False)
        assert [row.note for row in rows.filter(member__name__startswith="双")] == ["东道话"]


@committed
def test_undo_restores_exactly_what_was(world, owner):
    home, host = pair(world)
    with as_user(world, HOST) as by:
        liaison = create_liaison(organization=world.organization("C121"), name="联东道", by=by)
        assign_liaison(member=host, liaison=liaison, by=by)
    case = found(world)
    before = picture(owner, home, host)
    assert step(world, "link", case) == ""
    assert picture(owner, home, host) != before
    assert step(world, "undo", case) == ""
    assert picture(owner, home, host) == before
    assert (seen(world, HOME), seen(world, HOST)) == ({home.pk}, {host.pk})


def test_undo_after_contacts_leaves_them_with_who_made_them(world):
    home, host = pair(world)
    case = found(world)
    step(world, "link", case)
    with as_user(world, HOST) as by:
        log_contact(member=Member.objects.get(pk=home.pk), by=by, note="东道话")
    step(world, "undo", case)
    with as_user(world, HOST) as by:
        assert [row.note for row in ContactLog.objects.visible_to(by).filter(member=host)] == ["东道话"]
        assert ContactObligation.objects.open().get(member=host).last_success_on is not None
    with as_user(world, HOME):
        assert ContactObligation.objects.open().get(member=home).last_success_on is None
        assert not ContactLog.objects.filter(member=host).exists()


@committed
def test_undo_leaves_a_side_that_was_changed_since(world, owner):
    home, _host = pair(world)
    case = found(world)
    step(world, "link", case)
    owner.execute("update members_movement set host_organization_id = null, host_text = '外地' where member_id = %s",
                  [home.pk])  # fmt: skip
    step(world, "undo", case)
    with as_user(world, HOME):
        away = Movement.objects.get(member=home)
        assert (away.host_organization, away.host_text) == (None, "外地")


@pytest.mark.parametrize(
    ("home", "host", "obstacle", "kept"),
    [("outflow", "inflow", "", 0), ("outflow", None, "", 0), (None, "inflow", "", 1), (None, None, "", 0),
     ("inflow", "inflow", "two_incoming", None), ("outflow", "outflow", "two_outgoing", None)],
)  # fmt: skip
def test_only_what_fits_together_is_linked(world, home, host, obstacle, kept):
    files = pair(world, home, host)
    case = found(world)
    assert step(world, "ask_sides", case) == obstacle
    assert step(world, "link", case) == obstacle
    both = {one.pk for one in files}
    for who in (HOME, HOST):
        assert seen(world, who) == ({files[kept].pk} if kept is not None else seen(world, who) & both)
    assert seen(world, SUPERIOR) == ({files[kept].pk} if kept is not None else both)


@committed
def test_movement_to_a_third_organization_stands_in_the_way(world, owner):
    home, _host = pair(world)
    owner.execute("update members_movement set host_organization_id = %s where member_id = %s",
                  [world.organization("C211").pk, home.pk])  # fmt: skip
    assert step(world, "link", found(world)) == "other_side"


def test_dismissed_case_does_not_come_back_and_can_be_taken_up(world):
    pair(world)
    case = found(world)
    assert step(world, "dismiss", case, reason="other_person") == ""
    assert services.find_same_people() == 0
    assert step(world, "link", case) == "over"
    assert step(world, "undo", case) == ""
    assert found(world).state == "open"


def test_case_is_set_aside_when_a_number_is_corrected(world):
    from members.services import change_member

    home, _host = pair(world)
    case = found(world)
    with as_user(world, HOME) as by:
        change_member(member=home, values={"id_number": "340103198601019936"}, by=by)
    services.find_same_people()
    with as_user(world, SUPERIOR):
        case.refresh_from_db()
        assert case.state == "outdated"
        assert services.counted_twice() == 0


def test_sides_hear_nothing_before_they_are_asked(world):
    pair(world)
    case = found(world)
    for who in (HOME, HOST):
        with as_user(world, who) as by:
            assert services.questions(by) == []
    step(world, "ask_sides", case)
    for who, own, other in ((HOME, "C111", "C121"), (HOST, "C121", "C111")):
        with as_user(world, who) as by:
            (question,) = services.questions(by)
            assert (question.file.name, question.other) == (f"双{own}", world.organization(other))
            assert SamePersonCase.objects.count() == 0


def answer(world, who, agrees, reason=""):
    with as_user(world, who) as by:
        return services.answer(question=services.questions(by)[0], agrees=agrees, reason=reason, by=by)


def test_two_consents_link(world):
    home, _host = pair(world)
    case = found(world)
    step(world, "ask_sides", case)
    assert answer(world, HOME, True) == "noted"
    assert answer(world, HOME, True) == "noted"  # a double click
    assert answer(world, HOST, True) == "linked"
    assert seen(world, HOST) == {home.pk}


def test_refusal_goes_back_to_the_superior(world):
    pair(world)
    case = found(world)
    step(world, "ask_sides", case)
    answer(world, HOST, False, "not_ours")
    with as_user(world, HOME) as by:
        assert services.questions(by) == []
    with as_user(world, SUPERIOR):
        case.refresh_from_db()
        assert (case.state, case.reason) == ("refused", "not_ours")
    assert step(world, "link", case) == ""


def test_folded_file_is_nobodys_to_change(world):
    home, host = pair(world)
    step(world, "link", found(world))
    with as_user(world, HOST) as by, pytest.raises(MemberRefused) as refusal:
        create_member(organization=world.organization("C121"), values={"name": "双新", "id_number": NUMBER}, by=by)
    assert refusal.value.file == home
    with as_user(world, HOST):
        assert Member.objects.filter(pk=host.pk).update(name="改") == 0
        assert Movement.objects.filter(member=host).update(reason="改") == 0


@committed
def test_every_step_is_audited_with_both_organizations(world, owner):
    pair(world)
    case = found(world)
    step(world, "ask_sides", case)
    step(world, "link", case)
    step(world, "undo", case)
    rows = owner.execute("select action, organization_id from portal_auditentry where detail ->> 'case' = %s",
                         [str(case.pk)]).fetchall()  # fmt: skip
    node = {key: world.organization(key).pk for key in ("C111", "C121", "D1")}
    assert sorted(rows) == sorted(
        [("same_person_asked", node["D1"])]
        + [(f"same_person_{what}", node[key]) for what in ("linked", "unlinked") for key in ("C111", "C121")]
    )


def test_steps_of_strangers_are_absent(world):
    pair(world)
    case = found(world)
    step(world, "ask_sides", case)
    for who in (HOME, "street_admin@S11", "district_admin@D2", "city_viewer@X"):
        with as_user(world, who) as by:
            for name in ("link", "ask_sides", "undo"):
                with pytest.raises(Http404):
                    getattr(services, name)(case=case, by=by)


@committed
def test_two_clicks_at_once_link_once(world, owner):
    home, host = pair(world)
    case = found(world)
    outcomes = []

    def click():
        try:
            outcomes.append(step(world, "link", case))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["", "over", "over", "over"]
    assert owner.execute("select count(*) from members_member where same_as_id = %s", [home.pk]).fetchone() == (1,)
    assert access.current() is None
