"""What somebody searches for stands in no address."""

import pytest

from portal import search_terms
from tests.world import id_number, mobile

MEMBERS = "/admin/members/member/"


@pytest.mark.parametrize("term", ["王", "13800138000", "a" * 100, "𠮷"])
def test_sealed_term_comes_back(term):
    sealed = search_terms.seal(term)
    assert term not in sealed
    assert search_terms.unseal(sealed) == term


@pytest.mark.parametrize("text", ["~", "~abc", "~" + "A" * 60, "~\u4e00"])
def test_damaged_term_is_nothing(text):
    assert search_terms.unseal(text) == ""


def test_search_by_number_leaves_no_number_in_the_address(login):
    client = login("street_clerk@S11")
    for number in (mobile("C111"), id_number("C111")):
        answer = client.post(MEMBERS, {"_search": "1", "q": number, "state": "floating"}, follow=True)
        [(address, status)] = answer.redirect_chain
        assert status == 302
        assert number not in address
        assert "state=floating" in address
        body = answer.content.decode()
        assert "秘C111秘" in body
        assert "秘C112秘" not in body
        assert f"q={number}" not in body


def test_search_finds_nothing_of_another_street(login):
    answer = login("street_clerk@S12").post(MEMBERS, {"_search": "1", "q": mobile("C111")}, follow=True)
    assert "秘C111秘" not in answer.content.decode()


def test_empty_search_shows_the_whole_list(login):
    answer = login("street_clerk@S11").post(MEMBERS, {"_search": "1", "q": " "}, follow=True)
    assert "秘C111秘" in answer.content.decode()
    assert "q=" not in answer.redirect_chain[0][0]
