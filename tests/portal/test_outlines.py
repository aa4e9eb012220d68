"""Outlines of the embedded fonts: as wide as the printed pages reckon, and drawn."""

import re

import pytest
from reportlab.pdfbase import pdfmetrics

from portal import outlines, pdf

SAMPLE = "一乙中共党员流动报到点合肥市蜀山区杏花村街道请用微信扫码0123456789:-–—·，。（）《》“”AgjQÅéß①〇〓"


@pytest.mark.parametrize("bold", [False, True])
def test_outline_is_as_wide_as_the_line_that_is_reckoned(bold: bool) -> None:
    pdf.register_fonts()
    face = pdfmetrics.getFont(pdf.BOLD if bold else pdf.REGULAR).face
    for character in SAMPLE:
        shape, reckoned = outlines.outline(character, bold=bold), face.getCharWidth(ord(character))
        assert shape.width * 1000 / outlines.per_em(bold=bold) == pytest.approx(reckoned, abs=1), character
        assert re.match(r"M-?[\d.]+[ ,-]", shape.path), character


def test_blank_has_a_width_and_no_path() -> None:
    assert (outlines.outline(" ").path, outlines.outline(" ").width > 0) == ("", True)
