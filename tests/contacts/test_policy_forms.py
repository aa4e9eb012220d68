"""The form of an office's rules: what is inherited is shown, and only what is filled in is stored."""

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPolicy
from contacts.policy_forms import inherited_rules
from tests.contacts.conftest import shown_version

TODAY = timezone.localdate()
CLERK = "street_clerk@S11"
ADD = "/admin/contacts/contactpolicy/add/"


@pytest.fixture
def form(world):
    return {
        "organization": str(world.organization("C111").pk), "target_days": "90", "limit_days": "120",
        "go_live_on": TODAY.isoformat(),
    }  # fmt: skip


def test_shipped_rules_hold_where_nobody_set_any(acting, world):
    with acting(CLERK):
        told = inherited_rules(world.organization("C111"))
    assert (told["target_days"], told["limit_days"], told["capacity"]) == (90, 120, 5)
    kinds = ("other", "study", "first", "incoming", "member")
    pairs = [(told[f"{kind}_target"], told[f"{kind}_limit"]) for kind in kinds]
    assert pairs == [(90, 120), (150, 180), (30, 60), (90, 120), (300, 365)]
    assert told["thought_days"] == 730
    assert [told[name] for name in ("counts_attendance", "counts_report_ins")] == [True, True]


def test_inherited_values_are_shown_where_nothing_is_set(acting, world, login, form):
    with acting(CLERK):
        ContactPolicy.objects.create(
            organization=world.organization("S11"), study_target=100, study_limit=110, capacity=7, counts_visits=False
        )
        own = ContactPolicy.objects.create(organization=world.organization("C111"), capacity=3)
    page = login(CLERK).get(reverse("admin:contacts_contactpolicy_change", args=[own.pk]))
    fields = page.context["adminform"].form.fields
    assert "100" in str(fields["study_target"].widget.attrs["placeholder"])
    assert "300" in str(fields["member_target"].widget.attrs["placeholder"])
    assert "7" in str(fields["capacity"].widget.attrs["placeholder"])
    assert len(fields["counts_visits"].choices) == 3
    assert fields["counts_visits"].choices[0][1] != fields["counts_needs"].choices[0][1]  # no here, yes there
    assert page.content.decode().count("<fieldset") >= 5


def test_what_is_left_empty_stays_inherited(acting, world, login, form):
    assert (
        login(CLERK).post(ADD, form | {"counts_needs": "False", "first_target": "20", "first_limit": "40"}).status_code
        == 302
    )
    with acting(CLERK):
        row = ContactPolicy.objects.get()
        assert (row.capacity, row.counts_attendance, row.counts_needs) == (None, None, False)
        assert (row.first_target, row.first_limit, row.study_target, row.before_days) == (20, 40, None, None)
        address = reverse("admin:contacts_contactpolicy_change", args=[row.pk])
    version = shown_version(login(CLERK), address)
    changed = form | {"counts_needs": "", "first_target": "", "first_limit": "", "shown_version": version}
    assert login(CLERK).post(address, changed).status_code == 302
    with acting(CLERK):
        row.refresh_from_db()
        assert (row.counts_needs, row.first_target) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"study_target": "100"},
        {"study_limit": "100"},
        {"study_target": "100", "study_limit": "90"},
        {"study_target": "0", "study_limit": "90"},
        {"capacity": "0"},
    ],
)
def test_half_an_interval_is_refused(acting, login, form, wrong):
    assert login(CLERK).post(ADD, form | wrong).status_code == 200
    with acting(CLERK):
        assert not ContactPolicy.objects.exists()
