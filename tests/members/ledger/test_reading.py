"""Hostile, broken and mislabelled files: refused in one sentence, cheaply, or read as what they are."""

import datetime
import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pytest

from members.ledger.interpret import interpret
from members.ledger.reading import read_workbook
from members.ledger.sniffing import decode, sniff
from members.ledger.textfiles import read_csv
from members.ledger.workbook import CellError, LedgerRefused, Limits, ShownNumber
from tests.members.ledger.making import DATA, HEADER, person, with_sheet_xml, xlsx
from tests.members.ledger.office import files
from tests.members.ledger.office.grid import Grid
from tests.processes import PROJECT

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def refused(data: bytes | Path, limits: Limits | None = None) -> str:
    with pytest.raises(LedgerRefused) as refusal:
        read_workbook(data, limits)
    return refusal.value.code


def refused_by_a_small_process(data: bytes) -> tuple[str, int]:
    """The refusal's code and the peak memory in KiB of the reader: a child inherits the peak of whoever forks it, and
    this test run is large, so a fresh interpreter does the forking."""
    ask = (
        "import resource, sys\n"
        "from members.ledger.reading import read_workbook\n"
        "from members.ledger.workbook import LedgerRefused\n"
        "try: read_workbook(sys.stdin.buffer.read())\n"
        "except LedgerRefused as refusal: code = refusal.code\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", ask], input=data, capture_output=True, check=True, cwd=PROJECT
    ).stdout
    code, peak = answer.split()
    return code.decode(), int(peak)


def test_two_cell_bomb_costs_little() -> None:
    bomb = with_sheet_xml(
        SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )
    started = time.monotonic()
    code, peak = refused_by_a_small_process(bomb)
    assert code in ("too_large", "too_many_rows")
    assert time.monotonic() - started < 10  # a Python start more than the 5 s of the reading itself
    assert peak < 200 * 1024


@pytest.mark.parametrize(
    "cells",
    [
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='9'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c s="0"\tr="ZZ1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r ="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r\t="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>',
    ],
)
def test_disguised_bomb_is_refused(cells: str) -> None:
    started = time.monotonic()
    _code, peak = refused_by_a_small_process(with_sheet_xml(SHEET.format(cells)))
    assert time.monotonic() - started < 15
    assert peak < 800 * 1024


def test_a_million_formatted_rows_are_no_bomb() -> None:
    people = "".join(
        f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for number, text in ((1, "姓名"), (2, "测甲"))
    )
    rows = "".join(
        f'<row r="{number}" s="1"><c r="A{number}" s="1"/><c r="B{number}" s="1"/></row>'
        for number in range(3, 1_000_000)
    )
    book = read_workbook(with_sheet_xml(SHEET.format(people + rows)))
    assert book.sheets[0].rows == [["姓名"], ["测甲"]]


def test_long_ledger_is_read_where_it_is_narrow() -> None:
    rows = "".join(
        f'<row r="{number}"><c r="A{number}"><v>{number}</v></c><c r="T{number}"><v>1</v></c></row>'
        for number in range(1, 100_001)
    )
    sheet = read_workbook(with_sheet_xml(SHEET.format(rows))).sheets[0]
    assert (len(sheet.rows), sheet.rows[-1][0], len(sheet.rows[-1])) == (100_000, 100_000, 20)


def test_wide_ledger_is_read_where_it_is_short() -> None:
    corner = '<row r="1"><c r="A1"><v>1</v></c><c r="GR1"><v>1</v></c></row><row r="{0}"><c r="A{0}"><v>1</v></c></row>'
    assert len(read_workbook(with_sheet_xml(SHEET.format(corner.format(2_000)))).sheets[0].rows) == 2_000
    assert refused(with_sheet_xml(SHEET.format(corner.format(21_001)))) == "too_many_rows"


def test_zip_bomb_is_refused() -> None:
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"a": [HEADER]}))) as old,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/extra.xml", b"<a>" + b"<b/>" * 20_000_000 + b"</a>")
    assert refused(output.getvalue()) == "too_large"


REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
    'office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell></table:table-row>'
)
LONG_AND_WIDE = (
    '<row r="1"><c r="A1"><v>1</v></c><c r="GR1"><v>1</v></c></row><row r="120000"><c r="A120000"><v>1</v></c></row>'
)
LONG_AND_WIDE_ODS = REPEATED.replace("1048576", "100000").replace("16384", "100")
EMPTY_ROWS = (
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row>"
)


def rezipped(**parts: bytes | str) -> bytes:
    """A workbook with parts replaced or added; __ in a name stands for a slash."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"a": [HEADER, person()]}))) as old,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        given = {name.replace("__", "/"): data for name, data in parts.items()}
        for name in {*old.namelist(), *given}:
            new.writestr(name, given[name] if name in given else old.read(name))
    return output.getvalue()


def nested_archive() -> bytes:
    data = xlsx({"a": [HEADER]})
    for _ in range(42):
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w") as archive:
            archive.writestr("a.zip", data)
        data = output.getvalue()
    return data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (files.ods([Grid("a", [HEADER, person()])], tail=REPEATED), "too_large"),
        (nested_archive(), "unsupported_format"),
        (
            rezipped(**{"xl__sharedStrings.xml": '<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><sst/>'}),
            "damaged",
        ),
        (files.xls([Grid("a", [HEADER, person(), *([[]] * 60_000), [None] * 79 + ["x"]])]), "too_many_rows"),
        (with_sheet_xml(SHEET.format(LONG_AND_WIDE)), "too_many_rows"),
        (with_sheet_xml(SHEET.format(LONG_AND_WIDE.replace('"', "'"))), "too_many_rows"),
        (files.ods([Grid("a", [HEADER, person()])], tail=LONG_AND_WIDE_ODS), "too_many_rows"),
        (b"x," * 9_000_000, "too_many_rows"),
        (files.xls([Grid("a", [HEADER, person()])])[:3_000], "damaged"),
        (files.ods([Grid("a", [HEADER, person()])])[:800], "damaged"),
        (b"a" * 19_000_000, "damaged"),
        (b"<table><tr>" + b"<td colspan=1000>x</td>" * 500 + b"</tr></table>", "too_large"),
        (b"<table>" + b"<tr><td rowspan=1000 colspan=150>x</td></tr>" * 400 + b"</table>", "too_large"),
    ],
    ids=[
        "ods-repeated",
        "nested",
        "entities",
        "far-xls",
        "long-and-wide",
        "long-and-wide-quotes",
        "long-and-wide-ods",
        "commas",
        "cut-xls",
        "cut-ods",
        "one-line",
        "colspan",
        "rowspan",
    ],
)
def test_hostile_file_is_refused_cheaply(data: bytes, code: str) -> None:
    started = time.monotonic()
    found, peak = refused_by_a_small_process(data)
    assert found == code
    assert time.monotonic() - started < 15
    assert peak < 200 * 1024


def test_a_million_empty_rows_of_an_ods_are_no_bomb() -> None:
    book = read_workbook(files.ods([Grid("a", [HEADER, person()])], tail=EMPTY_ROWS))
    assert len(book.sheets[0].rows) == 2


@pytest.mark.parametrize("part", [{"xl__vbaProject.bin": b"\xd0\xcf\x11\xe0"}, {"..__..__x.xml": b"<a/>"}])
def test_parts_that_nobody_reads_do_no_harm(part: dict[str, bytes]) -> None:
    assert len(read_workbook(rezipped(**part)).sheets[0].rows) == 2


@pytest.mark.parametrize(
    "data",
    [xlsx({"a": [HEADER]}), "姓名,手机号,身份证号\n".encode(), xlsx({"a": [["台账"], HEADER, [], ["合计", "", 0]]})],
    ids=["xlsx", "csv", "totals"],
)
def test_header_alone_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerRefused) as refusal:
        interpret(read_workbook(data))
    assert refusal.value.code == "no_people"
    assert refusal.value.message


@pytest.mark.parametrize("ending", ["et", "xls", "xlsx", "csv"])
def test_et_is_read_by_what_it_is(ending: str, tmp_path: Path) -> None:
    """WPS writes .et as a workbook of records or as a zip."""
    for kind, data in (
        ("xls", files.xls([Grid("a", [HEADER, person()])])),
        ("xlsx", xlsx({"a": [HEADER, person()]})),
        ("ods", files.ods([Grid("a", [HEADER, person()])])),
        ("html", files.web([Grid("a", [HEADER, person()])])),
    ):
        path = tmp_path / f"{kind}.{ending}"
        path.write_bytes(data)
        book = read_workbook(path)
        assert (book.kind, len(book.sheets[0].rows)) == (kind, 2)


def test_too_many_entries_are_refused() -> None:
    output = io.BytesIO(xlsx({"a": [HEADER]}))
    with zipfile.ZipFile(output, "a") as archive:
        for number in range(2_500):
            archive.writestr(f"xl/x{number}.xml", "<a/>")
    assert refused(output.getvalue()) == "too_large"


def test_entities_are_refused() -> None:
    xml = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + SHEET.format(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row>'
    )
    assert refused(with_sheet_xml(xml)) == "damaged"


@pytest.mark.parametrize("tenth", range(10))
def test_truncated_xlsx_is_refused(tenth: int) -> None:
    data = (DATA / "clean.xlsx").read_bytes()
    assert refused(data[: len(data) * tenth // 10]) == ("damaged" if tenth else "empty")


@pytest.mark.parametrize("tenth", range(10))
def test_truncated_xls_never_loses_rows_silently(tenth: int) -> None:
    data = (DATA / "ledger.xls").read_bytes()
    try:
        rows = len(read_workbook(data[: len(data) * tenth // 10]).sheets[0].rows)
    except LedgerRefused:
        rows = 0
    assert rows in (0, 8)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x00", "empty"),
        (b"%PDF-1.7 ledger", "unsupported_format"),
        (b"\x89PNG\r\n\x1a\n", "unsupported_format"),
        (b"PK\x03\x04", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (
            b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>",
            "unsupported_format",
        ),
        (b"<html><body>no table</body></html>", "damaged"),
        ('姓名,"电话\n测甲,1'.encode(), "damaged"),
        (b"\x80\xff\xfe\x81 \xff\xff,\xff", "encoding"),
        (bytes(range(1, 32)) * 20, "unsupported_format"),
    ],
)
def test_other_content_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_empty_workbook_is_refused() -> None:
    assert refused(xlsx({"Sheet1": []})) == "empty"


def test_word_document_is_refused() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refused(output.getvalue()) == "unsupported_format"


def test_ending_does_not_matter(tmp_path: Path) -> None:
    for ending in ("xls", "csv", "et", "txt"):
        path = tmp_path / f"ledger.{ending}"
        path.write_bytes((DATA / "clean.xlsx").read_bytes())
        assert read_workbook(path).kind == "xlsx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_text_is_read_in_every_usual_form(encoding: str, mark: str, end: str) -> None:
    rows = [["姓名", "手机号", "备注"], ["王𠮷安", "13800000001", "甲、乙"]]
    data = (end.join(mark.join(row) for row in rows) + end).encode(encoding)
    assert sniff(data) == "csv"
    assert read_csv(decode(data), Limits()).sheets[0].rows == rows


def test_spans_of_a_web_table_keep_the_columns() -> None:
    page = (
        "<table><tr><th rowspan=2>姓名</th><th colspan=2>流出地</th><th rowspan=2>备注</th></tr>"
        "<tr><th>联系人</th><th>电话</th></tr><tr><td>测甲</td><td>测乙</td><td>13800000001</td><td>x</td></tr></table>"
    )
    sheet = read_workbook(page.encode()).sheets[0]
    assert sheet.rows[1] == [None, "联系人", "电话"]
    assert sheet.rows[2] == ["测甲", "测乙", "13800000001", "x"]


def test_limits_are_kept() -> None:
    rows = [HEADER, *(person(number) for number in range(1, 50))]
    assert refused(xlsx({"Sheet1": rows}), Limits(rows=20)) == "too_many_rows"
    assert refused(b"name," + b"x" * 40_000) == "too_large"
    assert refused(xlsx({"Sheet1": [["x"] * 201]})) == "too_large"
    assert refused(b"x" * 200, Limits(file_bytes=100)) == "too_large"
    assert refused(xlsx({"Sheet1": rows}), Limits(memory_bytes=24 * 1024 * 1024)) in ("too_large", "damaged")


def test_time_out_ends_the_child() -> None:
    assert refused((DATA / "clean.xlsx").read_bytes(), Limits(wall_seconds=0)) == "timeout"


def test_types_survive_the_way_out_of_the_child() -> None:
    rows = [["姓名", 1985.1, 1985.1, True, "#REF!"], [None, None, None, None, None]]
    data = xlsx({"Sheet1": rows}, formats={"C1": "0.00"})
    row = read_workbook(data).sheets[0].rows[0]
    assert isinstance(row[2], ShownNumber)
    assert (row[1], row[2].shown, row[3]) == (1985.1, "1985.10", True)
    assert row[4] == "#REF!"
    assert isinstance(row[4], CellError)


def test_date_shown_without_its_day_is_a_month() -> None:
    """Excel makes 1985-06-01 out of a typed 1985-6; a day that was really typed stays."""
    day, other = datetime.date(1985, 6, 1), datetime.date(1985, 6, 12)
    formats = {
        "A1": 'yyyy"年"m"月"',
        "B1": "yyyy.mm",
        "C1": "yyyy-mm-dd",
        "D1": "yyyy.mm",
        "E1": "mmm-yy",
        "F1": "yyyy",
    }
    row = read_workbook(xlsx({"Sheet1": [[day, day, day, other, day, day]]}, formats=formats)).sheets[0].rows[0]
    assert row == ["1985年6月", "1985年6月", day, other, "1985年6月", day]


def test_offsets_and_hidden_sheets_are_known() -> None:
    data = (DATA / "sheet-per-community.xlsx").read_bytes()
    assert [sheet.name for sheet in read_workbook(data).sheets if not sheet.visible] == ["字典"]
    shifted = read_workbook(xlsx({"Sheet1": [[], [], ["", "姓名"]]})).sheets[0]
    assert (shifted.first_row, shifted.first_column, shifted.rows) == (3, 1, [["姓名"]])


def test_reading_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    read_workbook((DATA / "clean.xlsx").read_bytes())
    refused((DATA / "password.xlsx").read_bytes())
    assert os.listdir(tmp_path) == []
