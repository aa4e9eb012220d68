"""The world of the matrix: addresses of rows, clients of actors."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.test import Client

from checkin import limits
from checkin.arrivals.codes import make_code as make_desk_code
from checkin.arrivals.enums import Assurance
from checkin.codes import make_code
from members.models import Member
from portal.models import User
from tests.matrix.cells import PLACES, STAFF
from tests.security.canaries import Canaries, canaries, keys_by_table
from tests.wide_world import BOTH, KEYS, VISITING, page_token
from tests.world import CODES, link_pin, link_token, mobile, report_in_word

PLACEHOLDER = re.compile(r"\{(\w+)\}")
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Addresses:
    """Fills the placeholders of a row's path for a position; `canaries` is what may not come back from elsewhere."""

    def __init__(self, keys: dict[str, dict[str, str]], canaries: Canaries) -> None:
        self.keys, self.canaries = keys, canaries

    def of(self, path: str, position: str) -> str | None:
        """The address, or None where no row of the table has two sides."""
        key = PLACES.get(position, "")
        names = set(PLACEHOLDER.findall(path))
        if position == "both" and not any(key in self.keys.get(name, ()) for name in names):
            return None
        return PLACEHOLDER.sub(lambda match: self._value(match[1], key), path)

    def _value(self, name: str, key: str) -> str:
        if name == "member_type":
            return str(ContentType.objects.get_for_model(Member).pk)
        if name == "own_token":
            return link_token("C111")
        if not key:
            return str(uuid.uuid4())
        if name == "desk_code":
            return make_desk_code(uuid.UUID(self.keys["checkin_desk"][key]), Assurance.POSTER, 1)
        value = self.keys[name][key]
        return make_code(uuid.UUID(value)) if name == "checkin_checkincode" else value


@pytest.fixture
def addresses(world: Any, owner: Any) -> Iterator[Addresses]:
    keys = keys_by_table(owner)
    for table, pk in BOTH.items():
        keys[table]["both"] = str(pk)
    keys["contacts_contactobligation"]["both"] = str(
        owner.execute("select id from contacts_contactobligation where member_id = %s and side = 'host'",
                      [BOTH["members_member"]]).fetchone()[0])  # fmt: skip
    keys["visiting workers"] = {key: str(pk) for key, pk in VISITING.items()}
    # a case is for its superiors, the city too, which reads no texts: the rows of the table say who finds it
    secret = canaries({table: rows for table, rows in keys.items() if table != "members_samepersoncase"})
    keys |= _keys_of_offices(world, owner)  # offices are public
    limits._counters.paused_until, limits._counters.window = float("inf"), 0
    yield Addresses(keys, secret)
    limits._counters.paused_until = 0.0
    cache.clear()


def _form_keys(owner: Any) -> list[tuple[str, uuid.UUID]]:
    """The key of the form that each office's report-in came with."""
    rows = owner.execute("select o.short_name, r.client_key from checkin_reportin r"
                         " join portal_organization o on o.id = r.organization_id").fetchall()  # fmt: skip
    return [(place.removeprefix("样例"), client_key) for place, client_key in rows]


def _keys_of_offices(world: Any, owner: Any) -> dict[str, dict[str, str]]:
    """A node, a liaison's account and grant, a work link at each place."""
    users = {key: str(world.user(f"liaison@{key}").pk) for key in PLACES.values() if key != "both"}
    grants = {str(user): str(pk) for user, pk in owner.execute("select user_id, id from portal_organizationgrant")}
    return {
        "portal_organization": {key: str(world.organization(key).pk) for key in CODES},
        "portal_user": users,
        "portal_organizationgrant": {key: grants[pk] for key, pk in users.items()},
        "token": {key: link_token(key) for key in KEYS},
        "page_token": {key: page_token(key) for key in KEYS},
        "word": {key: report_in_word(key) for key in KEYS},
        "community": {key: CODES[key] for key in KEYS},
        "receipt": {key: make_code(client_key, "receipt") for key, client_key in _form_keys(owner)},
    }


@pytest.fixture
def client_of(world: Any) -> Callable[[str], Client]:
    """`client_of(actor)`; the work link of C111 is bound to the phone of `link` from then on, the own page of its
    member to that of `member`."""

    def made(actor: str) -> Client:
        client = Client()
        phone = _bound_phone(f"/w/{link_token('C111')}/", link_pin("C111"))
        member = _bound_phone(f"/m/{page_token('C111')}/", mobile("C111")[-4:])
        if actor in ("link", "member"):
            client = phone if actor == "link" else member
        elif actor != "anonymous":  # `inactive`: a session that was open when the account was switched off
            client.force_login(User.objects.get(username=STAFF.get(actor, actor)), backend=BACKEND)
        client.raise_request_exception = False
        return client

    return made


def _bound_phone(address: str, pin: str) -> Client:
    phone = Client()
    mark = re.search(r'name="mark" value="([^"]*)"', phone.get(address).content.decode())
    assert mark
    assert phone.post(address, {"mark": mark[1], "pin": pin}).status_code == 303
    assert phone.get(address).status_code == 200
    return phone
