"""Non-interference: what an actor gets does not depend on anything outside the actor's scope.

Two databases, equal inside the scope and different outside it (tests/matrix/twins.py). The same actor, with the same
session, asks the same in both: every GET, every POST of the matrix, and some that name what is hidden. Answers are
equal byte for byte once tokens, nonces and times are masked, and so are the numbers of statements that made them.
"""

import io
import os
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, connections, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import access
from tests import databases
from tests.matrix.cells import PLACES, POSITIONS, STAFF
from tests.matrix.conftest import Addresses
from tests.matrix.table import TABLE
from tests.matrix.twins import Twin
from tests.security.documents import pdf_text
from tests.security.screens import READ_BY_ALL
from tests.security.walls import WALLS
from tests.world import id_number, mobile

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SEED = os.environ.get("PORTAL_MATRIX_SEED", "1")

# Below which organizations each actor sees rows, and audit entries.
SCOPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "community_clerk": (("C111",), ()),
    "street_clerk": (("S11",), ()),
    "street_admin": (("S11",), ("S11",)),
    "host_clerk": (("C121",), ()),
    "district_admin": (("D1",), ()),
    "district_viewer": (("D1",), ()),
    "city_admin": (("X",), ()),
    "city_viewer": (("X",), ()),
    "branch_secretary": (("B111",), ()),
    "liaison": (("C111",), ()),
    "link": (("C111",), ()),
    "visitor": (("C111",), ()),  # the name of whoever is on the own list
    "auditor": ((), ("S11",)),
    "operator": ((), ()),
    "stranger": ((), ()),
    "inactive": ((), ()),
    "anonymous": ((), ()),
}
PAIRS = [(actor, number) for actor in SCOPES for number in range(2 if SCOPES[actor][0] else 1)]
assert len(PAIRS) >= 20

MASKED = re.compile(
    rb'csrfmiddlewaretoken" value="\w+"|csrftoken=[^;]+|nonce-?[^"\' ;]*|nonce="[^"]*"'
    rb'|name="(?:(?:client_)?key|pk)" value="[0-9a-f-]{36}"'  # the key of a fresh form
    rb'|class="one-time">[^<]*<'  # a fresh password
    rb"|expires=[^;]+|'Expires', '[^']+'"
    rb"|\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?|\d{4}-\d\d-\d\dT|:\w{6}:[\w-]{43}"  # times and their marks
    rb'|[?&]q=[\w%.~-]{30,}|value="[\w~.-]{60,}"'  # sealed search terms
    rb"|/[wm]/[\w-]{32}/|\b\d{6}\b(?=</)"  # a fresh link and its PIN
    rb'|<img id="code" src="[^"]+"|"now": [\d.]+|\[\d{9}, "data:image/png[^"]+"'  # the codes of these 15 seconds
    rb"|/CreationDate \([^)]*\)|/ModDate \([^)]*\)|/ID *\n?\[[^\]]*\]|\(D:\d{14}[^)]*\)"
)
# Beside the rows of the matrix: addresses and forms that name what is hidden, or differs outside.
LISTS = ("members/member", "contacts/contactobligation", "contacts/contactlog", "contacts/liaison",
         "contacts/need", "contacts/wechatgroup", "contacts/channelaccount", "contacts/datereminder",
         "contacts/outboundmessage", "activities/activity", "checkin/checkinpoint", "checkin/reportin",
         "checkin/reportinlink",
         "members/ledgerimport")  # fmt: skip
QUERIES = ("?p=2", "?o=1", "?o=-1", "?all=", "?organization=990102001001", "?organization=990101001001", "?e=1",
           "?organization__id__exact={hidden}", "?_facets=True", "?state__exact=floating")  # fmt: skip


@dataclass(frozen=True)
class Question:
    method: str
    path: str
    form: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path} {self.form or ''}"


def _questions(actor: str, addresses: Addresses, hidden_places: list[str], chance: random.Random) -> Iterator[Question]:
    """Every row of the matrix at the own position and at two hidden ones, then what is asked beside it."""
    for row in TABLE:
        if "token}" in row.path and actor not in ("link", "member"):
            continue  # whoever holds the address of a link is asked for its PIN: the token is the authority
        positions = ["own"]
        if "{" in row.path and "token}/" not in row.path:
            positions += chance.sample(hidden_places, min(2, len(hidden_places)))
        for position in positions:
            path = addresses.of(row.path, position)
            if path is not None and not row.is_public and not path.startswith(("/healthz", "/readyz")):
                yield Question("get", path)
                yield Question("post", path, row.form)
    place = PLACES[chance.choice(hidden_places)]
    hidden = addresses.keys["portal_organization"].get(place, "")
    for name in LISTS:
        for query in QUERIES:
            yield Question("get", f"/admin/{name}/{query.format(hidden=hidden)}")
        for term in ("秘", f"秘{place}", mobile(place), id_number(place), "mi", "a"):
            yield Question("post", f"/admin/{name}/", {"_search": "1", "q": term})
    yield from _hidden_values(addresses, place, hidden)


def _hidden_values(addresses: Addresses, place: str, hidden: str) -> Iterator[Question]:
    """Forms whose values another organization holds: an ID number, a member, a liaison, an account, a code."""
    keys = addresses.keys
    member = {"name": "新人", "new_id_number": id_number(place), "new_mobile": mobile(place), "gender": "male",
              "ethnicity": "汉族", "birth_date": "1970-01", "join_date": "2000-07", "direction": "inflow",
              "started_on": "2025-01", "home_text": "外地"}  # fmt: skip
    for organization in (hidden, keys["portal_organization"]["C111"]):
        yield Question("post", "/admin/members/member/add/", member | {"organization": organization})
    own, other = keys["members_member"]["C111"], keys["members_member"][place]
    liaison, account = keys["contacts_liaison"][place], keys["portal_user"][place]
    yield Question("post", f"/admin/members/member/{own}/change/", member | {"organization": hidden})
    made = {"name": "新", "organization": hidden, "user": account, "kind": "grid"}
    yield Question("post", "/admin/contacts/liaison/add/", made)
    chosen = {"action": "assign_liaison", "select_across": "1", "_selected_action": other, "liaison": liaison}
    yield Question("post", "/admin/members/member/", chosen)
    decided = {"decision": "confirm", "member": other, "organization": hidden}
    yield Question("post", f"/admin/checkin/reportin/{keys['checkin_reportin']['C111']}/change/", decided)
    for name, field_name in (("liaisonassignment", "member"), ("liaisonassignment", "liaison"), ("liaison", "user")):
        for term in (place, "秘", mobile(place)):
            yield Question("get", "/admin/autocomplete/?app_label=contacts"
                           f"&model_name={name}&field_name={field_name}&term={term}")  # fmt: skip


def _ask(client: Client, question: Question) -> tuple[bytes, int]:
    """The masked answer (status, headers, cookies, body) and the number of statements; nothing of it is kept."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    reset_queries()  # the log of a connection is limited
    with transaction.atomic():
        with CaptureQueriesContext(connection) as statements:
            ask = client.get if question.method == "get" else client.post
            response = ask(question.path, question.form if question.method == "post" else None)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}  # of a packed file
    head = f"{response.status_code}\n{sorted(headers.items())}\n{response.cookies.output()}\n".encode()
    return MASKED.sub(b"", head + _unpacked(body)), len(statements)


def _unpacked(body: bytes) -> bytes:
    """A packed file by its members, whose dates are those of its making; a PDF by what is drawn, the hour in it too."""
    if body.startswith(b"%PDF-"):
        return pdf_text(body).encode()
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"".join(name.encode() + packed.read(name) for name in sorted(packed.namelist()))


def _seen_by(user: Any) -> dict[str, list[Any]]:
    """All rows of all tables, as the database shows them to this user."""
    found = {}
    with access.acting_as(access.user_actor(user)), connection.cursor() as cursor:
        for table in WALLS:
            if table not in READ_BY_ALL:  # whoever acts may read intervals; the pages are compared below
                cursor.execute(f"select to_jsonb(t) from {table} t order by to_jsonb(t)::text")
                found[table] = cursor.fetchall()
    return found


@pytest.fixture(autouse=True)
def fresh_wide_world(wide_world: None) -> None:
    """These tests commit, so each begins with a database of its own."""
    databases.use_template(databases.WIDE_TEMPLATE)


@pytest.fixture
def twin_name(addresses: Addresses, client_of: Any, owner: Any) -> Iterator[str]:
    """A name for the copy; nothing else may be connected while it is made, so the other fixtures come first."""
    name = f"{databases.clone_name()}_twin"
    owner.close()
    yield name
    connections.close_all()
    with databases.owner_connection() as owner:
        databases._drop(owner, name)


def _answers(client: Client, questions: list[Question]) -> list[tuple[bytes, int]]:
    cache.clear()
    ContentType.objects.clear_cache()
    for warming in questions[:3]:  # what a process looks up once
        _ask(client, warming)
    return [_ask(client, question) for question in questions]


def _differences(
    actor: str, number: int, client: Client, addresses: Addresses, user: Any, twin_name: str, share: float
) -> list[str]:
    seed, first = f"{SEED} {actor} {number}", databases.clone_name()
    chance = random.Random(seed)
    tops, audited = SCOPES[actor]
    connections.close_all()
    databases._copy(twin_name, first)
    databases.use_database(twin_name)
    with databases.owner_connection(twin_name) as owner:
        twin = Twin(owner, seed, tops, audited, user.pk if user else None)
        hidden = [name for name in POSITIONS if name in PLACES and twin.nodes.get(PLACES[name]) in twin.peopled]
        changed = twin.change_outside()
    print(f"pair {seed}: {', '.join(changed)}")
    questions = list(_questions(actor, addresses, hidden, chance))
    if share < 1:
        questions = chance.sample(questions, round(len(questions) * share))
    theirs, theirs_raw = _answers(client, questions), _seen_by(user) if user else {}
    databases.use_database(first)
    ours, ours_raw = _answers(client, questions), _seen_by(user) if user else {}
    wrong = [f"{table}: the database shows other rows" for table in ours_raw if ours_raw[table] != theirs_raw[table]]
    for question, (own, count), (other, other_count) in zip(questions, ours, theirs, strict=True):
        if own != other:
            wrong.append(f"{question}: {_first_difference(own, other)}")
        elif count != other_count:
            wrong.append(f"{question}: {count} statements, {other_count} in the other world")
    return wrong


def _first_difference(own: bytes, other: bytes) -> str:
    length = min(len(own), len(other))
    at = next((n for n in range(length) if own[n] != other[n]), length)
    near = slice(max(at - 60, 0), at + 80)
    return " | ".join(repr(text[near].decode("utf-8", "replace")) for text in (own, other))


def _compare(actor: str, number: int, client_of: Any, addresses: Any, world: Any, twin_name: str, share: float) -> None:
    client = client_of(actor)
    name = STAFF.get(actor, actor)
    user = world.user(name) if actor not in ("link", "anonymous") else None
    wrong = _differences(actor, number, client, addresses, user, twin_name, share)
    assert not wrong, f"{len(wrong)} answers differ\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("actor", ["community_clerk"])
def test_sample_does_not_depend_on_what_is_hidden(
    actor: str, client_of: Any, addresses: Any, world: Any, twin_name: str
) -> None:
    _compare(actor, 0, client_of, addresses, world, twin_name, 0.15)


@pytest.mark.matrix
@pytest.mark.parametrize(("actor", "number"), PAIRS)
def test_no_answer_depends_on_what_is_hidden(
    actor: str, number: int, client_of: Any, addresses: Any, world: Any, twin_name: str
) -> None:
    _compare(actor, number, client_of, addresses, world, twin_name, 1)


def test_twin_differs_in_every_table(twin_name: str) -> None:
    """Else nothing could leak: every table under a policy holds other rows outside the scope, and tells them apart."""
    connections.close_all()
    databases._copy(twin_name, databases.clone_name())
    databases.use_database(twin_name)
    with databases.owner_connection(twin_name) as other:
        Twin(other, SEED, *SCOPES["community_clerk"]).change_outside()
        checksum = "select md5(string_agg(to_jsonb(t)::text, '' order by to_jsonb(t)::text)) from {} t"
        with databases.owner_connection(databases.clone_name()) as owner:
            pairs = {table: [side.execute(checksum.format(table)).fetchone() for side in (owner, other)]
                     for table in WALLS}  # fmt: skip
    databases.use_database(databases.clone_name())
    same = {table for table, (own, twin) in pairs.items() if own == twin}
    assert same == {"portal_organization", "portal_organizationevent"}  # the tree is public
