"""Pages as one PDF with embedded fonts."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from checkin.paper.marks import DARK, Box, Code, Drawing, Mark, Page, Picture, Text
from checkin.qr import black_runs, qr_matrix, side_in_modules
from portal import pdf


def pdf_of(pages: Sequence[Page]) -> bytes:
    """One PDF, A4, fonts embedded once. Raises ``ValueError`` when there is no page."""
    if not pages:
        raise ValueError("no page to print")
    target = io.BytesIO()
    canvas = pdf.new_canvas(target, title=pages[0].title, author=pages[0].author)
    pictures: dict[Drawing, ImageReader] = {}
    for page in pages:
        for mark in page.marks:
            _draw(canvas, mark, pictures)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw(canvas: Canvas, mark: Mark, pictures: dict[Drawing, ImageReader]) -> None:
    if isinstance(mark, Code):
        _draw_code(canvas, mark)
    elif isinstance(mark, Picture):
        # one reader for all pages: reportlab then stores the picture once
        reader = pictures.setdefault(mark.drawing, ImageReader(io.BytesIO(mark.drawing.png)))
        bottom = pdf.PAGE_HEIGHT - mark.y - mark.height
        canvas.drawImage(reader, mark.x * mm, bottom * mm, mark.width * mm, mark.height * mm, mask="auto")
    elif isinstance(mark, Text):
        canvas.setFillGray(mark.grey)
        pdf.draw_text(canvas, (mark.x, mark.y), mark.text, mark.size, bold=mark.bold, anchor=mark.anchor)
    else:
        _draw_box(canvas, mark)


def _draw_box(canvas: Canvas, mark: Box) -> None:
    bottom = pdf.PAGE_HEIGHT - mark.y - mark.height
    canvas.setFillGray(mark.grey)
    canvas.roundRect(
        mark.x * mm, bottom * mm, mark.width * mm, mark.height * mm, mark.radius * mm, stroke=0, fill=1
    )  # fmt: skip


def _draw_code(canvas: Canvas, code: Code) -> None:
    matrix = qr_matrix(code.url)
    module = code.side / side_in_modules(matrix)
    # One path filled once: rectangles filled one by one show hairlines in some viewers.
    path = canvas.beginPath()
    for x, y, length in black_runs(matrix):
        bottom = pdf.PAGE_HEIGHT - code.y - (y + 1) * module
        path.rect((code.x + x * module) * mm, bottom * mm, length * module * mm, module * mm)
    canvas.setFillGray(DARK)
    canvas.drawPath(path, stroke=0, fill=1)
