"""Members with movements in the world, made as the owner or as a clerk."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from contacts.models import ChannelAccount, ContactLog, ContactObligation, ContactPolicy
from members.models import Member, Movement
from portal import access
from portal.roles import Purpose
from tests.contacts.robots import Robot, robot_server
from tests.contacts.sinks import Sink
from tests.processes import free_port

NO_STEPS = dict.fromkeys(("before_days", "secretary_days", "community_days", "street_days"), 0)


@pytest.fixture
def without_steps(owner: Any, world: Any) -> None:
    """Nobody in the world is reminded before a target or told after a limit: an interval of the city that says so. The
    second city does not begin yet: its first due dates are spread by the keys of its members, anew in every session."""
    for city, begins in (("X", "2020-01-01"), ("Y", "2999-01-01")):
        owner.execute(
            "insert into contacts_contactpolicy (id, organization_id, target_days, limit_days, go_live_on, before_days,"
            " secretary_days, community_days, street_days)"
            " values (gen_random_uuid(), %s, 90, 120, %s, 0, 0, 0, 0)",
            [world.organization(city).pk, begins],
        )


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server of this test's own, which the portal writes to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 20
    server = Sink()
    controller = Controller(server, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield server
    server.go_on.set()
    controller.stop()


@pytest.fixture
def robot(settings: Any, tmp_path: Any) -> Iterator[Robot]:
    """The server of a work group's robot, which the portal may write to."""
    with robot_server(tmp_path) as server:
        settings.ROBOT_HOSTS, settings.ROBOT_INNER_HOSTS = [], [server.place]
        settings.ROBOT_CA_FILE = str(server.certificate)
        yield server


@pytest.fixture
def make_account(world: Any) -> Callable[..., ChannelAccount]:
    """make_account(address, key="C111"): a robot that is switched on, as the current actor."""

    def make(address: str, key: str = "C111", is_active: bool = True) -> ChannelAccount:
        account = ChannelAccount(organization=world.organization(key), name=f"{key}工作群", is_active=is_active)
        account.webhook = address
        account.save(force_insert=True)
        return account

    return make


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
    """live_since(date, key="S11", target=90, limit=120): an interval of an organization, as the current actor; without
    the steps before the target and after the limit, unless they are named (before_days=7)."""

    def make(on: dt.date, key: str = "S11", target: int = 90, limit: int = 120, **steps: int) -> ContactPolicy:
        return ContactPolicy.objects.create(
            organization=world.organization(key), target_days=target, limit_days=limit, go_live_on=on,
            **NO_STEPS | steps,
        )  # fmt: skip

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
