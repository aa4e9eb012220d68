"""The staff pages of check-in: each community its queue, one click to decide, posters that scan."""

import re
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkin.models import CheckinPoint, ReportIn
from members.models import Member, Movement
from members.revealing import TooMany, Wish, reveal_field
from portal import limits
from portal.models import AuditEntry
from tests.world import COMMUNITIES, World, canary

CLERK, NEIGHBOUR, STREET = "community_clerk@C111", "community_clerk@C112", "street_clerk@S11"
QUEUE = "/admin/checkin/reportin/"


@pytest.fixture
def ids(world: World, acting: Callable) -> dict[str, str]:
    """Ids of the point and the report-in of C111."""
    with acting(STREET):
        own = {"organization": world.organization("C111")}
        return {"point": str(CheckinPoint.objects.get(**own).pk), "report_in": str(ReportIn.objects.get(**own).pk)}


def _shown_version(client: Client, url: str) -> str:
    return client.get(url).context["form"]["shown_version"].value()


def _page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def _canaries(page: str) -> set[str]:
    return {key for key in COMMUNITIES if canary(key) in page}


def test_queue_shows_own_communities_only_and_masks_numbers(login: Callable) -> None:
    page = _page(login(CLERK), QUEUE)
    assert _canaries(page) == {"C111"}
    assert "139****1115" in page
    assert "13900001115" not in page
    assert _canaries(_page(login(STREET), QUEUE)) == {"C111", "C112"}
    assert _canaries(_page(login(NEIGHBOUR), QUEUE)) == {"C112"}


def test_queue_shows_who_waits_first(world: World, acting: Callable, login: Callable) -> None:
    with acting(STREET):
        ReportIn.objects.filter(organization=world.organization("C112")).update(state="returned")
    page = _page(login(STREET), QUEUE)
    assert page.index(f"报{canary('C111')}") < page.index(f"报{canary('C112')}")
    assert _canaries(_page(login(STREET), QUEUE + "?queue=waiting")) == {"C111"}
    assert f"报{canary('C112')}" in _page(login(STREET), QUEUE + "?queue=decided")


def test_queue_asks_as_many_questions_for_one_row_as_for_two(login: Callable) -> None:
    counts = []
    for name in (CLERK, STREET):
        client = login(name)
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", [NEIGHBOUR, "district_admin@D1", "community_clerk@C121"])
def test_report_in_and_point_out_of_reach_answer_as_absent(name: str, ids: dict[str, str], login: Callable) -> None:
    client = login(name)
    assert client.get(f"{QUEUE}{ids['report_in']}/change/").status_code in (403, 404)
    for decision in ("confirm", "return", "duplicate", "mistaken"):
        sent = client.post(f"{QUEUE}{ids['report_in']}/change/", {"decision": decision, "proof": "letter"})
        assert sent.status_code in (403, 404)


def test_point_out_of_reach_answers_as_absent(ids: dict[str, str], login: Callable) -> None:
    client = login(NEIGHBOUR)
    assert client.get(f"/admin/checkin/checkinpoint/{ids['point']}/change/").status_code == 404
    for name in ("poster_page", "renew_code", "revoke_code"):
        assert client.get(reverse(f"checkin:{name}", args=[ids["point"]])).status_code == 404
    assert client.post(reverse("checkin:revoke_code", args=[ids["point"]])).status_code == 404
    assert client.get(reverse("checkin:poster", args=[ids["point"], "pdf"])).status_code == 404


def test_one_click_makes_one_file(ids: dict[str, str], login: Callable, acting: Callable, world: World) -> None:
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    with acting(CLERK):
        files, movements = Member.objects.count(), Movement.objects.count()
    without_proof = client.post(url, {"decision": "confirm", "proof": ""})
    assert without_proof.status_code == 200
    sent = {"decision": "confirm", "proof": "letter", "target": "", "shown_version": _shown_version(client, url)}
    answers = [client.post(url, sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    with acting(CLERK):
        assert (Member.objects.count(), Movement.objects.count()) == (files + 1, movements + 1)


def test_one_click_links_the_file_that_was_found(
    ids: dict[str, str], login: Callable, acting: Callable, world: World
) -> None:
    with acting(CLERK):
        member, files = world.member("C111"), Member.objects.count()
        report_in = ReportIn.objects.get(pk=ids["report_in"])
        report_in.name, report_in.mobile = member.name, member.mobile
        report_in.save(update_fields=["name_sealed", "name_digest", "mobile_sealed", "mobile_digest"])
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    page = _page(client, url)
    assert re.search(rf'value="{member.pk}" checked', page)
    sent = {"decision": "confirm", "proof": "letter", "target": str(member.pk)}
    sent["shown_version"] = _shown_version(client, url)
    assert client.post(url, sent).status_code == 302
    with acting(CLERK):
        assert Member.objects.count() == files
        assert ReportIn.objects.get(pk=ids["report_in"]).member == member


def test_member_out_of_reach_cannot_be_linked(
    ids: dict[str, str], login: Callable, acting: Callable, world: World
) -> None:
    with acting(STREET):
        foreign = world.member("C112")
    url = f"{QUEUE}{ids['report_in']}/change/"
    sent = login(CLERK).post(url, {"decision": "confirm", "proof": "letter", "target": str(foreign.pk)})
    assert sent.status_code in (200, 404)
    assert canary("C112") not in sent.content.decode()
    with acting(CLERK):
        assert ReportIn.objects.get(pk=ids["report_in"]).is_open


@pytest.mark.parametrize("decision", ["return", "duplicate", "mistaken"])
def test_closed_report_in_makes_no_file(decision: str, ids: dict[str, str], login: Callable, acting: Callable) -> None:
    with acting(CLERK):
        files = Member.objects.count()
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    assert client.post(url, {"decision": decision}).status_code == 200  # it has seen no page
    sent = {"decision": decision, "shown_version": _shown_version(client, url)}
    assert client.post(url, sent).status_code == 302
    with acting(CLERK):
        assert Member.objects.count() == files
        assert not ReportIn.objects.get(pk=ids["report_in"]).is_open


def test_referred_report_in_leaves_the_queue(
    ids: dict[str, str], login: Callable, acting: Callable, world: World
) -> None:
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    sent = {"decision": "refer", "organization": str(world.organization("C112").pk)}
    assert client.post(url, sent | {"shown_version": _shown_version(client, url)}).status_code == 302
    assert _canaries(_page(login(CLERK), QUEUE)) == set()
    assert f"报{canary('C111')}" in _page(login(NEIGHBOUR), QUEUE)


def test_full_number_is_shown_after_asking_and_recorded(ids: dict[str, str], login: Callable, acting: Callable) -> None:
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    assert "13900001115" not in _page(client, url)
    assert "13900001115" in client.post(url, {"reveal": "mobile"}).content.decode()
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="report_in_mobile_shown").count() == 1


def test_full_numbers_of_the_queue_count_for_the_same_limit(
    ids: dict[str, str], login: Callable, acting: Callable, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_reveals", limits.HourlyCounter(f"test-{uuid.uuid4()}"))
    settings.REVEALS_PER_HOUR = 1
    client, url = login(CLERK), f"{QUEUE}{ids['report_in']}/change/"
    assert client.post(url, {"reveal": "mobile"}).status_code == 200
    refused = client.post(url, {"reveal": "mobile"})
    assert refused.status_code == 429
    assert "13900001115" not in refused.content.decode()
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="report_in_mobile_shown").count() == 1
    with acting(CLERK) as by:
        member = Member.objects.get(organization__short_name="样例C111")
        with pytest.raises(TooMany):
            reveal_field(member=member, wish=Wish("mobile", "check"), by=by)


def test_point_made_in_the_form_has_a_poster(login: Callable, world: World, acting: Callable) -> None:
    client = login(CLERK)
    values = {
        "organization": str(world.organization("C111").pk),
        "name": "歇脚角",
        "kind": "station",
        "address": "样例路1号",
        "is_active": "on",
    }
    assert client.post("/admin/checkin/checkinpoint/add/", values).status_code == 302
    with acting(CLERK):
        point = CheckinPoint.objects.get(name="歇脚角")
    assert "poster.svg" in _page(client, reverse("checkin:poster_page", args=[point.pk]))
    foreign = values | {"organization": str(world.organization("C112").pk), "name": "别处"}
    assert client.post("/admin/checkin/checkinpoint/add/", foreign).status_code == 200
    with acting(STREET):
        assert not CheckinPoint.objects.filter(name="别处").exists()


def test_code_is_renewed_and_revoked_by_post_only(ids: dict[str, str], login: Callable, acting: Callable) -> None:
    def codes() -> tuple[int, int]:
        with acting(CLERK):
            all_codes = CheckinPoint.objects.get(pk=ids["point"]).codes
            return all_codes.count(), all_codes.filter(revoked_at=None).count()

    client = login(CLERK)
    renew, revoke = (reverse(f"checkin:{name}", args=[ids["point"]]) for name in ("renew_code", "revoke_code"))
    assert client.get(renew).status_code == client.get(revoke).status_code == 200
    assert codes() == (1, 1)
    assert client.post(renew).status_code == 302
    assert codes() == (2, 1)
    assert client.post(revoke).status_code == 302
    assert codes() == (2, 0)
    assert client.get(reverse("checkin:poster", args=[ids["point"], "svg"])).status_code == 404
    assert client.post(renew).status_code == 302
    assert client.get(reverse("checkin:poster", args=[ids["point"], "svg"])).status_code == 200


def _decoded(picture: Path) -> str:
    for tool in ("zbarimg", "pdftoppm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    if picture.suffix == ".pdf":
        subprocess.run(["pdftoppm", "-r", "100", "-png", picture, picture.with_suffix("")], check=True)
        (picture,) = picture.parent.glob(f"{picture.stem}*.png")
    done = subprocess.run(["zbarimg", "--raw", "-q", picture], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_printed_poster_leads_to_the_form_of_its_point(
    kind: str, world: World, tmp_path: Path, client: Client, capsys: pytest.CaptureFixture, settings: object
) -> None:
    call_command("make_posters", organization=world.organization("S11").code, out=tmp_path, kind=kind)
    names = [Path(line) for line in capsys.readouterr().out.split()]
    assert sorted(names) == sorted(tmp_path.iterdir())
    assert len(names) == 2
    for path, key in zip(names, ("C111", "C112"), strict=True):
        address = _decoded(path)
        assert address.startswith(f"{settings.BASE_URL}/c/")  # type: ignore[attr-defined]
        page = client.get(address.removeprefix(settings.BASE_URL))  # type: ignore[attr-defined]
        assert _canaries(page.content.decode()) == {key}
