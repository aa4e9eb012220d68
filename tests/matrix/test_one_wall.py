"""Each wall without the other: one scope of Python taken away, or one policy opened, and the pages still tell nothing.

Taken away one at a time, for the clerk of a community: every page of the matrix, at the own place and at a hidden one.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, models
from django.http import Http404
from django.test import Client

from portal import access
from portal.models import Organization
from portal.scoped_admin import ScopeMixin
from tests import databases
from tests.matrix.cells import READS
from tests.matrix.conftest import Addresses
from tests.matrix.table import TABLE
from tests.security.reach import policies_in

pytestmark = [pytest.mark.matrix, pytest.mark.django_db(transaction=True)]
ACTOR = "community_clerk"
POSITIONS = ("own", "sibling", "street")
APPS = ("members", "contacts", "activities", "checkin")


@pytest.fixture(autouse=True)
def fresh_wide_world(wide_world: None) -> None:
    """These tests commit, so each begins with a database of its own."""
    databases.use_template(databases.WIDE_TEMPLATE)


def _querysets() -> Iterator[type]:
    """Every queryset of the apps that knows `visible_to`."""
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.iter_modules(package.__path__, f"{app}."):
            if found.name.rpartition(".")[2] in ("models", "querysets"):
                for _name, value in inspect.getmembers(importlib.import_module(found.name), inspect.isclass):
                    if issubclass(value, models.QuerySet) and "visible_to" in vars(value):
                        yield value


def _everything(rows: Any, *_args: Any, **_options: Any) -> Any:
    return rows.all()


def scopes() -> dict[str, tuple[Any, str, Callable[..., Any]]]:
    """{name: (owner, attribute, what stands there when the scope is gone)}."""
    import contacts.querysets
    import contacts.views
    import members.models

    def any_member(_actor: Any, pk: Any, *_right: Any) -> Any:
        try:
            return members.models.Member.objects.select_related("organization").get(pk=pk)
        except members.models.Member.DoesNotExist:
            raise Http404 from None

    found = {f"{cls.__name__}.visible_to": (cls, "visible_to", _everything) for cls in _querysets()}
    return found | {
        "ScopeMixin.scoped": (ScopeMixin, "scoped", lambda _self, rows, *_action: rows.all()),
        "ScopeMixin._choices": (ScopeMixin, "_choices", lambda _self, model, _request: model._default_manager.all()),
        "ScopeMixin._may": (ScopeMixin, "_may", lambda *_args: True),
        "access.organization_ids": (
            access, "organization_ids", lambda _right: list(Organization.objects.values_list("pk", flat=True))),
        "access.granted_nodes": (
            access, "granted_nodes", lambda _right: tuple(Organization.objects.values_list("pk", flat=True))),
        "access.may": (access, "may", lambda *_args: True),
        "access.require": (access, "require", lambda *_args: None),
        "members.models.access_member": (members.models, "access_member", any_member),
        "contacts.views.access_own_member": (contacts.views, "access_own_member", any_member),
        "contacts.querysets.assigned_to": (
            contacts.querysets, "assigned_to", lambda _actor: members.models.Member.objects.values("pk")),
    }  # fmt: skip


# What the street writes and draws for the posters of its communities, which these print.
ABOVE = {"/admin/checkin/letterversion/": ("S11",), "/admin/checkin/drawing/": ("S11",)}


def _leaks(client: Client, addresses: Addresses) -> list[str]:
    """What pages of the clerk hold of others."""
    found = []
    for row in TABLE:
        for position in POSITIONS if "{" in row.path else POSITIONS[:1]:
            path = addresses.of(row.path, position)
            if row.is_public or path is None:
                continue
            response = client.get(path)
            readable = (*READS[ACTOR], *ABOVE.get(row.path, ()))
            leaked = addresses.canaries.found_in(response, readable=readable, asked=path)
            if leaked:
                found.append(f"GET {row.path} [{position}]: {sorted(leaked)[:4]}")
    return found


@pytest.mark.parametrize("name", sorted(scopes()))
def test_database_holds_alone(name: str, monkeypatch: Any, client_of: Any, addresses: Addresses) -> None:
    holder, attribute, open_one = scopes()[name]
    client = client_of(ACTOR)
    monkeypatch.setattr(holder, attribute, open_one)
    for module in list(_modules_with(attribute, holder)):  # names that other modules imported
        monkeypatch.setattr(module, attribute, open_one)
    # intervals of contact name nobody, and the database shows them to whoever acts: they are inherited down the tree
    leaks = [leak for leak in _leaks(client, addresses) if "/contacts/contactpolicy/" not in leak]
    assert not leaks, "\n".join(leaks)


def _modules_with(attribute: str, holder: Any) -> Iterator[Any]:
    import sys

    if inspect.ismodule(holder):
        for name, module in sys.modules.items():
            if name.split(".")[0] in (*APPS, "portal") and module is not holder and attribute in vars(module):
                yield module


@pytest.fixture
def select_policies(owner: psycopg.Connection) -> list[tuple[str, str, str]]:
    return [(name, table, using) for name, table, command, using, _check in policies_in(owner)
            if command in ("for select", "for all") and using not in (None, "true")]  # fmt: skip


def test_python_holds_alone(
    select_policies: list[tuple[str, str, str]], client_of: Any, addresses: Addresses, owner: psycopg.Connection
) -> None:
    """All policies open at once, which shows whatever one alone would; then one by one, to name it."""
    client = client_of(ACTOR)
    assert len(select_policies) > 20
    with _opened(select_policies, owner):
        wrong = _leaks(client, addresses)
    assert _leaks(client, addresses) == []
    for policy in select_policies if wrong else ():
        with _opened([policy], owner):
            wrong += [f"{policy[1]}.{policy[0]} opened: {text}" for text in _leaks(client, addresses)]
    assert not wrong, "\n".join(wrong)


@contextmanager
def _opened(policies: list[tuple[str, str, str]], owner: psycopg.Connection) -> Iterator[None]:
    for name, table, _using in policies:
        owner.execute(f"alter policy {name} on {table} using (true)")
    yield
    for name, table, using in policies:
        owner.execute(f"alter policy {name} on {table} using ({using})")
    connection.close()
