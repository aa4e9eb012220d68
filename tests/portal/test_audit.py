"""The screen of the audit log: who may read it, what it shows, and that every action written in code has a word."""

import ast
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _

from checkin.enums import ReportInState
from members import services
from portal import access, audit, grants
from portal.models import AuditEntry
from portal.roles import Role
from tests.world import COMMUNITIES, canary

LIST = "/admin/portal/auditentry/"
APPS = ("portal", "members", "contacts", "activities", "checkin")


# --- words ------------------------------------------------------------------------------------------------------------


def python_actions():
    """Every action that a module writes: constants, and what is handed to a local function that writes."""
    for app in APPS:
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            writers = {}
            for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
                for value in _written(function):
                    if isinstance(value, ast.Name):
                        writers[function.name] = [a.arg for a in function.args.args].index(value.id)
                    else:
                        yield from _texts(value)
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id in writers:
                    yield from _texts(call.args[writers[call.func.id]])


def _written(function):
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("AuditEntry"):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "action")


def _texts(value):
    if isinstance(value, ast.Constant):
        yield value.value
    else:
        text = ast.unparse(value)
        assert text == "f'report_in_{state}'", f"say here what {text} may be"
        yield from (f"report_in_{state.value}" for state in ReportInState if state != ReportInState.WAITING)


def sql_actions():
    for app in APPS:
        for file in (settings.BASE_DIR / app / "sql").glob("*.sql"):
            text = file.read_text(encoding="utf-8")
            for call in re.findall(r"portal\.note_\w+\((.*?),", text, re.S):
                yield from re.findall(r"'(\w+)'", call)
            insert = r"insert into public\.portal_auditentry[^;]*?portal\.actor\(\)\s*,\s*'(\w+)'"
            yield from re.findall(insert, text, re.S)
            yield from re.findall(r"portal\.write_grant\([^;]*?'(\w+)'\);", text, re.S)


def test_every_action_in_the_code_has_a_word():
    written = set(python_actions()) | set(sql_actions())
    assert {"view_member", "work_link_issued", "report_in_joined"} <= written  # the search finds all three ways
    assert {"give_role", "approve_grant", "deactivate_account", "move_organization"} <= written
    assert written <= set(audit.ACTIONS)


def test_word_of_another_release_is_neutral():
    assert audit.action_label("no_such_action") == _("another action")


def test_long_numbers_and_unknown_details_are_not_shown():
    entry = AuditEntry(detail={"reason": "核对 340101197001011234", "name": "秘", "count": 3, "unmasked": True})
    text = audit.detail_text(entry)
    assert "3" in text
    assert "核对" in text
    assert "1970" not in text
    assert "秘" not in text


# --- the screen -------------------------------------------------------------------------------------------------------


@pytest.fixture
def viewed(acting, world):
    """The clerk of C111 has opened a file; returns its key."""
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        services.note_view(member=member, by=actor)
    return member.pk


def test_auditor_reads_the_own_street_only(login, viewed):
    page = login("auditor@S11").get(LIST)
    text = page.content.decode()
    assert page.context["cl"].result_count == 3
    assert "账号C111community_clerk" in text
    assert str(escape(audit.ACTIONS["view_member"])) in text
    assert not [key for key in COMMUNITIES if canary(key) in text]  # what an entry's detail holds is not shown
    other = login("auditor@S12").get(LIST)
    assert "账号C111" not in other.content.decode()
    assert other.context["cl"].result_count == 2


def test_object_is_a_link_only_for_who_may_open_it(login, viewed):
    address = reverse("admin:members_member_change", args=[viewed])
    assert address not in login("auditor@S11").get(LIST).content.decode()
    assert address in login("street_admin@S11").get(LIST).content.decode()


def test_account_is_a_link_for_its_administrator_only(login, acting, world):
    with acting("street_admin@S11"):
        grants.grant_role(user=world.user("stranger"), role=Role.AUDITOR, organization=world.organization("C111"))
    address = reverse("administration:account", args=[world.user("stranger").pk])
    assert address in login("street_admin@S11").get(LIST).content.decode()
    assert address not in login("auditor@S11").get(LIST).content.decode()


@pytest.mark.parametrize(
    "name", ["street_clerk@S11", "community_clerk@C111", "district_admin@D1", "city_admin@X", "operator@X"]
)
def test_log_is_closed_to_others(login, viewed, name):
    client = login(name)
    assert client.get(LIST).status_code == 403
    assert LIST not in client.get("/admin/").content.decode()


def test_entry_is_read_only_and_absent_elsewhere(login, viewed, acting):
    with acting("auditor@S11"):
        entry = AuditEntry.objects.get(action="view_member")
    page = f"{LIST}{entry.pk}/change/"
    own, other = login("auditor@S11"), login("auditor@S12")
    assert str(escape(audit.ACTIONS["view_member"])) in own.get(page).content.decode()
    assert own.post(page, {"action": "x"}).status_code == 403
    assert other.get(page).status_code == 404
    assert own.get(f"{LIST}add/").status_code == 403
    assert own.get(f"{LIST}{entry.pk}/delete/").status_code == 404
    with acting("auditor@S11"):
        assert AuditEntry.objects.get(pk=entry.pk).action == "view_member"


def test_filters_narrow_and_offer_nothing_from_outside(login, viewed, world):
    client = login("auditor@S11")

    def found(query):
        return client.get(f"{LIST}?{query}").context["cl"].result_count

    assert found("action=view_member") == 1
    assert found("action=export_ledger") == 0
    assert found("period=today") == 3
    assert found(f"organization={world.organization('C112').code}") == 1
    assert found(f"organization={world.organization('C121').code}") == 0
    text = client.get(LIST).content.decode()
    assert "样例C112" in text
    assert "样例C121" not in text
    assert client.get(f"{LIST}?detail__text=x").status_code == 400  # no question about what is not shown


def test_newest_comes_first_and_the_menu_leads_there(login, viewed):
    client = login("auditor@S11")
    rows = client.get(LIST).context["cl"].result_list
    assert rows[0].action == "view_member"
    assert LIST in client.get("/admin/").content.decode()


def test_number_of_statements_does_not_grow(login, acting, world, django_assert_max_num_queries):
    client = login("street_admin@S11")

    def note(times):
        with acting("community_clerk@C111") as actor:
            for _time in range(times):
                services.note_view(member=world.member("C111"), by=actor)

    note(1)
    with django_assert_max_num_queries(25) as first:
        client.get(LIST)
    note(20)
    with django_assert_max_num_queries(len(first)):
        client.get(LIST)


def test_purpose_and_link_are_named_in_words(world):
    call_command("create_staff", "city.auditor", role="auditor", organization=world.organization("X").code)
    auditor = grants.User.objects.get(username="city.auditor")
    with access.acting_as(access.user_actor(auditor)):
        labels = audit.actor_labels(AuditEntry.objects.values_list("actor", flat=True))
    node = world.organization("X").pk
    assert labels[f"system.setup@{node}"] == "服务器上的初始设置"
    assert audit.actor_labels(["link.x", "system.world", "user.broken"]) == {
        "link.x": _("somebody with a personal link"), "system.world": _("the system"),
        "user.broken": _("former account"),
    }  # fmt: skip
