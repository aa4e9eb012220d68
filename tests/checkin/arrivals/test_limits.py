"""Who may send how many forms: what a stranger with an old photograph, or one flooding address, does not take away."""

import time
from typing import Any

from django.test import Client

from checkin import limits
from checkin.arrivals.codes import make_code, screen_code
from checkin.arrivals.enums import Assurance
from tests.checkin.arrivals.conftest import new_key
from tests.checkin.arrivals.test_views import _code, _count, _typed


def test_form_of_an_old_photograph_takes_nobodys_place(open_desk: Any, phone: Any, monkeypatch: Any) -> None:
    desk, stranger, member = open_desk(), phone(), phone()
    monkeypatch.setattr(limits, "PER_DESK", 2)
    for made in (screen_code(desk.pk, time.time() - 300), make_code(desk.pk, Assurance.POSTER, 0)):
        stranger.code, stranger.form = made, {"client_key": new_key(), "ticket": ""}
        answers = [stranger.send(**_typed()) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {410}
        assert ("屏幕" in answers[0].content.decode()) == (made != make_code(desk.pk, Assurance.POSTER, 0))
    member.scan(_code(desk))
    assert (member.send(**_typed()).status_code, _count(desk)) == (200, 1)


def test_one_address_does_not_use_up_a_desk(open_desk: Any, phone: Any, monkeypatch: Any) -> None:
    desk = open_desk()
    monkeypatch.setattr(limits, "PER_HALL", 2)
    monkeypatch.setattr(limits, "PER_DESK", 4)
    client = phone()
    client.scan(_code(desk))
    for _ in range(2):  # again where a new minute began meanwhile
        before = limits.next_window()
        flood = [client.send(**_typed(), **{"client_key": client.form["client_key"]}).status_code for _ in range(6)]
        elsewhere = Client(REMOTE_ADDR="203.0.113.9").post(f"/a/{client.code}", client.form | _typed()).status_code
        if before == limits.next_window():
            break
    assert (flood[-1], elsewhere) == (429, 200)


def test_typed_figures_of_one_address_are_counted_alone(client: Client, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "TYPED_PER_ADDRESS", 1)
    for _ in range(2):  # again where a new minute began meanwhile
        before = limits.next_window()
        tried = [client.post("/a/", {"digits": "12345678"}).status_code for _ in range(3)]
        other = Client(REMOTE_ADDR="203.0.113.9").post("/a/", {"digits": "12345678"}).status_code
        if before == limits.next_window():
            break
    assert (tried[-1], other) == (429, 200)
