"""Whose page an address opens on this phone: by a personal link, or because the phone was confirmed at an activity."""

import re
import uuid
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkin import devices
from portal import access, links
from portal.link_pages import LinkPages
from portal.models import LinkSubject


@dataclass(frozen=True)
class Entry:
    """Who acts on the page. `row_id`: of the link or of the phone; `secret`: what the phone brought for it."""

    actor: access.Actor
    row_id: uuid.UUID
    secret: str
    is_bound: bool


@dataclass(frozen=True)
class Person:
    """Somebody whose page this phone opens, and what its address holds."""

    name: str
    token: str


class OwnPages(LinkPages):
    def find(self, request: HttpRequest, token: str) -> Entry | None:
        found = links.find(token, links.device_of(request, token), self.kind)
        if found is not None:
            device = links.device_of(request, token)
            return Entry(access.link_actor(found.link_id), found.link_id, device, found.is_bound)
        return _known_phone(request, token)


PAGES = OwnPages(
    LinkSubject.MEMBER, "checkin/own", re.compile("[0-9]{4}(?:[0-9]{2})?"),
    _("Please type four figures, or the six that you were told."),
)  # fmt: skip


def _known_phone(request: HttpRequest, token: str) -> Entry | None:
    """The address holds the row of this phone and this member; it is worth nothing on another phone."""
    secret = devices.secret_of(request)
    for person in devices.people(devices.digest(secret)) if len(token) == 36 else ():
        if str(person.device_id) == token:
            return Entry(access.device_actor(person.device_id), person.device_id, secret, True)
    return None


def people(request: HttpRequest) -> list[Person]:
    """Whose pages the asking phone opens. One query, none where it holds nothing."""
    tokens = [token for token in links.held(request) if links.device_of(request, token)]
    phone = devices.digest(devices.secret_of(request))
    if not tokens and phone is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, place, device_id from portal.own_people(%s::bytea[], %s::bytea[], %s)",
            [*links.device_digests(request, tokens), phone],
        )
        return [Person(name, tokens[place - 1] if place else str(device)) for name, place, device in cursor.fetchall()]
