"""The office's own file with the results: nothing but what the uploader gave, colours, and no formula."""

import csv
import io

import openpyxl
import pytest

from portal.models import AuditEntry
from tests.members.importing.pages import paste, row, upload
from tests.members.ledger.making import HEADER, person, xlsx

CLERK = "street_clerk@S11"
RED, YELLOW, GREEN = "F8CBAD", "FFE699", "C6E0B4"


def result_of(client, answer):
    response = client.get(answer.url.replace("change/", "result/"))
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(response.content))


def colour(cell):
    return cell.fill.fgColor.rgb[-6:] if cell.fill.fill_type else ""


def texts(sheet):
    return [[cell.value for cell in cells] for cells in sheet.iter_rows()]


def lines():
    return [
        row(1, 性别="男性", 备注="写了"),
        person(2, 所属社区="样例没有的社区"),
        row(3, 联系电话="138", 出生日期="1990.13"),
        ["合计", "3人", *[None] * 8],
    ]


def test_own_workbook_comes_back_coloured_with_result_and_reasons(login, world, acting):
    client = login(CLERK)
    book = openpyxl.load_workbook(io.BytesIO(xlsx({"台账": [HEADER, *lines()]})))
    book["台账"]["A1"].font = openpyxl.styles.Font(name="宋体", size=20)
    book["台账"].column_dimensions["B"].width = 33
    book["台账"]["L9"] = '=HYPERLINK("http://example.invalid/","x")'
    output = io.BytesIO()
    book.save(output)
    answer = upload(client, world, content=output.getvalue())
    sheet = result_of(client, answer)["台账"]
    assert (sheet["A1"].font.size, sheet.column_dimensions["B"].width) == (20, 33)
    assert [cell.value for cell in sheet[2]][:10] == lines()[0]
    columns = {cell.value: cell.column_letter for cell in sheet[1] if cell.value}
    assert colour(sheet[f"{columns['性别']}2"]) == GREEN
    assert colour(sheet[f"{columns['所属社区']}3"]) == RED
    assert colour(sheet[f"{columns['联系电话']}4"]) == YELLOW
    assert colour(sheet[f"{columns['姓名']}2"]) == ""
    last = sheet.max_column
    assert sheet.cell(1, last).value
    assert [bool(sheet.cell(number, last).value) for number in (2, 3, 4, 5)] == [False, True, True, True]
    assert all(sheet.cell(number, last - 1).value for number in (2, 3, 4, 5))
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="download_result").count() == 1


def test_result_holds_no_formula(login, world):
    client = login(CLERK)
    content = xlsx({"台账": [[*HEADER, "算"], [*row(1, 备注="@cmd"), "=SUM(1,2)"], [*row(2, 备注="-1+1"), "+1"]]})
    sheet = result_of(client, upload(client, world, content=content))["台账"]
    for cells in sheet.iter_rows():
        for cell in cells:
            assert cell.data_type != "f", cell.coordinate
            if isinstance(cell.value, str) and cell.value[:1] in "=+-@":
                assert cell.quotePrefix, cell.coordinate


@pytest.mark.parametrize("way", ["csv", "pasted"])
def test_other_formats_come_back_as_a_workbook_of_texts(login, world, way):
    client = login(CLERK)
    given = [HEADER, *lines()]
    if way == "csv":
        output = io.StringIO()
        csv.writer(output).writerows(given)
        answer = upload(client, world, content=output.getvalue().encode(), name="台账.csv")
    else:
        text = "\r\n".join("\t".join("" if value is None else str(value) for value in cells) for cells in given)
        answer = paste(client, world, text)
    sheet = result_of(client, answer).worksheets[0]
    found = texts(sheet)
    for number, cells in enumerate(given):
        assert [value or "" for value in found[number][:10]] == ["" if value is None else str(value) for value in cells]
    assert sheet["J2"].data_type == "s"
    assert colour(sheet.cell(3, HEADER.index("所属社区") + 1)) == RED
    assert found[0][-1]
    assert found[2][-1]


@pytest.mark.parametrize("other", ["street_admin@S11", "community_clerk@C111", "street_clerk@S12", "auditor@S11"])
def test_result_is_for_whoever_uploaded_it(login, world, other):
    answer = upload(login(CLERK), world, row(1))
    response = login(other).get(answer.url.replace("change/", "result/"))
    assert response.status_code == 404


def test_result_is_gone_with_the_preview(login, world):
    client = login(CLERK)
    answer = upload(client, world, row(1))
    client.post(answer.url, {"discard": "1"})
    assert client.get(answer.url.replace("change/", "result/")).status_code == 404


def test_making_a_result_leaves_nothing_on_disk(login, world, monkeypatch, tmp_path):
    client = login(CLERK)
    answers = [upload(client, world, row(1)), upload(client, world, content="姓名,性别,备注\n测甲乙,男,x\n".encode())]
    monkeypatch.setenv("TMPDIR", "/nonexistent")
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    for answer in answers:
        assert result_of(client, answer).worksheets
