"""Texts to copy into WeChat: they say who writes, and nothing of membership; they can be copied without a script."""

import html
import re
from typing import Any

import pytest

from contacts.copy_texts import text_to_person, text_with_link
from contacts.services import assign_liaison, create_liaison
from members.models import Member

CLERK = "street_clerk@S11"
TELLING = re.compile("党|支部|流动|组织")


def texts_of(page: Any) -> list[str]:
    found = re.findall(r"<textarea readonly[^>]*>(.*?)</textarea>", page.content.decode(), re.S)
    return [html.unescape(text) for text in found]


@pytest.mark.parametrize("liaison", ["石评梅", ""])
def test_text_names_office_and_liaison_and_no_membership(world: Any, db: None, liaison: str) -> None:
    for key in ("C111", "S11", "B111"):
        text = text_to_person(world.organization(key), liaison)
        assert liaison in text
        assert not TELLING.search(text), text


def test_branch_speaks_for_its_community(world: Any, db: None) -> None:
    assert "样例C111" in text_to_person(world.organization("B111"))
    assert "样例B111" not in text_to_person(world.organization("B111"))


def test_link_goes_without_its_pin(world: Any, db: None) -> None:
    text = text_with_link(world.organization("C111"), "https://portal.example/w/abc/")
    assert "https://portal.example/w/abc/" in text
    assert not re.search(r"\d{6}", text)


@pytest.fixture
def people(acting: Any, world: Any, make_member: Any) -> list[Member]:
    with acting(CLERK) as actor:
        liaison = create_liaison(organization=world.organization("C111"), name="石评梅", by=actor)
        made = [make_member(name=name) for name in ("单田芳", "郭靖")]
        assign_liaison(member=made[0], liaison=liaison, by=actor)
    return made


@pytest.mark.django_db
def test_list_and_card_offer_the_text_without_a_script(people: list[Member], login: Any) -> None:
    client = login("community_clerk@C111")
    listed = client.get("/admin/contacts/contactobligation/")
    texts = texts_of(listed)
    assert sum("石评梅" in text for text in texts) == 1
    assert len(texts) >= 2
    assert not any(member.name in text for member in people for text in texts)
    (own,) = texts_of(client.get(f"/admin/members/member/{people[0].pk}/card/"))
    assert "石评梅" in own
    assert "script-src 'self'" in listed["Content-Security-Policy"]
    assert "portal/copy" in listed.content.decode()
    assert "onclick" not in listed.content.decode().partition('id="result_list"')[2]


@pytest.mark.django_db
def test_other_side_does_not_learn_who_the_liaison_is(
    acting: Any, people: list[Member], world: Any, login: Any
) -> None:
    with acting(CLERK):
        people[0].movements.update(host_organization=world.organization("C121"))
    page = login("community_clerk@C121").get(f"/admin/members/member/{people[0].pk}/card/")
    (text,) = texts_of(page)
    assert "石评梅" not in text
    assert "样例C121" in text


@pytest.mark.django_db(transaction=True)
def test_group_text_page_names_no_member(people: list[Member], login: Any, owner: Any, world: Any) -> None:
    owner.execute("update contacts_contactobligation set due_on = portal.today(), limit_on = portal.today() + 30"
                  " where standing = 'active'")  # fmt: skip
    (text,) = texts_of(login("community_clerk@C111").get("/admin/contacts/group-texts/"))
    assert "石评梅" in text
    assert not any(member.name in text for member in people)
    assert not TELLING.search(text), text
    assert "秘C112秘" not in text
