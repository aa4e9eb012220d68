"""Check-in posters: one A4 page with a QR code, as PDF, SVG or PNG from one layout (checkin.paper).

Pure: takes texts, gives bytes; no ORM. Lengths are millimetres from the top left corner, font sizes points.

The code is for reading at 3 m. What decides is the size of a module, not of the code: a phone that shows 1,920 pixels
over a 65° view sees 0.5 pixel a millimetre there, and the scanners zoom in about fourfold by themselves, so a module
needs 3 mm. A URL of 40 to 86 bytes at error correction Q (a quarter of the code may be torn or dirty) has 33 to 45
modules a side: with the quiet zone of 4 modules on every side, 160 mm leave 3.0 mm or more for each. H would add four
to eight modules a side, and lose at a distance more than it wins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from checkin.paper.as_pdf import pdf_of
from checkin.paper.as_png import png_of
from checkin.paper.as_svg import svg_of
from checkin.paper.marks import (
    MIDDLE,
    MUTED,
    POINT,
    RULE,
    Box,
    Code,
    Drawing,
    Mark,
    Page,
    Text,
    demo_ribbon,
    fit,
    placed,
)
from portal import pdf

CODE_SIDE = 160.0  # mm, quiet zone included: the code itself is 33/41 of it (128.8 mm) or more
LEFT, RIGHT = 15.0, 195.0
DRAWING_SIDE = 14.0  # mm; the paper's upper edge is not printed, and the title follows below


@dataclass(frozen=True)
class PosterText:
    """What one poster says. All values are printed as they are; empty ones are left out.

    ``url`` is what the code holds; ``short_link`` is the same page to type by hand. ``headline`` and ``lines`` replace
    the built-in title and the four steps. ``drawing`` stands beside the street's name, never in the code. ``demo``
    adds the ribbon of the demonstration.
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
    drawing: Drawing | None = None
    demo: bool = False


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


def _heading(poster: PosterText) -> Iterator[Mark]:
    if poster.demo:
        yield from demo_ribbon()
    yield from _street(poster)
    for text, baseline, size, bold in (
        (poster.headline or default_headline(), 38.5, 36.0, True),
        (poster.point_name, 50.5, 22.0, False),
    ):
        fitted, lines = fit(text, size, RIGHT - LEFT, 1, bold=bold)
        if lines:
            yield Text(MIDDLE, baseline, fitted, "".join(lines), bold=bold)


def _street(poster: PosterText) -> Iterator[Mark]:
    """The street's name, with its drawing before it."""
    size, lines = fit(poster.street, 15.0, RIGHT - LEFT - (2 * DRAWING_SIDE if poster.drawing else 0), 1)
    name = "".join(lines)
    if name:
        yield Text(MIDDLE, 24, size, name, grey=MUTED)
    if poster.drawing:
        top, edge = (16.0 if poster.demo else 11.0), MIDDLE - pdf.text_width(name, size) / 2 - 3
        yield placed(poster.drawing, LEFT, top, edge - LEFT, 11.0 + DRAWING_SIDE - top)


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
    size = min(fit(line, 15.5, pitch - 3, 2)[0] for line in lines)
    for number, line in enumerate(lines, start=1):
        x = LEFT - 3 + pitch * (number - 0.5)
        yield Box(x - 4.25, top, 8.5, 8.5, 0.15, radius=4.25)
        yield Text(x, top + 6.1, 15.0, str(number), bold=True, grey=1.0)
        for row, part in enumerate(_balance(line, size, pitch - 3)):
            yield Text(x, top + 15 + row * size * POINT * 1.3, size, part)


def _fact(label: str, value: str, left: float, right: float, y: float) -> list[Text]:
    indent = left + max(24.0, pdf.text_width(label, 14.0) + 4)
    size, lines = fit(value, 15.0, right - indent, 1)
    if size < 12.0:
        # Two smaller lines read better than one tiny line.
        size, lines = fit(value, 12.5, right - indent, 2)
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
            y = max(mark.y for mark in marks) + 8.2


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
    marks.append(Code(MIDDLE - CODE_SIDE / 2, 52.0, CODE_SIDE, poster.url))
    if poster.short_link:
        text = _("Or open in a browser: %(link)s") % {"link": poster.short_link}
        size, lines = fit(text, 13.0, RIGHT - LEFT, 1)
        marks.append(Text(MIDDLE, 216, size, "".join(lines)))
    marks.extend(_steps(poster.lines or default_lines(), 218))
    marks.append(Box(LEFT, 243.5, RIGHT - LEFT, 0.3, RULE))
    marks.extend(_facts(poster, 251))
    marks.extend(_footer())
    return marks


def poster_page(poster: PosterText) -> Page:
    return Page(tuple(poster_marks(poster)), title=poster.point_name, author=poster.street)


def poster_pdf(posters: Sequence[PosterText]) -> bytes:
    """One PDF with an A4 page for each poster, fonts embedded. Raises ``ValueError`` when there is none."""
    return pdf_of([poster_page(poster) for poster in posters])


def poster_svg(poster: PosterText) -> str:
    """The poster as an A4 SVG document."""
    return svg_of(poster_page(poster))


def poster_png(poster: PosterText) -> bytes:
    """The poster as PNG, A4 at 300 dpi."""
    return png_of(poster_page(poster))
