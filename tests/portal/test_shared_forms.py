"""Two people edit one record: the second saver reads what the first one changed; nothing is overwritten silently."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib import admin
from django.db import connection, connections
from django.urls import reverse

from activities.models import Activity
from checkin.models import CheckinCode, CheckinPoint, ReportIn
from contacts.models import ContactPolicy, Liaison
from portal import changes
from portal.models import Organization
from portal.scoped_admin import ScopeMixin
from portal.shared_forms import FIELD
from tests import world as the_world

COMMITS = pytest.mark.django_db(transaction=True)
STREET, CLERK = "street_clerk@S11", "community_clerk@C111"
# model, field, what the first one types, what the second one types, how the field is named to the second one
SCREENS = [
    (Liaison, "name", "甲先写", "乙后写", "姓名"),
    (ContactPolicy, "target_days", "40", "50", "目标"),
    (CheckinPoint, "address", "甲路一号", "乙路二号", "地址"),
    (Activity, "title", "甲活动", "乙活动", "标题"),
]


@pytest.fixture
def row(acting, world):
    """The community's row of a model; an interval is made first."""

    def find(model):
        with acting(STREET):
            if model is ContactPolicy:
                ContactPolicy.objects.create(organization=world.organization("C111"))
            return model.objects.get(organization=world.organization("C111"))

    return find


def change_address(model, pk):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


def open_form(client, address):
    """What a browser would send back unchanged."""
    page = client.get(address)
    assert page.status_code == 200
    form = page.context["adminform"].form if "adminform" in page.context else page.context["form"]
    sent = {}
    for field in form:
        value = field.value()
        if isinstance(value, bool):
            sent |= {field.html_name: "on"} if value else {}
        elif value is not None:
            shown = field.field.widget.format_value(value)
            sent[field.html_name] = shown[0] if isinstance(shown, list) else shown or ""
    assert sent[FIELD]
    assert f'value="{sent[FIELD]}"' in page.content.decode()
    return sent


def stored(owner, model, pk, field):
    return str(owner.execute(f"select {field} from {model._meta.db_table} where id = %s", [pk]).fetchone()[0])  # noqa: S608


@COMMITS
@pytest.mark.parametrize(("model", "field", "first", "second", "label"), SCREENS)
def test_second_saver_reads_who_changed_what_and_may_then_save(
    login, row, owner, world, model, field, first, second, label
):
    pk = row(model).pk
    address, one, other = change_address(model, pk), login(STREET), login(CLERK)
    theirs, mine = open_form(one, address), open_form(other, address)
    assert one.post(address, theirs | {field: first}).status_code == 302
    refused = other.post(address, mine | {field: second})
    assert refused.status_code == 200
    form = refused.context["adminform"].form
    text = " ".join(form.non_field_errors())
    assert str(world.user(STREET)) in text
    assert f"→ {first}" in text
    assert stored(owner, model, pk, field) == first
    assert str(form[field].value()) == second  # the own entry is still there
    again = mine | {field: second, FIELD: form[FIELD].value()}
    assert other.post(address, again).status_code == 302
    assert stored(owner, model, pk, field) == second


@COMMITS
def test_sealed_value_is_named_and_not_shown(login, row):
    liaison = row(Liaison)
    address, one, other = change_address(Liaison, liaison.pk), login(STREET), login(CLERK)
    theirs, mine = open_form(one, address), open_form(other, address)
    assert one.post(address, theirs | {"new_mobile": "13912345678"}).status_code == 302
    refused = other.post(address, mine | {"name": "乙"})
    told = " ".join(refused.context["adminform"].form.non_field_errors())
    assert str(Liaison._meta.verbose_name) not in told
    assert "13912345678" not in refused.content.decode()
    assert "mobile" not in told  # the field's Chinese name
    assert str(refused.context["adminform"].form.sealed_labels["mobile"]) in told


@COMMITS
@pytest.mark.parametrize("garbage", ["", "x", "1.2.3", "9" * 100, "٣"])
def test_version_that_is_none_is_refused_too(login, row, owner, garbage):
    pk = row(Activity).pk
    clerk, address = login(STREET), change_address(Activity, pk)
    sent = open_form(clerk, address) | {"title": "新", FIELD: garbage}
    assert clerk.post(address, sent).status_code == 200
    assert stored(owner, Activity, pk, "title") != "新"


@COMMITS
def test_names_of_an_organization_are_not_overwritten_silently(login, world):
    address = reverse("administration:rename", args=[world.organization("C111").pk])
    one, other = login("district_admin@D1"), login("street_admin@S11")
    theirs, mine = open_form(one, address), open_form(other, address)
    assert one.post(address, theirs | {"short_name": "区里改的"}).status_code == 302
    refused = other.post(address, mine | {"party_name": "街道改的"})
    assert refused.status_code == 200
    assert "→ 区里改的" in " ".join(refused.context["form"].non_field_errors())
    assert Organization.objects.get(pk=world.organization("C111").pk).party_name == "样例C111党委"
    again = mine | {"party_name": "街道改的", FIELD: refused.context["form"][FIELD].value()}
    assert other.post(address, again).status_code == 302


@COMMITS
def test_role_that_was_renewed_meanwhile_is_neither_ended_nor_renewed_unseen(login, world, owner):
    pk = owner.execute(
        "select g.id from portal_organizationgrant g join portal_user u on u.id = g.user_id where u.username = %s",
        ["community_clerk@C111"],
    ).fetchone()[0]
    owner.execute(
        "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at, reason)"
        " select gen_random_uuid(), u.id, p.id, %s, now(), '' from portal_user u, auth_permission p"
        " where u.username = 'street_admin@S12' and p.codename = 'role_street_admin'",
        [world.organization("S11").pk],
    )
    renew, end = (reverse(f"administration:{name}", args=[pk]) for name in ("renew", "end"))
    one, other = login("street_admin@S11"), login("street_admin@S12")
    theirs, mine = open_form(one, renew), open_form(other, renew)
    ending = other.get(end).context["hidden"]
    assert one.post(renew, theirs | {"until": "2031-01-01", "reason": "甲"}).status_code == 302
    refused = other.post(renew, mine | {"until": "2030-01-01", "reason": "乙"})
    assert refused.status_code == 200
    assert "→ 2031-01-01" in " ".join(refused.context["form"].non_field_errors())
    page = other.post(end, ending)
    assert page.status_code == 200
    assert "→ 2031-01-01" in page.content.decode()
    assert other.post(end, page.context["hidden"]).status_code == 302
    assert other.post(end, page.context["hidden"]).status_code == 302  # sent twice


@COMMITS
def test_report_in_that_was_decided_meanwhile_says_by_whom(login, row, world, owner):
    pk = row(ReportIn).pk
    address, one, other = change_address(ReportIn, pk), login(STREET), login(CLERK)
    version = one.get(address).context["form"][FIELD].value()
    assert f'value="{version}"' in other.get(address).content.decode()
    assert one.post(address, {"decision": "return", FIELD: version}).status_code == 302
    refused = other.post(address, {"decision": "duplicate", FIELD: version})
    assert refused.status_code == 200
    assert str(world.user(STREET)) in " ".join(refused.context["form"].non_field_errors())
    assert stored(owner, ReportIn, pk, "state") == "returned"


@COMMITS
def test_row_on_the_same_page_counts_too(login, row, owner, monkeypatch):
    class CodeInline(ScopeMixin, admin.TabularInline):
        model, extra, fields, readonly_fields = CheckinCode, 0, ["revoked_at"], []
        rights = {"view": "run_checkin", "change": "run_checkin"}
        organization_path = "point__organization"

        def has_add_permission(self, request, obj=None):
            return False

    monkeypatch.setattr(admin.site._registry[CheckinPoint], "inlines", [CodeInline])
    point = row(CheckinPoint)
    clerk, address = login(STREET), change_address(CheckinPoint, point.pk)
    sent = open_form(clerk, address)
    code = owner.execute("select id from checkin_checkincode where point_id = %s", [point.pk]).fetchone()[0]
    sent |= {"codes-TOTAL_FORMS": "1", "codes-INITIAL_FORMS": "1", "codes-0-id": str(code),
             "codes-0-point": str(point.pk), "codes-0-revoked_at_0": "", "codes-0-revoked_at_1": ""}  # fmt: skip
    owner.execute("update checkin_checkincode set revoked_at = now()")  # somebody takes the code out of use
    refused = clerk.post(address, sent)
    assert refused.status_code == 200
    assert refused.context["adminform"].form.non_field_errors()
    assert owner.execute("select count(*) from checkin_checkincode where revoked_at is null").fetchone() == (0,)


@COMMITS
@pytest.mark.parametrize(("model", "field", "first", "second", "label"), SCREENS)
def test_saver_who_waits_for_another_transaction_is_refused(login, row, owner, model, field, first, second, label):
    pk = row(model).pk
    clerk, address = login(STREET), change_address(model, pk)
    sent = open_form(clerk, address) | {field: second}

    def post():
        try:
            return clerk.post(address, sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with owner.transaction():
            owner.execute(f"update {model._meta.db_table} set {field} = %s where id = %s", [first, pk])  # noqa: S608
            waiting = pool.submit(post)
            time.sleep(1)
            assert not waiting.done()
        refused = waiting.result(timeout=20)
    assert refused.status_code == 200
    assert f"→ {first}" in " ".join(refused.context["adminform"].form.non_field_errors())
    assert stored(owner, model, pk, field) == first


@COMMITS
def test_of_many_savers_at_once_one_is_first(login, row, owner):
    pk = row(Activity).pk
    address = change_address(Activity, pk)
    clients = [login(who) for who in (STREET, CLERK, STREET, CLERK)]
    forms = [open_form(client, address) | {"title": f"第{number}个"} for number, client in enumerate(clients)]
    start = threading.Barrier(len(clients))

    def post(client, sent):
        try:
            start.wait(timeout=20)
            return client.post(address, sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(post, clients, forms))
    assert sorted(answers) == [200, 200, 200, 302]
    assert stored(owner, Activity, pk, "title") == f"第{answers.index(302)}个"


def test_page_that_opens_while_somebody_saves_shows_no_newer_version(login, row, acting, monkeypatch):
    """The version is read before the row: a save between the two is taken for a later one."""
    point = row(CheckinPoint)
    original = changes.version

    def version(pk, parts):
        read = original(pk, parts)
        with connection.cursor() as cursor:
            cursor.execute("update checkin_checkinpoint set hours = '换了' where id = %s", [pk])
        return read

    clerk, address = login(STREET), change_address(CheckinPoint, point.pk)
    monkeypatch.setattr("portal.shared_forms.changes.version", version)
    sent = open_form(clerk, address)
    monkeypatch.undo()
    assert sent["hours"] == "换了"
    assert clerk.post(address, sent).status_code == 200


def test_history_is_read_in_scope_and_written_by_nobody(acting, world):
    tables = ("portal_organizationevent", "portal_organizationgrantevent", "contacts_liaisonevent",
              "contacts_contactpolicyevent", "checkin_reportinevent", "activities_activityevent")  # fmt: skip
    with acting("street_admin@S11"), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select count(*), has_table_privilege('{table}', 'insert, update, delete') from {table}")  # noqa: S608
            count, may_write = cursor.fetchone()
            assert not may_write
            assert count > 0 or table == "contacts_contactpolicyevent"
        cursor.execute("select distinct short_name from portal_organizationevent order by 1")
        names = {name for (name,) in cursor.fetchall()}
        assert names == {"样例S11", "样例C111", "样例C112", "样例B111"}
        cursor.execute("select title from activities_activityevent")
        assert {title for (title,) in cursor.fetchall()} == {f"活动{the_world.canary(key)}" for key in ("C111", "C112")}
    with acting("operator@X"), connection.cursor() as cursor:
        for table in tables:
            if table != "portal_organizationgrantevent":  # the own role
                cursor.execute(f"select count(*) from {table}")  # noqa: S608
                assert cursor.fetchone() == (0,)
