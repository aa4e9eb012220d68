"""The one-page card: sections, completeness, timeline, and what it never shows."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from members import card, services
from members.file_fields import FIELDS
from members.forms import input_of
from members.masks import mask_address, mask_id_number, mask_mobile
from members.models import Member
from members.timeline import file_version, timeline
from portal import access
from tests.world import canary


def built(member):
    return card.build(member, RequestFactory().get("/"))


@pytest.fixture
def only_own_sections(monkeypatch):
    monkeypatch.setattr(card, "sections", [])


def test_missing_fields_link_to_their_inputs(login, acting, world):
    with acting("community_clerk@C111") as actor:
        bare = services.create_member(organization=world.organization("C111"), values={"name": "空示例"}, by=actor)
    client = login("community_clerk@C111")
    change = reverse("admin:members_member_change", args=[bare.pk])
    page = client.get(reverse("admin:members_member_card", args=[bare.pk])).content.decode()
    form = client.get(change).content.decode()
    with acting("community_clerk@C111"):
        missing = built(bare)["missing"]
    assert len(missing) == 14
    for rule in missing:
        assert f'href="{change}#id_{rule.field}"' in page
        assert f'id="id_{rule.field}"' in form


def test_completeness_counts_facts_only(acting, world, only_own_sections):
    with acting("street_clerk@S11") as actor:
        member = world.member("C111")
        before = built(member)
        services.change_member(member=member, values={"member_type": "full"}, by=actor)
        after = built(member)
        assert after["rules_met"] == before["rules_met"] + 1
        services.move_member(member=member, organization=world.organization("S11"), by=actor)
        assert "organization" in [rule.field for rule in built(member)["missing"]]


FILLED = {
    "gender": "male", "ethnicity": "汉族", "birth_date": "1970", "id_number": "11010119900307002X",
    "mobile": "13800001111", "member_type": "full", "join_date": "1995", "occupation": "保安",
    "current_address": "样例路1号",
}  # fmt: skip
AWAY = {
    "direction": "outflow",
    "started_on": "2024",
    "home_text": "样例支部",
    "host_text": "样例二支部",
    "reason": "学习",
}


def test_every_needed_field_is_a_rule_of_its_own(acting, world, only_own_sections):
    needed = {field.key for field in FIELDS if field.is_needed}
    assert needed == {key.removesuffix("_text") for key in [*FILLED, *AWAY]}
    with acting("community_clerk@C111") as actor:
        place = world.organization("C111")
        for key in FILLED:
            values = {"name": "缺示例"} | {name: value for name, value in FILLED.items() if name != key}
            member = services.create_member(organization=place, values=values, by=actor, movement=AWAY)
            assert [rule.field for rule in built(member)["missing"]] == [input_of(key)]
            services.change_member(member=member, values={"id_number": ""}, by=actor)
        for key in ("started_on", "home_text", "host_text", "reason"):
            away = {name: value for name, value in AWAY.items() if name != key}
            values = {"name": "缺示例"} | FILLED | {"id_number": ""}
            member = services.create_member(organization=place, values=values, by=actor, movement=away)
            assert {rule.field for rule in built(member)["missing"]} == {key, "new_id_number"}


def test_one_of_two_fields_is_enough_and_somebody_at_home_is_asked_nothing_about_a_movement(
    acting, world, only_own_sections
):
    with acting("community_clerk@C111") as actor:
        values = {"name": "缺示例"} | FILLED | {"occupation": "", "employer": "样例厂"}
        member = services.create_member(organization=world.organization("C111"), values=values, by=actor, movement=AWAY)
        assert built(member)["missing"] == []
        bare = services.create_member(organization=world.organization("C111"), values={"name": "返示例"}, by=actor)
        before = {rule.field for rule in built(bare)["missing"]}
        services.set_state(member=bare, state="returned", by=actor)
        assert before - {rule.field for rule in built(bare)["missing"]} == {
            "direction", "started_on", "home_text", "host_text", "reason",
        }  # fmt: skip


def test_label_tells_namesakes_apart_and_shows_no_more(acting, world):
    with acting("community_clerk@C111") as actor:
        place = world.organization("C111")
        one = services.create_member(organization=place, values={"name": "同名"} | FILLED, by=actor)
        assert one.label == f"同名（1970 · 尾号1111 · {place}）"
        two = services.create_member(organization=place, values={"name": "同名"}, by=actor)
        assert two.label == f"同名（{place}）"
        services.change_member(member=two, values={"mobile": "05516"}, by=actor)
        assert two.label == f"同名（{place}）"  # too short to have an end that tells nothing


def test_sections_of_other_apps_stand_in_order(acting, world, monkeypatch):
    facts = "admin/members/member/card_facts.html"
    monkeypatch.setattr(card, "sections", [
        lambda member: card.Section("联系段", facts, {"facts": [("甲", f"乙{member.name}")]}, order=25),
        lambda member: None,
        lambda member: card.Section("最前段", facts, {"facts": []}, order=1),
    ])  # fmt: skip
    with acting("community_clerk@C111"):
        titles = [title for title, _body in built(world.member("C111"))["sections"]]
        bodies = dict(built(world.member("C111"))["sections"])
    assert titles[0] == "最前段"
    assert titles.index("联系段") == 2  # after movement
    assert "乙秘C111秘" in bodies["联系段"]


def test_timeline_names_fields_and_people_but_no_sealed_value(acting, world):
    with acting("street_clerk@S11") as actor:
        member = world.member("C111")
        start = file_version(member)
        services.change_member(
            member=member, values={"mobile": "13900001234", "gender": "female", "remark": "新备注内容"}, by=actor
        )
        movement = member.movements.get()
        services.end_movement(movement=movement, ended_on="2026-06", by=actor)
        services.move_member(member=member, organization=world.organization("C112"), by=actor)
        entries = timeline(member, since=start)
    assert len(entries) == 3
    changes = {change.label.lower(): (change.before, change.after) for entry in entries for change in entry.changes}
    assert {entry.who for entry in entries} == {"账号S11street_clerk"}
    assert list(changes.values()).count((None, None)) == 2  # mobile and remark
    assert ("样例C111", "样例C112") in changes.values()
    assert ("", "2026-06") in changes.values()
    text = repr(entries)
    for secret in ("13900001234", "新备注内容", "138001"):
        assert secret not in text


def test_version_changes_by_raw_sql_too(acting, world, owner):
    with acting("community_clerk@C111"):
        member = world.member("C111")
        before = file_version(member)
        assert file_version(member) == before
        Member.objects.filter(pk=member.pk).update(occupation="改")
        middle = file_version(member)
        member.movements.update(reason="改")
        assert len({before, middle, file_version(member)}) == 3


def test_reader_outside_the_managing_office_reads_no_history(acting, world):
    """Who changed what is the managing office's own affair."""
    with acting("street_clerk@S11") as actor:
        services.change_member(member=world.member("C111"), values={"occupation": "新职业"}, by=actor)
        assert "新职业" in repr(timeline(world.member("C111")))
    with acting("liaison@C111"):
        assert timeline(world.member("C111")) == []


def test_card_of_the_neighbour_is_absent(login, acting, world):
    with acting("community_clerk@C112"):
        pk = world.member("C112").pk
    response = login("community_clerk@C111").get(reverse("admin:members_member_card", args=[pk]))
    assert response.status_code == 404
    assert canary("C112") not in response.content.decode()


def test_card_escapes_what_was_typed(login, acting, world):
    evil = "<svg onload=alert(1)>{{7*7}}"
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        services.change_member(member=member, values={"remark": evil, "occupation": evil}, by=actor)
    page = login("community_clerk@C111").get(reverse("admin:members_member_card", args=[member.pk])).content.decode()
    assert "<svg onload" not in page
    assert "&lt;svg onload=alert(1)&gt;{{7*7}}" in page


def test_query_count_of_the_card_does_not_grow(acting, world, only_own_sections, django_assert_max_num_queries):
    with acting("community_clerk@C111") as actor:
        member = Member.objects.select_related("organization").get(pk=world.member("C111").pk)
        for number in range(5):
            services.change_member(member=member, values={"occupation": f"职业{number}"}, by=actor)
        access.may("view_members")
        with django_assert_max_num_queries(13):
            built(member)


def test_masks():
    assert mask_id_number("34010319900101123X") == "340***********123X"
    assert mask_mobile("13800138000") == "138****8000"
    assert (mask_mobile("12345"), mask_id_number("123"), mask_mobile("")) == ("*****", "***", "")
    assert mask_address("某市某区杏花村街道某路1号") == "某市某区杏花村街道****"
    assert mask_address("某某市某某区某路1号") == "某某市某某区****"
    assert mask_address("苏州") == "苏州"
    assert (mask_address("样例路1号"), mask_address("样例路２栋3室")) == ("样例路****", "样例路****")
