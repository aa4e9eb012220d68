"""Probes at lists and single rows: counts, parameters, lookups, filters, keys, autocomplete."""

import json
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType

from contacts.models import Liaison
from members.models import LedgerImport, Member
from portal.models import Organization, User
from portal.scoped_admin import ScopedModelAdmin
from tests.security.probe import FOREIGN, LISTS, Probe, masked, rows_shown
from tests.world import canary, id_number, mobile


def screens() -> list[Any]:
    return sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)


def test_every_screen_is_scoped_and_names_its_rights() -> None:
    loose = [model._meta.label for model, screen in screens() if not isinstance(screen, ScopedModelAdmin)]
    assert loose == []
    assert [model._meta.label for model, screen in screens() if not screen.rights] == []


def test_no_screen_edits_in_place_or_shows_unscoped_inlines() -> None:
    for model, screen in screens():
        assert not screen.list_editable, model
        assert not screen.raw_id_fields, model
        assert not screen.inlines, f"{model}: an inline needs probes of its own here"
        assert not screen.save_as, model


@pytest.mark.parametrize("path", ["/admin/auth/group/", "/admin/axes/accessattempt/", "/admin/axes/accesslog/",
                                  "/admin/portal/user/", "/admin/guardian/", "/admin/sessions/"])  # fmt: skip
def test_no_screen_of_third_parties_is_open(clerk: Probe, login: Any, world: Any, owner: Any, path: str) -> None:
    assert clerk.get(path).status_code == 404
    user = world.user("city_admin@X")
    User.objects.filter(pk=user.pk).update(is_superuser=True)  # grants nothing
    assert login("city_admin@X").get(path).status_code == 404


def test_superuser_flag_grants_nothing(login: Any, world: Any) -> None:
    User.objects.filter(username="stranger").update(is_superuser=True)
    assert login("stranger").get("/admin/").status_code == 302
    User.objects.filter(username="operator@X").update(is_superuser=True)
    client = login("operator@X")
    for path in LISTS.values():
        assert client.get(path).status_code == 403, path


def test_front_page_numbers_are_those_of_the_own_lists(clerk: Probe) -> None:
    page = clerk.get("/admin/")
    tiles = {str(tile["link"]): tile["count"] for tile in page.context["tiles"]}
    assert tiles["/admin/members/member/"] == 1
    assert tiles["/admin/members/member/?direction=inflow"] == 1
    assert tiles["/admin/members/member/?direction=outflow"] == 0
    assert tiles["/admin/checkin/reportin/?queue=waiting"] == 1
    assert all(count <= 1 for count in tiles.values())


@pytest.mark.parametrize("path", [path for table, path in LISTS.items() if table != "contacts_contactpolicy"])
def test_list_counts_the_own_rows_only(clerk: Probe, path: str) -> None:
    assert rows_shown(clerk.get(path)) == 1


@pytest.mark.parametrize("path", LISTS.values())
@pytest.mark.parametrize(
    "query",
    ["o=-1", "o=9.-9.9", "p=0", "p=99999", "p=-1", "all=", "all=1", "e=1", "q=", "_facets=True", "_popup=1",
     "_to_field=id", "_to_field=organization", "_popup=1&_to_field=data_key", "_changelist_filters=q%3Dx",
     "q=%00", "organization=%00", "state=%00", "p=9999999999999999999999", "o=%00", "q=%27%20or%201%3D1--", "q=%25_%5C",
     "organization=9901&organization=990102", "q=" + "x" * 5000],
)  # fmt: skip
def test_list_parameters_show_nothing_foreign(clerk: Probe, path: str, query: str) -> None:
    assert clerk.get(path, query).status_code in (200, 302, 400)


@pytest.mark.parametrize("path", LISTS.values())
@pytest.mark.parametrize("key", FOREIGN)
def test_search_finds_nothing_foreign(clerk: Probe, path: str, key: str) -> None:
    for text in (canary(key), f"秘{key}", key, id_number(key), mobile(key), f"联{canary(key)}", f"样例{key}"):
        answer = clerk.get(path, {"q": text})
        if "cl" in (answer.context or {}):
            assert rows_shown(answer) <= (1 if not answer.context["cl"].search_fields else 0), text


@pytest.mark.parametrize("path", LISTS.values())
def test_lookups_through_relations_are_refused(clerk: Probe, world: Any, path: str) -> None:
    """Allowed or not, the answer must not depend on foreign rows."""
    foreign = world.organization("C112")
    for lookup in (
        "organization__id__exact", "organization", "organization__code", "organization__code__startswith",
        "organization__path__descendants", "member__id_number_digest", "member__name__startswith",
        "member__remark_sealed",
        "obligation__member__name__contains", "liaison__mobile_digest", "point__organization__name",
        "members__name__contains", "organization__members__name__contains", "created_by__password__startswith",
        "recorded_by__password__startswith", "decided_by__password__startswith", "recipient__password__startswith",
        "liaison__user__password__startswith", "user__password__startswith", "id__in", "pk__in", "id__gt",
    ):  # fmt: skip
        for value in (str(foreign.pk), "秘", "a"):
            answer = clerk.get(path, {lookup: value})
            assert answer.status_code in (200, 302, 400), (lookup, value)
            if answer.status_code == 200 and "cl" in (answer.context or {}):
                assert rows_shown(answer) <= 1


@pytest.mark.parametrize("path", LISTS.values())
def test_filters_offer_and_accept_own_organizations_only(clerk: Probe, world: Any, path: str) -> None:
    page = clerk.get(path)
    offered = [str(value) for spec in page.context["cl"].filter_specs for value, _label in
               getattr(spec, "lookup_choices", [])]  # fmt: skip
    for key in (*FOREIGN, "S12", "D1", "X"):
        foreign = world.organization(key)
        assert foreign.code not in offered
        assert str(foreign.pk) not in offered
        answer = clerk.get(path, {"organization": foreign.code})
        if answer.status_code == 200 and any(getattr(spec, "parameter_name", "") == "organization"
                                             for spec in page.context["cl"].filter_specs):  # fmt: skip
            assert rows_shown(answer) == 0


def test_filter_sidebars_name_no_foreign_person(clerk: Probe) -> None:
    for path in LISTS.values():
        text = clerk.get(path).content.decode()
        for key in FOREIGN:
            assert f"样例{key}" not in text or path.endswith("reportin/"), (path, key)


@pytest.mark.parametrize(("table", "path"), LISTS.items())
def test_foreign_and_absent_rows_answer_alike(clerk: Probe, with_policy: None, table: str, path: str) -> None:
    for page in ("change/", "delete/", "history/"):
        absent = clerk.get(f"{path}{uuid.uuid4()}/{page}")
        for key in set(FOREIGN) & set(clerk.keys[table]):
            hidden = clerk.get(f"{path}{clerk.keys[table][key]}/{page}")
            assert hidden.status_code == absent.status_code == 404, (path, page)
            assert masked(hidden) == masked(absent)
        for method in ("post",):
            hidden = getattr(clerk, method)(f"{path}{clerk.keys[table]['C112']}/{page}", {"post": "yes"})
            absent = getattr(clerk, method)(f"{path}{uuid.uuid4()}/{page}", {"post": "yes"})
            assert (hidden.status_code, masked(hidden)) == (absent.status_code, masked(absent))


@pytest.mark.parametrize("key", ["_5F", "0", "-1", "9" * 40, "%00", "１２", "1e3", "../../", "x" * 3000])
@pytest.mark.parametrize("path", LISTS.values())
def test_odd_keys_are_absent(clerk: Probe, path: str, key: str) -> None:
    assert clerk.get(f"{path}{key}/change/").status_code in (404, 400)


def test_redirect_page_tells_absent_and_hidden_alike(clerk: Probe, keys: Any) -> None:
    for model in (Member, Liaison, LedgerImport, User, Organization):
        kind = ContentType.objects.get_for_model(model).pk
        table = model._meta.db_table
        absent = clerk.get(f"/admin/r/{kind}/{uuid.uuid4()}/")
        for key in FOREIGN if table in keys else ():
            hidden = clerk.get(f"/admin/r/{kind}/{keys[table][key]}/")
            assert (hidden.status_code, masked(hidden)) == (404, masked(absent))
        own = clerk.get(f"/admin/r/{kind}/{keys[table]['C111']}/") if table in keys else absent
        assert own.status_code == 404


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [("members", "movement", "member"), ("members", "movement", "home_organization"), ("contacts", "liaison", "user"),
     ("contacts", "liaisonassignment", "member"), ("contacts", "liaisonassignment", "liaison"),
     ("contacts", "contactlog", "liaison"), ("contacts", "outboundmessage", "obligation"),
     ("checkin", "reportin", "member"), ("checkin", "checkincode", "point"), ("activities", "attendance", "activity"),
     ("portal", "organizationgrant", "user"), ("admin", "logentry", "user"), ("members", "member", "organization")],
)  # fmt: skip
def test_autocomplete_names_nothing_foreign(clerk: Probe, app: str, model: str, field: str) -> None:
    for term in ("", "秘", "样例", "账号", *FOREIGN):
        answer = clerk.get("/admin/autocomplete/", {"app_label": app, "model_name": model, "field_name": field,
                                                    "term": term})  # fmt: skip
        assert answer.status_code in (200, 403)
        if answer.status_code == 200:
            assert len(json.loads(answer.content)["results"]) <= 1


def test_javascript_catalogue_holds_words_only(clerk: Probe) -> None:
    assert "样例" not in clerk.get("/admin/jsi18n/").content.decode()
