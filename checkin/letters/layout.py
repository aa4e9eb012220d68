"""One A4 page of the letter: title, text, code, signature, and at the foot which version it is.

Pure. The type shrinks until the text fits; a version that would have to be smaller than READABLE is refused when it
is written (checkin.letters.services), so only a point with very long details prints smaller.
"""

import bisect
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checkin.letters.wording import SAMPLE, Wording, filled
from checkin.paper.marks import DARK, MIDDLE, MUTED, POINT, Code, Drawing, Mark, Page, Text, demo_ribbon, fit, placed
from portal import pdf

LEFT, RIGHT = 25.0, 185.0
TITLE_BASELINE, BODY_TOP, BODY_END = 40.0, 48.0, 268.0
CODE_SIDE = 52.0  # mm, quiet zone included: held in the hand, not read at 3 m
SIZES = tuple(half / 2 for half in range(29, 11, -1))  # points: 14.5 to 6
READABLE = 11.0
LEADING = 1.7
INDENT = ("　", " ")


@dataclass(frozen=True)
class LetterText:
    """One letter for one point: the version, what its fields hold, where the code leads, who signs and when."""

    wording: Wording
    values: Mapping[str, str]
    url: str
    signature: str
    on: dt.date
    short_link: str = ""
    drawing: Drawing | None = None
    demo: bool = False


def _rows(letter: LetterText, size: float) -> Iterator[tuple[str, bool] | None]:
    """Lines of type as (text, is indented); None where the code stands. A line that begins with a blank is indented."""
    width = RIGHT - LEFT
    for line in filled(letter.wording.body, letter.values):
        if line is None:
            yield None
        elif not line.strip():
            yield "", False
        else:
            indented = line.startswith(INDENT)
            # two characters that no line break parts from the text hold the place of the indent
            parts = pdf.wrap_text(("〇〇" if indented else "") + line.strip(), size, width)
            for number, part in enumerate(parts):
                first = indented and number == 0
                yield (part[2:] if first else part), first


def _body(letter: LetterText, size: float) -> tuple[list[Mark], float]:
    """The marks of text, code and signature at a type size, and where they end."""
    pitch, y = size * POINT * LEADING, BODY_TOP
    marks: list[Mark] = []
    for row in _rows(letter, size):
        if row is None:
            marks.append(Code(MIDDLE - CODE_SIDE / 2, y, CODE_SIDE, letter.url))
            y += CODE_SIDE
            if letter.short_link:
                marks.append(Text(MIDDLE, y + 1, 11.0, letter.short_link, grey=MUTED))
                y += 3
            continue
        y += pitch
        text, indented = row
        marks.append(Text(LEFT + (2 * size * POINT if indented else 0), y, size, text, anchor="start"))
    for text in (letter.signature, f"{letter.on.year}年{letter.on.month}月{letter.on.day}日"):
        y += pitch * 1.15
        marks.append(Text(RIGHT, y, size, text, anchor="end"))
    return marks, y


def _fitted(letter: LetterText) -> tuple[list[Mark], float]:
    """The body at the largest size that fits, and that size. Halves the range each time: setting a page takes long."""
    too_large = bisect.bisect_left(SIZES[:-1], True, key=lambda size: _body(letter, size)[1] <= BODY_END)
    return _body(letter, SIZES[too_large])[0], SIZES[too_large]


def is_readable(wording: Wording) -> bool:
    """Whether the version fits on one page in readable type, also for a point with long details."""
    on = dt.date(2026, 12, 31)
    letter = LetterText(wording, SAMPLE, "https://example.org/c/" + "x" * 46, SAMPLE["街道"], on, short_link="x")
    return _fitted(letter)[1] >= READABLE


def letter_page(letter: LetterText) -> Page:
    """The letter as a page that all three formats draw."""
    marks: list[Mark] = list(demo_ribbon()) if letter.demo else []
    if letter.drawing:
        marks.append(placed(letter.drawing, LEFT, 16.0 if letter.demo else 12.0, 26.0, 14.0))
    narrower = 2 * 27.0 if letter.drawing else 0
    size, lines = fit(letter.wording.title, 24.0, RIGHT - LEFT - narrower, 1, bold=True)
    marks.append(Text(MIDDLE, TITLE_BASELINE, size, "".join(lines), bold=True, grey=DARK))
    marks += _fitted(letter)[0]
    marks.append(Text(LEFT, 284, 8.5, f"信函版本：{letter.wording.edition}", anchor="start", grey=MUTED))
    return Page(tuple(marks), title=letter.wording.title, author=letter.signature)
