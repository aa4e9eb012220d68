"""What bench/scoping.py measures in the process of one database. Import after django.setup()."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import connection, connections, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm
from scoping_peers import GUARDIAN, LTREE, LTREE_COUNT, DirectMember, GenericMember, PeerOrganization
from scoping_world import ACTORS, STREET_MEMBERS

from members.admin.pages import LISTED
from members.models import Member, Placement
from members.names import search_terms
from portal import access, grants
from portal.models import Organization, OrganizationGrant, User

TERM = "建国"
PAGE = 50
TABLES = {
    "size portal": ("portal_organizationgrant", "portal_roleright", "portal_purposeright"),
    "size guardian (generic)": ("guardian_userobjectpermission",),
    "size guardian (direct FK)": ("bench_membergrant",),
}
Run = tuple[float, int]


def timed(work: Callable[[], int]) -> Run:
    """(milliseconds, what the work counted)."""
    begin = time.perf_counter()
    found = work()
    return (time.perf_counter() - begin) * 1000, found


def statements(using: Any, texts: list[str]) -> int:
    """Send statements as they stand; the rows of the last one, or the number that is its only value."""
    rows: list[Any] = []
    with using.cursor() as cursor:
        for text in texts:
            cursor.execute(text)
            rows = cursor.fetchall()
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else len(rows)


class Contestants:
    """Names a run by "part who"; statements are taken from the portal's list once for each actor."""

    def __init__(self) -> None:
        self.screen = admin.site._registry[Member]
        self.nodes = {actor: Organization.objects.get(code=code) for actor, code in ACTORS.items()}
        self.texts: dict[tuple[str, str], list[str]] = {}
        self.giver, self.taker = self._staff()

    def run(self, contestant: str, actor: str) -> Run:
        part, _, who = contestant.partition(" ")
        special: dict[str, Callable[[], Run]] = {
            "ORM portal": lambda: timed(lambda: self._whole_page(actor)),
            "count shown": lambda: self._count_shown(actor),
            "grant portal": self._grant,
        }
        if contestant in special:
            return special[contestant]()
        if part == "size":
            return self._size(contestant), 0
        if part == "grant":
            return self._grant_rows(who)
        if who in GUARDIAN:
            return timed(lambda: self._guardian(part, who, actor))
        texts = self._texts(part, who, actor)
        if who != "SQL":
            return timed(lambda: statements(connections["owner"], texts))
        with access.acting_as(self._actor(actor)):
            return timed(lambda: statements(connection, texts))

    # -- the portal

    def _actor(self, actor: str) -> access.Actor:
        return access.user_actor(User.objects.get(username=str(self.nodes[actor].pk)))

    def _list(self, term: str = "") -> tuple[QuerySet, Any]:
        """Rows and paginator as the list of members makes them for the current actor."""
        request = RequestFactory().get("/", {"q": term} if term else {})
        rows = self.screen.get_queryset(request).select_related(*self.screen.list_select_related)
        if term:
            rows, _ = self.screen.get_search_results(request, rows, term)
        return rows, self.screen.get_paginator(request, rows, self.screen.list_per_page)

    def _whole_page(self, actor: str) -> int:
        with access.acting_as(self._actor(actor)):
            _, paginator = self._list()
            return len(list(paginator.page(1).object_list))

    def _count_shown(self, actor: str) -> Run:
        with access.acting_as(self._actor(actor)):
            _, paginator = self._list()
            return timed(lambda: paginator.count + paginator.is_capped)

    def _texts(self, part: str, who: str, actor: str) -> list[str]:
        key = (f"{part} {who}", actor)
        if key not in self.texts:
            if who == "SQL":
                self.texts[key] = self._sent(part, actor)
            else:
                self.texts[key] = [self._limit(part, actor) if who == "limit" else self._ltree(part, actor)]
        return self.texts[key]

    def _sent(self, part: str, actor: str) -> list[str]:
        """The statements that the list sends for its first page, its count or its search."""
        with access.acting_as(self._actor(actor)):
            access.may("view_members")  # the rights are known: looked up once for a request, whatever it asks
            with CaptureQueriesContext(connection) as sent:
                _, paginator = self._list(TERM if part == "search" else "")
                if part == "count":
                    paginator.count  # noqa: B018
                else:
                    list(paginator.page(1).object_list)
        return [query["sql"] for query in sent]

    # -- the limit and the ltree join

    def _limit(self, part: str, actor: str) -> str:
        """The same answer by the literal id of the node, for the owner, whom no policy holds back."""
        placed = Placement.objects.filter(organization_id=self.nodes[actor].pk)
        if part == "count":
            return f"select count(*) from members_placement where organization_id = '{self.nodes[actor].pk}'"
        rows = Member.objects.select_related("organization").only(*LISTED)
        if part == "search":
            grams, _ = search_terms(TERM)
            found = rows.filter(name_grams__contains=grams).filter(Exists(placed.filter(member=OuterRef("pk"))))
            return _text(found.order_by("name_pinyin", "id")[:PAGE])
        found = rows.filter(placements__organization_id=self.nodes[actor].pk)
        return _text(found.order_by("placements__name_pinyin", "placements__member_id")[:PAGE])

    def _ltree(self, part: str, actor: str) -> str:
        return (LTREE_COUNT if part == "count" else LTREE) % {"path": f"'{self.nodes[actor].path}'"}

    # -- guardian

    def _guardian(self, part: str, who: str, actor: str) -> int:
        user = User.objects.get(username=str(self.nodes[actor].pk))
        rows = GUARDIAN[who](user)
        if part == "count":
            return rows.count()
        return len(rows.select_related("home").order_by("name_pinyin", "id")[:PAGE])

    # -- grants

    def _staff(self) -> tuple[User, User]:
        from django.contrib.auth.models import Permission

        giver, is_new = User.objects.using("owner").get_or_create(username="giver")
        taker, _ = User.objects.using("owner").get_or_create(username="taker")
        if is_new:
            permission = Permission.objects.using("owner").get(codename="role_street_admin")
            street = Organization.objects.using("owner").get(pk=self.nodes["street"].pk)
            OrganizationGrant(user=giver, permission=permission, content_object=street).save(using="owner")
        return User.objects.get(pk=giver.pk), User.objects.get(pk=taker.pk)

    def _grant(self) -> Run:
        def give() -> int:
            grants.grant_role(user=self.taker, role="street_clerk", organization=self.nodes["street"])
            return 1

        with access.acting_as(access.user_actor(self.giver)):
            taken, _ = timed(give)
        rows, _ = OrganizationGrant.objects.using("owner").filter(user=self.taker).delete()
        return taken, rows

    def _grant_rows(self, who: str) -> Run:
        model = {"guardian (generic)": GenericMember, "guardian (direct FK)": DirectMember}.get(who, PeerOrganization)
        below = Organization.objects.below(self.nodes["street"]).values("pk")
        if model is PeerOrganization:
            rows: QuerySet = PeerOrganization.objects.filter(pk__in=below, kind="community")
        else:
            seen = Placement.objects.using("owner").filter(organization=self.nodes["street"]).values_list("member_id")
            rows = model.objects.filter(pk__in=[pk for (pk,) in seen])
        rows = rows.all()
        assert len(rows) in (STREET_MEMBERS, 10)  # the objects are at hand: only the grant is timed
        with transaction.atomic():
            taken, made = timed(lambda: len(assign_perm(f"view_{model._meta.model_name}", self.taker, rows)))
            transaction.set_rollback(True)
        return taken, made

    def _size(self, what: str) -> float:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "select sum(pg_total_relation_size(t::regclass)) from unnest(%s::text[]) t", [list(TABLES[what])]
            )
            return float(cursor.fetchone()[0]) / 1024**2


def _text(rows: QuerySet) -> str:
    """The statement of a queryset as the driver would send it."""
    with CaptureQueriesContext(connections["owner"]) as sent:
        list(rows.using("owner"))
    return sent[0]["sql"]
