"""Outlines of the characters of the embedded fonts, for pages that look the same wherever they are opened."""

import functools
from dataclasses import dataclass

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from portal import pdf


@dataclass(frozen=True)
class Outline:
    """One character in units of the font (`per_em`), upwards: how wide it is, and the path of an SVG."""

    width: int
    path: str


def per_em(*, bold: bool) -> int:
    """Units of the font that make up its size."""
    return int(_font(bold)["head"].unitsPerEm)


@functools.lru_cache(maxsize=2048)
def outline(character: str, *, bold: bool = False) -> Outline:
    """The outline of a character that the embedded font has (portal.pdf.is_embedded)."""
    font = _font(bold)
    glyphs = font.getGlyphSet()
    glyph = glyphs[font.getBestCmap()[ord(character)]]
    pen = SVGPathPen(glyphs)
    glyph.draw(pen)
    return Outline(int(glyph.width), pen.getCommands())


@functools.cache
def _font(bold: bool) -> TTFont:
    return TTFont(pdf.FONT_FILES[bold], lazy=True)
