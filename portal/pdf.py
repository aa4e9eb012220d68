"""Printed pages: the embedded Chinese font, text in millimetres from the top left corner, ribbon and watermark.

Pure: no settings, no ORM. Lengths are millimetres, font sizes are points, greys run from 0 (black) to 1 (white).
"""

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONT_DIR = Path(__file__).resolve().parent.parent / "static" / "fonts"
FONT_FILES = {
    False: FONT_DIR / "NotoSansSC-Regular-subset.ttf",
    True: FONT_DIR / "NotoSansSC-Bold-subset.ttf",
}
REGULAR, BOLD = "YoujiaSans", "YoujiaSans-Bold"
# Not embedded: the reader's own Song font draws it. Only for characters that our subset lacks.
FALLBACK = "STSong-Light"
# The printer's mark for a missing character: better than an empty box that looks like a fault of the printer.
MISSING = "〓"

PAGE_WIDTH, PAGE_HEIGHT = A4[0] / mm, A4[1] / mm
# Top, height and grey of the ribbon; inside the 5 mm that office printers cannot print.
RIBBON_TOP, RIBBON_HEIGHT, RIBBON_GREY, RIBBON_SIZE = 7.0, 8.0, 0.88, 12.0

NOT_AT_LINE_START = frozenset("，。、；：？！）》〉」』】〕”’…—·％,.;:?!)]}%")
NOT_AT_LINE_END = frozenset("（《〈「『【〔“‘([{")


@functools.cache
def register_fonts() -> None:
    """Make the three fonts known to reportlab; done once a process, about 0.1 s.

    Raises reportlab's ``TTFError`` when a font file is missing or broken.
    """
    pdfmetrics.registerFont(TTFont(REGULAR, str(FONT_FILES[False])))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONT_FILES[True])))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFont(UnicodeCIDFont(FALLBACK))


@functools.cache
def _embedded_characters(font: str) -> frozenset[int]:
    register_fonts()
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def is_embedded(character: str, *, bold: bool = False) -> bool:
    """Whether our own font can draw this one character."""
    return ord(character) in _embedded_characters(BOLD if bold else REGULAR)


def font_runs(text: str, *, bold: bool = False) -> list[tuple[str, str]]:
    """Split text into (font name, characters) runs, in order.

    Characters that the embedded font lacks go to the fallback font; those beyond the basic plane, which that font's
    encoding cannot name, become 〓.
    """
    own = BOLD if bold else REGULAR

    def pick(character: str) -> str:
        return own if is_embedded(character, bold=bold) or ord(character) > 0xFFFF else FALLBACK

    runs = []
    for font, group in itertools.groupby(text, key=pick):
        part = "".join(group)
        if font == own:
            part = "".join(c if is_embedded(c, bold=bold) else MISSING for c in part)
        runs.append((font, part))
    return runs


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in millimetres at ``size`` points."""
    return sum(pdfmetrics.stringWidth(part, font, size) for font, part in font_runs(text, bold=bold)) / mm


def _pieces(text: str) -> Iterator[str]:
    """Cut text where a line may break: between Chinese characters and at blanks, never inside a number or a word."""
    piece = ""
    for character in text:
        glued = piece and (
            character in NOT_AT_LINE_START
            or piece[-1] in NOT_AT_LINE_END
            or (piece[-1].isascii() and character.isascii() and piece[-1] != " ")
        )
        if piece and not glued:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def wrap_text(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Break text into lines of at most ``width`` millimetres; a piece wider than that is broken anywhere.

    Line feeds in the text are kept as breaks. Empty text gives an empty list.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for piece in _pieces(paragraph.strip()):
            parts = [piece] if text_width(piece, size, bold=bold) <= width else list(piece)
            for part in parts:
                if line and text_width(line + part.rstrip(), size, bold=bold) > width:
                    lines.append(line.rstrip())
                    line = ""
                line += part
        if line:
            lines.append(line.rstrip())
    return lines


def new_canvas(target: BinaryIO, *, title: str, author: str = "") -> Canvas:
    """An A4 portrait canvas with document title and language set; the fonts are registered."""
    register_fonts()
    # The initial font is named so that the file does not list reportlab's own Helvetica, which is not embedded.
    canvas = Canvas(target, pagesize=A4, lang="zh-Hans", pageCompression=1, initialFontName=REGULAR)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("")
    return canvas


def draw_text(
    canvas: Canvas,
    at: tuple[float, float],
    text: str,
    size: float,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> None:
    """Draw one line with its baseline at ``at`` = (x, y down from the top edge), in the current fill colour.

    ``anchor`` is ``start``, ``middle`` or ``end``.
    """
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
    x = (at[0] - shift * text_width(text, size, bold=bold)) * mm
    y = (PAGE_HEIGHT - at[1]) * mm
    for font, part in font_runs(text, bold=bold):
        canvas.setFont(font, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, size)


def ribbon(canvas: Canvas, text: str) -> None:
    """Mark the current page with a grey band at its top edge, for pages that must not be taken for real ones."""
    canvas.saveState()
    canvas.setFillGray(RIBBON_GREY)
    canvas.rect(
        10 * mm,
        (PAGE_HEIGHT - RIBBON_TOP - RIBBON_HEIGHT) * mm,
        (PAGE_WIDTH - 20) * mm,
        RIBBON_HEIGHT * mm,
        0,
        1,
    )
    canvas.setFillGray(0.0)
    baseline = RIBBON_TOP + RIBBON_HEIGHT / 2 + RIBBON_SIZE * 0.36 * 25.4 / 72
    draw_text(
        canvas,
        (PAGE_WIDTH / 2, baseline),
        text,
        RIBBON_SIZE,
        bold=True,
        anchor="middle",
    )
    canvas.restoreState()


def watermark(canvas: Canvas, text: str) -> None:
    """Repeat a pale slanted line over the current page: who printed it and when. Call it before the content."""
    canvas.saveState()
    canvas.setFillGray(0.9)
    canvas.rotate(30)
    step = text_width(text, 14) + 30
    for row in range(-6, 12):
        for column in range(8):
            at = (column * step + (row % 2) * step / 2, PAGE_HEIGHT - row * 32)
            draw_text(canvas, at, text, 14)
    canvas.restoreState()
