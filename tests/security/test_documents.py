"""The search for foreign texts reads files too: PDF, workbook, workbook inside an archive."""

import io
import zipfile
from typing import Any

import openpyxl
from django.http import HttpResponse
from django.urls import reverse

from portal import pdf
from tests.security.canaries import canaries
from tests.security.documents import pdf_text, texts_in
from tests.security.probe import Probe
from tests.world import canary

TRADITIONAL = "國"  # not in our font: drawn by the fallback


def _printed(*lines: str) -> bytes:
    target = io.BytesIO()
    canvas = pdf.new_canvas(target, title=canary("C112"))
    for number, line in enumerate(lines):
        pdf.draw_text(canvas, (20, 20 + 5 * number), line, 8, bold=number % 2 == 1)
    canvas.showPage()
    pdf.draw_text(canvas, (20, 20), canary("C121"), 8)
    canvas.save()
    return target.getvalue()


def test_text_of_pdf_is_read_in_all_fonts_subsets_and_pages() -> None:
    many = "".join(chr(code) for code in range(0x4E00, 0x5200) if pdf.is_embedded(chr(code), bold=True))
    text = pdf_text(_printed(f"甲(乙){TRADITIONAL}\\丙", many, canary("C211")))
    assert len(many) > 400  # more than one font of 256 characters
    for part in (f"甲(乙){TRADITIONAL}\\丙", many, *(canary(key) for key in ("C112", "C121", "C211"))):
        assert part in text


def test_texts_of_packed_files_are_read() -> None:
    book = openpyxl.Workbook()
    book.active.append([canary("C112")])
    inner, outer = io.BytesIO(), io.BytesIO()
    book.save(inner)
    with zipfile.ZipFile(outer, "w") as packed:
        packed.writestr(f"{canary('C121')}.xlsx", inner.getvalue())
        packed.writestr("x.pdf", _printed(canary("C211")))
    text = "\n".join(texts_in(outer.getvalue()))
    assert all(canary(key) in text for key in ("C112", "C121", "C211"))


def test_search_for_canaries_finds_them_in_files() -> None:
    answer = HttpResponse(_printed(canary("C211")), content_type="application/pdf")
    assert canary("C211") in canaries({}).found_in(answer, readable=("C112", "C121"))
    assert canaries({}).found_in(answer, readable=("C112", "C121", "C211")) == set()


def test_own_poster_holds_the_own_texts_and_no_others(clerk: Probe, keys: Any) -> None:
    poster = clerk.get(reverse("checkin:poster", args=[keys["checkin_checkinpoint"]["C111"], "pdf"]))
    assert clerk.canaries.found_in(poster, readable=("C112", "C121")) >= {canary("C111")}
