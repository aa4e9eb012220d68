"""The blank ledger: nobody in it as it is handed out, and one person after one row was filled in."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.blank_ledger import NOTES, SHEET, blank_layout, blank_ledger
from members.file_fields import BY_LEDGER_KEY
from members.importing.values import KEPT_FIELDS
from members.ledger.interpret import interpret
from members.ledger.reading import read_workbook
from members.models import LedgerImport, Member
from tests.members.ledger.making import id_number

LIST = "admin:members_ledgerimport_changelist"


def filled(**values):
    book = openpyxl.load_workbook(io.BytesIO(blank_ledger()))
    sheet = book[SHEET]
    for index, (_header, name) in enumerate(blank_layout(), 1):
        sheet.cell(3, index, values.get(name))
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_every_column_of_the_blank_ledger_means_its_field():
    found = interpret(read_workbook(filled(name="测甲乙", membership_status="正常")))
    sheet = next(sheet for sheet in found.sheets if sheet.name == SHEET)
    meanings = {column.header: column.field for column in sheet.columns}
    assert meanings == dict(blank_layout())
    assert {name for _header, name in blank_layout()} >= {
        *(KEPT_FIELDS & BY_LEDGER_KEY.keys()),
        "community",
        "direction",
    }
    assert not next(sheet for sheet in found.sheets if sheet.name == NOTES).used


def test_blank_ledger_keeps_numbers_as_text_and_offers_words():
    sheet = openpyxl.load_workbook(io.BytesIO(blank_ledger()))[SHEET]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for header in ("身份证号码", "联系电话"):
        assert sheet.column_dimensions[letters[header]].number_format == "@"
    offered = {str(rule.sqref).split("2")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered[letters["性别"]] == '"男,女"'
    assert offered[letters["流动方向"]] == '"流出,流入"'
    assert "汉族,蒙古族" in offered[letters["民族"]]


def test_empty_direction_is_not_guessed_from_the_titles():
    row = next(
        row for row in interpret(read_workbook(filled(name="测甲乙", started_on="2024-03"))).rows if row.kind == "data"
    )
    assert row.direction is None


@pytest.mark.parametrize("key", ["S11"])
def test_blank_ledger_goes_out_and_comes_back(login, world, acting, key):
    client = login("street_clerk@S11")
    answer = client.get(reverse("admin:members_ledgerimport_template"))
    assert answer.status_code == 200
    given = {"organization": str(world.organization(key).pk), "direction": ""}
    with acting("street_clerk@S11"):
        before = LedgerImport.objects.count()
    page = client.post(reverse(LIST), {**given, "file": SimpleUploadedFile("空白.xlsx", answer.content)})
    assert page.status_code == 200
    assert page.content.decode().count('role="alert"') == 1
    with acting("street_clerk@S11"):
        assert LedgerImport.objects.count() == before
    content = filled(
        name="测甲乙", id_number=id_number(), community="样例C111居委会", direction="流入", started_on="2024-03"
    )
    page = client.post(reverse(LIST), {**given, "file": SimpleUploadedFile("台账.xlsx", content)})
    assert page.status_code == 302
    client.post(page.url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        member = Member.objects.get(name="测甲乙")
        assert (member.organization, member.movements.get().started_on) == (world.organization("C111"), "2024-03")
        assert LedgerImport.objects.get(pk=page.url.rstrip("/").split("/")[-2]).counts["new"] == 1


def test_paper_of_the_blank_ledger_has_the_head_of_the_form():
    sheet = openpyxl.load_workbook(io.BytesIO(blank_ledger()))[SHEET]
    assert (sheet.print_title_rows, sheet.page_setup.paperSize, sheet.page_setup.orientation) == (
        "$1:$1",
        9,
        "landscape",
    )
    head = "".join(part.text for part in (sheet.oddHeader.left, sheet.oddHeader.center, sheet.oddHeader.right))
    for words in ("流动党员信息台账", "填报单位(盖章)", "填报人", "审核人", "填报日期"):
        assert words in head
    assert sheet.oddFooter.center.text == "第&P页 共&N页"
