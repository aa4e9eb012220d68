"""At the counter: written down by the clerk, printed for the signature, entered later, kept as a photograph."""

import io
import shutil
import subprocess
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from checkin.models import ReportIn, SignedForm
from checkin.queue import counter, photos
from members.revealing import TooMany
from portal import limits
from portal.models import AuditEntry
from tests.world import World, canary

CLERK, NEIGHBOUR, STREET = "community_clerk@C111", "community_clerk@C112", "street_clerk@S11"
NEW = "/admin/checkin/report-ins/new"
BLANK = "/admin/checkin/report-ins/form.pdf"
NUMBER = ReportIn.mobile.digest("13911112222")


@pytest.fixture
def form(world: World) -> dict[str, str]:
    return {"organization": str(world.organization("C111").pk), "name": "孙到访", "mobile": "13911112222",
            "client_key": str(uuid.uuid4()), "home": "样例县样例村党支部", "since": "2026年3月"}  # fmt: skip


def _picture(kind: str = "JPEG", size: tuple[int, int] = (900, 1200), **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "white").save(target, kind, **options)
    return target.getvalue()


def _text_of(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "form.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", tmp_path / "form.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_walk_in_is_one_row_in_the_own_queue(form: dict[str, str], login: Callable, acting: Callable) -> None:
    client = login(CLERK)
    answers = [client.post(NEW, form) for _ in range(2)]
    with acting(CLERK):
        row = ReportIn.objects.select_related("organization").get(mobile_digest=NUMBER)
        assert (row.name, row.since, row.way, row.state) == ("孙到访", "2026-03", "window", "waiting")
        assert row.decided_by is None
        assert row.has_sensitive_consent
    assert {answer.headers["Location"] for answer in answers} == {f"/admin/checkin/reportin/{row.pk}/change/"}
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="report_in_taken", object_id=row.pk).count() == 1


def test_key_of_another_clerks_form_is_in_nobodys_way(
    form: dict[str, str], login: Callable, acting: Callable, world: World
) -> None:
    there = {"organization": str(world.organization("C112").pk)}
    assert [login(CLERK).post(NEW, form).status_code, login(NEIGHBOUR).post(NEW, form | there).status_code] == [
        302,
        302,
    ]
    with acting(STREET):
        places = [
            row.organization for row in ReportIn.objects.select_related("organization").filter(mobile_digest=NUMBER)
        ]
    assert {place.pk for place in places} == {world.organization(key).pk for key in ("C111", "C112")}


def test_paper_form_is_entered_with_its_day(form: dict[str, str], login: Callable, acting: Callable) -> None:
    day = timezone.localdate() - timedelta(days=9)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert login(CLERK).post(NEW, form | {"filled_on": tomorrow.isoformat()}).status_code == 200
    assert login(CLERK).post(NEW, form | {"filled_on": day.isoformat()}).status_code == 302
    with acting(CLERK):
        row = ReportIn.objects.get(mobile_digest=NUMBER)
        assert (row.way, row.submitted_on) == ("paper", day)


def test_nobody_is_written_down_elsewhere(
    form: dict[str, str], login: Callable, acting: Callable, world: World
) -> None:
    for key in ("C112", "S11", "B111"):
        sent = login(CLERK).post(NEW, form | {"organization": str(world.organization(key).pk)})
        assert sent.status_code == 200
        assert canary("C112") not in sent.content.decode()
    with acting(CLERK) as by, pytest.raises(PermissionDenied):
        counter.take_in(organization=world.organization("C112"), client_key=uuid.uuid4(),
                        given={"name": "孙到访", "mobile": "13911112222"}, by=by)  # fmt: skip
    with acting(STREET):
        assert not ReportIn.objects.filter(mobile_digest=NUMBER).exists()
    assert login("branch_secretary@B111").get(NEW).status_code == 403


def test_home_is_looked_up_at_the_counter_too(form: dict[str, str], login: Callable, world: World) -> None:
    branch = world.organization("B111")
    page = login(CLERK).post(NEW, form | {"step": "find", "home": branch.name[:4]}).content.decode()
    assert f'value="{branch.code}"' in page
    assert "孙到访" in page


def test_form_is_printed_blank_and_filled(
    form: dict[str, str], login: Callable, acting: Callable, tmp_path: Path
) -> None:
    client = login(CLERK)
    row_page = client.post(NEW, form).headers["Location"]
    with acting(CLERK):
        row = ReportIn.objects.get(mobile_digest=NUMBER)
    blank = client.get(BLANK)
    assert blank.headers["Content-Type"] == "application/pdf"
    empty = _text_of(blank.content, tmp_path)
    assert "流动党员报到登记表" in empty
    assert "本人签名" in empty
    assert "孙到访" not in empty
    assert client.get(f"/admin/checkin/report-ins/{row.pk}/form.pdf").status_code == 405
    printed = client.post(f"/admin/checkin/report-ins/{row.pk}/form.pdf")
    assert "no-store" in printed.headers["Cache-Control"]
    text = _text_of(printed.content, tmp_path)
    for wanted in ("孙到访", "13911112222", "样例县样例村党支部", "2026-03", row.receipt, "单独同意"):
        assert wanted in text
    assert text.count("\f") == 1
    assert "13911112222" not in client.get(row_page).content.decode()
    with acting("street_admin@S11"):
        entry = AuditEntry.objects.get(action="report_in_printed")
        assert entry.object_id == row.pk
        assert entry.detail == {}


def test_printing_counts_as_a_full_number(
    form: dict[str, str], login: Callable, acting: Callable, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_reveals", limits.HourlyCounter(f"test-{uuid.uuid4()}"))
    settings.REVEALS_PER_HOUR = 1
    client = login(CLERK)
    client.post(NEW, form)
    with acting(CLERK) as by:
        row = ReportIn.objects.select_related("organization").get(mobile_digest=NUMBER)
        counter.form_printed(report_in=row, by=by)
        with pytest.raises(TooMany):
            counter.form_printed(report_in=row, by=by)
    assert client.post(f"/admin/checkin/report-ins/{row.pk}/form.pdf").status_code == 429


def test_photograph_is_kept_sealed_and_drawn_anew(
    world: World, acting: Callable, login: Callable, owner: psycopg.Connection
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    with acting(CLERK) as by:
        row = ReportIn.objects.select_related("organization").get(organization=world.organization("C111"))
        row.signed_forms.all()
        counter.add_photo(report_in=row, content=_picture(size=(4000, 3000), exif=exif), by=by)
        kept = row.signed_forms.order_by("-added_at").first()
        assert b"SECRET" not in bytes(kept.content)
        assert bytes(kept.content)[:3] != b"\xff\xd8\xff"
        opened = counter.open_photo(signed_form=kept, by=by)
    assert b"SECRET" not in opened
    with Image.open(io.BytesIO(opened)) as picture:
        assert (picture.format, max(picture.size)) == ("JPEG", photos.LONGEST_SIDE)
        assert not picture.getexif()
    url = f"/admin/checkin/report-ins/{row.pk}/photo"
    shown = login(CLERK).post(f"{url}/{kept.pk}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in shown.headers["Cache-Control"]
    assert login(NEIGHBOUR).post(f"{url}/{kept.pk}").status_code == 404
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="report_in_photo_shown", object_id=row.pk).count() == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", _picture("GIF"), _picture("TIFF"),
     _picture()[:300], _picture("PNG", (9000, 9000))],
    ids=["empty", "pdf", "svg", "gif", "tiff", "cut", "too many pixels"],
)  # fmt: skip
def test_what_is_no_photograph_is_refused(content: bytes, world: World, acting: Callable, login: Callable) -> None:
    with acting(CLERK) as by:
        row = ReportIn.objects.select_related("organization").get(organization=world.organization("C111"))
        before = row.signed_forms.count()
        with pytest.raises(ValidationError):
            counter.add_photo(report_in=row, content=content, by=by)
    file = SimpleUploadedFile("x.jpg", content, "image/jpeg")
    assert login(CLERK).post(f"/admin/checkin/report-ins/{row.pk}/photo", {"photo": file}).status_code == 302
    with acting(CLERK):
        assert row.signed_forms.count() == before


def test_photographs_are_few_and_of_the_own_queue(world: World, acting: Callable, login: Callable) -> None:
    with acting(STREET):
        row = ReportIn.objects.select_related("organization").get(organization=world.organization("C112"))
    with acting(CLERK) as by:
        with pytest.raises(PermissionDenied):
            counter.add_photo(report_in=row, content=_picture(), by=by)
        assert not SignedForm.objects.filter(report_in=row.pk).exists()
    file = SimpleUploadedFile("x.jpg", _picture(), "image/jpeg")
    assert login(CLERK).post(f"/admin/checkin/report-ins/{row.pk}/photo", {"photo": file}).status_code == 404
    with acting(STREET) as by:
        for _ in range(counter.MOST_PHOTOS - row.signed_forms.count()):
            counter.add_photo(report_in=row, content=_picture("PNG", (30, 40)), by=by)
        with pytest.raises(ValidationError):
            counter.add_photo(report_in=row, content=_picture(), by=by)
