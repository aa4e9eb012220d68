"""Probes at forms and actions: hidden keys in every relation field, choices, selections across pages."""

import re
import uuid
from typing import Any

import pytest
from django.db import models
from django.forms import ModelChoiceField

from contacts.models import Liaison, LiaisonAssignment
from tests.security.probe import CLERK, FOREIGN, LISTS, Probe, fingerprint
from tests.world import canary


def _forms(clerk: Probe) -> list[tuple[str, Any]]:
    """(address, form) of every form that the clerk is shown."""
    keys, found = clerk.keys, []
    addresses = [f"{path}add/" for path in LISTS.values()] + ["/admin/members/ledgerimport/"]
    addresses += [f"{path}{keys[table]['C111']}/change/" for table, path in LISTS.items() if "C111" in keys[table]]
    addresses += [
        f"/admin/contacts/log/{keys['members_member']['C111']}/",
        f"/admin/activities/activity/{keys['activities_activity']['C111']}/attendance/",
        f"/admin/contacts/contactpolicy/{keys['contacts_contactpolicy']['C111']}/change/",
    ]
    for address in dict.fromkeys(addresses):
        page = clerk.get(address)
        if page.status_code == 200 and page.context:
            form = page.context.get("adminform") or page.context.get("form")
            found.append((address, getattr(form, "form", form)))
    return found


def test_choices_of_every_form_stay_inside(clerk: Probe, with_policy: None, world: Any) -> None:
    """Every drop-down; the referral of a report-in alone names other offices, which are public."""
    asked = 0
    for address, form in _forms(clerk):
        for name, field in form.fields.items():
            if not isinstance(field, ModelChoiceField):
                continue
            asked += 1
            labels = {str(label) for _value, label in field.choices}
            if name == "organization" and "reportin" in address:
                continue
            foreign = [label for label in labels for key in (*FOREIGN, "S11", "S12", "D1", "X", "C221")
                       if re.search(rf"{key}\b", label)]  # fmt: skip
            assert foreign == [], (address, name)
    assert asked >= 8


def test_hidden_keys_in_relation_fields_are_refused(
    clerk: Probe, with_policy: None, world: Any, acting: Any, owner: Any
) -> None:
    """Each relation field × each foreign position: nothing is stored, no label comes back."""
    before = fingerprint(acting)
    tried = 0
    for address, form in _forms(clerk):
        relations = {name: field for name, field in form.fields.items() if isinstance(field, ModelChoiceField)}
        if "reportin" in address:
            continue  # test_report_in_…
        for name, field in relations.items():
            table = field.queryset.model._meta.db_table
            for key in FOREIGN:
                hidden = str(world.organization(key).pk) if table == "portal_organization" else clerk.keys[table][key]
                answer = clerk.post(address, _filled(form) | {name: hidden})
                tried += 1
                assert answer.status_code == 200, (address, name, key)
                assert answer.context["form" if "form" in answer.context else "adminform"], address
                assert _errors(answer), (address, name, key)
    assert tried >= 20
    assert fingerprint(acting) == before


def _filled(form: Any) -> dict[str, str]:
    """What a browser would send of this form, with something in every required text."""
    given = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(value, models.Model):
            value = value.pk
        if value in (None, "") and field.required:
            value = {"held_on": "2026-11-01", "contacted_on": "2026-11-01", "go_live_on": "2026-11-01"}.get(name, "12")
        if value not in (None, "", False):
            given[form.add_prefix(name)] = str(value)
    return given


def _errors(answer: Any) -> Any:
    form = answer.context.get("adminform") or answer.context.get("form")
    return getattr(form, "form", form).errors


@pytest.mark.parametrize("key", FOREIGN)
def test_activity_lists_no_foreign_member(clerk: Probe, keys: Any, owner: Any, key: str) -> None:
    path = f"/admin/activities/activity/{keys['activities_activity']['C111']}/attendance/"
    answer = clerk.post(path, {"came": [keys["members_member"][key]]})
    assert answer.status_code in (200, 403)
    assert clerk.get(path, {"q": canary(key)}).content.decode().count('name="came"') == 0


@pytest.mark.parametrize("key", FOREIGN)
def test_report_in_is_not_linked_to_a_foreign_member(clerk: Probe, keys: Any, key: str) -> None:
    path = f"/admin/checkin/reportin/{keys['checkin_reportin']['C111']}/change/"
    data = {"decision": "confirm", "proof": "letter", "target": keys["members_member"][key]}
    absent = clerk.post(path, data | {"target": str(uuid.uuid4())})
    assert clerk.post(path, data).status_code == absent.status_code
    assert clerk.get(path).context["row"].state == "waiting"


@pytest.mark.parametrize("key", FOREIGN)
def test_action_on_foreign_rows_changes_nothing(clerk: Probe, keys: Any, acting: Any, key: str) -> None:
    before = fingerprint(acting)
    data = {"action": "assign_liaison_action", "_selected_action": [keys["members_member"][key]],
            "liaison": keys["contacts_liaison"]["C111"]}  # fmt: skip
    clerk.post("/admin/members/member/", data, follow=True)
    clerk.post("/admin/members/member/", data | {"liaison": ""}, follow=True)
    assert fingerprint(acting) == before


def test_action_across_pages_reaches_the_own_rows_only(clerk: Probe, keys: Any, acting: Any, world: Any) -> None:
    with acting(CLERK):
        second = Liaison(organization=world.organization("C111"), name="新联络员")
        second.save(force_insert=True)
    before = fingerprint(acting)
    data = {"action": "assign_liaison_action", "select_across": "1", "liaison": str(second.pk),
            "_selected_action": list(keys["members_member"].values())}  # fmt: skip
    asked = clerk.post("/admin/members/member/", {**data, "liaison": ""})
    if asked.status_code == 200 and asked.context and "count" in asked.context:
        assert asked.context["count"] == 1
    clerk.post("/admin/members/member/", data, follow=True)
    after = fingerprint(acting)
    assert after["street_clerk@S12"] == before["street_clerk@S12"]
    assert after["street_clerk@S21"] == before["street_clerk@S21"]
    with acting("community_clerk@C112"):
        assert not LiaisonAssignment.objects.filter(liaison=second).exists()


@pytest.mark.parametrize("key", FOREIGN)
def test_action_takes_no_foreign_liaison(clerk: Probe, keys: Any, acting: Any, key: str) -> None:
    before = fingerprint(acting)
    data = {"action": "assign_liaison_action", "_selected_action": [keys["members_member"]["C111"]],
            "liaison": keys["contacts_liaison"][key]}  # fmt: skip
    assert clerk.post("/admin/members/member/", data).status_code == 200
    assert fingerprint(acting) == before


@pytest.mark.parametrize("path", LISTS.values())
@pytest.mark.parametrize("action", ["delete_selected", "no_such_action", "export_admin_action"])
def test_unknown_actions_do_nothing(clerk: Probe, keys: Any, acting: Any, path: str, action: str) -> None:
    before = fingerprint(acting)
    every = [pk for rows in keys.values() for pk in rows.values()]
    clerk.post(path, {"action": action, "_selected_action": every, "select_across": "1", "post": "yes"}, follow=True)
    assert fingerprint(acting) == before
