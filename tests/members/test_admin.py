"""The members' screens: scope, masks, search, filters, form, conflicts, query counts."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import services
from members.admin import extra_columns
from members.models import Member, Movement
from portal import access
from portal.grants import grant_role
from tests.world import CODES, COMMUNITIES, canary, id_number, mobile

LIST = "/admin/members/member/"
ADD = "/admin/members/member/add/"
INSIDE = {"street_clerk@S11": {"C111", "C112"}, "community_clerk@C111": {"C111"}}
FILLED = {
    "name": "郑示例", "gender": "male", "birth_date": "1990.05.12", "join_date": "2015年7月", "direction": "outflow",
    "started_on": "2026-01", "host_text": "外地支部", "new_mobile": "138 0013 8001", "employer": "示例公司",
}  # fmt: skip


def key_of(world, acting, key):
    with acting(f"community_clerk@{key}" if key in ("C111", "C112", "C121") else "district_admin@D2"):
        return Member.objects.get(organization=world.organization(key)).pk


def change_url(pk):
    return reverse("admin:members_member_change", args=[pk])


def form_values(response):
    """What a browser would send back unchanged."""
    form = response.context["adminform"].form
    values = {}
    for bound in form:
        value = bound.value()
        values[bound.html_name] = getattr(value, "pk", value) or ""
    return values


def assert_nothing_foreign(page, inside):
    for key in set(COMMUNITIES) - inside:
        for leak in (canary(key), f"样例{key}", CODES[key], id_number(key), mobile(key)):
            assert leak not in page, (key, leak)
    for key in set(CODES) - {k for k in CODES if k[1:] in "".join(inside)} - set(COMMUNITIES):
        if not any(community[1:].startswith(key[1:]) for community in inside) and key not in ("B111", "X"):
            assert f"样例{key}" not in page, key


@pytest.mark.parametrize("who", INSIDE)
def test_list_shows_the_scope_only(login, who):
    page = login(who).get(LIST).content.decode()
    for key in INSIDE[who]:
        assert canary(key) in page
    assert_nothing_foreign(page, INSIDE[who])


@pytest.mark.parametrize("who", INSIDE)
@pytest.mark.parametrize("text", ["秘", "bi", "秘C2", "秘C121"])
def test_search_stays_inside_the_scope(login, who, text):
    page = login(who).get(LIST, {"q": text}).content.decode()
    assert_nothing_foreign(page.replace(f'value="{text}"', ""), INSIDE[who] | ({text[1:]} if text[1:] else set()))
    assert (canary("C111") in page) is (text in ("秘", "bi"))


@pytest.mark.parametrize("number", [id_number, mobile])
@pytest.mark.parametrize(("key", "found"), [("C111", True), ("C112", False), ("C211", False)])
def test_search_by_full_number(login, number, key, found):
    page = login("community_clerk@C111").get(LIST, {"q": number(key).lower()})
    assert page.context["cl"].result_count == int(found)
    page = login("community_clerk@C111").get(LIST, {"q": number(key)[:-1]})
    assert page.context["cl"].result_count == 0


@pytest.mark.parametrize(
    "query",
    [
        {"organization": CODES["C121"]},
        {"organization": CODES["D1"]},
        {"organization": "' or 1=1"},
        {"direction": "sideways"},
        {"q": "\0"},
        {"q": "x" * 5000},
        {"p": "1e9"},
        {"o": "-9.9"},
        {"id_number_digest__startswith": "a"},
        {"organization__name__startswith": "样"},
        {"movements__home_text": canary("C121")},
        {"all": ""},
    ],
)
def test_hostile_queries_leak_nothing(login, query):
    response = login("street_clerk@S11").get(LIST, query, follow=True)
    assert response.status_code in (200, 400)
    typed = query.get("organization", "-")
    assert_nothing_foreign(response.content.decode().replace(typed, "").replace(canary("C121"), ""), {"C111", "C112"})


def test_filters_split_the_list(login, world, acting):
    with acting("street_clerk@S11") as actor:
        services.create_member(organization=world.organization("S11"), values={"name": "待分示例"}, by=actor)
    client = login("street_clerk@S11")

    def names(**query):
        return {member.name for member in client.get(LIST, query).context["cl"].result_list}

    assert names(organization=CODES["C111"]) == {"秘C111秘"}
    assert names(organization=CODES["S11"]) == {"秘C111秘", "秘C112秘", "待分示例"}
    assert names(placed="no") == {"待分示例"}
    assert names(direction="inflow") == {"秘C111秘", "秘C112秘"}
    assert names(direction="none") == {"待分示例"}
    assert names(state="floating", direction="outflow") == set()
    assert names(member_type="full") == set()


@pytest.mark.parametrize("who", ["city_viewer@X", "liaison@C111", "auditor@S11", "operator@X"])
def test_list_without_the_right_is_refused(login, who):
    response = login(who).get(LIST)
    assert response.status_code == 403
    assert "秘C111秘" not in response.content.decode()


@pytest.mark.parametrize("hidden", ["C112", "C121", "C211"])
def test_hidden_file_answers_like_an_absent_one(login, world, acting, hidden):
    pk = key_of(world, acting, hidden)
    client = login("community_clerk@C111")
    for url in (change_url(pk), reverse("admin:members_member_card", args=[pk])):
        absent = client.get(url.replace(str(pk), "00000000-0000-4000-8000-000000000000"))
        there = client.get(url)
        assert (there.status_code, there.content) == (absent.status_code, absent.content)
        assert there.status_code == 404
    assert client.post(change_url(pk), FILLED).status_code == 404
    assert client.get(f"{LIST}{pk}/delete/").status_code == 404
    assert client.get(f"{LIST}{pk}/history/").status_code == 404


@pytest.mark.parametrize("pk", ["-1", "1e3", "_5F", "%00", "１２", "x" * 300])
def test_odd_keys_are_not_found(login, pk):
    client = login("community_clerk@C111")
    for url in (f"{LIST}{pk}/change/", f"{LIST}{pk}/card/"):
        assert client.get(url, follow=True).status_code == 404


def test_autocomplete_and_popup_parameters_tell_nothing(login):
    client = login("community_clerk@C111")
    for query in (
        {"app_label": "members", "model_name": "movement", "field_name": "member", "term": "秘"},
        {"app_label": "members", "model_name": "member", "field_name": "organization", "term": "样"},
        {"app_label": "contacts", "model_name": "liaisonassignment", "field_name": "member", "term": "秘"},
    ):
        response = client.get("/admin/autocomplete/", query)
        assert response.status_code in (403, 404) or set(re.findall(r"C\d{3}", response.content.decode())) <= {"C111"}
    assert_nothing_foreign(client.get(LIST, {"_popup": 1, "_to_field": "id"}).content.decode(), {"C111"})


def test_pages_hold_masks_and_no_number(login, world, acting):
    pk = key_of(world, acting, "C111")
    client = login("street_clerk@S11")
    for url in (LIST, change_url(pk), reverse("admin:members_member_card", args=[pk])):
        page = client.get(url).content.decode()
        assert id_number("C111") not in page
        assert mobile("C111") not in page
        assert id_number("C111")[6:14] not in page
        assert "138****1110" in page
    assert f"{id_number('C111')[:3]}***********{id_number('C111')[-4:]}" in page


@pytest.mark.parametrize("who", INSIDE)
def test_form_offers_organizations_in_reach_only(login, world, acting, who):
    for url in (ADD, change_url(key_of(world, acting, "C111"))):
        page = login(who).get(url).content.decode()
        assert_nothing_foreign(page, INSIDE[who])
        assert "样例C111" in page


def test_add_makes_a_file_and_shows_its_card(login, world, acting):
    response = login("community_clerk@C111").post(ADD, FILLED | {"organization": world.organization("C111").pk})
    assert response.status_code == 302, response.context["adminform"].form.errors
    with acting("community_clerk@C111"):
        made = Member.objects.get(name="郑示例")
        assert response["Location"] == reverse("admin:members_member_card", args=[made.pk])
        assert (made.birth_date, made.join_date, made.mobile) == ("1990-05-12", "2015-07", "13800138001")
        assert made.name_pinyin == "zhengshili"
        movement = made.movements.get()
        assert (movement.direction, movement.host_text, movement.started_on) == ("outflow", "外地支部", "2026-01")


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("new_id_number", "340103199001011234", "check digit"),
        ("new_id_number", "3.40103E+17", "last digits are lost"),
        ("new_mobile", "1380013800", "not a mobile number"),
        ("birth_date", "1990.1.1.1", "cannot be read"),
        ("birth_date", "2020-01-01", "younger than 18"),
        ("join_date", "1980-01", "before the date of birth"),
        ("name", "合计", "look like a name"),
        ("ended_on", "2025-01", "before the start"),
        ("direction", "", "outgoing or incoming"),
        ("organization", "", ""),
        ("new_id_number", id_number("C111"), "already"),
    ],
)
def test_wrong_entry_is_shown_and_not_saved(login, world, acting, field, text, sentence, settings):
    settings.LANGUAGE_CODE = "en"
    values = FILLED | {"organization": world.organization("C111").pk, field: text}
    if text == id_number("C111"):
        values |= {"birth_date": "", "gender": "", "join_date": ""}
    response = login("community_clerk@C111").post(ADD, values, headers={"accept-language": "en"})
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert errors
    with acting("community_clerk@C111"):
        assert not Member.objects.filter(name__in=["郑示例", "合计"]).exists()
    if sentence == "already":
        assert "秘C111秘" in response.content.decode()


@pytest.mark.parametrize("key", ["C112", "C121", "S11", "D1"])
def test_organization_outside_the_reach_is_no_choice(login, world, key):
    client = login("community_clerk@C111")
    for field in ("organization", "home_organization", "host_organization"):
        values = FILLED | {"organization": world.organization("C111").pk, field: world.organization(key).pk}
        response = client.post(ADD, values)
        assert response.status_code == 200
        assert field in response.context["adminform"].form.errors
        assert f"样例{key}" not in response.content.decode()


@pytest.mark.parametrize("hidden", ["C112", "C121", "C211"])
def test_number_held_elsewhere_answers_as_if_it_were_not(login, world, hidden):
    """A number that another office holds and a number that nobody holds: the same answer, the same page after it."""
    base = {"name": "郑示例", "organization": world.organization("C111").pk}
    client = login("community_clerk@C111")
    pages = []
    for number in (id_number(hidden), "11010519491231002X"):
        response = client.post(ADD, base | {"new_id_number": number})
        assert response.status_code == 302
        card = client.get(response["Location"]).content.decode()
        pages.append(re.sub(r"\d{3}\*+\w{4}|[0-9a-f-]{36}|\d\d:\d\d|csrfmiddlewaretoken.*?>|nonce\S+", "", card))
        assert canary(hidden) not in card
    # the second is a namesake of the first, so compare what the first one's page says about duplicates
    assert "Possibly" not in pages[0]
    assert "可能是同一个人" not in pages[0]


def test_unchanged_save_keeps_everything(login, world, acting, owner):
    pk = key_of(world, acting, "C111")
    client = login("community_clerk@C111")

    def rows():
        member = owner.execute("select * from members_member where id = %s", [pk]).fetchone()
        return member[:-1], owner.execute("select count(*) from members_memberevent").fetchone()

    client_values = form_values(client.get(change_url(pk)))
    with acting("community_clerk@C111"):
        before = {f: getattr(Member.objects.get(pk=pk), f) for f in ("id_number", "mobile", "remark", "birth_date")}
        events = Member.objects.get(pk=pk).movements.get()
    response = client.post(change_url(pk), client_values)
    assert response.status_code == 302, response.context["adminform"].form.errors
    with acting("community_clerk@C111"):
        after = Member.objects.get(pk=pk)
        assert {f: getattr(after, f) for f in before} == before
        assert after.movements.get().destination == events.destination
        from members.timeline import timeline

        assert len(timeline(after)) == 2  # created twice: the file and its movement


def test_change_replaces_a_number(login, world, acting):
    pk = key_of(world, acting, "C111")
    client = login("community_clerk@C111")
    values = form_values(client.get(change_url(pk))) | {"new_mobile": "13900001234"}
    assert client.post(change_url(pk), values).status_code == 302
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=pk).mobile == "13900001234"
    card = client.get(reverse("admin:members_member_card", args=[pk])).content.decode()
    assert "139****1234" in card
    assert "13900001234" not in card


def test_stale_save_shows_what_others_changed(login, world, acting):
    pk = key_of(world, acting, "C111")
    community, street = login("community_clerk@C111"), login("street_clerk@S11")
    stale = form_values(community.get(change_url(pk)))
    fresh = form_values(street.get(change_url(pk))) | {"occupation": "改后职业", "new_mobile": "13900001234"}
    assert street.post(change_url(pk), fresh).status_code == 302
    response = community.post(change_url(pk), stale | {"occupation": "另一职业"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "改后职业" in page
    assert "账号S11street_clerk" in page
    assert "13900001234" not in page
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=pk).occupation == "改后职业"
    again = form_values(response)
    assert again["occupation"] == "另一职业"
    assert community.post(change_url(pk), again).status_code == 302
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=pk).occupation == "另一职业"
        assert Member.objects.get(pk=pk).mobile == "13900001234"


def test_move_to_another_community_of_the_street(login, world, acting):
    pk = key_of(world, acting, "C111")
    client = login("street_clerk@S11")
    values = form_values(client.get(change_url(pk))) | {"organization": world.organization("C112").pk}
    assert client.post(change_url(pk), values).status_code == 302
    with acting("community_clerk@C112"):
        assert Member.objects.get(pk=pk).organization == world.organization("C112")


def test_end_of_being_away_ends_the_movement(login, world, acting):
    pk = key_of(world, acting, "C111")
    client = login("community_clerk@C111")
    values = form_values(client.get(change_url(pk))) | {"state": "returned"}
    response = client.post(change_url(pk), values)
    assert "ended_on" in response.context["adminform"].form.errors
    assert client.post(change_url(pk), values | {"ended_on": "2026-10-01"}).status_code == 302
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=pk).movements.get().ended_on == "2026-10-01"


def test_reader_without_the_right_lands_on_the_card(login, world, acting):
    pk = key_of(world, acting, "C111")
    client = login("district_admin@D1")
    response = client.get(change_url(pk))
    assert response["Location"] == reverse("admin:members_member_card", args=[pk])
    assert change_url(pk) not in client.get(response["Location"]).content.decode()
    assert client.post(change_url(pk), FILLED).status_code == 403
    assert client.get(ADD).status_code == 403


def test_query_count_does_not_grow(login, world, acting):
    client = login("community_clerk@C111")

    def count():
        client.get(LIST)
        with CaptureQueriesContext(connection, ) as queries:  # fmt: skip
            response = client.get(LIST)
        return response.context["cl"].result_count, len(queries)

    rows, one = count()
    assert rows == 1
    with acting("community_clerk@C111") as actor:
        for number in range(52):  # more than a page: its rows are read another way
            values = {"name": f"甲示例{number}", "mobile": f"138001380{number:02}"}
            services.create_member(
                organization=world.organization("C111"), values=values, by=actor, movement={"direction": "outflow"}
            )
    rows, many = count()
    assert rows == 53
    assert one <= 22
    assert many <= one + 1  # the page's rows, beside their number


def test_pages_hold_everybody_once_in_order(login, world, acting):
    with acting("community_clerk@C111") as actor:
        for number in range(60):
            name = "王" + "示例甲乙丙丁戊己庚辛"[number % 10] + "一二三四五六"[number // 10]
            services.create_member(organization=world.organization("C111"), values={"name": name}, by=actor)
    client = login("community_clerk@C111")
    for query, count in (
        ({}, 61),
        ({"q": "王"}, 60),
        ({"organization": CODES["C111"]}, 61),
        ({"direction": "none"}, 60),
    ):
        for order in ({}, {"o": "-1"}):
            pages = [client.get(LIST, query | order | {"p": page}).context["cl"] for page in (1, 2)]
            rows = [(member.name_pinyin, member.pk) for changelist in pages for member in changelist.result_list]
            assert [changelist.result_count for changelist in pages] == [count, count]
            assert [len(changelist.result_list) for changelist in pages] == [50, count - 50]
            assert len(set(rows)) == count
            keys = [pinyin for pinyin, _pk in rows]
            assert keys == sorted(keys, reverse=bool(order))
        assert LIST in client.get(LIST, query | {"p": 3}).headers.get("Location", LIST)


def test_holder_of_two_grants_sees_everybody_once(login, world, acting, owner):
    """Two nodes whose members overlap: a host in one, the managing organization in the other."""
    with acting("street_clerk@S11"):
        Movement.objects.filter(member=world.member("C111")).update(home_organization=world.organization("C112"))
    clerk, second = world.user("community_clerk@C111"), world.organization("C112")
    with acting("street_admin@S11"):
        grant_role(user=clerk, role="community_clerk", organization=second)
    changelist = login("community_clerk@C111").get(LIST).context["cl"]
    assert [member.name for member in changelist.result_list] == ["秘C111秘", "秘C112秘"]
    assert changelist.result_count == 2


def test_columns_of_other_apps_are_shown(login, monkeypatch):
    def column(member):
        return f"列{member.name}"

    column.short_description = "另一列"
    monkeypatch.setattr("members.admin.members.extra_columns", [*extra_columns, column])
    page = login("community_clerk@C111").get(LIST).content.decode()
    assert "列秘C111秘" in page
    assert "另一列" in page


def test_view_of_a_card_is_recorded(login, world, acting, owner):
    pk = key_of(world, acting, "C111")
    login("community_clerk@C111").get(reverse("admin:members_member_card", args=[pk]))
    with acting("street_admin@S11"):
        from portal.models import AuditEntry

        entry = AuditEntry.objects.get(action="view_member", object_id=pk)
        assert entry.actor == str(access.user_actor(world.user("community_clerk@C111")))
        assert entry.detail == {}
