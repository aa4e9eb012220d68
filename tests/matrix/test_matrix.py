"""Every route × actor × position × method against the table, and no canary of a foreign organization in any answer."""

import os
import random
import re
import uuid
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.matrix.cells import ACTORS, PLACES, POSITIONS, READS, Case, cases
from tests.matrix.conftest import PLACEHOLDER, Addresses
from tests.matrix.routes import all_routes, route_of
from tests.matrix.table import TABLE

SHARE = float(os.environ.get("PORTAL_MATRIX_SHARE", "0.06"))
ONLY = os.environ.get("PORTAL_MATRIX_ONLY", "")
SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")

pytestmark = pytest.mark.usefixtures("wide_world")


def _sent(client: Client, case: Case, path: str) -> dict[str, str]:
    if not case.row.is_versioned:
        return case.row.form
    shown = client.get(path).context or {}
    if "form" in shown:
        return case.row.form | {"shown_version": shown["form"]["shown_version"].value()}
    return case.row.form | shown.get("hidden", {})


def _answer(client: Client, case: Case, path: str) -> Any:
    """One request whose writes are undone and whose cookies are not kept."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.get(path) if case.method == "get" else client.post(path, _sent(client, case, path))
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response


def _wrong(chosen: Iterable[Case], actor: str, client: Client, addresses: Addresses) -> list[str]:
    wrong = []
    for case in chosen:
        path = addresses.of(case.row.path, case.position)
        if path is None:
            continue
        response = _answer(client, case, path)
        label = f"{case.method.upper()} {case.row.path} [{case.position}] by {actor}"
        if response.status_code != case.status:
            wrong.append(f"{label}: {response.status_code}, expected {case.status}")
        readable = READS.get(actor, ())
        if case.row.is_public:  # what hangs on the wall anyway
            readable = (*readable, PLACES.get(case.position, ""))
        leaked = addresses.canaries.found_in(response, readable=readable, asked=path)
        if leaked:
            wrong.append(f"{label}: leaks {sorted(leaked)}")
    return wrong


def test_every_route_has_a_row() -> None:
    known = [route_of(PLACEHOLDER.sub(_example, row.path)) for row in TABLE]
    assert sorted(known) == sorted(set(known)), "a route has two rows"
    assert all_routes() - set(known) == set(), "routes without a row in tests/matrix/table"


def _example(match: re.Match[str]) -> str:
    texts = ("member_type", "checkin_checkincode", "token", "own_token", "page_token")
    return "x" if match[1] in texts else str(uuid.UUID(int=7))


def test_table_is_complete() -> None:
    for row in TABLE:
        assert row.get.keys() == row.post.keys() == set(ACTORS), row.path
    assert sum(1 for actor in ACTORS for _case in cases(TABLE, actor)) > 20_000


def _sample(actor: str) -> list[Case]:
    """Of the community clerk every route, at home and at one other position; of everybody else a share. Seeded."""
    picker = random.Random(f"{SEED} {actor}")
    chosen = list(cases(TABLE, actor))
    if actor != "community_clerk":
        return picker.sample(chosen, round(len(chosen) * SHARE))
    elsewhere = {row.path: picker.choice([one for one in POSITIONS if one != "own"]) for row in TABLE}
    return [case for case in chosen if case.position in ("own", elsewhere[case.row.path])]


@pytest.mark.parametrize("actor", ACTORS)
def test_sample_answers_as_written(actor: str, client_of: Any, addresses: Addresses) -> None:
    wrong = _wrong(_sample(actor), actor, client_of(actor), addresses)
    assert not wrong, "\n".join(wrong)


@pytest.mark.matrix
@pytest.mark.parametrize("actor", ACTORS)
def test_every_route_answers_as_written(actor: str, client_of: Any, addresses: Addresses) -> None:
    rows = [row for row in TABLE if ONLY in row.path]
    wrong = _wrong(cases(rows, actor), actor, client_of(actor), addresses)
    assert not wrong, "\n".join(wrong)
