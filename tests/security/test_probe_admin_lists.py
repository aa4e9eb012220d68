"""Probes at every screen of the admin, by list: what the address may ask, popups, completion, actions, files."""

import io
import json
import uuid
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse

from members.models import LedgerImport, Member
from portal import access
from tests.security.probe import Probe, masked
from tests.security.screens import EXPECTED, FOREIGN, PROBER, READABLE, Shown, relations, results_of, shown
from tests.security.test_probe_admin import acting_prober, untouched  # noqa: F401
from tests.world import canary, id_number, mobile

pytestmark = pytest.mark.usefixtures("wide_world")
APPS = ("portal", "members", "contacts", "activities", "checkin")


@pytest.fixture
def prober(login: Any, keys: Any) -> Probe:
    return Probe(login(PROBER), keys, READABLE)


@pytest.fixture(params=EXPECTED)
def one(request: Any, world: Any) -> Shown:
    return shown(request.param)


def _count(answer: Any) -> Any:
    listed = answer.context.get("cl") if answer.context else None
    return listed.result_count if listed is not None and hasattr(listed, "result_count") else None


def test_address_may_ask_what_is_written_and_nothing_else(one: Shown, world: Any, rf: RequestFactory) -> None:
    """Two relations deep, forwards and back, every column, every way of comparing that tells a text bit by bit."""
    names = {column.name for column in one.model._meta.concrete_fields} - {"id"}
    for first, model in relations(one.model):
        names |= {f"{first}__{column.name}" for column in model._meta.concrete_fields}
        names |= {f"{first}__{second}__{column.name}" for second, further in relations(model)
                  for column in further._meta.concrete_fields}  # fmt: skip
    assert len(names) > 100
    ways = ("", "__startswith", "__gt", "__in", "__regex", "__descendants")
    request = rf.get("/")
    allowed = {name + way for name in names for way in ways if one.screen.lookup_allowed(name + way, "a", request)}
    own = {item.parameter_name for item in one.screen.get_list_filter(request) if isinstance(item, type)}
    assert allowed - own == one.expected.asks - own, one.label


def test_asking_through_relations_is_refused(prober: Probe, one: Shown) -> None:
    full = _count(prober.get(one.path, one.expected.query))
    asked = [f"{name}__pk__startswith" for name, _model in relations(one.model)]
    asked += ["organization__code__startswith", "member__name__startswith", "pk__in", "id__gt", "data_key",
              "liaison__user__password__startswith", "created_by__password__startswith"]  # fmt: skip
    for lookup in asked:
        for value in (prober.keys[one.table]["C121"], "秘"):
            answer = prober.get(one.path, {lookup: value})
            assert answer.status_code == one.expected.lookup, lookup
            assert answer.status_code != 200 or _count(answer) == full, lookup


def test_filters_tell_foreign_from_absent_by_nothing(prober: Probe, one: Shown, world: Any) -> None:
    """What a filter takes: a key or a code of another street counts what one that does not exist counts."""
    request = RequestFactory().get("/")
    names = {item.parameter_name for item in one.screen.get_list_filter(request) if isinstance(item, type)}
    office = world.organization("C121")
    for name in sorted(names | set(one.expected.asks)):
        for value, nothing in ((office.code, "990109009009"), (str(office.pk), str(uuid.uuid4())),
                               (prober.keys[one.table]["C121"], str(uuid.uuid4()))):  # fmt: skip
            hidden, absent = prober.get(one.path, {name: value}), prober.get(one.path, {name: nothing})
            assert (hidden.status_code, _count(hidden)) == (absent.status_code, _count(absent)), (name, value)
            told = hidden.content.replace(value.encode(), b"")
            assert len(told) == len(absent.content.replace(nothing.encode(), b"")), (name, value)


@pytest.mark.parametrize("popup", ["_popup=1", "_popup=1&_to_field=id", "_to_field=organization", "_to_field=data_key",
                                   "_popup=1&_to_field=pk", "e=1", "_popup=1&e=1"])  # fmt: skip
def test_popups_and_errors_show_the_own_rows_only(prober: Probe, one: Shown, popup: str) -> None:
    """A popup hands keys to the page that opened it: only those of the list itself."""
    full = _count(prober.get(one.path, one.expected.query))
    answer = prober.get(one.path, f"{popup}&{one.expected.query}".rstrip("&"))
    assert answer.status_code in (200, 302, 400)
    if answer.status_code == 200:
        assert _count(answer) == full
    assert prober.get(f"{one.path}add/", popup).status_code in (one.expected.add, 400)


def test_search_box_of_every_list_finds_the_own_rows_only(prober: Probe, one: Shown) -> None:
    for key in FOREIGN[:2]:
        for text in (canary(key), id_number(key), mobile(key), prober.keys[one.table][key]):
            sent = prober.post(one.path, {"_search": "1", "q": text})
            answer = prober.client.get(sent["Location"]) if sent.status_code == 302 else sent
            leaked = prober.canaries.found_in(answer, readable=READABLE) - {text, canary(key)}
            assert not {word for word in leaked if word not in text}, text
            if one.screen.search_fields:
                assert _count(answer) == 0, text


def test_completion_names_nothing_foreign(prober: Probe, world: Any) -> None:
    """Every relation of every table of the portal, with texts and keys of foreign rows typed in."""
    answered, own = 0, 0
    for model in apps.get_models():
        if model._meta.app_label not in APPS:
            continue
        for column in model._meta.concrete_fields:
            if not column.is_relation or not isinstance(column.remote_field.model, type):
                continue
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name,
                     "field_name": column.name}  # fmt: skip
            table = column.remote_field.model._meta.db_table
            first = prober.get("/admin/autocomplete/", asked | {"term": canary("C111")})
            assert first.status_code in (200, 403, 404), asked
            if first.status_code != 200:
                continue
            answered += 1
            own += len(results_of(first))
            for key in FOREIGN:
                for term in (canary(key), prober.keys.get(table, {}).get(key, key)):
                    assert results_of(prober.get("/admin/autocomplete/", asked | {"term": term})) == [], asked
            everything = json.loads(prober.get("/admin/autocomplete/", asked).content)["results"]
            assert not {one["id"] for one in everything} & {prober.keys[table][key] for key in FOREIGN}
    assert answered >= 3
    assert own >= 3, "nothing of one's own is found either"


def test_actions_are_those_that_are_written(prober: Probe, one: Shown) -> None:
    request = prober.get(one.path).wsgi_request
    with acting_prober():
        offered = {name for name, _text in one.screen.get_action_choices(request) if name}
    expected = one.expected.actions | ({"delete_selected"} if one.expected.deletes and one.screen.actions else set())
    assert offered == expected


def test_actions_take_foreign_rows_for_absent_ones(prober: Probe, one: Shown, untouched: None) -> None:  # noqa: F811
    """Foreign keys alone, beside an own one, and with "all pages"; for actions that are not offered too."""
    own = prober.keys[one.table]["C111"]
    foreign = [prober.keys[one.table][key] for key in FOREIGN]
    for action in (*one.expected.actions, "delete_selected", "no_such_action"):
        for across in ("0", "1"):
            for first in ([], [own]):
                answers = []
                for chosen in (foreign, [str(uuid.uuid4()) for _pk in foreign]):
                    data = {"action": action, "select_across": across, "_selected_action": [*first, *chosen]}
                    answers.append(prober.post(one.path, data | {"index": "0"}))
                told = [(answer.status_code, answer.get("Location", ""), masked(answer)) for answer in answers]
                assert told[0] == told[1], (action, across, first)


def test_actions_take_own_rows(prober: Probe) -> None:
    """So that the refusals above are not of another reason."""
    one = shown("members.Member")
    for action in one.expected.actions:
        data = {"action": action, "_selected_action": [prober.keys[one.table]["C111"]]}
        assert canary("C111") in prober.post(one.path, data).content.decode(), action


@pytest.mark.django_db(transaction=True)
def test_front_page_shows_no_recent_actions(prober: Probe, owner: Any, world: Any) -> None:
    """Django's own log, should a row ever get into it: of a colleague, and of the reader about a row that left."""
    kind = owner.execute("select id from django_content_type where model = 'member'").fetchone()[0]
    for who in (PROBER, "street_clerk@S12"):
        owner.execute(
            "insert into django_admin_log (action_time, object_id, object_repr, action_flag, change_message,"
            " content_type_id, user_id) values (now(), %s, %s, 2, '', %s, %s)",
            [prober.keys["members_member"]["C121"], canary("C121"), kind, world.user(who).pk],
        )
    for path in ("/admin/", *(f"/admin/{label}/" for label in APPS), "/admin/admin/logentry/"):
        assert prober.get(path).status_code in (200, 404), path


@pytest.mark.parametrize("text", ["", "成员", canary("C121"), "秘", "样例", mobile("C121")])
def test_command_search_is_closed(prober: Probe, text: str) -> None:
    absent = prober.get("/admin/search/", {"s": "zzz"})
    for query in ({"s": text}, {"s": text, "extended": "1"}, {"s": text, "page": "2"}):
        answer = prober.get("/admin/search/", query)
        assert (answer.status_code, answer.content) == (404, absent.content)


def test_export_takes_no_keys(prober: Probe, world: Any) -> None:
    """Whatever is sent along, the file holds the rows of the own street."""
    path = reverse("admin:members_member_export")
    every = list(prober.keys["members_member"].values())
    plain = prober.post(path)
    names = _names(plain)
    assert canary("C111") in names
    for key in FOREIGN:
        office = world.organization(key)
        for query in ({"organization": office.code}, {"organization__id__exact": str(office.pk)}, {"q": canary(key)},
                      {"pk__in": ",".join(every)}):  # fmt: skip
            data = {"_selected_action": every, "export_items": every,
                    "select_across": "1", "organization": str(office.pk)}  # fmt: skip
            sent = "&".join(f"{name}={value}" for name, value in query.items())
            assert _names(prober.post(f"{path}?{sent}", data)) <= names, query


def _names(answer: Any) -> set[str]:
    if not answer.get("Content-Disposition"):
        return set()
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    )
    cells = {str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if cell}
    return {text for text in cells if "秘" in text}


@pytest.mark.parametrize("header", ["id", "ID", "pk", "主键", "编号", "member_id", "data_key", "organization_id"])
def test_import_takes_no_keys(prober: Probe, world: Any, untouched: None, header: str) -> None:  # noqa: F811
    """A column with keys of foreign rows is a column like any other: a new file is made, theirs stay as they are."""
    book = openpyxl.Workbook()
    book.active.append([header, "姓名", "性别", "手机号", "流入流出", "流入时间"])
    hidden = prober.keys["members_member"]["C121"]
    book.active.append([hidden, "新来的人", "男", "13811112222", "流入", "2026.3"])
    out = io.BytesIO()
    book.save(out)
    office = world.organization("C111")
    answer = prober.client.post(reverse("admin:members_ledgerimport_changelist"), {
        "file": SimpleUploadedFile("台账.xlsx", out.getvalue()), "organization": str(office.pk)})  # fmt: skip
    assert answer.status_code == 302
    prober.post(answer["Location"], {"apply": "1"})
    with acting_prober():
        batch = LedgerImport.objects.exclude(pk__in=prober.keys["members_ledgerimport"].values()).get()
        made = Member.objects.get(name="新来的人")
    assert batch.counts["new"] == 1
    assert (made.organization, str(made.pk) == hidden) == (office, False)
    assert access.current() is None


def test_every_action_is_of_a_known_screen() -> None:
    known = {name for one in EXPECTED.values() for name in one.actions}
    declared = [action for screen in admin.site._registry.values() for action in screen.actions or ()]
    assert {action if isinstance(action, str) else action.__name__ for action in declared} == known
