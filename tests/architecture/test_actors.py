"""One place names the actor: nobody else writes the setting, and all work without a session says who acts."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from portal import access
from portal.celery import app as queue
from portal.public import PREFIXES
from tests.architecture.test_imports import MAY_IMPORT, PROJECT

HOME = "portal/access.py"
# A statement that writes a setting, in SQL or in a string of Python.
WRITES_A_SETTING = re.compile(r"set_config\s*\(|\bset\s+(local\s+|session\s+)?\"?portal\b", re.IGNORECASE)
OTHER_SETTINGS = {
    "portal/backup.py": "turns the search path of a dump, which is text and no session of the portal",
    "portal/history.py": "names what the values come from, for history rows; gives nothing to see",
}
PRIVATE = {"_write_setting", "_announce", "_sign", "_scope", "_Scope"}

# What runs without a session, by who acts in it. A reason stands where nobody does.
TASKS = {
    "portal.heartbeat": "no row is read: it leaves word in Redis",
    "contacts.send_reminders": "system.reminders",
    "contacts.help_sending": "system.reminders",
    "contacts.plan_dates": "system.reminders",
    "contacts.forget_thoughts": "no row is read: one definer function removes what the rules keep no longer",
    "contacts.forget_messages": "no row is read: one definer function removes what is old",
    "members.find_same_people": "system.duplicates",
    "members.forget_exports": "no row is read: one definer function removes what has expired",
    "members.mark_stale_files": "system.reminders",
    "checkin.match_scans": "system.checkin",
    "checkin.forget_scans": "no row is read: one definer function removes what is old",
    "members.run_import": "user",  # who asked for the step (portal.import_requester)
    "members.forget_old_ledgers": "a definer function that empties what is a day old; no row is read",
}
COMMANDS = {
    "members/import_ledger": "the user named by --as",
    "members/undo_import": "the user named by --as",
    "members/export_ledger": "the user named by --as",
    "members/find_same_people": "as the task: system.duplicates",
    "checkin/make_posters": "system.checkin, or the user named by --as",
    "checkin/rotate_code_key": "no row is read",
    "contacts/why": "the user named by --as",
    "contacts/send_reminders": "as the task: system.reminders",
    "portal/create_staff": "system.setup",
    "portal/first_run": "system.setup",
    "portal/seed_demo": "system.demo",
    "portal/check": "no row is read",
    "portal/compile_catalogue": "no row is read",
    "portal/flatten_unfold_css": "no row is read",
    "portal/backup": "the owner's own connection",
    "portal/restore": "the owner's own connection",
    "portal/migrate": "the owner's own connection",
    "portal/load_organizations": "the owner's own connection",
}
# Public pages by the module of their view.
PUBLIC_VIEWS = {
    "contacts.work_views": "link",
    "checkin.own_page.views": "link",
    "checkin.own_page.steward_views": "link",
    "checkin.views": "definer functions that take a code; names of organizations, which are public",
    "checkin.status_views": "a definer function that takes a receipt",
    "checkin.arrivals.views": "definer functions that take a code or the secret of a phone; no table is asked",
    "portal.health": "no row is read",
}
ACTS = re.compile(r"^(system|link|user|the user)")  # what runs as the task does leaves it to the same service


def _modules() -> Iterator[tuple[str, Path]]:
    for app in MAY_IMPORT:
        for path in sorted((PROJECT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(PROJECT)), path


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")


def test_nobody_else_writes_the_actor() -> None:
    texts = {name: list(_strings(ast.parse(path.read_text("utf-8")))) for name, path in _modules()}
    found = {name for name, strings in texts.items() if any(WRITES_A_SETTING.search(text) for text in strings)}
    assert found == {HOME} | set(OTHER_SETTINGS)
    in_sql = {path.name: path.read_text("utf-8") for app in MAY_IMPORT for path in (PROJECT / app).rglob("*.sql")}
    assert len(in_sql) > 10
    assert [name for name, text in in_sql.items() if WRITES_A_SETTING.search(text)] == ["actor.sql"]
    assert len(WRITES_A_SETTING.findall(in_sql["actor.sql"])) == 1  # portal.act_as, under the rights of who calls it
    assert [name for name, text in in_sql.items() if "portal.actor'" in text] == ["actor.sql"]


def test_nobody_else_signs_an_actor_or_reaches_into_the_scope() -> None:
    """Neither by name nor as an attribute of the module; the key of the signature is asked for in one place, too."""
    found = set()
    for name, path in _modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            word = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
            of_access = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "access"
            is_key = isinstance(node, ast.Attribute) and ast.unparse(node).endswith("keys.load().actor")
            if is_key or (word in PRIVATE and (of_access or name == HOME)):
                found.add(name)
            if isinstance(node, ast.ImportFrom) and node.module == "portal.access":
                found.add(f"{name} imports from it")  # names that an import hides would escape this test
    assert found == {HOME}


def test_every_task_says_who_acts() -> None:
    queue.loader.import_default_modules()
    own = {name for name in queue.tasks if not name.startswith("celery.")}
    assert own == set(TASKS)


def test_every_command_says_who_acts() -> None:
    paths = {f"{name.split('/')[0]}/{path.stem}": path for name, path in _modules()
             if "/management/commands/" in name and path.stem != "__init__"}  # fmt: skip
    assert set(paths) == set(COMMANDS)
    for name, path in paths.items():
        called = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        if ACTS.match(COMMANDS[name]) and name != "portal/seed_demo":
            assert "acting_as" in called, name


def test_every_public_page_says_who_acts() -> None:
    prefixes = tuple(prefix.lstrip("/") for prefix in PREFIXES)
    views = {_unwrapped(item.callback) for item in _patterns(get_resolver().url_patterns)
             if str(item.pattern).startswith(prefixes)}  # fmt: skip
    assert {view.__module__ for view in views} == set(PUBLIC_VIEWS)
    for view in views:
        module = inspect.getmodule(view)
        assert module is not None
        names_one = "access.acting_as(" in inspect.getsource(module)
        assert names_one is (PUBLIC_VIEWS[view.__module__] == "link"), view


def _patterns(patterns: Any) -> Iterator[Any]:
    for item in patterns:
        if hasattr(item, "url_patterns"):
            yield from _patterns(item.url_patterns)
        else:
            yield item


def _unwrapped(view: Any) -> Any:
    return inspect.unwrap(view)


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The actors that are really signed while a test runs, without the ids."""
    seen: set[str] = set()
    real = access._sign

    def noted(actor: access.Actor, session: int) -> str:
        seen.add(f"{actor.kind}.{actor.id.partition('@')[0]}" if actor.kind == "system" else actor.kind)
        return real(actor, session)

    monkeypatch.setattr(access, "_sign", noted)
    return seen


def _arguments(name: str, world: Any, owner: Any) -> list[str]:
    """A tick takes none; the work on an import takes its id, here of one that waits; a helper, where and as of when."""
    if name == "contacts.help_sending":
        return [str(world.organization("X").pk), "2027-03-05T10:00:00+08:00"]
    if name != "members.run_import":
        return []
    clerk, node = world.user("community_clerk@C111").pk, world.organization("C111").pk
    return [str(owner.execute(
        "update members_ledgerimport set state = 'reading', requested_by_id = %s where organization_id = %s"
        " returning id", [clerk, node]).fetchone()[0])]  # fmt: skip


@pytest.mark.parametrize("name", sorted(TASKS))
def test_task_acts_as_the_one_it_names(
    name: str, acted: set[str], transactional_db: None, world: Any, owner: Any
) -> None:
    queue.loader.import_default_modules()
    queue.tasks[name](*_arguments(name, world, owner))
    assert acted == ({TASKS[name]} if ACTS.match(TASKS[name]) else set())
