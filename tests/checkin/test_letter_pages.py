"""Pages for printing: versions of the letter, all points of a street at once, the street's drawing, the command."""

import io
import re
import subprocess
import uuid
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkin import services as checkin_services
from checkin.codes import make_code
from checkin.letters import services
from checkin.letters.stationery import Stationery
from checkin.models import CheckinPoint, LetterVersion, StandardDrawing
from checkin.paper.marks import Text
from checkin.printing import Print, pages_of
from checkin.queue.models import ReportInLink
from portal import access
from tests.checkin.test_drawings import picture
from tests.checkin.test_posters import needs, rasterize, scan

CLERK, NEIGHBOUR, STREET, SECRETARY = (
    "community_clerk@C111", "community_clerk@C112", "street_clerk@S11", "branch_secretary@B111"
)  # fmt: skip
BODY = "{街道}的同志：\n　　欢迎到{报到点}来。\n{报到码}\n电话：{电话}"
ADD = "/admin/checkin/letterversion/add/"


@pytest.fixture
def street(world):
    return world.organization("S11")


def write(organization, by, title="一封信", body=BODY, latest=0):
    return services.write_letter(organization=organization, title=title, body=body, latest=latest, by=by)


def text_of(pdf_bytes, folder):
    source = folder / "text.pdf"
    source.write_bytes(pdf_bytes)
    done = subprocess.run(  # noqa: S603
        [needs("pdftotext"), "-layout", str(source), "-"], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def points_of(world, key):
    return CheckinPoint.objects.filter(organization=world.organization(key))


# --- versions ----------------------------------------------------------------------------------------------------


def test_edit_makes_a_new_version_and_the_old_one_stays_word_by_word(world, acting, street):
    with acting(STREET) as by:
        first = write(street, by)
        second = write(street, by, body=BODY + "\n新加的一行", latest=1)
        assert (first.number, second.number) == (1, 2)
        assert LetterVersion.objects.get(pk=first.pk).body == BODY
        assert Stationery([street]).letter(street) == second
    assert second.wording.edition.startswith("样例S11第2版（")


def test_old_print_out_still_leads_to_the_point_and_names_its_version(world, acting, login, street, client, tmp_path):
    """A letter that was handed out before two edits: its code works, and its version is read and printed as it was."""
    with acting(STREET) as by:
        services.write_letter(
            organization=world.organization("C111"), title="旧信", body="旧的话\n" + BODY, latest=1, by=by
        )
        point = points_of(world, "C111").get()
    page = login(CLERK)
    address = reverse("checkin:letter", args=[point.pk, "pdf"])
    old = page.get(address).content
    assert "旧的话" in text_of(old, tmp_path)
    edition = re.search(r"信函版本：(\S+第2版\S+)", text_of(old, tmp_path))[1]
    with acting(STREET) as by:
        write(world.organization("C111"), by, title="新信", body="新的话\n" + BODY, latest=2)
    assert "新的话" in text_of(page.get(address).content, tmp_path)
    (sheet,) = rasterize(old, tmp_path)
    path = re.sub(r"^https?://[^/]+", "", scan(sheet))
    assert client.get(path).status_code == 200
    with acting(STREET):
        (kept,) = (v for v in LetterVersion.objects.select_related("organization") if v.wording.edition == edition)
    again = page.get(address, {"version": str(kept.pk)}).content
    assert text_of(again, tmp_path) == text_of(old, tmp_path)


def test_letter_of_the_nearest_office_is_printed_and_the_shipped_one_where_there_is_none(world, acting, street):
    branch, community = world.organization("B111"), world.organization("C111")
    with acting(STREET) as by:
        assert Stationery([street]).wording(street).title == "致流入党员的一封信"
        assert Stationery([branch]).letter(branch).organization == community
        write(street, by, title="街道的信")
        both = Stationery([street, branch])
        assert [both.wording(one).title for one in (street, branch, community)] == [
            "街道的信",
            "信秘C111秘",
            "信秘C111秘",
        ]
        write(community, by, title="社区的信", latest=1)
        assert Stationery([branch]).wording(branch).title == "社区的信"


@pytest.mark.parametrize(
    "body",
    [
        "{街到}\n{报到码}",
        "没有码",
        "扫{报到码}",
        "{报到码}\n{报到码}",
        "{报到码}\n" + "　　很长的一段话很长的一段话\n" * 90,
    ],
)
def test_wording_that_cannot_be_printed_is_refused(acting, street, body):
    with acting(STREET) as by, pytest.raises(ValidationError):
        write(street, by, body=body)
    with acting(STREET):
        assert services.latest_number(street) == 0


def test_who_does_not_run_checkin_there_writes_no_letter_and_stores_no_drawing(world, acting, street):
    for who, place in ((CLERK, "S11"), (CLERK, "C112"), (SECRETARY, "B111"), ("district_admin@D1", "C111")):
        with acting(who) as by:
            with pytest.raises(PermissionDenied):
                write(world.organization(place), by, latest=1)
            with pytest.raises(PermissionDenied):
                services.store_drawing(street=world.organization(place), content=picture(), by=by)
            with pytest.raises(PermissionDenied):
                services.remove_drawing(street=world.organization(place), by=by)


def test_database_lets_nobody_change_or_delete_a_version(acting, street):
    with acting(STREET):
        for change in ({"title": "别的"}, None):
            rows = LetterVersion.objects.filter(organization=street)
            with pytest.raises(ProgrammingError), transaction.atomic():
                rows.update(**change) if change else rows.delete()


def test_second_writer_is_told_of_the_first(acting, street):
    with acting(STREET) as by:
        write(street, by)
        with pytest.raises(ValidationError):
            write(street, by, title="我的")
        with pytest.raises(IntegrityError), transaction.atomic():
            LetterVersion.objects.create(organization=street, number=1, title="x", body="x")


def test_page_offers_the_wording_in_force_and_saves_the_next_version(login, acting, world, street):
    page = login(STREET)
    form = page.get(ADD).context["adminform"].form
    assert form.initial["organization"] == street.pk
    assert form.initial["seen"] == f"{street.code}.0"
    assert "{报到码}" in form.initial["body"]
    typed = {"organization": str(street.pk), "title": "新的一封信", "body": BODY, "seen": f"{street.code}.0"}
    assert page.post(ADD, typed).status_code == 302
    with acting(STREET):
        version = LetterVersion.objects.get(organization=street, number=1)
    shown = page.get(reverse("admin:checkin_letterversion_change", args=[version.pk]))
    assert "欢迎到{报到点}来" in shown.content.decode()
    assert f"?version={version.pk}" in shown.content.decode()
    again = page.post(ADD, typed)  # sent twice, or by a colleague who saw none
    assert again.status_code == 200
    assert again.context["adminform"].form.non_field_errors()
    wrong = page.post(ADD, typed | {"seen": f"{street.code}.1", "body": "{报到马}\n{报到码}"})
    assert "报到马" in str(wrong.context["adminform"].form.errors["body"])
    with acting(STREET):
        assert services.latest_number(street) == 1
    community = world.organization("C112")  # chosen instead: its own next version, whatever the page began with
    assert page.post(ADD, typed | {"organization": str(community.pk)}).status_code == 302
    with acting(STREET):
        assert services.latest_number(community) == 2


def test_versions_of_others_print_nothing(login, acting, world):
    with acting(NEIGHBOUR):
        foreign = LetterVersion.objects.get(organization=world.organization("C112")).pk
    with acting(CLERK):
        point = points_of(world, "C111").get()
    address = reverse("checkin:letter", args=[point.pk, "pdf"])
    for asked in (str(foreign), str(uuid.uuid4()), "x", ""):
        assert login(CLERK).get(address, {"version": asked}).status_code == 404
    assert login(NEIGHBOUR).get(address).status_code == 404


# --- all points --------------------------------------------------------------------------------------------------


def test_one_pdf_holds_a_page_for_every_point_in_use_of_the_street(login, acting, world, tmp_path):
    with acting(STREET) as by:
        gone = checkin_services.create_point(
            organization=world.organization("C112"), name="停用的点", by=by, address="x"
        )
        CheckinPoint.objects.filter(pk=gone.pk).update(is_active=False)
        wanted = [page for _p, page in pages_of(points_below(world, "S11"), Print.POSTER)]
    answer = print_out(login(STREET), world, "S11", "poster", "pdf")
    assert answer["Content-Type"] == "application/pdf"
    sheets = rasterize(answer.content, tmp_path)
    addresses = {scan(sheet) for sheet in sheets}
    assert len(sheets) == len(wanted) == len(addresses) == 2
    assert all("/c/" in address for address in addresses)
    text = text_of(answer.content, tmp_path)
    assert "停用的点" not in text
    assert "秘C121秘" not in text


def points_below(world, key):
    points = CheckinPoint.objects.filter(organization__path__descendants=world.organization(key).path)
    return list(points.select_related("organization").prefetch_related("codes"))


def print_out(page, world, key, what, kind):
    asked = {"organization": str(world.organization(key).pk), "what": what, "kind": kind}
    return page.post(reverse("checkin:print_points"), asked)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_zip_holds_a_file_for_every_point(login, world, kind, tmp_path):
    answer = print_out(login(CLERK), world, "C111", "letter", kind)
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        (first, *_rest) = names = archive.namelist()
        assert first == "01-990101001001-报到点秘C111秘." + kind
        assert len(names) == len(set(names))
        if kind == "png":
            archive.extract(first, tmp_path)
            assert "/c/" in scan(tmp_path / first)
        else:
            assert "您好，秘C111秘！" in archive.read(first).decode()


def test_foreign_offices_are_no_choice_and_too_many_points_are_refused(login, world, monkeypatch):
    for key in ("S12", "C112", "S11"):
        answer = print_out(login(CLERK), world, key, "poster", "pdf")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
        assert "organization" in answer.context["form"].errors
    monkeypatch.setattr("checkin.letters.views.MOST", {"pdf": 1, "svg": 1, "png": 1})
    answer = print_out(login(STREET), world, "S11", "poster", "pdf")
    assert answer.context["form"].non_field_errors()


def test_papers_of_many_points_take_as_many_queries_as_those_of_one(acting, world):
    with acting(STREET) as by:
        for number in range(2):
            checkin_services.create_point(
                organization=world.organization(f"C11{number + 1}"), name=f"又一点{number}", by=by, address="路"
            )
        counts = []
        for points in (points_below(world, "C111")[:1], points_below(world, "S11")):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert len(pages_of(points, Print.LETTER)) == len(points)
            counts.append(len(queries))
    assert counts[0] == counts[1] == 4


def test_address_to_type_stands_on_papers_of_the_nearest_office_that_has_one(acting, world, street):
    with acting(STREET):
        ReportInLink.objects.update(is_active=False)
        ReportInLink(organization=street, word="xinghuacun").save(force_insert=True)
        for what in Print:
            ((_point, page),) = pages_of(points_below(world, "C111"), what)
            words = [mark.text for mark in page.marks if isinstance(mark, Text)]
            assert any("/bd/xinghuacun" in text for text in words)
        ReportInLink(organization=world.organization("C111"), word="ownword").save(force_insert=True)
        ((_point, page),) = pages_of(points_below(world, "C111"), Print.POSTER)
        assert any(isinstance(mark, Text) and mark.text.endswith("/bd/ownword") for mark in page.marks)


def test_command_makes_letters_and_one_file(tmp_path, world, owner):
    call_command("make_posters", "--organization", "990101001", "--out", str(tmp_path / "a"), "--format", "svg",
                 "--what", "letter")  # fmt: skip
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files[0].startswith("01-990101001")
    assert all(name.endswith(".svg") for name in files)
    assert len(files) == 2
    call_command("make_posters", "--organization", "990101001", "--out", str(tmp_path), "--format", "pdf", "--one-file")
    assert len(rasterize((tmp_path / "990101001-poster.pdf").read_bytes(), tmp_path, dpi=20)) == len(files)
    with pytest.raises(CommandError):
        call_command("make_posters", "--organization", "990101001", "--out", str(tmp_path), "--format", "png",
                     "--one-file")  # fmt: skip


# --- the drawing -------------------------------------------------------------------------------------------------


def test_drawing_of_the_street_stands_on_papers_of_its_communities_and_at_the_head(login, acting, world, street):
    page, head = login(STREET), reverse("checkin:head_drawing")
    with acting(STREET):
        StandardDrawing.objects.visible_to(access.actor(), "run_checkin").delete()
    assert page.get(head)["Location"].endswith("icon.svg")
    assert head in page.get("/admin/").content.decode()
    upload = SimpleUploadedFile("图.txt", picture(), content_type="text/plain")  # judged by content, not by its name
    answer = page.post(reverse("checkin:drawing"), {"organization": str(street.pk), "file": upload})
    assert answer.status_code == 302
    with acting(STREET):
        stored = bytes(StandardDrawing.objects.get(organization=street).png)
    for who in (STREET, CLERK, SECRETARY):
        shown = login(who).get(head)
        assert (shown.status_code, shown["Content-Type"], shown.content) == (200, "image/png", stored)
    assert login("community_clerk@C121").get(head).content != stored
    with acting("district_admin@D1"):
        codes = [points_of(world, key).first().code_in_force.pk for key in ("C112", "C121")]
    phones = [f"/c/{make_code(code)}" for code in codes]
    pages = [Client().get(address).content.decode() for address in phones]
    assert ['<img class="head" src="data:image/png' in text for text in pages] == [True, False]
    assert len(pages[0]) < 30 * 1024
    assert login("district_admin@D1").get(head).status_code == 302
    with acting(CLERK):
        ((_point, paper),) = pages_of(points_below(world, "C111")[:1], Print.POSTER)
        assert any(getattr(mark, "drawing", None) for mark in paper.marks)
    answer = page.post(reverse("checkin:drawing"), {"organization": str(street.pk), "remove": "1"})
    assert answer.status_code == 302
    assert login(CLERK).get(head).status_code == 302


def test_upload_of_anything_else_is_refused_on_the_page_and_changes_nothing(login, acting, street):
    with acting(STREET) as by:
        before = bytes(services.store_drawing(street=street, content=picture(), by=by).png)
    page = login(STREET)
    for content in (b"<svg onload='x'/>", b"", picture(format="GIF"), picture((20, 20))):
        answer = page.post(
            reverse("checkin:drawing"),
            {"organization": str(street.pk), "file": SimpleUploadedFile("标准.png", content, content_type="image/png")},
        )
        assert answer.status_code == 200
        assert answer.context["form"].errors["file"]
    with acting(STREET):
        assert bytes(StandardDrawing.objects.get(organization=street).png) == before


def test_community_uploads_no_drawing_of_its_own(login, acting, world):
    community = world.organization("C111")
    upload = SimpleUploadedFile("图.png", picture())
    answer = login(CLERK).post(reverse("checkin:drawing"), {"organization": str(community.pk), "file": upload})
    assert answer.status_code == 200
    with acting(CLERK) as by, pytest.raises(ValidationError):
        services.store_drawing(street=community, content=picture(), by=by)


@pytest.mark.django_db(transaction=True)
def test_merged_offices_keep_their_versions_and_one_drawing(owner, world):
    gone, kept = world.organization("C111").pk, world.organization("C112").pk
    count = "select (select count(*) from checkin_letterversion where organization_id = %s)," \
            " (select count(*) from checkin_standarddrawing where organization_id = %s)"  # fmt: skip
    with owner.transaction(force_rollback=True):
        owner.execute("select portal.merge_rows_checkin_letterversion(%s, %s)", [gone, kept])
        owner.execute("select portal.merge_rows_checkin_standarddrawing(%s, %s)", [gone, kept])
        assert owner.execute(count, [gone, gone]).fetchone() == (1, 0)
        assert owner.execute(count, [kept, kept]).fetchone() == (1, 1)
