"""What the number formats of an xlsx show of a cell: a second decimal, or a date without its day."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree  # noqa: S405  (the caller hands over a tree that holds no entity)

BUILT_IN = {2: "0.00", 4: "#,##0.00", 17: "mmm-yy"} | dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"')
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class ShownStyles:
    """Indexes of cell styles: numbers shown with two decimals, dates shown without a day, dates shown as a year,
    struck through, filled with red."""

    two_decimals: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()
    red: frozenset[int] = frozenset()


def shown_styles(root: ElementTree.Element) -> ShownStyles:
    """Read the styles of a workbook."""
    codes: dict[int, str] = dict(BUILT_IN)
    kinds: dict[str, set[int]] = {"decimals": set(), "months": set(), "years": set(), "struck": set(), "red": set()}
    struck: list[bool] = []
    red: list[bool] = []
    forms: list[ElementTree.Element] = []
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            codes[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
        elif tag == "fonts":
            struck = [is_struck(font) for font in element]
        elif tag == "fills":
            red = [_is_red(fill) for fill in element]
        elif tag == "cellXfs":
            forms = list(element)
    for index, form in enumerate(forms):
        if kind := kind_of(codes.get(int(form.get("numFmtId", "0")), "")):
            kinds[kind].add(index)
        for name, marks, key in (("struck", struck, "fontId"), ("red", red, "fillId")):
            place = int(form.get(key, "0"))
            if place < len(marks) and marks[place]:
                kinds[name].add(index)
    return styles_of(kinds)


def styles_of(kinds: dict[str, set[int]]) -> ShownStyles:
    """From the indexes of styles by kind."""
    order = ("decimals", "months", "years", "struck", "red")
    return ShownStyles(*(frozenset(kinds[name]) for name in order))


def is_struck(font: ElementTree.Element) -> bool:
    """Whether a font, of a cell or of a part of its text, is struck through."""
    return any(part.tag.endswith("}strike") and part.get("val", "1") not in ("0", "false") for part in font)


def _is_red(fill: ElementTree.Element) -> bool:
    """Whether a fill is solid and red; 10 and 2 are red in the old palette."""
    for part in fill.iter():
        if part.tag.endswith("}fgColor"):
            color = part.get("rgb", "")[-6:].upper()
            if part.get("indexed") in ("10", "2"):
                return True
            if len(color) == 6 and int(color[:2], 16) >= 200 and max(int(color[2:4], 16), int(color[4:], 16)) <= 90:
                return True
    return False


def kind_of(code: str) -> str | None:
    """decimals, months or years: what a number format shows less of, or more; None for any other."""
    code = code.split(";")[0]
    if re.fullmatch(r"[#,0]*0\.00(?:_.)?", code):
        return "decimals"
    letters = _LITERAL.sub("", code).lower()
    if "y" not in letters or "d" in letters or "h" in letters or "s" in letters:
        return None
    return "months" if "m" in letters else "years"
