"""A desk that is open now, and phones."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activities.models import Activity
from checkin.arrivals import services
from checkin.arrivals.models import Desk


@pytest.fixture
def open_desk(acting: Callable[[str], Any], world: Any) -> Callable[..., Desk]:
    """`open_desk("C111")`: a desk of a fresh activity of today, open from an hour ago for three hours."""

    def opened(key: str = "C111", *, has_check_out: bool = False) -> Desk:
        with acting(f"{'street' if key.startswith('S') else 'community'}_clerk@{key}") as by:
            activity = Activity.objects.create(
                organization=world.organization(key), title="冬季大扫除", held_on=timezone.localdate(), place="样例广场"
            )
            now = timezone.now()
            return services.open_desk(
                activity=activity, opens_at=now - dt.timedelta(hours=1), closes_at=now + dt.timedelta(hours=2),
                has_check_out=has_check_out, by=by,
            )  # fmt: skip

    return opened


@pytest.fixture
def renamed(acting: Callable[[str], Any], world: Any) -> Callable[[str, str], None]:
    """`renamed("C111", "程栩宁")`: the community's member has a name that a person can have, and a form takes."""

    def rename(key: str, name: str) -> None:
        with acting(f"community_clerk@{key}"):
            member = world.member(key)
            member.set_name(name)
            member.save()

    return rename


class Phone:
    """A phone at a desk: opens a code's page, then sends its form."""

    def __init__(self, cookies: dict[str, str] | None = None) -> None:
        self.client = Client()
        for name, value in (cookies or {}).items():
            self.client.cookies[name] = value
        self.page: Any = None
        self.form: dict[str, str] = {}

    def scan(self, code: str) -> Any:
        self.code = code
        self.page = self.client.get(f"/a/{code}")
        if self.page.status_code == 200:
            entry = self.page.context["entry"]
            self.form = {"client_key": str(entry.key), "ticket": entry.ticket}
        return self.page

    def send(self, **typed: str) -> Any:
        return self.client.post(f"/a/{self.code}", self.form | typed)


@pytest.fixture
def phone(db: None) -> Callable[..., Phone]:
    """`phone()`: one that nobody knows; `phone(secret)`: one with this secret in its cookie."""
    return lambda secret="": Phone({"member-device": secret} if secret else {})


def new_key() -> str:
    return str(uuid.uuid4())
