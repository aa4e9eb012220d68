"""The database's own catalogue against the rule: every table is under a policy, or stands in the list with a reason."""

import pytest

EXCEPTIONS = {
    "portal_user": "read before an actor exists; holds no private phone",
    "portal_user_groups": "unused, comes with PermissionsMixin",
    "portal_user_user_permissions": "unused, comes with PermissionsMixin",
    "portal_roleright": "the code's own table of rights",
    "portal_purposeright": "the code's own table of rights",
    "portal_rolekind": "the code's own table of rights",
    "portal_rolebase": "the code's own table of rights",
    "django_session": "read before an actor exists",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "django_admin_log": "never written: the scoped admin logs nothing there",
    "auth_group": "unused",
    "auth_group_permissions": "unused",
    "auth_permission": "names of permissions",
    "axes_accessattempt": "log-ins, before an actor exists",
    "axes_accessattemptexpiration": "log-ins, before an actor exists",
    "axes_accesslog": "log-ins, before an actor exists",
    "axes_accessfailurelog": "log-ins, before an actor exists",
    "guardian_userobjectpermission": "unused: grants are in portal_organizationgrant",
    "guardian_groupobjectpermission": "unused",
    "pghistory_context": "unused: the actor stands in each event row",
}

CLOSED = {
    "members_exportfile",  # read through portal.fetch_export alone
    "contacts_dutyrefresh",  # intervals whose duties are still to be brought into line: portal.duties_wait
    "contacts_newfiles",  # between a statement and its commit, for triggers alone
}

# Functions that cross an actor's scope: each re-checks the right or returns nothing personal, and is tested on its own.
DEFINERS = {
    # the resolver
    "actor", "actor_user", "held_rights", "granted_nodes", "organization_ids", "may", "users_with", "has_grant",
    "assigned_member_ids", "assigned_file_ids", "has_any_right", "acting_liaison", "actor_link", "actor_link_subject",
    "member_name_candidates", "count_placed",
    # numbers of offices whose totals the actor may read
    "duty_account",
    # taking a ledger back, the right checked inside
    "undo_ledger",
    # written across a scope, the right checked inside
    "grant_role", "request_grant", "decide_grant", "refer_report_in", "plan_reminders", "group_reminders",
    "reminder_recipients", "hand_over", "retry_messages", "give_up_messages",
    # texts of work groups, the right checked inside; what the acting person has read, of the own messages alone
    "group_texts", "read_digests",
    # what is old goes; intervals as they were on a day, which name no person
    "forget_messages", "forget_thoughts", "reminder_rules_at",
    # needs in the outbox, and in whose charge nobody stands; duties brought into line part by part
    "plan_office_lines", "office_lines", "office_line_recipients",
    "plan_need_reminders", "need_reminder_recipients", "needs_of_nobody", "refresh_waiting", "duties_wait",
    # dates of members, planned under the purpose of the rounds
    "plan_dates", "plan_date_messages",
    # visiting workers: names of the own list, and one way to write
    "acting_person", "visits_only", "visit_list", "visit_key", "log_visit",
    # a dead number replaced by whoever logs for the managing side
    "replace_mobile",
    # needs, raised and confirmed by whoever may log contacts: asked inside
    "may_raise_need", "raise_need", "confirm_need",
    # numbers of needs, the right asked and small ones hidden inside
    "need_counts", "pillar_counts",
    # staff and tree, the right checked inside
    "account_node", "manages_account", "may_reset_account", "reset_account", "set_account_active", "end_grant",
    "end_staff", "people_below", "move_organization", "may_merge", "merge_preview", "merge_organizations",
    "lock_grant",
    # one person with two files, the right checked inside
    "find_same_people", "link_same_person", "ask_same_person", "dismiss_same_person", "undo_same_person",
    "answer_same_person", "same_person_files", "same_person_questions", "same_people_counted",
    # transfers, the right on the right end checked inside; what one side learns of the other
    "propose_transfer", "note_transfer_outside", "accept_transfer", "return_transfer", "withdraw_transfer", "end_side",
    "member_changed_at", "other_side_contacts",
    # totals of contact work, the right checked inside
    "contact_report",
    # who cannot be reached: only files of organizations on which the actor may see members
    "unreachable",
    # work of the night, under a purpose; two files of one person within one reach
    "mark_stale_files", "fold_file",
    # exports of two persons, the right checked inside; removing what has expired
    "request_export", "decide_export", "fetch_export", "withdraw_export", "forget_exports",
    # ledgers: whose step a worker does (the id of an account, while a step waits); emptying what is a day old
    "import_requester", "forget_old_ledgers",
    # which row named whom: the right on the import and on every member checked inside
    "note_imported_rows", "ledger_basis",
    # the public pages
    "checkin_point", "linked_point", "link_choices", "submit_report_in", "report_in_status",
    "find_work_link", "bind_work_link",
    # the member's own page: the agreed parts of the own file, and what the member sends in; each asks who acts
    "own_member", "own_page_waits", "own_file", "own_movements", "own_office", "own_activities", "own_needs",
    "own_parcels", "confirm_own_parcel",
    "own_requests", "own_reminders", "own_views", "own_people", "log_own_contact", "send_own_request",
    "note_own_binding", "stop_own_page", "own_card_number",
    # the member's card, for whoever holds a work link: asked inside
    "card_desks", "card_of_number", "confirm_card",
    "find_desk", "desk_of_typed", "check_in", "device_people", "forget_device",
    # a member's phone: which member; check-in at activities, the right on the desk checked inside; what is old goes
    "acting_member", "checkin_candidates", "confirm_arrivals", "undo_arrival", "forget_scans", "forget_report_ins",
}  # fmt: skip
# These too, but the app role may not call them: triggers, and what triggers call.
DEFINERS_OF_TRIGGERS = {
    "hmac_sha256", "place_members", "log_ledger_contacts", "wanted_obligations", "refresh_obligations",
    "place_new_members", "place_changed_members", "place_moved_members", "place_newly_moved_members",
    "drop_placements", "place_after_tree_move", "drop_messages", "drop_imported_rows", "drop_obligations",
    "refresh_new_members", "account_for_new_members", "refresh_decided_member",
    "refresh_changed_members", "refresh_moved_members", "refresh_contacted_members",
    "refresh_below_policy", "refresh_after_tree_move", "close_links_of_liaison", "end_work_of_liaison",
    "person_works_for", "person_left", "promote_deputies", "end_assignments", "organization_path_cascade",
    "read_actor", "recorded_actor",
    "same_person_plan", "note_same_person", "join_same_person", "lock_same_person",
    "in_line", "note_transfer", "lock_managed_member", "lock_open_transfer", "close_transfers", "follow_manager",
    "check_amendment", "work_done", "work_withdrawn", "side_in_line", "note_attendance", "withdraw_attendance",
    "note_activity_change", "note_report_in", "note_parcel", "move_parcels",
    "follow_need", "move_wishes", "drop_ledger_cases", "close_lost_cases", "move_lost_cases", "check_lost_approval",
    "route_dates",
    "count_need", "count_care_visit", "route_needs", "route_needs_of_members", "route_needs_of_movements",
    "member_of_link", "own_page_of", "note_own_page", "card_number", "has_own_page",
    "add_device", "check_desk", "desk_to_run", "close_arrivals",
    "release_liaisons", "check_episodes", "forget_stale", "drop_exports",
}  # fmt: skip


@pytest.fixture
def catalogue(owner):
    def ask(statement):
        return owner.execute(statement).fetchall()

    return ask


def test_every_table_has_a_policy_or_a_reason(catalogue):
    """Without a policy row-level security shows nothing to anybody; such tables are named here too."""
    bare = {name for (name,) in catalogue(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'"
        " and c.relkind in ('r', 'p') and not (c.relrowsecurity and exists"
        " (select 1 from pg_policy p where p.polrelid = c.oid))")}  # fmt: skip
    assert bare == set(EXCEPTIONS) | CLOSED


def test_every_table_belongs_to_the_owner_and_has_no_force(catalogue):
    odd = catalogue(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r"
        " on r.oid = c.relowner where n.nspname in ('public', 'vault') and c.relkind = 'r'"
        " and (r.rolname <> current_user or c.relforcerowsecurity)"
    )
    assert odd == []


def test_every_policy_names_the_actor_once_per_statement(catalogue):
    """A call of the resolver outside `(select …)` would run once a row: 13,680 ms instead of 47."""
    for name, table, using, check in catalogue(
        "select polname, polrelid::regclass::text, coalesce(pg_get_expr(polqual, polrelid), ''),"
        " coalesce(pg_get_expr(polwithcheck, polrelid), '') from pg_policy"
    ):
        for expression in (using, check):
            bare = expression.replace("( SELECT portal.", "")
            assert "portal." not in bare, (table, name)


def test_definer_functions_are_listed_and_pinned(catalogue):
    found = dict(
        catalogue(
            "select p.proname, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname = 'portal' and p.prosecdef"
        )
    )
    assert set(found) == DEFINERS | DEFINERS_OF_TRIGGERS
    # a temporary table of the caller is found first unless pg_temp is named last
    pinned = "search_path=pg_catalog, public, pg_temp"
    unpinned = [name for name, settings in found.items() if pinned not in (settings or [])]
    assert unpinned == []


def test_functions_of_triggers_are_not_for_the_app_role(catalogue):
    """A function that returns a trigger cannot be called by hand; what triggers call is revoked."""
    callable_ones = {name for (name,) in catalogue(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'portal'"
        " and p.prosecdef and p.prorettype <> 'trigger'::regtype"
        " and has_function_privilege('portal_app', p.oid, 'execute')"
    )}  # fmt: skip
    assert callable_ones == DEFINERS


def test_functions_of_others_are_not_for_everybody(catalogue):
    assert (
        catalogue(
            "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            " where n.nspname = 'portal' and has_function_privilege('public', p.oid, 'execute')"
        )
        == []
    )


def test_history_triggers_run_as_the_owner(catalogue):
    triggers = catalogue(
        "select p.proname, p.prosecdef, p.proconfig from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'public' and p.proname like 'pgtrigger%'"
    )
    assert len(triggers) >= 9
    assert all(definer and settings for _name, definer, settings in triggers)


def test_app_role_may_not_sign_or_write_what_triggers_write(catalogue):
    assert catalogue(
        "select has_function_privilege('portal_app', 'portal.hmac_sha256(bytea)', 'execute'),"
        " has_schema_privilege('portal_app', 'vault', 'usage'),"
        " has_table_privilege('portal_app', 'members_placement', 'insert, update, delete'),"
        " has_table_privilege('portal_app', 'members_memberevent', 'insert, update, delete'),"
        " has_table_privilege('portal_app', 'portal_auditentry', 'update, delete'),"
        " has_table_privilege('portal_app', 'portal_organizationgrant', 'insert, update, delete')"
    ) == [(False,) * 6]
