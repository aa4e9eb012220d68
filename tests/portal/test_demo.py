"""The demo is complete, invented, repeatable, and kept away from a real office."""

import io
import re
import stat

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from activities.models import Activity, Attendance
from checkin.models import CheckinCode, CheckinPoint, ReportIn
from contacts.enums import ObligationState
from contacts.models import (
    CareVisit,
    ContactObligation,
    DateReminder,
    GroupMembership,
    Liaison,
    LiaisonAssignment,
    Need,
    NeedAction,
    WechatGroup,
    Wish,
)
from contacts.needs.enums import NeedState
from contacts.wishes.services import unclaimed
from members.models import Member, Movement
from portal import access
from portal.demo import people
from portal.demo.offices import STREET
from portal.demo_mails import mails
from portal.models import Organization, User
from portal.roles import Purpose

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def seeded(settings, tmp_path):
    settings.DEMO, settings.VAR_DIR, settings.MAIL_DIR = True, tmp_path, tmp_path / "mails"
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


@pytest.fixture
def street(seeded):
    node = Organization.objects.get(code=STREET)
    with access.acting_as(access.system_actor(Purpose.DEMO, node)):
        yield node


def _counts():
    models = (Member, Movement, Liaison, LiaisonAssignment, ContactObligation, CheckinPoint, CheckinCode, Activity,
              Attendance, User, Organization, Need, NeedAction, GroupMembership, CareVisit,
              DateReminder)  # fmt: skip
    return {model.__name__: model.objects.count() for model in models}


def test_demo_has_what_the_street_needs(street):
    counts = _counts()
    assert (counts["Member"], counts["CheckinPoint"], counts["CheckinCode"], counts["Liaison"]) == (45, 7, 7, 12)
    assert counts["Activity"] >= 12
    assert counts["Attendance"] > 50
    assert set(Movement.objects.values_list("direction", flat=True)) == {"outflow", "inflow"}
    assert 0 < Member.objects.count() - LiaisonAssignment.objects.filter(ended_on=None, is_primary=True).count() < 10
    assert Organization.objects.below(street).filter(kind="branch").count() == 2
    from django.utils import timezone

    lamps = set(ContactObligation.objects.with_state(timezone.localdate()).values_list("state", flat=True))
    assert lamps == set(ObligationState.values)
    assert ReportIn.objects.filter(state="waiting").count() == 5
    assert set(Need.objects.values_list("state", flat=True)) == set(NeedState.values)
    assert Need.objects.in_lane("overdue", access.actor(), timezone.localdate()).exists()
    assert DateReminder.objects.filter(kind="festival").exists()
    assert DateReminder.objects.filter(kind="probation").exists()
    assert (WechatGroup.objects.count(), CareVisit.objects.filter(visited_on=None).count()) == (2, 6)
    assert (Wish.objects.count(), unclaimed(Wish.objects.all(), timezone.localdate()).count()) == (4, 1)


def test_seeding_again_changes_nothing(street, settings):
    before = _counts()
    file = settings.VAR_DIR / "demo-accounts.txt"
    written = file.read_text(encoding="utf-8")
    password = User.objects.get(username="street").password
    call_command("seed_demo", stdout=io.StringIO())
    assert _counts() == before
    assert (file.read_text(encoding="utf-8"), User.objects.get(username="street").password) == (written, password)


def test_everybody_is_invented(street):
    names = set()
    for member in Member.objects.all():
        assert member.is_synthetic
        names.add(member.name)
        if member.id_number:
            assert re.fullmatch(r"\d{14}99\d[\dX]", member.id_number)
        assert not member.mobile or member.mobile.startswith("1380000")
    assert len(names) == 45


def test_check_character_is_right():
    someone = people.person(7)
    weights = [2 ** (17 - place) % 11 for place in range(18)]
    values = [10 if digit == "X" else int(digit) for digit in someone.id_number]
    assert sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11 == 1


def test_accounts_are_printed_and_work(seeded, settings):
    file = settings.VAR_DIR / "demo-accounts.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text(encoding="utf-8").strip() in seeded
    accounts = dict(re.findall(r"^  (\w+) +(\S+)", seeded, re.MULTILINE))
    assert set(accounts) == {"district", "street", "clerk", "community", "secretary", "liaison", "visitor", "operator"}
    for username, password in accounts.items():
        client = Client()
        form = {"username": username, "password": password}
        assert client.post("/admin/login/?next=/admin/", form).status_code == 302, username
        page = client.get("/admin/")
        assert page.status_code == 200, username
        assert "演示环境 · 数据均为虚构" in page.content.decode()


def test_real_office_is_left_alone(settings, tmp_path):
    settings.DEMO, settings.VAR_DIR = False, tmp_path
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=io.StringIO())
    assert not Organization.objects.filter(code=STREET).exists()
    assert list(tmp_path.iterdir()) == []


def test_mails_are_shown_newest_first_and_decoded(seeded, settings, mailoutbox):
    from django.core.mail import EmailMessage, get_connection

    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=settings.MAIL_DIR)
    for number in (1, 2):
        EmailMessage(f"联系提醒{number}", "请联系以下人员", to=["a@example.invalid"], connection=connection).send()
    found = mails(settings.MAIL_DIR)
    assert [mail.subject for mail in found] == ["联系提醒2", "联系提醒1"]
    assert found[0].to == "a@example.invalid"
    assert "请联系以下人员" in found[0].body
    client = Client()
    client.force_login(User.objects.get(username="street"), backend="django.contrib.auth.backends.ModelBackend")
    assert "联系提醒2" in client.get("/admin/demo/mails/").content.decode()
    settings.DEMO = False
    assert client.get("/admin/demo/mails/").status_code == 404
    assert Client().get("/admin/demo/mails/").status_code == 302
