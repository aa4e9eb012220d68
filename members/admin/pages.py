"""Pages of the list of members that cost the same at a million members as at a thousand.

The ids of a page come from the placement table (or from the search), within the actor's reach, in order and narrow;
only the members of that one page are then read through the wall, by key and nothing else: every further condition is
a chance for the planner to begin with all members of the scope (1.3 s for the first 50 of 100,000).
"""

import uuid
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.core.paginator import Page
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from members.models import Member, Placement, count_placed
from portal import access
from portal.pagination import COUNT_MOST, CappedPaginator
from portal.roles import Right

ORDER_KEY = "order_key"
# What the columns of the list read. The other half, mostly sealed texts, stays in the database.
LISTED = (
    "name", "name_pinyin", "gender", "state", "data_key", "mobile_sealed",
    "organization__name", "organization__short_name", "organization__path",
)  # fmt: skip


class IdPaginator(CappedPaginator):
    """`ids` names all rows in the list's order: a list, or the keys placed below `node`; of `rows` only the order is
    taken."""

    def __init__(self, rows: QuerySet, per_page: int, ids: Any, node: Any = None) -> None:
        super().__init__(rows, per_page)
        self.ids, self.node = ids, node

    @cached_property
    def _found(self) -> int:
        return len(self.ids) if self.node is None else count_placed(self.node, COUNT_MOST + 1)

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        wanted = self.ids[first : first + self.per_page]
        rows = _listed().filter(pk__in=wanted)
        order = (name.replace(ORDER_KEY, "name_pinyin") for name in self.object_list.query.order_by)
        return self._get_page(rows.order_by(*order), number, self)


def in_order(scoped: Callable[[QuerySet], QuerySet], request: HttpRequest, chosen: Any = None) -> QuerySet:
    """The actor's rows with their sort key. One node, granted or chosen within reach, is a scope by itself: its rows
    are taken from its range of the placement table."""
    node = _one_node(chosen)
    if node is None:
        return scoped(Member.objects.all()).annotate(**{ORDER_KEY: F("name_pinyin")})
    request._list_node = node
    return _placed(node).all()


def paginator(request: HttpRequest, rows: QuerySet, per_page: int) -> CappedPaginator:
    """Pages by ids where nothing but a search narrows the list, else pages of the rows themselves."""
    given = {name for name, value in request.GET.items() if value} - {PAGE_VAR, ORDER_VAR}
    backwards = str(next(iter(rows.query.order_by), "")).startswith("-")
    if given == {SEARCH_VAR} and hasattr(request, "_found_ids"):
        found = request._found_ids
        return IdPaginator(rows, per_page, found[::-1] if backwards else found)
    if not given and hasattr(request, "_list_node"):
        return IdPaginator(rows, per_page, _placed_ids(request._list_node, backwards), request._list_node)
    return CappedPaginator(rows, per_page)


@cache
def _listed() -> QuerySet:
    """What a page reads of its members: put together once, never asked itself."""
    return Member.objects.select_related("organization").only(*LISTED)


@lru_cache(maxsize=1000)
def _placed(node: uuid.UUID) -> QuerySet:
    """The members placed at a node, with their sort key: put together once for a node, never asked itself."""
    return Member.objects.filter(placements__organization_id=node).annotate(**{ORDER_KEY: F("placements__name_pinyin")})


@lru_cache(maxsize=1000)
def _placed_ids(node: uuid.UUID, backwards: bool) -> QuerySet:
    """Their keys in order, likewise."""
    order = ("-name_pinyin", "-member_id") if backwards else ("name_pinyin", "member_id")
    return Placement.objects.filter(organization_id=node).order_by(*order).values_list("member_id", flat=True)


def _one_node(chosen: Any) -> Any:
    if chosen is not None:
        return chosen.pk
    nodes = access.granted_nodes(Right.VIEW_MEMBERS)
    return nodes[0] if len(nodes) == 1 else None
