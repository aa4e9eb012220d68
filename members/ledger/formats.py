"""What the number formats of an xlsx show of a cell: a second decimal, or a date without its day."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree  # noqa: S405  (the caller hands over a tree that holds no entity)

_BUILT_IN = {2: "0.00", 4: "#,##0.00", 17: "mmm-yy"} | dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"')
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


@dataclass(frozen=True, slots=True)
class ShownStyles:
    """Indexes of cell styles: numbers shown with two decimals, dates shown without a day, dates shown as a year."""

    two_decimals: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()


def shown_styles(root: ElementTree.Element) -> ShownStyles:
    """Read the styles of a workbook."""
    codes: dict[int, str] = dict(_BUILT_IN)
    kinds: dict[str, set[int]] = {"decimals": set(), "months": set(), "years": set()}
    for element in root.iter():
        if element.tag.endswith("}numFmt"):
            codes[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
    for element in root.iter():
        if element.tag.endswith("}cellXfs"):
            for index, style in enumerate(element):
                kind = _kind(codes.get(int(style.get("numFmtId", "0")), "").split(";")[0])
                if kind:
                    kinds[kind].add(index)
    return ShownStyles(frozenset(kinds["decimals"]), frozenset(kinds["months"]), frozenset(kinds["years"]))


def _kind(code: str) -> str | None:
    if re.fullmatch(r"[#,0]*0\.00(?:_.)?", code):
        return "decimals"
    letters = _LITERAL.sub("", code).lower()
    if "y" not in letters or "d" in letters or "h" in letters or "s" in letters:
        return None
    return "months" if "m" in letters else "years"
