"""今日核实: who and when by section; the nightly marks; the list that they make."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from contacts.models import ContactPolicy
from members import verifying
from members.file_fields import Part
from members.models import StaleFile, Verification
from portal import access
from portal.roles import Purpose

LIST = reverse("admin:members_member_changelist")


def age(owner, world, days, name="秘C111秘"):
    """As if nobody had touched the file for so many days."""
    statement = "update members_member set updated_at = now() - make_interval(days => %s) where name = %s"
    owner.execute(statement, [days, name])


@pytest.fixture
def touched_by_nobody(owner, world):
    yield lambda days: age(owner, world, days)
    owner.execute("update members_member set updated_at = now()")
    owner.execute("delete from members_stalefile")
    owner.execute("delete from contacts_contactpolicy where verify_days is not null")


def marked(acting):
    with acting("street_clerk@S11"):
        return [row.member.name for row in StaleFile.objects.select_related("member")]


def test_verification_is_kept_by_section_with_who(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        verifying.verify_part(member=member, part="contact", by=actor)
        verifying.verify_part(member=member, part="contact", by=actor)
        checks = verifying.checks_of(member)
        assert (checks[Part.CONTACT].who, checks[Part.CONTACT].is_today) == ("账号C111community_clerk", True)
        assert checks[Part.IDENTITY].on is None
        assert Verification.objects.filter(member=member, part="contact").count() == 1


@pytest.mark.parametrize("who", ["branch_secretary@B111", "community_clerk@C112"])
def test_who_may_not_change_the_file_does_not_verify_it(acting, world, who):
    with acting("street_clerk@S11"):
        member = world.member("C111")
    with acting(who) as actor, pytest.raises(PermissionDenied):
        verifying.verify_part(member=member, part="contact", by=actor)


@pytest.mark.django_db(transaction=True)
def test_untouched_file_is_listed_once_and_a_verification_takes_it_away(acting, world, login, touched_by_nobody):
    touched_by_nobody(90)
    verifying.mark_stale_files()
    assert marked(acting) == []
    touched_by_nobody(91)
    for _night in range(2):
        verifying.mark_stale_files()
    assert marked(acting) == ["秘C111秘"]
    shown = login("street_clerk@S11").get(LIST, {"stale": "yes"})
    assert [member.name for member in shown.context["cl"].result_list] == ["秘C111秘"]
    with acting("street_clerk@S12"):
        assert not StaleFile.objects.exists()
    address = reverse("admin:members_member_verify", args=[shown.context["cl"].result_list[0].pk])
    assert login("community_clerk@C111").post(address, {"part": "identity"}).status_code == 302
    assert marked(acting) == []
    verifying.mark_stale_files()
    assert marked(acting) == []


@pytest.mark.django_db(transaction=True)
def test_every_office_says_after_how_long(acting, world, touched_by_nobody):
    touched_by_nobody(31)
    verifying.mark_stale_files()
    assert marked(acting) == []
    with acting("street_clerk@S11"):
        ContactPolicy.objects.create(organization=world.organization("C111"), verify_days=30)
    verifying.mark_stale_files()
    assert marked(acting) == ["秘C111秘"]
    with acting("street_clerk@S12"):
        assert not StaleFile.objects.exists()


def test_marks_are_made_by_the_purpose_alone(acting, world):
    root = world.organization("S11")
    with acting("street_clerk@S11"), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select portal.mark_stale_files(%s)", [root.pk])
    elsewhere = access.acting_as(access.system_actor(Purpose.REMINDERS, world.organization("S12")))
    with elsewhere, pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select portal.mark_stale_files(%s)", [root.pk])


def test_card_shows_the_date_and_offers_the_button(login, acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        Verification.objects.create(member=member, part="work", verified_on=dt.date(2026, 1, 2), verified_by=str(actor))
    address = reverse("admin:members_member_card", args=[member.pk])
    page = login("community_clerk@C111").get(address).content.decode()
    assert "2026-01-02" in page
    assert page.count('name="part"') >= 4
    assert 'name="part"' not in login("district_admin@D1").get(address).content.decode()
