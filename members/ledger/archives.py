"""Guard over zipped workbooks: everything the reader will inflate is streamed and bounded first.

The reader keeps a dense grid from the first to the last filled cell, so that two cells (A1 and XFD1048576) in 5 KB
would cost hundreds of gigabytes; a single text of 60 MB packs into 60 KB; and a part may declare any size. One pass
over the packed parts finds all three and, on the way, what the reader does not tell: hidden rows, error values, and
numbers whose format shows a second decimal (1990.10).
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree  # noqa: S405  (only parts that were seen to hold no entity)

from .formats import ShownStyles, shown_styles
from .workbook import LedgerRefused, Limits

_STYLES = "xl/styles.xml"
_CHUNK = 256 * 1024
_LONGEST_TEXT = 2 * _CHUNK  # 32,767 characters written as numeric references, with room
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".wdp", ".tiff", ".svg", ".vml")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*?\bhidden=\"(?:1|true)\"[^>]*)>")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*?\bt=\"e\"[^>]*)>(?:<(?:\w+:)?f[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]{1,20})<"
)
_LOST_ZERO = re.compile(rb"v>((?:19|20)?\d\d\.(?:1|1000\d*|0999\d*))</")
_UNUSUAL = (b"='", b" =", b"= ", b"\tr=", b"\nr=", b"\rr=")
_REF = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_ROW_NUMBER = re.compile(rb"\br=\"(\d{1,7})\"")
_STYLE = re.compile(rb"\bs=\"(\d{1,6})\"")
_REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetExtras:
    """What the guard saw in one sheet: places are (row 1-based, column 0-based)."""

    hidden_rows: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    styled: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class WorkbookExtras:
    """Extras by sheet name, whether dates count from 1904, and what the styles show."""

    sheets: dict[str, SheetExtras] = field(default_factory=dict)
    date1904: bool = False
    styles: ShownStyles = ShownStyles()


def guard(data: bytes, kind: str, limits: Limits) -> WorkbookExtras:
    """Check a zipped workbook before it is loaded.

    Raises LedgerRefused (damaged, password, too_large, too_many_rows).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _guard(archive, kind, limits)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, ElementTree.ParseError) as error:
        raise LedgerRefused("damaged") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise LedgerRefused("damaged") from error


def _guard(archive: zipfile.ZipFile, kind: str, limits: Limits) -> WorkbookExtras:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > limits.entries:
        raise LedgerRefused("too_large")
    if len({info.filename for info in infos}) != len(infos):
        raise LedgerRefused("damaged")
    if kind == "ods" and _encrypted_ods(archive, limits):
        raise LedgerRefused("password")
    finder = _Finder(limits) if kind == "xlsx" else None
    total, seen = 0, {}
    for info in sorted(infos, key=lambda info: info.filename != _STYLES):  # what to look for depends on the styles
        if info.filename.lower().endswith(_MEDIA):
            continue
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise LedgerRefused("damaged")
        extras = SheetExtras()
        total += _scan(archive, info, limits, finder, extras)
        if total > limits.total_bytes:
            raise LedgerRefused("too_large")
        seen[info.filename] = extras
        if finder and info.filename == _STYLES:
            finder.look_for(shown_styles(_parsed(archive, _STYLES)))
    return _workbook_extras(archive, seen, finder.styles) if finder else WorkbookExtras()


def _encrypted_ods(archive: zipfile.ZipFile, limits: Limits) -> bool:
    if "META-INF/manifest.xml" not in archive.namelist():
        return False
    with archive.open("META-INF/manifest.xml") as part:
        return b"encryption-data" in part.read(min(limits.part_bytes, 4 * 1024 * 1024))


def _above(limit: int) -> str:
    """A pattern for the decimal numbers above `limit`, so that only offending cells cost anything in Python."""
    text = str(limit)
    parts = [rf"[1-9]\d{{{len(text)},}}"]
    for place, digit in enumerate(text):
        if digit != "9":
            parts.append(rf"{text[:place]}[{int(digit) + 1}-9]\d{{{len(text) - place - 1}}}")
    return "|".join(parts)


FarSearch = Callable[[bytes], re.Match[bytes] | None]


def _far_cell(limits: Limits) -> FarSearch:
    """A search for a filled cell right of or below what may be loaded; formatted but empty cells never count."""
    first, second = divmod(limits.columns - 1, 26)
    high, low = chr(64 + first), chr(65 + second)
    columns = f"[A-Z]{{3,}}|[{chr(ord(high) + 1)}-Z][A-Z]" + (f"|{high}[{chr(ord(low) + 1)}-Z]" if low < "Z" else "")
    rows = _above(limits.rows + 1_000)
    place = rf"(?:(?P<right>{columns})[0-9]+|[A-Z]{{1,2}}(?P<below>{rows}))"
    rest = r"[\"'][^>]*+(?<!/)>(?!</(?:\w+:)?c>)"
    usual, any_form = re.compile(f' r="{place}{rest}'.encode()), re.compile(rf"\sr\s*=\s*[\"']{place}{rest}".encode())

    def search(data: bytes) -> re.Match[bytes] | None:
        # a literal beginning makes the search ten times as fast; single quotes and tabs are legal, if unheard of
        return (any_form if any(form in data for form in _UNUSUAL) else usual).search(data)

    return search


def _scan(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, finder: "_Finder | None", extras: SheetExtras
) -> int:
    """Stream one part; return its true size. Raises LedgerRefused when it must not be loaded."""
    size, carry = 0, b""
    name = info.filename.lower()
    is_xml = name.endswith((".xml", ".rels"))
    most = limits.sheet_bytes if "sheet" in name or name == "content.xml" else limits.part_bytes
    with archive.open(info) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise LedgerRefused("too_large")
            if size == len(chunk):
                _refuse_other_xml(chunk, is_xml)
            data = carry + chunk
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                raise LedgerRefused("damaged")
            cut = _cut(data)
            carry = data[cut:]
            if is_xml and len(carry) > _LONGEST_TEXT:
                raise LedgerRefused("too_large")
            if not is_xml:
                carry = b""
            if finder is not None:
                finder.inspect(data[:cut], extras)
    if finder is not None and carry:
        finder.inspect(carry, extras)
    return size


def _refuse_other_xml(chunk: bytes, is_xml: bool) -> None:
    """UTF-16 would pass every byte pattern here unseen; no office program writes it."""
    if is_xml and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in chunk[:64]):
        raise LedgerRefused("damaged")


def _cut(data: bytes) -> int:
    """The last place where an opening tag begins, so that no cell is split between two chunks."""
    cut = data.rfind(b"<")
    for _ in range(8):
        if cut <= 0 or data[cut + 1 : cut + 2] not in (b"/", b""):
            break
        cut = data.rfind(b"<", 0, cut)
    return max(cut, 0)


class _Finder:
    """Looks through the XML of sheets for what must not be loaded, and for what the reader does not tell."""

    def __init__(self, limits: Limits):
        self.far = _far_cell(limits)
        self.styles = ShownStyles()
        self.dates: re.Pattern[bytes] | None = None

    def look_for(self, styles: ShownStyles) -> None:
        """From now on note the dates that are shown without their day."""
        self.styles = styles
        wanted = "|".join(str(index) for index in sorted(styles.months | styles.years))
        if wanted:
            pattern = (
                rf'<(?:\w+:)?c ([^>]*?\bs="(?:{wanted})"[^>]*[^/])>(?:<(?:\w+:)?f[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>\d'
            )
            self.dates = re.compile(pattern.encode())

    def inspect(self, data: bytes, extras: SheetExtras) -> None:
        """Note what a piece of XML holds. Raises LedgerRefused for a cell far outside."""
        if found := self.far(data):
            raise LedgerRefused("too_large" if found.group("right") else "too_many_rows")
        for match in _HIDDEN_ROW.finditer(data) if b"hidden=" in data else ():
            if number := _ROW_NUMBER.search(match.group(1)):
                extras.hidden_rows.add(int(number.group(1)))
        for match in _ERROR_CELL.finditer(data) if b't="e"' in data else ():
            if place := _place(match.group(1)):
                extras.errors[place] = match.group(2).decode("ascii", "replace")
        for match in _LOST_ZERO.finditer(data):
            self._note_style(data[max(0, data.rfind(b"<c ", 0, match.start())) : match.start()], extras)
        for match in self.dates.finditer(data) if self.dates else ():
            self._note_style(match.group(1), extras)

    @staticmethod
    def _note_style(tag: bytes, extras: SheetExtras) -> None:
        style = _STYLE.search(tag)
        if style and (place := _place(tag)):
            extras.styled[place] = int(style.group(1))


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _REF.search(attributes)
    if found is None:
        return None
    column = 0
    for letter in found.group(1):
        column = column * 26 + letter - 64
    return int(found.group(2)), column - 1


def _parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part as a tree; `_scan` has refused declarations of entities before."""
    return ElementTree.fromstring(archive.read(name))  # noqa: S314


def _workbook_extras(archive: zipfile.ZipFile, seen: dict[str, SheetExtras], styles: ShownStyles) -> WorkbookExtras:
    """Join what was seen per part to the names of the sheets; the parts are small and free of entities by now."""
    if "xl/workbook.xml" not in seen:
        return WorkbookExtras()
    book = _parsed(archive, "xl/workbook.xml")
    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in seen:
        for relation in _parsed(archive, "xl/_rels/workbook.xml.rels"):
            target = relation.get("Target", "")
            targets[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    result = WorkbookExtras(styles=styles)
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            result.date1904 = element.get("date1904") in ("1", "true")
        elif tag == "sheet":
            part = targets.get(element.get(_REL_ID, ""), "")
            if part in seen:
                result.sheets[element.get("name", "")] = seen[part]
    return result
