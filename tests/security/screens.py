"""Every screen of the admin as one administrator meets it, written by hand; the probes of test_probe_admin*.py.

The administrator of street S11 probes, who holds the most rights of all that see members: what leaks to anybody on a
list, leaks to this person. The world is the wide one, with rows of every table in other streets (`FOREIGN`).
A screen that is registered and not written here fails `test_every_screen_is_written_down`.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.db import connection, models
from django.urls import reverse

from tests.world import CODES

PROBER = "street_admin@S11"
READABLE = ("C111", "B111", "C112", "S11", "both", "kept", "home")
FOREIGN = ("C121", "C211", "C311")  # of another street, district and city
NEIGHBOURS = ("street_admin@S12", "street_admin@S21")  # whose rows must be the same afterwards


@dataclass(frozen=True)
class Screen:
    """`rows`: how many its list counts under `query` (None: it has no list of Django's); `change`, `add`: status of the
    own row's page and of the form for a new one; `actions`: of the list; `asks`: what the address may ask for besides
    what a filter judges itself; `lookup`: status of asking for anything else."""

    rows: int | None
    change: int = 200
    add: int = 403
    actions: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    lookup: int = 400
    deletes: bool = False
    query: str = ""
    why: str = ""


READ_BY_ALL = ("contacts_contactpolicy", "contacts_calendarday", "contacts_daterule", "contacts_pillarmetric")
FOUR = 4  # one each at C111, C112, B111 and S11
EXPECTED = {
    "members.Member": Screen(
        FOUR + 1, add=200, actions=frozenset({"move_members_action", "assign_liaison_action", "assign_visits_action",
                                             "send_parcel_action"}),
        asks=frozenset({"state", "member_type"}), why="and the member with two sides"),
    "members.LedgerImport": Screen(
        None, add=302, lookup=200, why="the list is the upload form; it reads nothing of the address"),
    "members.LedgerExport": Screen(
        None, add=302, lookup=200, why="the list is a page of its own; it reads nothing of the address"),
    "members.Transfer": Screen(
        FOUR, change=404, query="tab=sent", why="a transfer has its decisions, and no form"),
    "contacts.ContactObligation": Screen(
        FOUR + 1, change=302, why="the row leads to the log page; the own duty of two"),
    "contacts.ContactLog": Screen(
        FOUR + 1, asks=frozenset({"outcome", "method", "source"}), why="and the home side's own contact"),
    "contacts.Need": Screen(
        FOUR + 1, change=302, asks=frozenset({"category"}), why="and the home side's own need; a page of its own"),
    "contacts.WechatGroup": Screen(FOUR, add=200),
    "contacts.ChannelAccount": Screen(FOUR, add=200),
    "contacts.Liaison": Screen(
        2 * FOUR, add=200, asks=frozenset({"kind", "is_active"}), why="a liaison and a visiting worker each"),
    "contacts.ContactPolicy": Screen(FOUR, add=200, deletes=True, why="the only rows that a page may delete"),
    "contacts.DateReminder": Screen(FOUR, actions=frozenset({"done_action", "dismiss_action", "reopen_action"})),
    "contacts.OutboundMessage": Screen(
        FOUR, actions=frozenset({"send_again_action", "give_up_action"}), asks=frozenset({"state", "step"})),
    "activities.Activity": Screen(FOUR, add=200, asks=frozenset({"kind"})),
    "checkin.CheckinPoint": Screen(FOUR, add=200, asks=frozenset({"kind", "is_active"})),
    "checkin.LetterVersion": Screen(FOUR, add=200, why="a change is a new version"),
    "checkin.ReportIn": Screen(FOUR, actions=frozenset({"decide_action"}), asks=frozenset({"state", "way"}),
                               why="made by the public page and at the counter, so none is added"),
    "checkin.ReportInLink": Screen(FOUR, add=200, asks=frozenset({"is_active"})),
    "portal.AuditEntry": Screen(FOUR),
}  # fmt: skip


@dataclass
class Shown:
    """A registered screen, with what is expected of it."""

    label: str
    model: type[models.Model]
    screen: Any
    expected: Screen
    path: str = ""
    table: str = field(init=False)

    def __post_init__(self) -> None:
        options = self.model._meta
        self.table = options.db_table
        self.path = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")

    def page(self, pk: Any, name: str = "change") -> str:
        return f"{self.path}{pk}/{name}/"


def registered() -> list[str]:
    return sorted(model._meta.label for model in admin.site._registry)


def shown(label: str) -> Shown:
    model, screen = next(pair for pair in admin.site._registry.items() if pair[0]._meta.label == label)
    return Shown(label, model, screen, EXPECTED[label])


def relations(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
    """(name in a lookup, model) of every relation that leads away from the model, forwards or back."""
    return [(item.name, item.related_model) for item in model._meta.get_fields()
            if item.is_relation and isinstance(item.related_model, type)]  # fmt: skip


_ELSEWHERE = f"select id from portal_organization where code not like '%{CODES['S11']}%'"  # nor below the own street


def state_of_neighbours(acting: Any, tables: Any) -> dict[str, Any]:
    """A digest of what the other streets hold, in the transaction of the test."""
    found = {}
    parts = []
    for table in sorted(tables):  # intervals are readable to all: those of the own street may change
        there = f" where organization_id in ({_ELSEWHERE})" if table in READ_BY_ALL else ""
        digest = "md5(coalesce(string_agg(t::text, ' ' order by t::text), ''))"
        parts.append(f"select '{table}', count(*), {digest} from {table} t{there}")
    each = " union all ".join(parts)
    for who in NEIGHBOURS:
        with acting(who), connection.cursor() as cursor:
            cursor.execute(each)
            rows = cursor.fetchall()
        assert sum(count for _table, count, _digest in rows) > 10, "nothing there that could change"
        found[who] = rows
    return found


def results_of(answer: Any) -> list[str]:
    """What an autocomplete answers."""
    return [str(one["text"]) for one in json.loads(answer.content)["results"]]
