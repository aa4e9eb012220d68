"""The branch secretary: members of the own branch, masked; logs contacts, calls; no list of anybody else."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactLog, ContactObligation
from members.models import Movement
from tests.world import canary, id_number, mobile

WHO = "branch_secretary@B111"
LISTS = ["members_member", "contacts_contactobligation", "contacts_contactlog", "contacts_liaison",
         "contacts_outboundmessage", "activities_activity", "checkin_checkinpoint"]  # fmt: skip


@pytest.fixture
def pk(world, acting):
    """The member of C111, who lives with the branch now."""
    with acting("community_clerk@C111"):
        member = world.member("C111")
        Movement.objects.filter(member=member).update(host_organization=world.organization("B111"))
    return member.pk


@pytest.mark.parametrize("model", LISTS)
def test_lists_hold_the_branch_alone(login, world, model):
    page = login(WHO).get(reverse(f"admin:{model}_changelist"))
    assert page.status_code == 200
    for key in ("C111", "C112", "C121", "C211"):
        assert canary(key) not in page.content.decode()


def test_member_of_the_branch_is_seen_masked(login, pk):
    client = login(WHO)
    assert canary("C111") in client.get(reverse("admin:members_member_changelist")).content.decode()
    card = client.get(reverse("admin:members_member_card", args=[pk])).content.decode()
    assert canary("C111") in card
    assert mobile("C111") not in card
    assert id_number("C111") not in card
    assert card.count('name="field"') == 1
    assert 'name="field" value="mobile"' in card
    assert reverse("contacts:log", args=[pk]) in card
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(("name", "status"), [("mobile", 200), ("id_number", 403), ("employer", 403)])
def test_secretary_opens_the_mobile_alone(login, pk, name, status):
    sent = {"field": name, "reason": "contact", "key": str(uuid.uuid4())}
    answer = login(WHO).post(reverse("admin:members_member_reveal", args=[pk]), sent)
    assert answer.status_code == status
    assert (mobile("C111") in answer.content.decode()) == (status == 200)
    assert id_number("C111") not in answer.content.decode()


def test_secretary_logs_for_the_own_side(login, acting, world, pk):
    form = {
        "contacted_on": timezone.localdate().isoformat(),
        "method": "phone",
        "outcome": "reached",
        "note": "支部谈话",
    }
    assert login(WHO).post(reverse("contacts:log", args=[pk]), form).status_code == 302
    with acting(WHO):
        log = ContactLog.objects.get(member=pk)  # the community's own records are not the branch's to read
        assert (log.organization, log.note) == (world.organization("B111"), "支部谈话")
        assert ContactObligation.objects.filter(member=pk).exists()


def test_secretary_changes_and_exports_nothing(login, pk):
    client = login(WHO)
    assert client.post(reverse("admin:members_member_change", args=[pk]), {"name": "x"}).status_code == 403
    assert client.get(reverse("contacts:assign", args=[pk])).status_code == 403
    for name in ("admin:members_member_add", "admin:members_ledgerimport_changelist", "admin:members_member_export",
                 "admin:checkin_reportin_changelist"):  # fmt: skip
        assert client.get(reverse(name)).status_code == 403, name
