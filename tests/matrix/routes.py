"""Every route of the portal, asked of Django's URL resolver: the portal's own, the admin's and third parties'."""

from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver, resolve


def all_routes() -> set[str]:
    """The full patterns of all routes, as `route_of` spells them."""
    return set(_walk(get_resolver().url_patterns, ""))


def route_of(path: str) -> str:
    """The full pattern of the route that answers a path."""
    return resolve(path.partition("?")[0]).route


def _walk(patterns: Any, prefix: str) -> Iterator[str]:
    for item in patterns:
        whole = prefix + (str(item.pattern).removeprefix("^") if prefix else str(item.pattern))  # as the resolver joins
        if hasattr(item, "url_patterns"):
            yield from _walk(item.url_patterns, whole)
        else:
            yield whole
