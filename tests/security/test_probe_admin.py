"""Probes at every screen of the admin, by row: pages of foreign rows, copies, edits in lists, deletions, redirects."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType

from portal import access
from portal.models import User
from tests.security.probe import Probe, masked
from tests.security.screens import EXPECTED, FOREIGN, PROBER, READABLE, Shown, registered, shown, state_of_neighbours

pytestmark = pytest.mark.usefixtures("wide_world")


@pytest.fixture
def prober(login: Any, keys: Any) -> Probe:
    return Probe(login(PROBER), keys, READABLE)


@pytest.fixture(params=EXPECTED)
def one(request: Any, world: Any) -> Shown:
    return shown(request.param)


def acting_prober() -> Any:
    return access.acting_as(access.user_actor(User.objects.get(username=PROBER)))


@pytest.fixture
def untouched(acting: Any, keys: Any) -> Iterator[None]:
    """What other streets hold is the same afterwards."""
    before = state_of_neighbours(acting, keys)
    yield
    assert state_of_neighbours(acting, keys) == before


def _foreign(prober: Probe, one: Shown) -> list[str]:
    return [prober.keys[one.table][key] for key in FOREIGN]


def test_every_screen_is_written_down() -> None:
    assert registered() == sorted(EXPECTED), "a screen without expectations in tests/security/screens.py"


def test_own_pages_answer_as_written(prober: Probe, one: Shown) -> None:
    """What the refusals below are compared with: the own row is there."""
    page = prober.get(one.path, one.expected.query)
    assert page.status_code == 200
    if one.expected.rows is not None:
        assert page.context["cl"].result_count == one.expected.rows, one.expected.why
    assert prober.get(one.page(prober.keys[one.table]["C111"])).status_code == one.expected.change
    assert prober.get(f"{one.path}add/").status_code == one.expected.add


POSTS: list[dict[str, str]] = [
    {},
    {"_save": "1"},
    {"_saveasnew": "1", "name": "x", "title": "x"},
    {"_continue": "1", "_popup": "1"},
    {"_addanother": "1", "_to_field": "id"},
    {"post": "yes"},
    {"decision": "mistaken"},
    {"reveal": "1"},
    {"apply": "1"},
    {"discard": "1"},
]


QUERIES = ("", "_popup=1", "_to_field=id", "_to_field=organization", "_changelist_filters=q%3Dx")
REFUSED = (400, 404)  # 400: Django's answer to a `_to_field` that is none, before it looks for a row


def test_foreign_row_answers_like_an_absent_one(prober: Probe, one: Shown, untouched: None) -> None:
    for name in ("change", "delete", "history"):
        for query in QUERIES:
            absent = prober.get(one.page(uuid.uuid4(), name), query)
            assert absent.status_code in (REFUSED if "_to_field" in query else (404,))
            for pk in _foreign(prober, one):
                hidden = prober.get(one.page(pk, name), query)
                assert (hidden.status_code, masked(hidden)) == (absent.status_code, masked(absent)), (name, query)


def test_what_is_sent_to_a_foreign_row_is_sent_to_nothing(prober: Probe, one: Shown, untouched: None) -> None:
    for name in ("change", "delete", "history"):
        for data in POSTS:
            absent = prober.post(one.page(uuid.uuid4(), name), data)
            if "_saveasnew" not in data:  # which is adding, whatever the key
                assert absent.status_code in (403, *REFUSED)  # 403: nobody changes rows of such a screen
            for pk in _foreign(prober, one):
                hidden = prober.post(one.page(pk, name), data)
                assert (hidden.status_code, masked(hidden)) == (absent.status_code, masked(absent)), (name, data)


def test_other_fields_than_the_key_lead_to_no_row(prober: Probe, one: Shown, owner: Any) -> None:
    """`_to_field` names the column that the key in the address is looked up in; only the key itself is one."""
    for column in one.model._meta.concrete_fields:
        pk = prober.keys[one.table]["C121"]
        value = owner.execute(f"select {column.column}::text from {one.table} where id = %s", [pk]).fetchone()[0]
        if value and "/" not in value and "\\" not in value:
            answer = prober.get(one.page(value), f"_to_field={column.name}")
            assert answer.status_code in (400, 404), column.name


def test_saving_a_foreign_row_as_new_stores_what_was_typed(prober: Probe, world: Any, untouched: None) -> None:
    one = shown("activities.Activity")
    data = {"_saveasnew": "1", "title": "新活动", "kind": "group", "hours": "2", "held_on": "2026-11-01",
            "organization": str(world.organization("C111").pk), "shown_version": ""}  # fmt: skip
    answer = prober.post(one.page(prober.keys[one.table]["C121"]), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    with acting_prober():
        made = one.model._base_manager.get(title="新活动")
    assert (made.organization, made.place, made.summary) == (world.organization("C111"), "", "")


def test_lists_are_not_edited_in_place(prober: Probe, one: Shown, acting: Any, untouched: None) -> None:
    """A formset of rows, own and foreign, is sent to the list."""
    own = prober.keys[one.table]["C111"]
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-MIN_NUM_FORMS": "0", "_save": "1"}
    for number, pk in enumerate((own, prober.keys[one.table]["C121"])):
        for column in one.model._meta.concrete_fields:
            data[f"form-{number}-{column.name}"] = pk if column.primary_key else "9"
    before = _own_state(acting, one, own)
    assert prober.post(one.path, data).status_code in (200, 302, 403)
    assert _own_state(acting, one, own) == before


def _own_state(acting: Any, one: Shown, pk: str) -> Any:
    with acting(PROBER):
        return one.model._base_manager.filter(pk=pk).values_list().get()


def test_no_new_row_belongs_to_a_foreign_office(prober: Probe, one: Shown, world: Any, untouched: None) -> None:
    """The same entries for an office that is not there are refused with the same words."""
    texts = {"name": "新来的", "title": "新来的", "kind": "grid", "held_on": "2026-11-01", "go_live_on": "2026-11-01"}
    absent = prober.post(f"{one.path}add/", texts | {"organization": str(uuid.uuid4())})
    for key in ("C121", "S12", "D1", "X", "C311"):
        for more in ({}, {"_popup": "1", "_to_field": "id"}):
            answer = prober.post(f"{one.path}add/", texts | more | {"organization": str(world.organization(key).pk)})
            assert answer.status_code == absent.status_code == (one.expected.add), (key, more)
            if not more:
                assert masked(answer) == masked(absent), key


def test_deletion_is_offered_for_written_rows_alone(prober: Probe, one: Shown, untouched: None) -> None:
    pk = prober.keys[one.table]["B111"]  # below: the dates of a member with two sides may move by an interval above
    own = one.page(pk, "delete")
    page = prober.get(own)
    assert page.status_code == (200 if one.expected.deletes else 404)
    done = prober.post(own, {"post": "yes"})
    assert done.status_code == (302 if one.expected.deletes else 404)
    with acting_prober():
        is_left = one.model._base_manager.filter(pk=pk).exists()
    assert is_left != one.expected.deletes


def test_interval_is_deleted_without_its_neighbours(prober: Probe, acting: Any, untouched: None) -> None:
    """The confirmation lists what goes along (nothing), and what follows from it stays in the own street."""
    one = shown("contacts.ContactPolicy")
    page = prober.get(one.page(prober.keys[one.table]["S11"], "delete"))
    assert [str(model) for model, _count in page.context["model_count"]] == [str(one.model._meta.verbose_name_plural)]
    assert len(page.context["deleted_objects"]) == 1
    everything = [*prober.keys[one.table].values()]
    action = {"action": "delete_selected", "_selected_action": everything, "select_across": "1", "post": "yes"}
    prober.post(one.path, action, follow=True)
    with acting(PROBER):
        assert one.model._base_manager.filter(pk__in=everything).count() >= len(everything) - 1


def test_redirect_by_kind_and_key_leads_nowhere(prober: Probe, one: Shown) -> None:
    kind = ContentType.objects.get_for_model(one.model).pk
    absent = prober.get(f"/admin/r/{kind}/{uuid.uuid4()}/")
    assert absent.status_code == 404
    for pk in (*_foreign(prober, one), prober.keys[one.table]["C111"]):
        hidden = prober.get(f"/admin/r/{kind}/{pk}/")
        assert (hidden.status_code, masked(hidden)) == (404, masked(absent))


def test_no_screen_shows_fields_that_probes_do_not_know() -> None:
    """These would need probes of their own: keys typed by hand, completion in forms, rows inside rows, tabs by date."""
    for model, screen in admin.site._registry.items():
        for name in ("raw_id_fields", "autocomplete_fields", "inlines", "list_editable", "filter_horizontal",
                     "filter_vertical", "date_hierarchy", "save_as"):  # fmt: skip
            assert not getattr(screen, name), (model, name)
