"""Every route × actor × position × method against the table, and no canary of a foreign community in any answer."""

import os
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from checkin import limits
from checkin.codes import make_code
from contacts.models import ContactPolicy
from members.models import Member
from tests.matrix.routes import all_routes, route_of
from tests.matrix.table import ACTORS, OUTSIDE, POSITIONS, READS, TABLE, Row
from tests.members.pairs import add_cases
from tests.security.canaries import Canaries, canaries, keys_by_table

SHARE = 0.15
SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
EVERYBODY = (*ACTORS[:-1], *OUTSIDE)


@dataclass(frozen=True)
class Case:
    row: Row
    method: str
    position: str
    status: int


def cases(actor: str) -> list[Case]:
    """All cases of one actor, in the order of the table."""
    column = ACTORS.index(actor) if actor in ACTORS else len(ACTORS) - 1
    made = []
    for row in TABLE:
        positions = POSITIONS if "{" in row.path else POSITIONS[:1]
        for method, cell in (("get", row.get[column]), ("post", row.post[column])):
            given = [int(status) for status in str(cell).split()]
            statuses = given * len(positions) if len(given) == 1 else given
            made += [Case(row, method, *pair) for pair in zip(positions, statuses, strict=True)]
    return made


@pytest.fixture
def fill(world: Any, owner: Any, acting: Any) -> Iterator[Any]:
    """`fill(row, position)`: the address of a row; the answer of the fixture also has `canaries`."""
    ids = keys_by_table(owner)
    ids["contacts_contactpolicy"] = {}
    for clerk, key in (("street_clerk@S11", "C111"), ("street_clerk@S11", "C112"), ("community_clerk@C121", "C121"),
                       ("street_clerk@S21", "C211")):  # fmt: skip
        with acting(clerk):
            policy = ContactPolicy.objects.create(organization=world.organization(key))
        ids["contacts_contactpolicy"][key] = str(policy.pk)
    ids["members_samepersoncase"] = add_cases(owner, world, [key for key in POSITIONS if key != "absent"])
    ids |= _keys_of_offices(world, owner)
    member_type = str(ContentType.objects.get_for_model(Member).pk)
    counters = limits._counters
    counters.paused_until, counters.window = float("inf"), 0

    def address(row: Row, position: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name == "member_type":
                return member_type
            pk = ids[name].get(position) or str(uuid.uuid4())
            return make_code(uuid.UUID(pk)) if name == "checkin_checkincode" else pk

        return PLACEHOLDER.sub(value, row.path)

    secret = {table: keys for table, keys in ids.items() if table != "portal_organization"}  # offices are public
    address.canaries = canaries(secret)  # type: ignore[attr-defined]
    yield address
    owner.execute("delete from members_samepersoncase")
    counters.paused_until = 0.0
    cache.clear()


def _keys_of_offices(world: Any, owner: Any) -> dict[str, dict[str, str]]:
    """A node, an account and a grant at each place; the other district has no liaison, so its clerk stands there."""
    holders = {key: f"liaison@{key}" for key in ("C111", "C112", "C121")} | {"C211": "street_clerk@S21"}
    grants = {str(user): str(pk) for user, pk in owner.execute("select user_id, id from portal_organizationgrant")}
    users = {key: str(world.user(name).pk) for key, name in holders.items()}
    return {
        "portal_organization": {key: str(world.organization(key).pk) for key in holders},
        "portal_user": users,
        "portal_organizationgrant": {key: grants[pk] for key, pk in users.items()},
    }


@pytest.fixture
def client_of(login: Any) -> Any:
    def made(actor: str) -> Client:
        client = Client() if actor in ("anonymous", "inactive") else login(actor)
        if actor == "inactive":  # as a session that was open when the account was switched off
            client.force_login(_user("inactive"), backend="django.contrib.auth.backends.ModelBackend")
        client.raise_request_exception = False
        return client

    return made


def _user(name: str) -> Any:
    from portal.models import User

    return User.objects.get(username=name)


def _answer(client: Client, case: Case, path: str) -> Any:
    """One request whose writes are undone and whose cookies are not kept."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.get(path) if case.method == "get" else client.post(path, case.row.form)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response


def _run(chosen: list[Case], actor: str, client: Client, fill: Any) -> list[str]:
    wrong = []
    readable, seen = READS.get(actor, ()), fill.canaries
    for case in chosen:
        path = fill(case.row, case.position)
        response = _answer(client, case, path)
        label = f"{case.method.upper()} {case.row.path} [{case.position}] by {actor}"
        if response.status_code != case.status:
            wrong.append(f"{label}: {response.status_code}, expected {case.status}")
        leaked = _leaks(seen, response, case, readable, path)
        if leaked:
            wrong.append(f"{label}: leaks {sorted(leaked)}")
    return wrong


def _leaks(seen: Canaries, response: Any, case: Case, readable: tuple[str, ...], path: str) -> set[str]:
    if case.row.is_public and case.position in seen.strings:  # what hangs on the wall anyway
        readable = (*readable, case.position)
    return seen.found_in(response, readable=readable, asked=path)


def test_every_route_has_a_row() -> None:
    known = [route_of(PLACEHOLDER.sub(_example, row.path)) for row in TABLE]
    assert sorted(known) == sorted(set(known)), "a route has two rows"
    assert all_routes() - set(known) == set(), "routes without a row in tests/matrix/table.py"


def _example(match: re.Match[str]) -> str:
    return "x" if match[1] in ("member_type", "checkin_checkincode") else str(uuid.UUID(int=7))


def test_table_is_complete() -> None:
    for row in TABLE:
        assert len(row.get) == len(row.post) == len(ACTORS), row.path
    assert sum(len(cases(actor)) for actor in EVERYBODY) > 5000


@pytest.mark.parametrize("actor", EVERYBODY)
def test_sample_answers_as_written(actor: str, client_of: Any, fill: Any) -> None:
    """All cases of the community clerk, a seeded share of everybody else's."""
    chosen = cases(actor)
    if actor != "community_clerk@C111":
        picker = random.Random(f"{SEED} {actor}")
        chosen = picker.sample(chosen, round(len(chosen) * SHARE))
    wrong = _run(chosen, actor, client_of(actor), fill)
    assert not wrong, "\n".join(wrong)


@pytest.mark.matrix
@pytest.mark.parametrize("actor", EVERYBODY)
def test_every_route_answers_as_written(actor: str, client_of: Any, fill: Any) -> None:
    wrong = _run(cases(actor), actor, client_of(actor), fill)
    assert not wrong, "\n".join(wrong)
