"""Keys of rows that an actor may not reach, sent in every field that takes one: nothing is stored, no label comes back.

The fields are found by introspection: every page of the table that an actor may open is opened, every form that it was
made with is asked for its fields with keys, and so is every action of every list.
"""

import os
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.matrix.cells import PLACES, REACH, READS, Cell, Inside
from tests.matrix.conftest import Addresses
from tests.matrix.key_fields import (
    FORMS,
    MADE_BY_PAGE,
    OFFERED,
    RIGHT,
    TYPED,
    filled,
    forms_of,
    key_fields,
    known_forms,
    label,
)
from tests.matrix.table import TABLE
from tests.security.test_probe_files import _ledger

pytestmark = [pytest.mark.usefixtures("wide_world"), pytest.mark.django_db(transaction=True)]

SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")
SAMPLE = 4  # pages of each actor in every run, with two keys for each field
# Actors whose pages have forms, and how many keys each sends at least in the full run.
LEAST = {"city_admin": 5, "district_admin": 20, "street_admin": 280, "street_clerk": 260, "community_clerk": 330,
         "host_clerk": 300, "branch_secretary": 50}  # fmt: skip
# What an actor reaches besides its positions, by key of the world.
_CITY = ("D1", "D2", "S12", "S21", "S22", "C122", "C212", "C221", "C222")
REACHES_TOO = {"city_admin": ("X", *_CITY), "district_admin": ("D1", "S12", "C122")}


@dataclass
class Sender:
    """One actor's client; counts what is sent and collects what should not have happened."""

    actor: str
    client: Any
    addresses: Addresses
    owner: psycopg.Connection
    wrong: list[str] = field(default_factory=list)
    sent: int = 0
    met: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    def send(self, path: str, data: dict[str, Any], name: str, fetch: bool = False) -> Any:
        if "file" in data:
            data = data | {
                "file": SimpleUploadedFile("台账.xlsx", _ledger(["张三", "男", "", "13811112222", "流入", "", ""]))
            }
        response = self.client.post(path, data, headers={"X-Requested-With": "fetch"} if fetch else {})
        self.sent += 1
        asked = f"{path} {data}"
        leaked = self.addresses.canaries.found_in(response, readable=READS.get(self.actor, ()), asked=asked)
        if leaked - {word for word in leaked if word in asked}:
            self.wrong.append(f"{path} {name} by {self.actor}: leaks {sorted(leaked)}")
        if response.status_code >= 500:
            self.wrong.append(f"{path} {name} by {self.actor}: {response.status_code}")
        return response

    def own_key(self, table: str) -> str:
        return self.addresses.keys[table][PLACES[REACH[self.actor][0]]]

    def hidden_keys(self, table: str) -> dict[str, str]:
        """{place: key} of what the actor may not reach, and of nothing."""
        rows = self.addresses.keys[table]
        reached = {PLACES[position] for position in REACH[self.actor]} | set(REACHES_TOO.get(self.actor, ()))
        if self.actor == "host_clerk" and table == "members_member":
            reached.add("both")
        return {key: pk for key, pk in rows.items() if key not in reached} | {"absent": str(uuid.uuid4())}


def state_of(owner: psycopg.Connection) -> dict[str, str]:
    """A digest of every table of the portal, seen behind the wall; what was tried may be written to the audit log."""
    listed = owner.execute(
        "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        " and c.relname ~ '^(portal|members|contacts|activities|checkin)_' and c.relname <> 'portal_auditentry'"
    )
    tables = [row[0] for row in listed]
    each = " union all ".join(
        f"select '{table}', md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from {table} t"
        for table in tables
    )
    return {str(table): str(digest) for table, digest in owner.execute(each)}


def pages(actor: str) -> Iterator[str]:
    """The paths of the table that the actor may open, at the first place it is in charge of."""
    place = REACH[actor][0]
    for row in TABLE:
        cell: Cell = row.get[actor]
        if (cell.at(actor, place) if isinstance(cell, Inside) else cell) == 200 and not row.is_public:
            yield row.path


def tries(sender: Sender, paths: list[str]) -> Iterator[tuple[str, Any, str, str, dict[str, Any], dict[str, str]]]:
    """(address, form, field, name in the POST, the rest of the POST, hidden keys) of every field that takes a key."""
    for path in paths:
        address = sender.addresses.of(path, REACH[sender.actor][0]) or path
        page = sender.client.get(address)
        yield from _of_forms(sender, address, page, {})
        listed = page.context.get("cl") if page.context else None
        if listed is None:
            continue
        table = listed.model._meta.db_table
        shown = page.context.get("action_form")
        for action, _title in shown.fields["action"].choices if shown else ():
            if action:
                yield address, None, "selected", ACTION_CHECKBOX_NAME, {"action": action}, sender.hidden_keys(table)
                with transaction.atomic():
                    asked = {"action": action, ACTION_CHECKBOX_NAME: [sender.own_key(table)]}
                    answer = sender.client.post(address, asked)
                    transaction.set_rollback(True)
                yield from _of_forms(sender, address, answer, asked)


def _of_forms(sender: Sender, address: str, page: Any, more: dict[str, Any]) -> Iterator[Any]:
    for form in forms_of(page):
        fields = key_fields(form)
        for name, table in fields.items():
            kind = (type(form).__name__, name)
            own_key = sender.addresses.keys[table][RIGHT[kind]] if kind in RIGHT else sender.own_key(table)
            own = {} if kind in MADE_BY_PAGE else {name: own_key}
            offered = ("absent",) if kind in MADE_BY_PAGE else OFFERED.get(kind, ())
            rest = filled(form, own)
            hidden = {key: pk for key, pk in sender.hidden_keys(table).items() if key not in offered}
            yield address, form, name, form.add_prefix(name), rest | more | TYPED.get(kind, {}), hidden


def send_all(sender: Sender, share: random.Random | None) -> None:
    before = state_of(sender.owner)
    paths = list(pages(sender.actor))
    if share is not None:
        paths = share.sample(paths, SAMPLE)
    for address, form, name, sent_as, rest, hidden in list(tries(sender, paths)):
        title = f"{label(form) if form else rest['action']}.{name}"
        chosen = list(hidden.items())
        for key, pk in chosen if share is None else share.sample(chosen, 2):
            sender.send(address, rest | {sent_as: pk}, f"{title} = {key}")
            if sent_as in rest:
                sender.send(address, rest | {sent_as: [rest[sent_as], pk]}, f"{title} = own and {key}")
        after = state_of(sender.owner)
        if after != before:
            changed = sorted(table for table in after if after[table] != before.get(table))
            sender.wrong.append(f"{address} {title} by {sender.actor}: changed {changed}")
            before = after
        if form is None:
            continue
        sender.met.add(label(form))
        with (
            transaction.atomic()
        ):  # the same with a key of the own row is taken: the refusals are not of another reason
            answer = sender.send(address, rest, f"{title} = own")
            shown = {label(one) for one in forms_of(answer)}
            if answer.status_code in (302, 303) or (answer.status_code == 200 and label(form) not in shown):
                sender.accepted.add(title)
            else:
                sender.refused[title] = str([one.errors.as_json() for one in forms_of(answer)])
            transaction.set_rollback(True)


def test_every_form_is_known() -> None:
    __import__("portal.urls")
    assert known_forms() - set(FORMS) == set(), "forms without a row in tests/matrix/key_fields.py"
    assert sum(LEAST.values()) >= 1200


@pytest.mark.parametrize("actor", LEAST)
def test_sample_of_hidden_keys_is_refused(actor: str, client_of: Any, addresses: Addresses, owner: Any) -> None:
    sender = Sender(actor, client_of(actor), addresses, owner)
    send_all(sender, random.Random(f"{SEED} {actor}"))
    assert not sender.wrong, "\n".join(sender.wrong)


@pytest.mark.matrix
@pytest.mark.parametrize("actor", LEAST)
def test_hidden_keys_are_refused_everywhere(actor: str, client_of: Any, addresses: Addresses, owner: Any) -> None:
    sender = Sender(actor, client_of(actor), addresses, owner)
    send_all(sender, None)
    print(f"{actor}: {sender.sent} keys sent; with own keys not stored: {sender.refused}")
    assert not sender.wrong, "\n".join(sender.wrong)
    assert sender.sent >= LEAST[actor]
    expected = {f"{name}.{one}" for name, (fields, who) in FORMS.items() if who == actor for one in fields}
    assert {name.rpartition(".")[0] for name in expected} <= sender.met
    assert expected <= sender.accepted, "nothing was stored with an own key either: these refusals prove nothing"


# --- keys in forms that no page carries as a form of Django's, or that another branch of a page reads -----------------


def test_movement_of_another_file_is_not_opened(client_of: Any, addresses: Addresses, owner: Any) -> None:
    """`RevealForm.row` names the movement whose phone is opened: only one of the file in the address counts."""
    sender = Sender("community_clerk", client_of("community_clerk"), addresses, owner)
    found = owner.execute(
        "select o.short_name, v.id from members_movement v join members_member m on m.id = v.member_id"
        " join portal_organization o on o.id = m.organization_id where v.counterpart_phone_sealed is not null"
    )
    rows = {key: str(pk) for key, pk in found}
    own, before = rows.pop("样例C111"), state_of(owner)
    assert len(rows) >= 8
    page = addresses.of("/admin/members/member/{members_member}/reveal/", "own") or ""
    for name in ("counterpart_phone", "destination"):
        for key, row in [*rows.items(), ("absent", str(uuid.uuid4())), ("own", own)]:
            given = {"field": name, "row": row, "reason": "check", "key": str(uuid.uuid4())}
            with transaction.atomic():
                answer = sender.send(page, given, f"RevealForm.row = {key}", fetch=True)
                transaction.set_rollback(True)
            assert answer.status_code == 200, key
            assert bool(answer.json()["value"]) == (key == "own"), key
    assert (sender.wrong, state_of(owner)) == ([], before)


def test_request_of_others_is_not_renewed_into(client_of: Any, addresses: Addresses, owner: Any, world: Any) -> None:
    """`RenewForm.pk` becomes the key of a request where two persons decide: one that is there answers alike."""
    sender = Sender("city_admin", client_of("city_admin"), addresses, owner)
    grant = owner.execute("select id from portal_organizationgrant where user_id = %s",
                          [world.user("city_viewer@X").pk]).fetchone()[0]  # fmt: skip
    before, page = state_of(owner), f"/admin/grants/{grant}/renew/"
    shown = sender.client.get(page).context["form"]["shown_version"].value()
    for key, pk in [*addresses.keys["portal_grantrequest"].items(), ("absent", str(uuid.uuid4()))]:
        given = {"pk": pk, "until": "", "reason": "续期", "shown_version": shown}
        with transaction.atomic():
            answer = sender.send(page, given, f"RenewForm.pk = {key}")
            transaction.set_rollback(True)
        assert answer.status_code == 302, key
    assert (sender.wrong, state_of(owner)) == ([], before)
