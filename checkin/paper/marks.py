"""What stands on a page. The layouts of posters and letters make marks; the three formats draw them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal import pdf

POINT = 25.4 / 72  # mm
DARK, MUTED, RULE = 0.0, 0.3, 0.65  # greys
MIDDLE = pdf.PAGE_WIDTH / 2
MIN_SIZE = 8.0


@dataclass(frozen=True)
class Text:
    """One line of text; ``x``, ``y`` is the baseline at the anchor (start, middle, end)."""

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


@dataclass(frozen=True)
class Drawing:
    """A street's own picture: PNG bytes and its size in pixels."""

    png: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A drawing, whole and in its own proportions and colours."""

    x: float
    y: float
    width: float
    height: float
    drawing: Drawing


Mark = Text | Box | Code | Picture


@dataclass(frozen=True)
class Page:
    """One A4 page, from back to front, with what a reader shows as the document's name and author."""

    marks: tuple[Mark, ...]
    title: str
    author: str = ""


def fit(text: str, size: float, width: float, rows: int, *, bold: bool = False) -> tuple[float, list[str]]:
    """Largest size not above ``size`` at which text takes at most ``rows`` lines; at 8 pt it takes what it needs."""
    while True:
        lines = pdf.wrap_text(text, size, width, bold=bold)
        if len(lines) <= rows or size <= MIN_SIZE:
            return size, lines
        size -= 0.5


def demo_ribbon() -> Iterable[Mark]:
    """Says on every page of the demonstration that it is none of a real office."""
    yield Box(10, pdf.RIBBON_TOP, pdf.PAGE_WIDTH - 20, pdf.RIBBON_HEIGHT, pdf.RIBBON_GREY)
    baseline = pdf.RIBBON_TOP + pdf.RIBBON_HEIGHT / 2 + pdf.RIBBON_SIZE * 0.36 * POINT
    yield Text(MIDDLE, baseline, pdf.RIBBON_SIZE, _("Demonstration · all data are invented"), bold=True)


def placed(drawing: Drawing, x: float, y: float, width: float, height: float) -> Picture:
    """The drawing as large as the box allows, whole, against its right and lower edges."""
    scale = min(width / drawing.width, height / drawing.height)
    across, down = drawing.width * scale, drawing.height * scale
    return Picture(x + width - across, y + height - down, across, down, drawing)
