"""The texts inside a file that a page hands out: what a reader would see in a PDF, a workbook, an archive.

No tool of the system is asked, so that no machine skips the search; a PDF of ours is what reportlab writes.
"""

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_FONT = re.compile(rb"/([\w+]+) (\d+) 0 R")
_STRING = rb"\((?:\\.|[^\\()])*\)"
_SHOWN = re.compile(
    rb"/([\w+]+) [\d.]+ Tf|(" + _STRING + rb")\s*Tj|\[((?:[^\]\\(]|" + _STRING + rb")*)\]\s*TJ", re.DOTALL
)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def texts_in(body: bytes) -> Iterator[str]:
    """Every text of the file; a file that is neither a PDF nor packed is one text. Packed files may hold others."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name
                yield from texts_in(packed.read(name))
    elif body[:5] == b"%PDF-":
        yield pdf_text(body)
    else:
        yield body.decode("utf-8", "replace")


def pdf_text(body: bytes) -> str:
    """What is drawn, in the order it is drawn, without a break between lines; title and author before it.

    Raises AssertionError for a font whose characters it cannot read.
    """
    objects = dict(_OBJECT.findall(body))
    streams = {number: _unpacked(text) for number, text in objects.items()}
    fonts = {name: objects[number] for text in objects.values() for name, number in _FONT.findall(text)
             if b"/Type /Font" in objects.get(number, b"")}  # fmt: skip
    maps = {name: _map_of(font, streams) for name, font in fonts.items()}
    facts = [_decoded(_plain(text[1:-1])) for text in re.findall(rb"/(?:Title|Author|Subject|Keywords) (" + _STRING
                                                                 + rb")", body)]  # fmt: skip
    return "".join([*facts, "\n", *(_drawn(stream, maps) for stream in streams.values() if stream)])


def _unpacked(text: bytes) -> bytes:
    """The stream of an object as its filters leave it; empty for an object without one and for pictures and fonts."""
    found = _STREAM.search(text)
    if found is None or b"/Subtype /Image" in text or b"/Length1" in text:
        return b""
    content = found[1]
    if b"/ASCII85Decode" in text:
        content = base64.a85decode(content.strip().removesuffix(b"~>"))
    # a stream may end in bytes that look like the line break before "endstream": what is missing then is no text
    return zlib.decompressobj().decompress(content) if b"/FlateDecode" in text else content


def _map_of(font: bytes, streams: dict[bytes, bytes]) -> dict[int, str] | str:
    """{code: character} of an embedded font; the name of a codec for the others."""
    named = re.search(rb"/ToUnicode (\d+) 0 R", font)
    if named is None:
        return "utf-16-be" if b"UCS2" in font else "latin-1"
    found: dict[int, str] = {}
    for first, listed in re.findall(rb"<(\w+)>\s*<\w+>\s*\[([^\]]*)\]", streams[named[1]]):
        for offset, code in enumerate(re.findall(rb"<(\w+)>", listed)):
            found[int(first, 16) + offset] = _character(code)
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", streams[named[1]], re.DOTALL):
        found |= {int(one, 16): _character(code) for one, code in re.findall(rb"<(\w+)>\s*<(\w+)>", block)}
    assert found, "a font without its characters"
    return found


def _character(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")


def _drawn(stream: bytes, maps: dict[bytes, dict[int, str] | str]) -> str:
    parts, known = [], maps.get(b"", "latin-1")
    for font, one, several in _SHOWN.findall(stream):
        if font:
            known = maps[font]
        for text in [one] if one else re.findall(_STRING, several):
            codes = _plain(text[1:-1])
            parts.append(codes.decode(known) if isinstance(known, str) else "".join(known.get(c, "?") for c in codes))
    return "".join(parts)


def _plain(text: bytes) -> bytes:
    """A string of the file without its backslashes."""
    return _ESCAPED.sub(lambda m: bytes([int(m[1], 8) & 255]) if m[1][:1].isdigit() else _LETTERS.get(m[1], m[1]), text)


def _decoded(text: bytes) -> str:
    return text.decode("utf-16", "replace") if text[:2] in (b"\xfe\xff", b"\xff\xfe") else text.decode("latin-1")
