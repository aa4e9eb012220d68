"""Rows pasted out of WPS or Excel."""

import pytest

from members.importing.pasting import MOST_ROWS, pasted_rows, pasted_workbook
from members.ledger.workbook import LedgerRefused
from members.models import LedgerImport, Member
from tests.members.importing.pages import import_of, paste, row, upload
from tests.members.ledger.making import HEADER, id_number


def text_of(*rows):
    return "\r\n".join("\t".join(str(cell) for cell in cells) for cells in rows) + "\r\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("甲\t乙\r\n丙\t丁\r\n", [["甲", "乙"], ["丙", "丁"]]),
        ('甲\t"两\n行"\n丙\t丁', [["甲", "两\n行"], ["丙", "丁"]]),
        ('甲\t"有 ""引号"" 和\n换行"', [["甲", '有 "引号" 和\n换行']]),
        ('甲\t"\n乙\t"\n', [["甲", '"'], ["乙", '"']]),  # 同上, twice
        ('"\t甲\n"\t乙', [['"', "甲"], ['"', "乙"]]),
        ('"小王"\t1\n"小李"\t2', [['"小王"', "1"], ['"小李"', "2"]]),
        ("甲\t\t\n\n\n", [["甲", "", ""]]),
        ('"没有结束\t甲\n乙\t丙', [['"没有结束', "甲"], ["乙", "丙"]]),
    ],
)
def test_pasted_text_is_split_as_the_programs_copy_it(text, rows):
    assert pasted_rows(text) == rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n\t\n", "empty"),
        ("甲\n" * (MOST_ROWS + 2), "too_many_rows"),
        ("\t" * 300, "too_large"),
        ("甲" * 40_000, "too_large"),
    ],
)
def test_pasted_text_beyond_the_limits_is_refused(text, code):
    with pytest.raises(LedgerRefused) as caught:
        pasted_rows(text)
    assert caught.value.code == code


def test_pasted_rows_without_titles_are_refused():
    with pytest.raises(LedgerRefused) as caught:
        pasted_workbook([["1", "测甲乙", "男"]])
    assert caught.value.code == "no_header"


def test_pasted_rows_go_through_the_same_preview(login, world, acting):
    client = login("street_clerk@S11")
    page = paste(client, world, text_of(HEADER, row(1), row(2, 备注='"写了\n两行"')))
    with acting("street_clerk@S11"):
        batch = import_of(page)
        assert (batch.counts["new"], batch.source.kind) == (2, "pasted")
    client.post(page.url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        member = Member.objects.get(id_number_digest=Member.id_number.digest(str(row(2)[5])))
        assert (member.name, member.remark) == (row(2)[1], "写了 两行")


def test_pasted_rows_without_titles_take_the_columns_of_the_last_ledger(login, world, acting):
    client = login("street_clerk@S11")
    before = paste(client, world, text_of(row(1)), columns="last", key="C112")
    assert before.status_code == 200  # nothing was imported there, and nothing is guessed
    assert before.content.decode().count('role="alert"') == 1
    client.post(upload(client, world, row(1)).url, {"confirm": "1"})
    page = paste(client, world, text_of(row(2), row(3)), columns="last")
    with acting("street_clerk@S11"):
        batch = import_of(page)
        assert batch.counts["new"] == 2
    shown = client.get(page.url).content.decode()
    assert row(2)[1] in shown
    assert id_number(sequence="921") not in shown


def test_pasted_rows_without_titles_take_the_columns_of_the_blank_ledger(login, world, acting):
    client = login("street_clerk@S11")
    page = paste(
        client, world, "1\t测甲乙\t男\t汉族\t1970-01-01\t" + id_number() + "\t13800000001\t样例C111", columns="template"
    )
    client.post(page.url, {"confirm": "1"})
    with acting("street_clerk@S11"):
        assert Member.objects.get(name="测甲乙").organization == world.organization("C111")


def test_text_of_a_chat_is_told_from_rows_without_titles(login, world):
    client = login("street_clerk@S11")
    chat = paste(client, world, "#接龙\n流动党员登记\n1. 测甲 13800000001\n2. 测乙 13800000002")
    rows = paste(client, world, text_of(row(1)))
    told = [list(page.context["form"].errors["pasted"]) for page in (chat, rows)]
    assert len(told[0]) == len(told[1]) == 1
    assert told[0] != told[1]


def test_paste_without_titles_or_with_a_file_says_what_to_do(login, world, acting):
    client = login("street_clerk@S11")
    with acting("street_clerk@S11"):
        before = LedgerImport.objects.count()
    for page in (
        paste(client, world, text_of(row(1))),
        upload(client, world, row(1), pasted=text_of(row(1))),
        paste(client, world, " \n "),
    ):
        assert page.status_code == 200
        assert page.content.decode().count('role="alert"') == 1
    with acting("street_clerk@S11"):
        assert LedgerImport.objects.count() == before
