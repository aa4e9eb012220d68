"""Probes at the staff pages: what a stock admin leaked on 31 of 45, asked here with data that could leak.

Every probe is by the clerk of one community; what must not be seen, counted or written is the sibling community, the
other street or the other district. Every answer is scanned for canaries and for keys of foreign rows.
"""

import json
import re
import uuid
from typing import Any
from urllib.parse import unquote_plus, urlencode

import openpyxl
import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.forms import ModelChoiceField
from django.test import Client

from contacts.models import Liaison, LiaisonAssignment
from members.models import LedgerImport, Member
from portal.models import Organization, User
from portal.scoped_admin import ScopedModelAdmin
from tests.security.canaries import canaries, keys_by_table
from tests.world import canary, id_number, mobile

CLERK = "community_clerk@C111"
FOREIGN = ("C112", "C121", "C211")
LISTS = {
    "members_member": "/admin/members/member/",
    "contacts_contactobligation": "/admin/contacts/contactobligation/",
    "contacts_contactlog": "/admin/contacts/contactlog/",
    "contacts_liaison": "/admin/contacts/liaison/",
    "contacts_contactpolicy": "/admin/contacts/contactpolicy/",
    "contacts_outboundmessage": "/admin/contacts/outboundmessage/",
    "activities_activity": "/admin/activities/activity/",
    "checkin_checkinpoint": "/admin/checkin/checkinpoint/",
    "checkin_reportin": "/admin/checkin/reportin/",
}


class Probe:
    """A logged-in clerk whose every answer is scanned."""

    def __init__(self, client: Client, keys: dict[str, dict[str, str]], readable: tuple[str, ...]) -> None:
        self.client, self.keys, self.readable = client, keys, readable
        self.canaries = canaries(keys)
        client.raise_request_exception = False

    def get(self, path: str, query: Any = "") -> Any:
        text = query if isinstance(query, str) else urlencode(query, doseq=True)
        return self._scanned(self.client.get(f"{path}?{text}" if text else path), f"{path} {text}")

    def post(self, path: str, data: dict[str, Any] | None = None, follow: bool = False) -> Any:
        sent = f"{path} {data}"
        return self._scanned(self.client.post(path, data or {}, follow=follow), sent)

    def _scanned(self, response: Any, asked: str) -> Any:
        assert response.status_code < 500, f"{asked}: {response.status_code}"
        leaked = self.canaries.found_in(response, readable=self.readable, asked=asked)
        # what was typed may come back in its box; what it finds is counted by the probes
        leaked = {word for word in leaked if word not in unquote_plus(asked)}
        assert not leaked, f"{asked} leaks {sorted(leaked)}"
        return response


@pytest.fixture
def keys(owner: Any) -> dict[str, dict[str, str]]:
    return keys_by_table(owner)


@pytest.fixture
def clerk(login: Any, keys: Any) -> Probe:
    return Probe(login(CLERK), keys, ("C111",))


def rows_shown(response: Any) -> int:
    """How many rows the list counts."""
    return response.context["cl"].result_count


def screens() -> list[Any]:
    return sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)


# --- the frame -----------------------------------------------------------------------------------------------------------


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


# --- lists ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for table, path in LISTS.items() if table != "contacts_contactpolicy"])
def test_list_counts_the_own_rows_only(clerk: Probe, path: str) -> None:
    assert rows_shown(clerk.get(path)) == 1


@pytest.mark.parametrize("path", LISTS.values())
@pytest.mark.parametrize(
    "query",
    ["o=-1", "o=9.-9.9", "p=0", "p=99999", "p=-1", "all=", "all=1", "e=1", "q=", "_facets=True", "_popup=1",
     "_to_field=id", "_to_field=organization", "_popup=1&_to_field=data_key", "_changelist_filters=q%3Dx"],
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
        "organization__path__descendants", "member__id_number_digest", "member__name__startswith", "member__remark_sealed",
        "obligation__member__name__contains", "liaison__mobile_digest", "point__organization__name",
        "members__name__contains", "organization__members__name__contains", "created_by__password__startswith",
        "recorded_by__password__startswith", "decided_by__password__startswith", "recipient__password__startswith",
        "liaison__user__password__startswith", "user__password__startswith", "id__in", "pk__in", "id__gt",
    ):  # fmt: skip
        for value in (str(foreign.pk), foreign.code, "秘", "a", "argon2", "0"):
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


# --- single rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "path"), LISTS.items())
def test_foreign_and_absent_rows_answer_alike(clerk: Probe, table: str, path: str) -> None:
    if table == "contacts_contactpolicy":
        pytest.skip("policies are made in the matrix")
    for page in ("change/", "delete/", "history/"):
        absent = clerk.get(f"{path}{uuid.uuid4()}/{page}")
        for key in FOREIGN:
            hidden = clerk.get(f"{path}{clerk.keys[table][key]}/{page}")
            assert hidden.status_code == absent.status_code == 404, (path, page)
            assert _masked(hidden) == _masked(absent)
        for method in ("post",):
            hidden = getattr(clerk, method)(f"{path}{clerk.keys[table]['C112']}/{page}", {"post": "yes"})
            absent = getattr(clerk, method)(f"{path}{uuid.uuid4()}/{page}", {"post": "yes"})
            assert (hidden.status_code, _masked(hidden)) == (absent.status_code, _masked(absent))


VARIABLE = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|csrfmiddlewaretoken\" value=\"\w+\"|nonce-?[^\"' ;]*")


def _masked(response: Any) -> bytes:
    return VARIABLE.sub(b"", response.content)


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
            assert (hidden.status_code, _masked(hidden)) == (404, _masked(absent))
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


# --- relation fields of forms ----------------------------------------------------------------------------------------------


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


@pytest.fixture
def with_policy(acting: Any, world: Any, keys: Any) -> None:
    from contacts.models import ContactPolicy

    for who, key in ((CLERK, "C111"), ("community_clerk@C112", "C112"), ("community_clerk@C121", "C121")):
        with acting(who):
            made = ContactPolicy.objects.create(organization=world.organization(key))
        keys["contacts_contactpolicy"][key] = str(made.pk)


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
    before = _fingerprint(acting)
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
    assert _fingerprint(acting) == before


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


def _fingerprint(acting: Any) -> dict[str, Any]:
    from contacts.models import ContactLog

    found = {}
    for who in ("street_clerk@S11", "street_clerk@S12", "street_clerk@S21"):
        with acting(who):
            found[who] = (
                sorted(Member.objects.values_list("pk", "organization_id", "name")),
                sorted(Liaison.objects.values_list("pk", "organization_id")),
                sorted(LiaisonAssignment.objects.values_list("pk", "liaison_id", "ended_on")),
                ContactLog.objects.count(),
            )
    return found


@pytest.mark.parametrize("key", FOREIGN)
def test_activity_lists_no_foreign_member(clerk: Probe, keys: Any, owner: Any, key: str) -> None:
    path = f"/admin/activities/activity/{keys['activities_activity']['C111']}/attendance/"
    answer = clerk.post(path, {"came": [keys["members_member"][key]]})
    assert answer.status_code in (200, 403)
    assert clerk.get(path, {"q": canary(key)}).content.decode().count('name="came"') == 0


@pytest.mark.parametrize("key", FOREIGN)
def test_report_in_is_not_linked_to_a_foreign_member(clerk: Probe, keys: Any, key: str) -> None:
    path = f"/admin/checkin/reportin/{keys['checkin_reportin']['C111']}/change/"
    data = {"decision": "confirm", "proof": "phone", "target": keys["members_member"][key]}
    absent = clerk.post(path, data | {"target": str(uuid.uuid4())})
    assert clerk.post(path, data).status_code == absent.status_code
    assert clerk.get(path).context["row"].state == "waiting"


# --- actions ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", FOREIGN)
def test_action_on_foreign_rows_changes_nothing(clerk: Probe, keys: Any, acting: Any, key: str) -> None:
    before = _fingerprint(acting)
    data = {"action": "assign_liaison_action", "_selected_action": [keys["members_member"][key]],
            "liaison": keys["contacts_liaison"]["C111"]}  # fmt: skip
    clerk.post("/admin/members/member/", data, follow=True)
    clerk.post("/admin/members/member/", data | {"liaison": ""}, follow=True)
    assert _fingerprint(acting) == before


def test_action_across_pages_reaches_the_own_rows_only(clerk: Probe, keys: Any, acting: Any, world: Any) -> None:
    with acting(CLERK):
        second = Liaison(organization=world.organization("C111"), name="新联络员")
        second.save(force_insert=True)
    before = _fingerprint(acting)
    data = {"action": "assign_liaison_action", "select_across": "1", "liaison": str(second.pk),
            "_selected_action": list(keys["members_member"].values())}  # fmt: skip
    asked = clerk.post("/admin/members/member/", {**data, "liaison": ""})
    if asked.status_code == 200 and asked.context and "count" in asked.context:
        assert asked.context["count"] == 1
    clerk.post("/admin/members/member/", data, follow=True)
    after = _fingerprint(acting)
    assert after["street_clerk@S12"] == before["street_clerk@S12"]
    assert after["street_clerk@S21"] == before["street_clerk@S21"]
    with acting("community_clerk@C112"):
        assert not LiaisonAssignment.objects.filter(liaison=second).exists()


@pytest.mark.parametrize("key", FOREIGN)
def test_action_takes_no_foreign_liaison(clerk: Probe, keys: Any, acting: Any, key: str) -> None:
    before = _fingerprint(acting)
    data = {"action": "assign_liaison_action", "_selected_action": [keys["members_member"]["C111"]],
            "liaison": keys["contacts_liaison"][key]}  # fmt: skip
    assert clerk.post("/admin/members/member/", data).status_code == 200
    assert _fingerprint(acting) == before


@pytest.mark.parametrize("path", LISTS.values())
@pytest.mark.parametrize("action", ["delete_selected", "no_such_action", "export_admin_action"])
def test_unknown_actions_do_nothing(clerk: Probe, keys: Any, acting: Any, path: str, action: str) -> None:
    before = _fingerprint(acting)
    every = [pk for rows in keys.values() for pk in rows.values()]
    clerk.post(path, {"action": action, "_selected_action": every, "select_across": "1", "post": "yes"}, follow=True)
    assert _fingerprint(acting) == before


# --- import and export -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", FOREIGN)
@pytest.mark.parametrize("data", [{}, {"discard": "1"}, {"apply": "1"}, {"confirm": "1"}])
def test_import_of_another_is_absent(clerk: Probe, keys: Any, acting: Any, key: str, data: dict[str, str]) -> None:
    path = f"/admin/members/ledgerimport/{keys['members_ledgerimport'][key]}/change/"
    assert clerk.get(path, "show=new&page=1").status_code == 404
    assert clerk.post(path, data).status_code == 404
    with acting({"C112": "street_clerk@S11", "C121": "street_clerk@S12", "C211": "street_clerk@S21"}[key]):
        assert LedgerImport.objects.get(pk=keys["members_ledgerimport"][key]).state == "previewed"


LEDGER = [
    ["姓名", "性别", "身份证号", "手机号", "流入流出", "所属社区", "流入时间"],
]


def _ledger(*rows: list[str]) -> bytes:
    import io

    book = openpyxl.Workbook()
    for row in (*LEDGER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("key", FOREIGN)
def test_preview_of_a_foreign_person_tells_nothing(clerk: Probe, acting: Any, keys: Any, key: str) -> None:
    """A row with the name, numbers and community of somebody else's member: the answer is that of an unknown person."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    before = _fingerprint(acting)
    pages = []
    for number, phone in ((id_number(key), mobile(key)), ("34010319800101123X", "13811112222")):
        row = ["张三", "男", number, phone, "流入", "", "2026.3"]
        sent = SimpleUploadedFile("台账.xlsx", _ledger(row))
        with acting(CLERK):
            own = str(Organization.objects.get(short_name="样例C111").pk)
        answer = clerk.client.post("/admin/members/ledgerimport/", {"file": sent, "organization": own}, follow=True)
        assert answer.status_code == 200
        found = clerk.canaries.found_in(answer, readable=("C111",))
        assert {word for word in found if word not in (number, phone) and "*" not in word} == set()
        pages.append(answer.context["batch"].counts)
    assert pages[0] == pages[1] or pages[1]["error"] + pages[1]["ask"] > 0
    assert pages[0]["new"] == 1
    assert _fingerprint(acting) == before


@pytest.mark.parametrize("key", FOREIGN)
def test_upload_into_a_foreign_organization_is_refused(clerk: Probe, world: Any, key: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = SimpleUploadedFile("台账.xlsx", _ledger(["张三", "男", "", "13811112222", "流入", "", "2026.3"]))
    target = str(world.organization(key).pk)
    answer = clerk.client.post("/admin/members/ledgerimport/", {"file": sent, "organization": target})
    assert answer.status_code == 200
    assert answer.context["form"].errors["organization"]


def test_export_holds_the_own_members_only(clerk: Probe, world: Any) -> None:
    import io

    path = "/admin/members/ledgerimport/export/"
    for query in ("", f"organization={world.organization('C112').code}", "organization=9901", "q=秘",
                  "export_items=" + clerk.keys["members_member"]["C112"], "id__in=" + ",".join(
                      clerk.keys["members_member"].values())):  # fmt: skip
        answer = clerk.post(f"{path}?{query}")
        if answer.status_code != 200 or not answer.get("Content-Disposition"):
            continue
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        names = {str(cell) for line in sheet.iter_rows(values_only=True) for cell in line if cell and "秘" in str(cell)}
        assert names <= {canary("C111")}, query


# --- accounts ----------------------------------------------------------------------------------------------------------------


def test_password_page_changes_the_own_password_only(clerk: Probe, world: Any) -> None:
    other = world.user("community_clerk@C112")
    for path in (f"/admin/portal/user/{other.pk}/password/", f"/admin/auth/user/{other.pk}/password/",
                 f"/admin/password_change/{other.pk}/"):  # fmt: skip
        assert clerk.get(path).status_code == 404
        assert clerk.post(path, {"password1": "x" * 20, "password2": "x" * 20}).status_code == 404
    new = "correct-horse-7!"
    given = {"old_password": "demo-password-1", "new_password1": new, "new_password2": new, "id": str(other.pk),
             "username": other.username, "user": str(other.pk)}  # fmt: skip
    assert clerk.post("/admin/password_change/", given).status_code == 302
    other.refresh_from_db()
    assert not other.check_password(new)
    assert User.objects.get(username=CLERK).check_password(new)


def test_clerk_cannot_make_a_login_a_liaison(clerk: Probe, keys: Any, world: Any, acting: Any) -> None:
    path = f"/admin/contacts/liaison/{keys['contacts_liaison']['C111']}/change/"
    data = {"organization": str(world.organization("C111").pk), "name": "联", "kind": "committee", "is_active": "on"}
    with acting(CLERK):
        before = Liaison.objects.get(pk=keys["contacts_liaison"]["C111"]).user_id
    for extra in ({"username": CLERK}, {"user": str(world.user(CLERK).pk)}, {"user_id": str(world.user(CLERK).pk)}):
        clerk.post(path, data | extra)
        with acting(CLERK):
            assert Liaison.objects.get(pk=keys["contacts_liaison"]["C111"]).user_id == before


def test_login_answers_alike_for_known_switched_off_and_unknown_names(client: Client, world: Any) -> None:
    answers = set()
    for name in (CLERK, "inactive", "stranger", "nobody-at-all", "x' or 1=1--", "ａdmin"):
        answer = client.post("/admin/login/", {"username": name, "password": "wrong"})
        answers.add((answer.status_code, VARIABLE.sub(b"", answer.content).replace(name.encode(), b"")
                     .replace(b"x&#x27; or 1=1--", b"")))  # fmt: skip
    assert len(answers) == 1


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_leads_nowhere_else(client: Client, world: Any, target: str) -> None:
    given = {"username": CLERK, "password": "demo-password-1", "next": target}
    answer = client.post("/admin/login/", given)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]


def test_forms_need_a_token(world: Any, login: Any, keys: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = login(CLERK).cookies
    for path in (f"{LISTS['members_member']}add/", f"/admin/contacts/log/{keys['members_member']['C111']}/",
                 f"/admin/checkin/points/{keys['checkin_checkinpoint']['C111']}/renew", "/admin/logout/"):  # fmt: skip
        assert client.post(path, {}).status_code == 403, path


# --- two sides of one member ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_sided(acting: Any, world: Any) -> Any:
    """The member of C111 has a host on C121, which wrote down a contact of its own; the home wrote one too."""
    from contacts.models import ContactLog
    from members.models import Movement

    with acting(CLERK):
        member = world.member("C111")
        Movement.objects.filter(member=member).update(direction="outflow", host_organization=world.organization("C121"))
        home = ContactLog(member=member, organization=world.organization("C111"), side="home")
        home.note = "家里的话"
        home.save(force_insert=True)
    with acting("community_clerk@C121"):
        seen = Member.objects.get(pk=member.pk)
        host = ContactLog(member=seen, organization=world.organization("C121"), side="host")
        host.note = "外面的话"
        host.save(force_insert=True)
    return member


@pytest.mark.parametrize(
    ("who", "hears", "not_this"),
    [
        ("community_clerk@C111", "家里的话", "外面的话"),
        ("community_clerk@C121", "外面的话", "家里的话"),
        ("liaison@C111", "家里的话", "外面的话"),
    ],
)
def test_each_side_reads_its_own_contacts_only(two_sided: Any, login: Any, who: str, hears: str, not_this: str) -> None:
    client = login(who)
    text = client.get(f"/admin/contacts/log/{two_sided.pk}/").content.decode()
    assert hears in text
    assert not_this not in text
    for path in (f"/admin/members/member/{two_sided.pk}/card/", "/admin/contacts/contactlog/"):
        assert not_this not in client.get(path).content.decode()


def test_other_side_does_not_see_liaison_or_staff(two_sided: Any, login: Any) -> None:
    client = login("community_clerk@C121")
    for path in (f"/admin/members/member/{two_sided.pk}/card/", f"/admin/contacts/log/{two_sided.pk}/",
                 "/admin/contacts/contactobligation/", "/admin/members/member/"):  # fmt: skip
        text = client.get(path).content.decode()
        assert f"联{canary('C111')}" not in text, path
        assert "账号C111" not in text, path
        assert canary("C112") not in text


def test_other_side_may_not_change_the_file(two_sided: Any, login: Any, acting: Any) -> None:
    client = login("community_clerk@C121")
    assert client.post(f"/admin/members/member/{two_sided.pk}/change/", {"name": "改名"}).status_code == 403
    with acting(CLERK):
        assert Member.objects.get(pk=two_sided.pk).name == canary("C111")
