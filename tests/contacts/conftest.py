"""Members with movements in the world, made as the owner or as a clerk."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import ContactLog, ContactObligation, ContactPolicy
from members.models import Member, Movement
from portal import access
from portal.roles import Purpose


@pytest.fixture
def make_member(world: Any) -> Callable[..., Member]:
    """make_member(key="C111", name=…, direction="outflow", last=None, host=None, home=None) as the current actor."""

    def make(
        key: str = "C111", name: str = "单田芳", direction: str = "outflow", last: dt.date | None = None, **sides: Any
    ) -> Member:
        member = Member(organization=world.organization(key), last_contact_on=last, is_synthetic=True)
        member.set_name(name)
        member.save(force_insert=True)
        Movement(
            member=member,
            direction=direction,
            home_organization=sides.get("home"),
            host_organization=sides.get("host"),
            started_on="2026-01",
        ).save(force_insert=True)
        return member

    return make


@pytest.fixture
def live_since(world: Any) -> Callable[..., ContactPolicy]:
    """live_since(date, key="S11", target=90, limit=120): an interval of an organization, as the current actor."""

    def make(on: dt.date, key: str = "S11", target: int = 90, limit: int = 120) -> ContactPolicy:
        return ContactPolicy.objects.create(
            organization=world.organization(key), target_days=target, limit_days=limit, go_live_on=on
        )

    return make


def obligation(member: Member, side: str = "home") -> ContactObligation:
    return ContactObligation.objects.get(member=member, side=side)


def log(member: Member, on: dt.date, **values: Any) -> ContactLog:
    defaults = {"organization_id": member.organization_id, "side": "home"}
    row = ContactLog(member=member, contacted_on=on, **(defaults | values))
    row.save(force_insert=True)
    return row


def shown_version(client: Any, url: str) -> str:
    """The version that a page of the admin carries."""
    return client.get(url).context["adminform"].form["shown_version"].value()


def at(on: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(on, dt.time(hour, minute)))


def system(world: Any) -> access.Actor:
    return access.system_actor(Purpose.REMINDERS, world.organization("X"))
