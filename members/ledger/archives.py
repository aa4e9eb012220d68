"""Guard over zipped workbooks: everything the reader will inflate is streamed and bounded first.

The reader keeps a dense grid from the first to the last filled cell, so that two cells (A1 and XFD1048576) in 5 KB
would cost hundreds of gigabytes; a single text of 60 MB packs into 60 KB; and a part may declare any size. One pass
over the packed parts finds all three and, on the way, what the reader does not tell: hidden rows, error values, and
numbers whose format shows a second decimal (1990.10).
"""

import io
import re
import zipfile
from functools import lru_cache
from xml.etree import ElementTree  # noqa: S405  (only parts that were seen to hold no entity)

from .extras import SheetExtras, WorkbookExtras
from .formats import ShownStyles, shown_styles
from .relations import parsed, place_of, struck_texts, workbook_extras
from .workbook import LedgerRefused, Limits

_STYLES, _STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"
_FIRST = {_STYLES: 0, _STRINGS: 1}  # what to look for in the sheets depends on them
_CHUNK = 256 * 1024
_LONGEST_TEXT = 2 * _CHUNK  # 32,767 characters written as numeric references, with room
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".wdp", ".tiff", ".svg", ".vml")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*?\bhidden=\"(?:1|true)\"[^>]*)>")
_HIDDEN_COLUMNS = re.compile(rb"<(?:\w+:)?col\s([^>]*?\bhidden=\"(?:1|true)\"[^>]*)>")
_SPAN = (re.compile(rb"\bmin=\"(\d{1,5})\""), re.compile(rb"\bmax=\"(\d{1,5})\""))
_UNCACHED_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)><(?:\w+:)?f\b(?:[^<]*</(?:\w+:)?f>|[^<]*/>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</"
)
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*?\bt=\"e\"[^>]*)>(?:<(?:\w+:)?f[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]{1,20})<"
)
_TEXT_CELL = re.compile(rb'<(?:\w+:)?c ([^>]*?\bt="s"[^>]*)><(?:\w+:)?v>(\d{1,9})<')
_RICH_CELL = re.compile(rb'<c ([^>]*?\bt="inlineStr"[^>]*)><is>((?:[^<]|<(?!/is>))*)</is>')
_LOST_ZERO = re.compile(rb"v>((?:19|20)?\d\d\.(?:1|1000\d*|0999\d*))</")
_UNUSUAL_END = (b"='", b"= ", b"=\t", b"=\n", b"=\r")
_UNUSUAL_SPACE = (b"\tr=", b"\nr=", b"\rr=", b"\t=", b"\n=", b"\r=")
_REF = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_ROW_NUMBER = re.compile(rb"\br=\"(\d{1,7})\"")
_STYLE = re.compile(rb"\bs=\"(\d{1,6})\"")


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
    for info in sorted(infos, key=lambda info: _FIRST.get(info.filename, 2)):
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
            finder.look_for(shown_styles(parsed(archive, _STYLES)))
        if finder and info.filename == _STRINGS and finder.has_strikes:
            finder.struck_texts = struck_texts(archive, _STRINGS)
    return workbook_extras(archive, seen, finder.styles) if finder else WorkbookExtras()


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


def _beyond(columns: int) -> str:
    """A pattern for the columns right of the first so many (27 to 701)."""
    first, second = divmod(columns - 1, 26)
    high, low = chr(64 + first), chr(65 + second)
    return f"[A-Z]{{3,}}|[{chr(ord(high) + 1)}-Z][A-Z]" + (f"|{high}[{chr(ord(low) + 1)}-Z]" if low < "Z" else "")


@lru_cache(maxsize=8)
def _far_cell(limits: Limits, wide: bool, tall: bool) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """A search for a filled cell right of or below what may be loaded; formatted but empty cells never count.

    Until the sheet is known as wide (or tall), for the first cell that makes it so, too. In the usual form of XML (its
    literal beginning makes the search ten times as fast), and in any: single quotes and tabs are legal, if unheard of.
    """
    most = limits.rows + 1_000
    columns, rows = [f"(?P<right>{_beyond(limits.columns)})"], [f"(?P<below>{_above(most)})"]
    if not wide:
        columns.append(f"(?P<wide>{_beyond(max(27, min(limits.columns, limits.cells // most)))})")
    if not tall:
        rows.append(f"(?P<tall>{_above(limits.cells // limits.columns)})")
    place = f"(?:(?:{'|'.join(columns)})[0-9]+|[A-Z]{{1,2}}(?:{'|'.join(rows)}))"
    rest = r"[\"'][^>]*+(?<!/)>(?!</(?:\w+:)?c>)"
    return re.compile(f' r="{place}{rest}'.encode()), re.compile(rf"\sr\s*=\s*[\"']{place}{rest}".encode())


class _Extent:
    """How far the filled cells of one sheet reach; refuses what would make the reader keep too large a grid."""

    def __init__(self, limits: Limits):
        self.limits, self.wide, self.tall = limits, False, False

    def look_at(self, data: bytes) -> None:
        form = int(_is_unusual(data))
        found = _far_cell(self.limits, self.wide, self.tall)[form].search(data)
        while found:
            seen = found.groupdict()
            if seen["right"] or seen["below"]:
                raise LedgerRefused("too_large" if seen["right"] else "too_many_rows")
            self.wide, self.tall = self.wide or bool(seen.get("wide")), self.tall or bool(seen.get("tall"))
            if self.wide and self.tall:
                raise LedgerRefused("too_many_rows")
            found = _far_cell(self.limits, self.wide, self.tall)[form].search(data, found.start())


def _is_unusual(data: bytes) -> bool:
    """Whether an attribute may be written otherwise than ` r="`; single signs are found in a tenth of the time."""
    if b" =" in data or any(sign[:1] in data and sign in data for sign in _UNUSUAL_SPACE):
        return True
    return data.count(b"=") != data.count(b'="') and any(sign in data for sign in _UNUSUAL_END)


def _scan(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, finder: "_Finder | None", extras: SheetExtras
) -> int:
    """Stream one part; return its true size. Raises LedgerRefused when it must not be loaded."""
    size, carry = 0, b""
    name = info.filename.lower()
    is_xml = name.endswith((".xml", ".rels"))
    most = limits.sheet_bytes if "sheet" in name or name == "content.xml" else limits.part_bytes
    if finder is not None:
        finder.begin(info.filename)
    with archive.open(info) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise LedgerRefused("too_large")
            if size == len(chunk):
                _refuse_other_xml(chunk, is_xml)
            data = carry + chunk
            if b"!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
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
        self.limits, self.extent = limits, _Extent(limits)
        self.styles = ShownStyles()
        self.dates: re.Pattern[bytes] | None = None
        self.marked: re.Pattern[bytes] | None = None
        self.is_in_strings = self.has_strikes = False
        self.struck_texts: frozenset[int] = frozenset()

    def begin(self, name: str) -> None:
        """What follows is another part."""
        self.extent = _Extent(self.limits)
        self.is_in_strings = name == _STRINGS

    def look_for(self, styles: ShownStyles) -> None:
        """From now on note the dates that are shown without their day."""
        self.styles = styles
        wanted = "|".join(str(index) for index in sorted(styles.months | styles.years))
        if wanted:
            pattern = (
                rf'<(?:\w+:)?c ([^>]*?\bs="(?:{wanted})"[^>]*[^/])>(?:<(?:\w+:)?f[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>\d'
            )
            self.dates = re.compile(pattern.encode())
        marks = "|".join(str(index) for index in sorted(styles.struck | styles.red))
        if marks:
            self.marked = re.compile(rf'<(?:\w+:)?c ([^>]*?\bs="({marks})"[^>]*[^/])>'.encode())

    def inspect(self, data: bytes, extras: SheetExtras) -> None:
        """Note what a piece of XML holds. Raises LedgerRefused for a cell far outside."""
        self.extent.look_at(data)
        self.has_strikes = self.has_strikes or (self.is_in_strings and b"strike" in data)
        hides = b"hidden=" in data
        for match in _HIDDEN_ROW.finditer(data) if hides else ():
            if number := _ROW_NUMBER.search(match.group(1)):
                extras.hidden_rows.add(int(number.group(1)))
        for match in _HIDDEN_COLUMNS.finditer(data) if hides else ():
            first, last = (found.search(match.group(1)) for found in _SPAN)
            if first and last:
                extras.hidden_columns.update(range(int(first.group(1)) - 1, min(int(last.group(1)), 400)))
        for match in _UNCACHED_CELL.finditer(data) if b"<f" in data or (b":" in data and b":f" in data) else ():
            place = _place(match.group(1))
            if place and b't="str"' not in match.group(1):  # a text that is empty has been computed
                extras.errors[place] = "#?"
        for match in _ERROR_CELL.finditer(data) if b't="e"' in data else ():
            if place := _place(match.group(1)):
                extras.errors[place] = match.group(2).decode("ascii", "replace")
        for match in _LOST_ZERO.finditer(data):
            self._note_style(data[max(0, data.rfind(b"<c ", 0, match.start())) : match.start()], extras)
        for match in self.dates.finditer(data) if self.dates else ():
            self._note_style(match.group(1), extras)
        for match in self.marked.finditer(data) if self.marked else ():
            if place := _place(match.group(1)):
                (extras.struck if int(match.group(2)) in self.styles.struck else extras.red).add(place)
        for match in _TEXT_CELL.finditer(data) if self.struck_texts else ():
            if int(match.group(2)) in self.struck_texts and (place := _place(match.group(1))):
                extras.struck.add(place)
        for match in _RICH_CELL.finditer(data) if b"<strike" in data and not self.is_in_strings else ():
            if b"<strike" in match.group(2) and (place := _place(match.group(1))):
                extras.struck.add(place)

    @staticmethod
    def _note_style(tag: bytes, extras: SheetExtras) -> None:
        style = _STYLE.search(tag)
        if style and (place := _place(tag)):
            extras.styled[place] = int(style.group(1))


def _place(attributes: bytes) -> tuple[int, int] | None:
    found = _REF.search(attributes)
    if found is None:
        return None
    return place_of((found.group(1) + found.group(2)).decode("ascii"))
