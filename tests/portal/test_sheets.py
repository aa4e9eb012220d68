"""Lists as files: text stays text in every format, the page is an office's, nothing touches the disk."""

import csv
import datetime as dt
import io
import tempfile
import zipfile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from portal.sheets import Head, guarded, is_formula_like, new_book, unguarded

# OWASP WSTG-INPV-21, and the full-width forms that spreadsheets with Chinese input accept
RISKY = [
    "=1+1", "==1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1", "＠SUM(A1)",
    '=cmd|"/c calc"!A1', '=HYPERLINK("http://127.0.0.1","x")', "'=1+1", "''+1", "=", "-",
]  # fmt: skip
NUMBERS = ["340103197001019916", "34010319700101991X", "13800138000", "0551-65550000"]
HEAD = Head("样例街道", "样例员", dt.date(2026, 11, 22))


def book_of(kind, texts, headers=None, head=HEAD):
    book = new_book(kind, head)
    headers = headers or ["一"] * len(texts[0])
    sheet = book.sheet("表", "样例名册", headers, [10] * len(headers))
    for row in texts:
        book.append(sheet, row)
    return book.content()


def rows_of(kind, content):
    if kind == "csv":
        return [[unguarded(text) for text in row] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[str(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_risky_texts_and_numbers_come_back_as_they_were(kind):
    wanted = [[text, text] for text in [*RISKY, *NUMBERS, "两\n行", " 前后 ", "a<b>&\"'", "𠮷䶮"]]
    found = rows_of(kind, book_of(kind, wanted, headers=["=1+1", "＠标题"]))
    top = 0 if kind == "csv" else 2
    assert found[top] == ["=1+1", "＠标题"]
    tab = " " if kind == "ods" else "\t"
    one_break = [[text.replace("\r", "\n").replace("\t", tab) for text in row] for row in wanted]
    assert found[top + 1 :] == one_break


@pytest.mark.parametrize("text", RISKY)
def test_no_cell_is_a_formula(text):
    assert is_formula_like(text.lstrip("'"))
    book = openpyxl.load_workbook(io.BytesIO(book_of("xlsx", [[text]], headers=[text])))
    cells = [book.active["A3"], book.active["A4"]]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix and cell.number_format == "@" for cell in cells if text[0] != "'")
    with zipfile.ZipFile(io.BytesIO(book_of("ods", [[text]], headers=[text]))) as packed:
        content = packed.read("content.xml").decode()
    assert "formula" not in content
    assert content.count('office:value-type="string"') == 4
    for line in book_of("csv", [[text]], headers=[text]).decode("utf-8-sig").split("\r\n")[:2]:
        assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("text", [*RISKY, *NUMBERS, "王'某", "'", "''", "'x", "", "1380013800", "a=b"])
def test_guard_comes_off_again(text):
    assert unguarded(guarded(text)) == text
    assert unguarded(guarded(guarded(text))) == guarded(text)


def test_long_numbers_are_text_in_a_csv():
    for number in NUMBERS[:3]:
        assert guarded(number) == f"'{number}"
    assert guarded("138****8000") == "138****8000"


def test_workbook_is_ready_for_a4():
    book = openpyxl.load_workbook(io.BytesIO(book_of("xlsx", [["a"] * 8], headers=["列"] * 8)))
    sheet = book.active
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.oddFooter.center.text == "第&P页 共&N页"
    assert sheet.freeze_panes == "A4"
    assert sheet["A1"].value == "样例名册"
    line = [cell.value for cell in sheet[2] if cell.value]
    assert line == ["填报单位(盖章)：样例街道", "填报人：样例员", "审核人：", "填报日期：2026年11月22日"]
    assert sheet.dimensions == "A1:H4"


def test_wide_list_goes_on_two_pages_and_tall_rows_are_tall():
    book = new_book("xlsx", HEAD)
    sheet = book.sheet("表", "样例名册", ["序号", "姓名", *["列"] * 28], [6, 9.5, *[12] * 28])
    book.append(sheet, ["1", "样例甲", *["样例市样例区样例街道样例路"] * 28])
    book.append(sheet, ["2", "样例乙", *["短"] * 28])
    frame = openpyxl.load_workbook(io.BytesIO(book.content())).active
    assert (frame.page_setup.fitToWidth, frame.print_title_cols, frame.print_title_rows) == (2, "$A:$B", "$3:$3")
    assert (frame.row_dimensions[4].height, frame.row_dimensions[5].height) == (48, 18)


@pytest.mark.parametrize(("columns", "parts"), [(1, 1), (4, 1), (5, 4), (40, 4)])
def test_line_of_signatures_fits_any_width(columns, parts):
    book = openpyxl.load_workbook(io.BytesIO(book_of("xlsx", [["a"] * columns])))
    assert len([cell for cell in book.active[2] if cell.value]) == parts
    assert "审核人" in str([cell.value for cell in book.active[2]])


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_watermark_is_the_first_line(kind):
    head = Head("样例街道", "样例员", dt.date(2026, 11, 22), "含完整号码 & 导出人：样例员")
    content = book_of(kind, [["a", "b"]], head=head)
    assert rows_of(kind, content)[0][0] == head.watermark
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert sheet.oddFooter.left.text == sheet.oddHeader.left.text == "含完整号码 && 导出人：样例员"
        assert sheet.print_title_rows == "$4:$4"


def test_two_lists_in_a_csv_are_told_apart():
    book = new_book("csv", HEAD)
    for mark in ("流出", "流入"):
        sheet = book.sheet(mark, mark, ["姓名", "备注"], [9, 9], mark)
        book.append(sheet, ["王某", ""])
    assert rows_of("csv", book.content()) == [
        ["姓名", "备注", "流动方向"], ["王某", "", "流出"], ["王某", "", "流入"],
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_no_row_lands_in_a_temporary_file(kind, monkeypatch, tmp_path):
    """What a library puts there is left lying for this test, and read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("os.remove", lambda path: None)
    book_of(kind, [["秘密的人", "13800138000"]] * 1500)
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert bool(texts) == (kind == "xlsx")  # openpyxl's frames, without rows
    assert not any("秘密的人" in text or "13800138000" in text for text in texts)


def test_unknown_format_is_an_error():
    with pytest.raises(KeyError):
        new_book("xls", HEAD)
