"""Cells that are text and stay text, whatever program opens them (OWASP WSTG-INPV-21, ASVS 1.2.10)."""

import re

LONGEST = 32_767  # characters of one cell in xlsx
_STARTS = "=+\\-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"[{_STARTS}]")
# A text that needs an apostrophe before it where cells have no type: a formula, or digits that would become a number;
# and one that looks as if it had an apostrophe already, so that taking one off gives the same text back.
_NEEDS_GUARD = re.compile(rf"'*(?:[{_STARTS}]|\d{{11,}}[Xx]?\Z)")
_GUARDED = re.compile(rf"'(?='*(?:[{_STARTS}]|\d{{11,}}[Xx]?\Z))")
# what XML 1.0 cannot hold
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """The text without what no sheet can hold, one kind of line break, no longer than a cell."""
    if text.isprintable():
        return text if len(text) <= LONGEST else text[:LONGEST]
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]


def is_formula_like(text: str) -> bool:
    """Would a spreadsheet take this for a formula if somebody typed it?"""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """For csv: an apostrophe before whatever would become a formula or a rounded number."""
    return f"'{text}" if _NEEDS_GUARD.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` made a text of."""
    return text[1:] if _GUARDED.match(text) else text
