"""Check-in posters: one A4 page with a QR code, as PDF, SVG or PNG from one layout.

Pure: takes texts, gives bytes; no ORM. Lengths are millimetres from the top left corner, font sizes points. Only black
and greys are used, so that the page leaves a black-and-white printer as it looks on the screen.

The code is for reading at 3 m. What decides is the size of a module, not of the code: a phone that shows 1,920 pixels
over a 65° view sees 0.5 pixel a millimetre there, and the scanners zoom in about fourfold by themselves, so a module
needs 3 mm. A URL of 40 to 75 bytes at error correction Q (a quarter of the code may be torn or dirty) has 33 to 41
modules a side: 121 to 126 mm with 3 mm or more each. H would add four to eight modules a side, and lose at a distance
more than it wins.
"""

import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from checkin.qr import black_runs, draw_code, qr_matrix, qr_svg, side_in_modules
from portal import pdf

CODE_SIDE = 150.0  # mm, quiet zone included: the code itself is 33/41 of it (120.7 mm) or more
PNG_DPI = 300
POINT = 25.4 / 72  # mm
DARK, MUTED, RULE = 0.0, 0.3, 0.65  # greys
LEFT, RIGHT = 15.0, 195.0
MIDDLE = pdf.PAGE_WIDTH / 2
MIN_SIZE = 8.0


@dataclass(frozen=True)
class PosterText:
    """What one poster says. All values are printed as they are; empty ones are left out.

    ``url`` is what the code holds; ``short_link`` is the same page to type by hand. ``headline`` and ``lines`` replace
    the built-in title and the four steps. ``demo`` adds the ribbon of the demonstration.
    """

    street: str
    point_name: str
    address: str
    hours: str
    contact_name: str
    contact_phone: str
    url: str
    headline: str = ""
    lines: Sequence[str] = field(default_factory=tuple)
    short_link: str = ""
    demo: bool = False


@dataclass(frozen=True)
class Text:
    """One line of text; ``x``, ``y`` is the baseline at the anchor (start, middle)."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False
    anchor: str = "middle"
    grey: float = DARK


@dataclass(frozen=True)
class Box:
    """A filled rectangle with rounded corners; with half its side as radius it is a disc."""

    x: float
    y: float
    width: float
    height: float
    grey: float
    radius: float = 0.0


@dataclass(frozen=True)
class Code:
    """A QR code; ``side`` includes the quiet zone."""

    x: float
    y: float
    side: float
    url: str


Mark = Text | Box | Code


def default_headline() -> str:
    """Title of a poster that names none."""
    return _("Check-in point for floating members · scan to report in")


def default_lines() -> list[str]:
    """The four steps of a poster that names none."""
    return [
        _("Scan with WeChat"),
        _("Fill in your name and mobile number"),
        _("Press “Submit”"),
        _("Community staff will get in touch with you"),
    ]


def _fit(text: str, size: float, width: float, rows: int, *, bold: bool = False) -> tuple[float, list[str]]:
    """Largest size not above ``size`` at which text takes at most ``rows`` lines; at 8 pt it takes what it needs."""
    while True:
        lines = pdf.wrap_text(text, size, width, bold=bold)
        if len(lines) <= rows or size <= MIN_SIZE:
            return size, lines
        size -= 0.5


def _heading(poster: PosterText) -> Iterator[Mark]:
    if poster.demo:
        yield Box(10, pdf.RIBBON_TOP, pdf.PAGE_WIDTH - 20, pdf.RIBBON_HEIGHT, pdf.RIBBON_GREY)
        baseline = pdf.RIBBON_TOP + pdf.RIBBON_HEIGHT / 2 + pdf.RIBBON_SIZE * 0.36 * POINT
        yield Text(
            MIDDLE,
            baseline,
            pdf.RIBBON_SIZE,
            _("Demonstration · all data are invented"),
            bold=True,
        )
    for text, baseline, size, bold, grey in (
        (poster.street, 24, 15.0, False, MUTED),
        (poster.headline or default_headline(), 38.5, 36.0, True, DARK),
        (poster.point_name, 50.5, 22.0, False, DARK),
    ):
        fitted, lines = _fit(text, size, RIGHT - LEFT, 1, bold=bold)
        if lines:
            yield Text(MIDDLE, baseline, fitted, "".join(lines), bold=bold, grey=grey)


def _balance(text: str, size: float, width: float) -> list[str]:
    """Wrap into as few lines as ``width`` allows, of about the same length."""
    lines = pdf.wrap_text(text, size, width)
    while width > 10:
        width -= 2
        narrower = pdf.wrap_text(text, size, width)
        if len(narrower) != len(lines):
            break
        lines = narrower
    return lines


def _steps(lines: Sequence[str], top: float) -> Iterator[Mark]:
    """Numbered steps side by side, each a disc with its number and up to two lines below."""
    pitch = (RIGHT - LEFT + 6) / len(lines)
    size = min(_fit(line, 15.5, pitch - 3, 2)[0] for line in lines)
    for number, line in enumerate(lines, start=1):
        x = LEFT - 3 + pitch * (number - 0.5)
        yield Box(x - 4.25, top, 8.5, 8.5, 0.15, radius=4.25)
        yield Text(x, top + 6.1, 15.0, str(number), bold=True, grey=1.0)
        for row, part in enumerate(_balance(line, size, pitch - 3)):
            yield Text(x, top + 15 + row * size * POINT * 1.3, size, part)


def _fact(label: str, value: str, left: float, right: float, y: float) -> list[Text]:
    indent = left + max(24.0, pdf.text_width(label, 14.0) + 4)
    size, lines = _fit(value, 15.0, right - indent, 1)
    if size < 12.0:
        # Two smaller lines read better than one tiny line.
        size, lines = _fit(value, 12.5, right - indent, 2)
    marks = [Text(left, y, 14.0, label, anchor="start", grey=MUTED)]
    for number, part in enumerate(lines):
        marks.append(Text(indent, y + number * size * POINT * 1.25, size, part, anchor="start"))
    return marks


def _facts(poster: PosterText, top: float) -> Iterator[Mark]:
    """Place, hours, contact and telephone: a grey label and the value; empty ones leave no gap."""
    column = (LEFT + RIGHT) / 2 + 6
    rows = [
        [(_("Address"), poster.address, LEFT, RIGHT)],
        [(_("Opening hours"), poster.hours, LEFT, RIGHT)],
        [
            (_("Contact person"), poster.contact_name, LEFT, column - 4),
            (
                _("Telephone"),
                poster.contact_phone,
                column if poster.contact_name else LEFT,
                RIGHT,
            ),
        ],
    ]
    y = top
    for row in rows:
        marks = [mark for label, value, left, right in row if value for mark in _fact(label, value, left, right, y)]
        yield from marks
        if marks:
            y = max(mark.y for mark in marks) + 8.6


def _footer() -> Iterator[Mark]:
    yield Text(
        MIDDLE,
        281,
        12.5,
        _("No smartphone? Come in or call, and the staff will register you."),
        bold=True,
    )
    warning = _(
        "This system is not for classified information. Do not enter or transmit state secrets or work secrets."
    )
    yield Text(MIDDLE, 289, 9.0, warning, grey=MUTED)


def poster_marks(poster: PosterText) -> list[Mark]:
    """The layout that all three formats draw, from back to front."""
    marks = list(_heading(poster))
    marks.append(Code(MIDDLE - CODE_SIDE / 2, 52.5, CODE_SIDE, poster.url))
    if poster.short_link:
        text = _("Or open in a browser: %(link)s") % {"link": poster.short_link}
        size, lines = _fit(text, 13.0, RIGHT - LEFT, 1)
        marks.append(Text(MIDDLE, 206.5, size, "".join(lines)))
    marks.extend(_steps(poster.lines or default_lines(), 212))
    marks.append(Box(LEFT, 243.5, RIGHT - LEFT, 0.3, RULE))
    marks.extend(_facts(poster, 252))
    marks.extend(_footer())
    return marks


def _draw_code_pdf(canvas: Canvas, code: Code) -> None:
    matrix = qr_matrix(code.url)
    module = code.side / side_in_modules(matrix)
    # One path filled once: rectangles filled one by one show hairlines in some viewers.
    path = canvas.beginPath()
    for x, y, length in black_runs(matrix):
        bottom = pdf.PAGE_HEIGHT - code.y - (y + 1) * module
        path.rect((code.x + x * module) * mm, bottom * mm, length * module * mm, module * mm)
    canvas.setFillGray(DARK)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_pdf(canvas: Canvas, mark: Mark) -> None:
    if isinstance(mark, Code):
        _draw_code_pdf(canvas, mark)
        return
    canvas.setFillGray(mark.grey)
    if isinstance(mark, Text):
        pdf.draw_text(
            canvas,
            (mark.x, mark.y),
            mark.text,
            mark.size,
            bold=mark.bold,
            anchor=mark.anchor,
        )
    else:
        bottom = pdf.PAGE_HEIGHT - mark.y - mark.height
        box = (
            mark.x * mm,
            bottom * mm,
            mark.width * mm,
            mark.height * mm,
            mark.radius * mm,
        )
        canvas.roundRect(*box, stroke=0, fill=1)


def poster_pdf(posters: Sequence[PosterText]) -> bytes:
    """One PDF with an A4 page for each poster, fonts embedded. Raises ``ValueError`` when there is none."""
    if not posters:
        raise ValueError("no poster to print")
    target = io.BytesIO()
    canvas = pdf.new_canvas(target, title=posters[0].point_name, author=posters[0].street)
    for poster in posters:
        for mark in poster_marks(poster):
            _draw_pdf(canvas, mark)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _svg_grey(grey: float) -> str:
    return "#" + f"{round(grey * 255):02x}" * 3


def _svg_mark(mark: Mark) -> str:
    if isinstance(mark, Code):
        return qr_svg(mark.url, box=(mark.x, mark.y, mark.side))
    fill = _svg_grey(mark.grey)
    if isinstance(mark, Box):
        return (
            f'<rect x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}"'
            f' rx="{mark.radius:g}" fill="{fill}"/>'
        )
    weight = ' font-weight="700"' if mark.bold else ""
    return (
        f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" font-size="{mark.size * POINT:.3f}"'
        f' text-anchor="{mark.anchor}" fill="{fill}"{weight}>{escape(mark.text)}</text>'
    )


def poster_svg(poster: PosterText) -> str:
    """The poster as an A4 SVG document; text stays text, drawn by the reader's own Chinese font."""
    size = f"{pdf.PAGE_WIDTH:.0f} {pdf.PAGE_HEIGHT:.0f}"
    fonts = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
    body = "\n".join(_svg_mark(mark) for mark in poster_marks(poster))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 {size}"'
        f' font-family="{fonts}" xml:lang="zh-Hans"><title>{escape(poster.point_name)}</title>\n'
        f'<path fill="#fff" d="M0 0h210v297H0z"/>\n{body}\n</svg>\n'
    )


def _pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * PNG_DPI)


@functools.lru_cache(maxsize=64)
def _png_font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pdf.FONT_FILES[bold]), round(size / 72 * PNG_DPI))


def _draw_png(draw: ImageDraw.ImageDraw, mark: Mark) -> None:
    if isinstance(mark, Code):
        half = mark.side / 2
        draw_code(
            draw,
            mark.url,
            (_pixels(mark.x + half), _pixels(mark.y + half)),
            _pixels(mark.side),
        )
    elif isinstance(mark, Text):
        # Pillow has no fallback font: a character outside the subset becomes the printer's mark.
        text = "".join(c if pdf.is_embedded(c, bold=mark.bold) else pdf.MISSING for c in mark.text)
        anchor = {"start": "ls", "middle": "ms"}[mark.anchor]
        place = (_pixels(mark.x), _pixels(mark.y))
        draw.text(
            place,
            text,
            fill=round(mark.grey * 255),
            font=_png_font(mark.size, mark.bold),
            anchor=anchor,
        )
    else:
        corners = (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
        draw.rounded_rectangle(
            [_pixels(c) for c in corners],
            _pixels(mark.radius),
            fill=round(mark.grey * 255),
        )


def poster_png(poster: PosterText) -> bytes:
    """The poster as a greyscale PNG, A4 at 300 dpi (2480 x 3508 pixels)."""
    image = Image.new("L", (_pixels(pdf.PAGE_WIDTH), _pixels(pdf.PAGE_HEIGHT)), 255)
    draw = ImageDraw.Draw(image)
    for mark in poster_marks(poster):
        _draw_png(draw, mark)
    target = io.BytesIO()
    image.save(target, "PNG", dpi=(PNG_DPI, PNG_DPI))
    return target.getvalue()
