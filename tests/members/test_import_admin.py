"""The pages of the import: upload, preview, confirmation, and that nothing outside the reach is shown."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from members.models import LedgerImport, Member
from tests.members.ledger.making import HEADER, id_number, person, xlsx
from tests.world import canary

LIST = "admin:members_ledgerimport_changelist"


def page_of(batch) -> str:
    return reverse("admin:members_ledgerimport_change", args=[getattr(batch, "pk", batch)])


def ledger(*rows) -> SimpleUploadedFile:
    return SimpleUploadedFile("台账.xlsx", xlsx({"Sheet1": [HEADER, *rows]}))


def upload(client, world, *rows, key="S11", file=None):
    given = {"file": file or ledger(*rows), "organization": str(world.organization(key).pk), "direction": ""}
    return client.post(reverse(LIST), given)


def row(number=1, community="样例C111", **changes):
    return person(number, 所属社区=f"{community}居委会", **changes)


def test_upload_previews_and_confirming_twice_imports_once(login, world, acting):
    client = login("street_clerk@S11")
    answer = upload(client, world, row(1), row(2, 姓名="测乙丙", community="样例C112"))
    assert answer.status_code == 302
    with acting("street_clerk@S11"):
        assert not Member.objects.filter(name="测乙丙").exists()
    page = client.get(answer.url).content.decode()
    assert "测乙丙" in page
    assert "340***********" in page
    assert id_number(sequence="911") not in page
    for _time in range(2):
        done = client.post(answer.url, {"confirm": "1"}, follow=True)
        assert done.status_code == 200
    with acting("street_clerk@S11"):
        assert Member.objects.filter(name="测乙丙").count() == 1
        assert Member.objects.get(name="测乙丙").organization == world.organization("C112")


def test_preview_shows_old_and_new(login, world, acting):
    client = login("street_clerk@S11")
    upload_again = client.post(upload(client, world, row(1, 备注="旧话")).url, {"confirm": "1"})
    assert upload_again.status_code == 302
    answer = upload(client, world, row(1, 联系电话="13911112222", 备注=""))
    page = client.get(answer.url + "?show=changed").content.decode()
    assert re.search(r"<del>138\*\*\*\*0001</del>\s*→\s*<ins>139\*\*\*\*2222</ins>", page)
    assert "13800000001" not in page
    assert "13911112222" not in page
    client.post(answer.url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        member = Member.objects.get(id_number_digest=Member.id_number.digest(row(1)[5]))
        assert (member.mobile, member.remark) == ("13911112222", "旧话")


def test_hint_about_one_cell_that_fills_two_fields_is_told_once(login, world):
    client = login("street_clerk@S11")
    page = client.get(upload(client, world, row(1, 联系电话="13911112222 0551-62812345")).url).content.decode()
    assert page.count("这里有多个号码") == 3  # at the row, and for each field among the kinds of hints


def test_refused_file_is_one_sentence_on_the_same_page(login, world, acting):
    client = login("street_clerk@S11")
    with acting("street_clerk@S11"):
        before = LedgerImport.objects.count()
    for content in (b"", b"\x00\x01nothing", b"PK\x03\x04broken"):
        answer = upload(client, world, file=SimpleUploadedFile("x.xlsx", content))
        assert answer.status_code == 200
        assert answer.content.decode().count('role="alert"') == 1
    with acting("street_clerk@S11"):
        assert LedgerImport.objects.count() == before


def test_discarding_forgets_the_rows(login, world, acting):
    client = login("street_clerk@S11")
    url = upload(client, world, row(1)).url
    client.post(url, {"discard": "1"})
    with acting("street_clerk@S11"):
        batch = LedgerImport.objects.get(pk=url.rstrip("/").split("/")[-2])
        assert (batch.state, batch.report_sealed) == ("discarded", None)
    client.post(url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        assert not Member.objects.filter(id_number_digest=Member.id_number.digest(id_number(sequence="911"))).exists()


def test_old_preview_cannot_be_confirmed(login, world, acting):
    client = login("street_clerk@S11")
    url = upload(client, world, row(1)).url
    with acting("street_clerk@S11"):
        batches = LedgerImport.objects.filter(pk=url.rstrip("/").split("/")[-2])
        batches.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert 'role="alert"' in client.get(url).content.decode()
    client.post(url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        assert not Member.objects.filter(organization=world.organization("C111"), name=row(1)[1]).exists()


@pytest.mark.parametrize("other", ["street_clerk@S12", "community_clerk@C112", "district_admin@D1", "auditor@S11"])
def test_import_of_others_does_not_exist(login, world, other):
    url = upload(login("community_clerk@C111"), world, row(1), key="C111").url
    client = login(other)
    for answer in (client.get(url), client.post(url, {"confirm": "1"})):
        assert answer.status_code in (403, 404)
    answer = client.get(reverse(LIST))
    assert canary("C111") not in answer.content.decode()
    answer = upload(client, world, row(1), key="C111")
    assert answer.status_code in (200, 403)
    assert "样例C111" not in answer.content.decode()


def test_pages_of_many_rows_stay_small(login, world):
    client = login("street_clerk@S11")
    rows = [row(number, 身份证号码="", 联系电话=f"1380001{number:04}") for number in range(1, 121)]
    url = upload(client, world, *rows).url
    first = client.get(url).content
    assert len(first) < 300_000
    assert first.decode().count("ledger-mark is-new") == 50
    assert client.get(url + "?page=3").content.decode().count("ledger-mark is-new") == 20


def test_world_batch_without_rows_says_so(login, world, acting):
    with acting("street_clerk@S11"):
        batch = LedgerImport.objects.get(organization=world.organization("C111"))
    answer = login("street_clerk@S11").get(page_of(batch))
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
