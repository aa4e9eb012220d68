"""The small parts of an xlsx that join its sheets: names, the date system, comments. Free of entities by now."""

import posixpath
import zipfile
from xml.etree import ElementTree  # noqa: S405  (the guard has refused declarations of entities)

from .extras import Place, SheetExtras, WorkbookExtras
from .formats import ShownStyles, is_struck

_REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_COMMENTS = 5_000


def parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part as a tree; the guard has refused declarations of entities before."""
    return ElementTree.fromstring(archive.read(name))  # noqa: S314


def struck_texts(archive: zipfile.ZipFile, name: str) -> frozenset[int]:
    """Places in the list of texts of those with a part that is struck through: an old number beside its new one."""
    found, place = set(), 0
    with archive.open(name) as part:
        for _event, element in ElementTree.iterparse(part):  # noqa: S314
            if not element.tag.endswith("}si"):
                continue
            if any(is_struck(one) for one in element.iter() if one.tag.endswith("}rPr")):
                found.add(place)
            place += 1
            element.clear()
    return frozenset(found)


def workbook_extras(archive: zipfile.ZipFile, seen: dict[str, SheetExtras], styles: ShownStyles) -> WorkbookExtras:
    """Join what was seen per part to the names of the sheets."""
    if "xl/workbook.xml" not in seen:
        return WorkbookExtras()
    book = parsed(archive, "xl/workbook.xml")
    targets = _targets(archive, "xl/workbook.xml", seen)
    result = WorkbookExtras(styles=styles)
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            result.date1904 = element.get("date1904") in ("1", "true")
        elif tag == "sheet":
            part = targets.get(element.get(_REL_ID, ""), ("", ""))[0]
            if part in seen:
                extras = result.sheets[element.get("name", "")] = seen[part]
                for target, kind in _targets(archive, part, seen).values():
                    if kind.endswith("/comments") and target in seen:
                        extras.comments = _comments(parsed(archive, target))
    return result


def _targets(archive: zipfile.ZipFile, part: str, seen: dict[str, SheetExtras]) -> dict[str, tuple[str, str]]:
    """{id: (part, kind)} of what a part refers to inside the file."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in seen:
        return {}
    found = {}
    for relation in parsed(archive, relations):
        if relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[relation.get("Id", "")] = (whole, relation.get("Type", ""))
    return found


def _comments(root: ElementTree.Element) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for element in root.iter():
        if element.tag.endswith("}comment") and len(found) < _MOST_COMMENTS:
            place = place_of(element.get("ref", ""))
            text = "".join(part.text or "" for part in element.iter() if part.tag.endswith("}t")).strip()
            if place and text:
                found[place] = text[:500]
    return found


def place_of(reference: str) -> Place | None:
    """(row 1-based, column 0-based) of a reference such as B7."""
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3 or letters == reference:
        return None
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters) :]), column - 1
