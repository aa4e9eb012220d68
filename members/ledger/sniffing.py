"""What a file really is, by its content: names and endings lie."""

import io
import re
import zipfile

from .workbook import LedgerRefused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_CHINESE = {"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "cp936", "hz-gb-2312"}


def sniff(data: bytes) -> str:
    """Return xlsx, xls, ods, html or csv. Raises LedgerRefused (empty, damaged, password, unsupported_format)."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise LedgerRefused("empty")
    if data.startswith(_OLE):
        return _sniff_ole(data)
    if data.startswith(b"PK"):
        return _sniff_zip(data)
    if data.startswith(b"\t\x08\x10\x00") or data.startswith(b"\t\x04\x06\x00"):
        raise LedgerRefused("unsupported_format")  # a BIFF stream without its container
    return _sniff_text(data)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _sniff_ole(data: bytes) -> str:
    if _wide("EncryptedPackage") in data or _wide("EncryptionInfo") in data:
        raise LedgerRefused("password")
    if _wide("Workbook") in data or _wide("Book") in data:
        return "xls"
    if _wide("WordDocument") in data or _wide("PowerPoint Document") in data:
        raise LedgerRefused("unsupported_format")
    raise LedgerRefused("damaged")


def _sniff_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise LedgerRefused("damaged") from error
    if any(info.flag_bits & 1 for info in infos):
        raise LedgerRefused("password")
    names = {info.filename for info in infos}
    if "xl/workbook.xml" in names or any(name.lower() == "xl/workbook.xml" for name in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    raise LedgerRefused("unsupported_format")


def _sniff_text(data: bytes) -> str:
    head = data[:4096]
    if head.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MIME-Version")
    ):
        raise LedgerRefused("unsupported_format")
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(b"<"):
        if b"schemas-microsoft-com:office:spreadsheet" in text:
            raise LedgerRefused("unsupported_format")
        if any(mark in text for mark in (b"<html", b"<table", b"<!doctype html", b"<head", b"<meta", b"<body", b"<tr")):
            return "html"
        raise LedgerRefused("unsupported_format")
    return "csv"


def decode(data: bytes) -> str:
    """Text of a csv or html file: BOM, then a declared charset, then UTF-8, then GB18030, all strictly.

    Raises LedgerRefused: encoding when nothing fits without loss, unsupported_format for binary content.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    if b"\x00" in data[:4096]:
        head = data[:4096]
        if head[1::2].count(0) * 4 > len(head):
            return _strict(data, "utf-16-le")
        if head[0::2].count(0) * 4 > len(head):
            return _strict(data, "utf-16-be")
        raise LedgerRefused("unsupported_format")
    encodings = ["utf-8", "gb18030"]
    declared = _META_CHARSET.search(data[:4096])
    if declared and declared.group(1).decode("ascii").lower() in _CHINESE:
        encodings.reverse()
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _no_binary(text)
    raise LedgerRefused("encoding")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return _no_binary(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise LedgerRefused("encoding") from error


def _no_binary(text: str) -> str:
    head = text[:20_000]
    if sum(1 for char in head if char < " " and char not in "\t\r\n\x0c") > len(head) // 100:
        raise LedgerRefused("unsupported_format")
    return text
