"""A clerk's page of one member's link, the address it gives, and the phone that it is bound to."""

import re

import pytest
from django.test import Client

from tests.world import mobile

PAGES = ("", "card/", "need/", "message/", "change/", "journey/", "activities/", "data/", "stop/")
CLERK = "community_clerk@C111"


def field(response, name):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


def issue(login, staff_page, who=CLERK):
    """The address that the clerk's page shows once."""
    text = login(who).post(staff_page, {"action": "issue"}).content.decode()
    return re.search(r"https?://[^/\s]+(/m/[\w-]+/)", text)[1]


def give_pin(client, address, pin):
    return client.post(address, {"mark": field(client.get(address), "mark"), "pin": pin})


def send(phone, page, **values):
    shown = phone.get(page)
    return phone.post(page, {"mark": field(shown, "mark"), "key": field(shown, "key")} | values)


def closed_page():
    answer = Client().get("/m/forged/")
    assert answer.status_code == 404
    return answer


@pytest.fixture
def staff_page(world, acting):
    with acting(CLERK):
        return f"/admin/checkin/own-page/{world.member('C111').pk}/"


@pytest.fixture
def address(login, staff_page):
    return issue(login, staff_page)


@pytest.fixture
def phone(address):
    client = Client()
    assert give_pin(client, address, mobile("C111")[-4:]).status_code == 303
    return client
