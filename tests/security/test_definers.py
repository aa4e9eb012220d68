"""Functions that run as the owner, called without the right and without an actor; and rows that point outside."""

import uuid
from typing import Any

import pytest
from django.db import connection

from portal import access
from tests.security.walls import CLERK, Rows, ask, count, is_refused


def test_definer_functions_without_an_actor_tell_nothing(world: Any, db: None) -> None:
    node, nobody = world.organization("C111").pk, uuid.uuid4()
    answers = {
        "select portal.actor()": None,
        "select portal.actor_user()": None,
        "select count(*) from portal.held_rights()": 0,
        "select portal.granted_nodes('view_members')": [],
        "select portal.organization_ids('view_members')": [],
        f"select portal.may('view_members', '{node}')": False,
        f"select count(*) from portal.users_with('view_members', '{node}')": 0,
        "select portal.has_grant()": False,
        f"select portal.has_any_right('{node}')": False,
        "select portal.assigned_member_ids()": [],
        "select portal.acting_liaison()": None,
        "select portal.acting_person()": None,
        "select portal.visits_only()": False,
        "select count(*) from portal.visit_list()": 0,
        "select portal.actor_link()": None,
        "select portal.actor_link_subject('liaison')": None,
        "select count(*) from portal.member_name_candidates('{秘}', '', 50)": 0,
        "select count(*) from portal.member_name_candidates('{}', 'mi', 50)": 0,
        f"select portal.count_placed('{node}', 50)": 0,
        f"select count(*) from portal.reminder_recipients('{{{nobody}}}')": 0,
        "select count(*) from portal.needs_of_nobody()": 0,
        f"select count(*) from portal.need_reminder_recipients('{{{nobody}}}')": 0,
        f"select count(*) from portal.office_lines('{{{node}}}', portal.today())": 0,
        f"select count(*) from portal.office_line_recipients('{{{nobody}}}')": 0,
        f"select portal.duties_wait('{node}')": False,
        f"select portal.member_changed_at('{nobody}')": None,
        f"select count(*) from portal.other_side_contacts('{{{nobody}}}')": 0,
        f"select portal.import_requester('{nobody}')": None,
        "select portal.forget_old_ledgers()": 0,
        "select portal.forget_messages()": 0,
        "select portal.forget_thoughts()": 0,
        f"select portal.read_digests('{{{nobody}}}')": 0,
        f"select from_id from portal.reminder_rules_at('{node}', now())": None,
        "select count(*) from portal.unreachable()": 0,
        "select portal.own_member()": None,
        f"select portal.own_page_waits('{nobody}')": False,
        "select count(*) from portal.own_file()": 0,
        "select count(*) from portal.own_movements()": 0,
        "select count(*) from portal.own_office()": 0,
        "select count(*) from portal.own_activities(50)": 0,
        "select count(*) from portal.own_needs(50)": 0,
        "select count(*) from portal.own_parcels()": 0,
        "select count(*) from portal.own_requests(50)": 0,
        "select count(*) from portal.own_reminders()": 0,
        "select count(*) from portal.own_views(50)": 0,
        "select count(*) from portal.own_people('{x}', '{x}', 'x')": 0,
        "select portal.own_card_number()": None,
        f"select count(*) from portal.card_desks('{nobody}')": 0,
        "select portal.card_of_number('12345678')": None,
        "select portal.acting_member()": None,
        "select portal.forget_scans()": 0,
        "select portal.forget_report_ins()": 0,
    }
    assert {statement: ask(statement) for statement in answers} == answers
    for statement in (
        f"select portal.grant_role('{world.user(CLERK).pk}', 'street_admin', '{node}', null, '')",
        f"select portal.request_grant('{nobody}', '{world.user(CLERK).pk}', 'city_viewer', '{node}', null, 'x')",
        f"select portal.decide_grant('{nobody}', true, '')",
        f"select portal.request_export('{nobody}', '{{\"organizations\": [\"{node}\"]}}', '{{}}', '', '')",
        f"select portal.decide_export('{nobody}', true, '', 1)",
        f"select * from portal.fetch_export('{nobody}')",
        f"select portal.withdraw_export('{nobody}')",
        f"select portal.plan_reminders('{node}', '2027-01-01')",
        f"select portal.group_reminders('{node}', '2027-01-01')",
        f"select portal.group_texts('{node}', '2027-01-01')",
        f"select portal.plan_dates('{node}', '2027-01-01', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}')",
        f"select portal.plan_date_messages('{node}', '2027-01-01')",
        f"select portal.retry_messages('{{{nobody}}}')",
        f"select portal.give_up_messages('{{{nobody}}}')",
        f"select portal.note_imported_rows('{nobody}', '{{{nobody}}}', '{{a}}', '{{1}}')",
        f"select count(*) from portal.contact_report('{node}', '2026-01-01', '2027-01-01')",
        f"select count(*) from portal.pillar_counts('{node}', '2026-01-01', '2027-01-01')",
        f"select portal.send_own_request('{nobody}', 'address', 'x', 'x', null, null)",
        "select portal.note_own_binding()",
        "select portal.stop_own_page()",
        f"select portal.confirm_card('{nobody}', '{nobody}', '{nobody}')",
        f"select count(*) from portal.checkin_candidates('{nobody}', '{{}}', '{{}}')",
        f"select portal.confirm_arrivals('{nobody}', '{{}}', '{{}}', true)",
        f"select portal.undo_arrival('{nobody}', 'x')",
    ):
        assert is_refused(statement), statement


def _one(owner: Any, table: str, organization: Any) -> str:
    row = owner.execute(f"select id from {table} where organization_id = %s", [organization.pk]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("who", [None, "community_clerk@C112", "district_admin@D1", "liaison@C111", "operator@X"])
def test_report_in_is_referred_by_its_own_queue_only(acting: Any, world: Any, owner: Any, who: str | None) -> None:
    row, target = _one(owner, "checkin_reportin", world.organization("C111")), world.organization("C112").pk
    statement = f"select portal.refer_report_in('{row}', '{target}')"
    absent = f"select portal.refer_report_in('{uuid.uuid4()}', '{target}')"
    if who is None:
        assert is_refused(statement)
        return
    with acting(who):
        assert is_refused(statement)
        assert is_refused(absent)


@pytest.mark.parametrize("who", ["street_clerk@S11", "street_admin@S11", "district_admin@D1", "city_admin@X"])
def test_reminders_are_run_by_their_purpose_only(acting: Any, world: Any, owner: Any, who: str) -> None:
    node = world.organization("S11").pk
    message = _one(owner, "contacts_outboundmessage", world.organization("C111"))
    with acting(who):
        assert is_refused(f"select portal.plan_reminders('{node}', '2027-01-01')")
        assert is_refused(f"select portal.group_reminders('{node}', '2027-01-01')")
        assert is_refused(f"select portal.plan_dates('{node}', '2027-01-01', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}')")
        assert is_refused(f"select portal.plan_date_messages('{node}', '2027-01-01')")
        assert ask(f"select count(*) from portal.reminder_recipients('{{{message}}}')") == 0


@pytest.mark.parametrize("who", ["community_clerk@C112", "branch_secretary@B111", "district_admin@D1", "liaison@C111"])
@pytest.mark.parametrize("function", ["retry_messages", "give_up_messages"])
def test_undelivered_reminders_are_decided_by_their_own_office_only(
    transactional_db: None, acting: Any, world: Any, owner: Any, who: str, function: str
) -> None:
    message = _one(owner, "contacts_outboundmessage", world.organization("C111"))
    owner.execute("update contacts_outboundmessage set state = 'failed', reason = 'refused'")
    own = _one(owner, "contacts_outboundmessage", world.organization("C112"))
    with acting(who):
        assert is_refused(f"select portal.{function}('{{{message}}}')")
        assert is_refused(f"select portal.{function}('{{{own},{message}}}')")
        assert is_refused(f"select portal.{function}('{{{uuid.uuid4()}}}')")
        assert is_refused(f"select portal.lock_reminders('{{{message}}}')")
        assert is_refused(f"select portal.note_reminders('x', '{{{message}}}')")
    states = owner.execute("select distinct state from contacts_outboundmessage").fetchall()
    assert states == [("failed",)]


@pytest.mark.parametrize("who", [None, "community_clerk@C111", "street_admin@S11", "city_admin@X"])
def test_mails_are_begun_and_finished_by_their_purpose_only(
    rows: Rows, owner: Any, acting: Any, who: str | None
) -> None:
    owner.execute("update contacts_digest set state = 'sending', attempts = 1, lease_until = now() + interval '1 hour'")
    mail = rows.ids["contacts_digest", "own"][0]
    begin = f"select portal.hand_over(null, null, null, null, null, null, '{mail}', 1)"
    finish = f"select portal.hand_over('{mail}', 1, '{{}}', 'sent', '', null, null, null)"
    if who is None:
        assert is_refused(begin)
        assert is_refused(finish)
        return
    with acting(who):
        assert is_refused(begin)
        assert is_refused(finish)


def test_reminder_purpose_of_one_street_reaches_no_other(world: Any, owner: Any) -> None:
    foreign = _one(owner, "contacts_outboundmessage", world.organization("C121"))
    with access.acting_as(access.system_actor("reminders", world.organization("S11"))):
        assert is_refused(f"select portal.plan_reminders('{world.organization('S12').pk}', '2027-01-01')")
        assert is_refused(f"select portal.plan_reminders('{world.organization('X').pk}', '2027-01-01')")
        assert is_refused(f"select portal.group_reminders('{world.organization('S12').pk}', '2027-01-01')")
        assert is_refused(f"select portal.group_texts('{world.organization('S12').pk}', '2027-01-01')")
        assert ask(f"select count(*) from portal.reminder_recipients('{{{foreign}}}')") == 0


@pytest.mark.parametrize(
    ("who", "role", "key"),
    [
        ("street_clerk@S11", "community_clerk", "C111"),  # may give nothing
        ("community_clerk@C111", "liaison", "C111"),
        ("street_admin@S11", "street_clerk", "S12"),  # outside the own subtree
        ("street_admin@S11", "street_clerk", "D1"),  # above the own node
        ("street_admin@S11", "auditor", "X"),
        ("district_admin@D1", "street_clerk", "S11"),  # does not hold these rights
        ("district_admin@D1", "street_admin", "S11"),
        ("city_admin@X", "district_admin", "D1"),  # does not hold view_members
        ("operator@X", "operator", "X"),
        ("auditor@S11", "auditor", "S11"),
        ("street_admin@S11", "street_clerk", "C111"),  # does not fit the kind of node
        ("street_admin@S11", "community_clerk", "S11"),
        ("street_admin@S11", "branch_secretary", "C111"),
        ("street_admin@S11", "operator", "S11"),
        ("street_admin@S11", "drill_down", "S11"),
        ("city_admin@X", "city_viewer", "X"),  # takes a second person
        ("city_admin@X", "city_admin", "X"),
        ("city_admin@X", "drill_down", "X"),
        ("district_admin@D1", "drill_down", "D1"),
    ],
)
def test_grant_is_refused_beyond_what_one_holds(acting: Any, world: Any, who: str, role: str, key: str) -> None:
    with acting(who):
        assert is_refused(
            "select portal.grant_role(%s, %s, %s, null, '')",
            [world.user("stranger").pk, role, world.organization(key).pk],
        )


def _transfer_statements(owner: Any, world: Any, key: str) -> list[str]:
    """Every write about the transfer, the member and the movement of a community."""
    member = _one(owner, "members_member", world.organization(key))
    offer = owner.execute("select id from members_transfer where member_id = %s", [member]).fetchone()[0]
    away = owner.execute("select id from members_movement where member_id = %s", [member]).fetchone()[0]
    new, target, no_bytes = uuid.uuid4(), world.organization("C122").pk, "'', null, null"
    return [
        f"select portal.propose_transfer('{new}', '', '{member}', 'manage', '{target}', null, null)",
        f"select portal.note_transfer_outside('{new}', '', '{member}', 'manage', 'x', null, null)",
        f"select portal.withdraw_transfer('{offer}')",
        f"select portal.end_side('{away}', '{new}', '', '2026-01-01', null, null, null, null)",
        f"select portal.accept_transfer('{offer}', null, null)",
        f"select portal.return_transfer('{offer}', {no_bytes[4:]})",
    ]


@pytest.mark.parametrize(
    "who", [None, "community_clerk@C112", "street_clerk@S12", "district_admin@D1", "liaison@C111", "operator@X"]
)
def test_transfers_are_written_by_their_ends_only(acting: Any, world: Any, owner: Any, who: str | None) -> None:
    for statement in _transfer_statements(owner, world, "C111"):
        if who is None:
            assert is_refused(statement), statement
        else:
            with acting(who):
                assert is_refused(statement), statement
                assert is_refused(f"select portal.accept_transfer('{uuid.uuid4()}', null, null)")


def test_proposing_side_may_not_answer_itself(acting: Any, world: Any, owner: Any) -> None:
    *_own, accept, send_back = _transfer_statements(owner, world, "C111")
    with acting(CLERK):
        assert is_refused(accept)
        assert is_refused(send_back)


def test_search_candidates_stay_inside_the_scope(acting: Any, world: Any) -> None:
    with acting(CLERK):
        assert ask("select count(*) from portal.member_name_candidates('{秘}', '', 50)") == 1
        letters = ask("select left(name_pinyin, 1) from members_member")
        assert ask("select count(*) from portal.member_name_candidates('{}', %s, 50)", [letters]) == 1
    with acting("liaison@C112"):
        assert ask("select count(*) from portal.member_name_candidates('{秘}', '', 50)") == 1
    with acting("city_viewer@X"):
        assert ask("select count(*) from portal.member_name_candidates('{秘}', '', 50)") == 0


def test_count_of_a_node_needs_the_right_to_see_its_members(acting: Any, world: Any) -> None:
    def counted(code: str, most: int = 50) -> int:
        return ask(f"select portal.count_placed('{world.organization(code).pk}', {most})")

    with acting("street_clerk@S11"):
        street = world.organization("S11").pk
        assert counted("S11") == count(f"select 1 from members_placement where organization_id = '{street}'") == 2
        assert counted("S11", most=1) == 1
        assert [counted(code) for code in ("S12", "D1", "X")] == [0, 0, 0]
    for who in ("liaison@C112", "city_viewer@X", "operator@X"):
        with acting(who):
            assert [counted(code) for code in ("C112", "X")] == [0, 0], who


def test_public_functions_know_codes_only(world: Any, owner: Any, db: None) -> None:
    member = _one(owner, "members_member", world.organization("C111"))
    point = _one(owner, "checkin_checkinpoint", world.organization("C111"))
    for key in (member, point, str(uuid.uuid4())):
        with connection.cursor() as cursor:
            cursor.execute("select * from portal.checkin_point(%s)", [key])
            assert cursor.fetchall() == [("unknown",) + (None,) * 8]
            cursor.execute(
                "select * from portal.submit_report_in(%s, '', '', %s, %s, '', '{a,b,c,d,e,f,g}'::bytea[], 'R', '1',"
                " true, 'self')",
                [key, uuid.uuid4(), uuid.uuid4()],
            )
            assert cursor.fetchall() == [("unknown",) + (None,) * 8]
    with access.acting_as(access.system_actor("checkin", world.organization("X"))):
        assert ask("select count(*) from checkin_reportin") == 8


@pytest.mark.parametrize("who", [None, "visitor@C111", CLERK, "liaison@C111", "street_admin@S11"])
def test_visits_are_logged_by_the_list_of_a_visiting_worker_only(
    acting: Any, world: Any, owner: Any, who: str | None
) -> None:
    """Nobody here has the member on a visiting list; who has is in tests/contacts/test_visits.py."""
    member = _one(owner, "members_member", world.organization("C111"))
    log = f"select portal.log_visit('{uuid.uuid4()}', '{member}', '2026-11-01', 'visit', 'reached', null, null)"
    if who is None:
        assert is_refused(log)
        assert ask(f"select portal.visit_key('{member}')") is None
        return
    with acting(who):
        assert is_refused(log)
        assert ask(f"select portal.visit_key('{member}')") is None
        assert ask("select count(*) from portal.visit_list()") == 0


@pytest.mark.parametrize("who", ["community_clerk@C112", "liaison@C112", "district_admin@D1", "visitor@C111"])
def test_mobile_is_replaced_by_whoever_logs_for_the_managing_side(
    acting: Any, world: Any, owner: Any, who: str
) -> None:
    member = _one(owner, "members_member", world.organization("C111"))
    with acting(who):
        assert is_refused(f"select portal.replace_mobile('{member}', 'x', 'y', gen_random_uuid(), null)")
    with acting(CLERK):
        assert is_refused(f"select portal.replace_mobile('{member}', null, null, gen_random_uuid(), null)")
        assert count(f"select portal.replace_mobile('{member}', 'x', 'y', gen_random_uuid(), null)") == 1


# --- rows that point outside --------------------------------------------------------------------------------


def test_liaison_logs_for_the_managing_side_only(acting: Any, world: Any) -> None:
    statement = (
        "insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method,"
        " outcome, source, recorded_at) select gen_random_uuid(), m.id, %s, 'host', '2026-11-01', 'to_member', 'phone',"
        " 'reached', 'logged', now() from members_member m"
    )
    with acting("liaison@C111"):
        assert is_refused(statement, [world.organization("C211").pk])
        assert is_refused(statement, [world.organization("S11").pk])
        assert count(statement, [world.organization("C111").pk]) == 1


def test_liaison_without_a_role_in_force_reaches_nobody(transactional_db: None, acting: Any, owner: Any) -> None:
    with acting("liaison@C111"):
        assert count("select 1 from members_member") == 1
    owner.execute("update portal_user set is_active = false where username = 'liaison@C111'")
    with acting("liaison@C111"):
        assert count("select 1 from members_member") == 0
    owner.execute("update portal_user set is_active = true where username = 'liaison@C111'")
    owner.execute("update portal_organizationgrant set until = '2020-01-01'")
    with acting("liaison@C111"):
        assert count("select 1 from members_member") == 0
        assert count("select 1 from contacts_contactlog") == 0


def test_assignment_cannot_be_handed_to_a_hidden_liaison(acting: Any, world: Any, owner: Any) -> None:
    foreign = _one(owner, "contacts_liaison", world.organization("C211"))
    with acting(CLERK):
        assert is_refused("update contacts_liaisonassignment set liaison_id = %s", [foreign])


def test_audit_is_written_in_the_own_name_only(acting: Any, world: Any) -> None:
    statement = (
        "insert into portal_auditentry (id, at, actor, action, organization_id, object_type, detail)"
        " values (gen_random_uuid(), now(), %s, 'x', %s, '', '{}')"
    )
    node = world.organization("C111").pk
    with acting(CLERK):
        assert count(statement, [f"user.{world.user(CLERK).pk}", node]) == 1
        assert count(statement, [f"user.{world.user(CLERK).pk}", world.organization("B111").pk]) == 1
        for foreign in ("C112", "S11", "C211", "X"):
            assert is_refused(statement, [f"user.{world.user(CLERK).pk}", world.organization(foreign).pk])
        assert is_refused(statement, [f"user.{world.user('street_clerk@S11').pk}", node])
        assert is_refused(statement, ["system.setup", node])


def test_audit_names_another_organization_for_a_row_that_is_seen_only(acting: Any, world: Any, owner: Any) -> None:
    statement = (
        "insert into portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)"
        " values (gen_random_uuid(), now(), %s, 'x', %s, 'member', %s, '{}')"
    )
    looked_after, node = _one(owner, "members_member", world.organization("C111")), world.organization("C111").pk
    hidden = _one(owner, "members_member", world.organization("C112"))
    with acting("liaison@C111"):
        me = f"user.{world.user('liaison@C111').pk}"
        assert count(statement, [me, node, looked_after]) == 1
        assert is_refused(statement, [me, node, hidden])
        assert is_refused(statement, [me, world.organization("C112").pk, looked_after])
        assert is_refused(statement, [me, world.organization("C112").pk, hidden])
        assert is_refused(statement, [me, node, None])


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("street_admin@S11", "street_admin@S11"),  # to oneself
        ("street_admin@S11", "street_clerk@S12"),  # somebody else's account
        ("street_admin@S11", "inactive"),
        ("city_admin@X", "city_admin@X"),
    ],
)
def test_grant_is_refused_to_oneself_and_to_accounts_out_of_reach(acting: Any, world: Any, who: str, name: str) -> None:
    key = "S11" if who.startswith("street") else "D1"
    role = "street_clerk" if key == "S11" else "district_viewer"
    with acting(who):
        statement = "select portal.grant_role(%s, %s, %s, null, 'x')"
        assert is_refused(statement, [world.user(name).pk, role, world.organization(key).pk])
        assert count(statement, [world.user("stranger").pk, role, world.organization(key).pk]) == 1


def test_purposes_give_alone_but_only_where_a_role_fits(world: Any, db: None) -> None:
    statement = "select portal.grant_role(%s, %s, %s, %s, 'x')"
    stranger = world.user("stranger").pk
    with access.acting_as(access.system_actor("setup", world.organization("X"))):
        assert count(statement, [stranger, "city_admin", world.organization("X").pk, None]) == 1
        assert count(statement, [stranger, "operator", world.organization("X").pk, None]) == 1
        assert is_refused(statement, [stranger, "street_clerk", world.organization("X").pk, None])
        assert is_refused(statement, [stranger, "drill_down", world.organization("X").pk, "2026-12-01"])  # no base
    with access.acting_as(access.system_actor("checkin", world.organization("X"))):
        assert is_refused(statement, [stranger, "city_admin", world.organization("X").pk, None])


def test_kind_of_a_node_is_not_for_rewriting(acting: Any, world: Any) -> None:
    with acting("district_admin@D1"):
        assert is_refused("update portal_organization set kind = 'street'")
        assert is_refused("update portal_organization set code = 'x1'")
        assert is_refused("update portal_rolekind set needs_two = false")
        assert is_refused("delete from portal_rolebase")


@pytest.mark.parametrize(
    "who", [None, CLERK, "street_clerk@S11", "street_admin@S12", "district_admin@D2", "city_viewer@X", "operator@X"]
)
def test_organizations_are_merged_by_who_administers_both(acting: Any, world: Any, owner: Any, who: str | None) -> None:
    ends = [world.organization("C111").pk, world.organization("C112").pk]
    calls = ("select portal.merge_organizations(%s, %s)", "select portal.merge_preview(%s, %s)")
    if who is None:
        assert ask("select portal.may_merge(%s, %s)", ends) is False
        assert all(is_refused(call, ends) for call in calls)
        return
    with acting(who):
        assert ask("select portal.may_merge(%s, %s)", ends) is False
        assert all(is_refused(call, ends) for call in calls)
    with acting("street_admin@S11"):
        assert ask("select portal.may_merge(%s, %s)", ends) is True
        foreign = [world.organization("C111").pk, world.organization("C121").pk]
        assert all(is_refused(call, foreign) for call in calls)


@pytest.mark.django_db(transaction=True)
def test_requester_of_an_import_is_told_only_while_a_step_waits(world: Any, owner: Any) -> None:
    batch, clerk = _one(owner, "members_ledgerimport", world.organization("C111")), str(world.user(CLERK).pk)
    owner.execute("update members_ledgerimport set requested_by_id = %s where id = %s", [clerk, batch])
    for state, told in (("previewed", False), ("reading", True), ("applying", True), ("applied", False)):
        owner.execute("update members_ledgerimport set state = %s where id = %s", [state, batch])
        assert (str(ask(f"select portal.import_requester('{batch}')")) == clerk) is told, state


@pytest.mark.django_db(transaction=True)
def test_old_ledgers_are_forgotten_by_their_age_only(world: Any, owner: Any) -> None:
    old, young = (_one(owner, "members_ledgerimport", world.organization(key)) for key in ("C111", "C112"))
    owner.execute("update members_ledgerimport set created_at = now() - interval '25 hours' where id = %s", [old])
    owner.execute("update members_ledgersource set created_at = now() - interval '25 hours' where batch_id = %s", [old])
    assert ask("select portal.forget_old_ledgers()") == 2
    kept = owner.execute(
        "select b.id::text, report_sealed is not null, s.id is not null from members_ledgerimport b"
        " left join members_ledgersource s on s.batch_id = b.id where b.id = any(%s) order by b.id = %s desc",
        [[old, young], old],
    ).fetchall()
    assert kept == [(old, False, False), (young, True, True)]


def test_imported_rows_are_noted_for_own_imports_and_own_members_only(acting: Any, world: Any, owner: Any) -> None:
    places = {name: world.organization(key) for name, key in (("own", "C111"), ("sibling", "C112"), ("far", "C121"))}
    batches = {name: _one(owner, "members_ledgerimport", place) for name, place in places.items()}
    members = {name: _one(owner, "members_member", place) for name, place in places.items()}

    def note(batch: str, *names: str) -> str:
        named = ",".join(members[name] for name in names)
        sheets, numbers = ",".join("甲" for _ in names), ",".join(str(number) for number in range(90, 90 + len(names)))
        return f"select portal.note_imported_rows('{batches[batch]}', '{{{named}}}', '{{{sheets}}}', '{{{numbers}}}')"

    with acting("community_clerk@C111"):
        assert not is_refused(note("own", "own"))
        assert is_refused(note("own", "own", "sibling"))
        assert is_refused(note("own", "far"))
        assert is_refused(note("sibling", "own"))
        by_hand = f"values ('{batches['own']}', '{members['own']}', 'a', 1)"
        assert is_refused(f"insert into members_importedrow (batch_id, member_id, sheet, row) {by_hand}")
    with acting("street_clerk@S11"):
        assert not is_refused(note("sibling", "own", "sibling"))
        assert is_refused(note("far", "own"))
        assert is_refused(note("own", "own", "far"))
    for who in ("liaison@C111", "city_viewer@X", "operator@X"):
        with acting(who):
            assert is_refused(note("own", "own")), who


@pytest.mark.django_db(transaction=True)
def test_what_has_no_constraint_goes_with_the_member(owner: Any, world: Any) -> None:
    member = _one(owner, "members_member", world.organization("C111"))
    noted = "select count(*) from members_importedrow where member_id = %s"
    duties = "select count(*) from contacts_contactobligation where member_id = %s and side = 'host'"
    assert owner.execute(noted, [member]).fetchone()[0] == owner.execute(duties, [member]).fetchone()[0] == 1
    with owner.transaction(force_rollback=True):
        owner.execute("set constraints all deferred")
        owner.execute("delete from members_member where id = %s", [member])
        assert owner.execute(noted, [member]).fetchone() == owner.execute(duties, [member]).fetchone() == (0,)


def test_versions_of_files_are_told_of_own_organizations_only(acting: Any, world: Any, owner: Any) -> None:
    nodes = {key: world.organization(key).pk for key in ("C111", "C112", "C121")}
    names = [name for (name,) in owner.execute("select distinct name from members_member")]

    def basis(*keys: str) -> Any:
        return ask("select portal.ledger_basis(%s::uuid[], '{}', %s::text[])", [[nodes[key] for key in keys], names])

    nothing = basis()
    assert basis("C111", "C112", "C121") == nothing  # nobody acts
    with acting("community_clerk@C111"):
        assert basis("C111") == basis("C111", "C112", "C121") != nothing
        assert basis("C112") == basis("C121") == nothing
    for who in ("liaison@C111", "city_viewer@X", "operator@X"):
        with acting(who):
            assert basis("C111", "C112", "C121") == nothing, who


@pytest.mark.parametrize(
    "who", [None, "community_clerk@C112", "host", "visitor@C112", "district_admin@D1", "auditor@S11", "operator@X"]
)
def test_needs_are_raised_and_confirmed_by_who_may_log_only(
    acting: Any, world: Any, owner: Any, who: str | None
) -> None:
    member, node = _one(owner, "members_member", world.organization("C111")), world.organization("C111").pk
    need = _one(owner, "contacts_need", world.organization("C111"))
    raised = "select portal.raise_need(%s, %s, %s, 'work', '2026-11-01', '2026-12-01', null, 'x', 'y')"
    told = f"select portal.confirm_need('{need}', true, null, null, '{uuid.uuid4()}')"
    if who is None:
        assert is_refused(raised, [uuid.uuid4(), member, node])
        assert is_refused(told)
        return
    with acting("community_clerk@C121" if who == "host" else who):
        assert is_refused(raised, [uuid.uuid4(), member, node])
        assert is_refused(raised, [uuid.uuid4(), member, None])
        assert is_refused(told)
        assert ask(f"select portal.may_raise_need('{member}', '{node}')") is False


def test_need_of_a_member_is_not_raised_for_another_office(acting: Any, world: Any, owner: Any) -> None:
    """The right on an office that the member does not belong to gives nothing."""
    member = _one(owner, "members_member", world.organization("C112"))
    with acting(CLERK):
        statement = "select portal.raise_need(%s, %s, %s, 'work', '2026-11-01', '2026-12-01', null, 'x', 'y')"
        assert is_refused(statement, [uuid.uuid4(), member, world.organization("C111").pk])


def test_numbers_of_duties_are_of_offices_whose_totals_one_reads(acting: Any, world: Any) -> None:
    codes = (
        "select coalesce(string_agg(o.short_name, ',' order by o.short_name), '')"
        " from portal.duty_account('2026-11-20') d"
        " join portal_organization o on o.id = d.organization_id"
    )
    assert not ask(codes)  # nobody acts
    with acting("community_clerk@C111"):
        assert ask(codes) == "样例C111"
    with acting("district_viewer@D1"):
        assert ask(codes) == "样例C111,样例C112,样例C121,样例C122"
    for who in ("liaison@C111", "visitor@C111", "operator@X", "auditor@S11"):
        with acting(who):
            assert ask(codes) == "", who


@pytest.mark.parametrize("who", [CLERK, "liaison@C111", "visitor@C111", "operator@X", "auditor@S11"])
def test_totals_of_contacts_are_for_who_may_see_totals_there(acting, world: Any, who: str) -> None:
    statement = "select count(*) from portal.contact_report(%s, '2020-01-01', '2030-01-01')"
    with acting(who):
        for key in ("C112", "S11", "C121", "C211"):
            assert is_refused(statement, [world.organization(key).pk]), key
        if who == CLERK:
            assert ask(statement, [world.organization("C111").pk]) > 0
    with acting("city_viewer@X"):  # counts of what this person may not see row by row
        figures = "select count(*) from portal.contact_figures(%s, '2020-01-01', '2030-01-01')"
        assert ask(statement, [world.organization("S11").pk]) > 0
        assert ask(figures, [world.organization("S11").pk]) == 0


@pytest.mark.django_db(transaction=True)
def test_people_out_of_reach_are_told_to_their_own_offices_only(acting, world: Any, owner: Any) -> None:
    owner.execute(
        "insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method,"
        " outcome, source, recorded_at) select gen_random_uuid(), m.id, m.organization_id, 'host',"
        " '2026-10-01'::date + 10 * n, 'to_member', case n when 1 then 'phone' else 'visit' end, 'no_answer', 'logged',"
        " now() from members_member m, generate_series(0, 2) n"
    )
    seen = {CLERK: 1, "street_admin@S11": 2, "district_admin@D1": 4, "liaison@C111": 0, "city_viewer@X": 0}
    for who, wanted in seen.items():
        with acting(who):
            assert ask("select count(*) from portal.unreachable()") == wanted, who
            assert ask("select count(*) from portal.unreachable(%s)", [world.organization("C121").pk]) == (
                1 if who.startswith("district") else 0
            ), who
