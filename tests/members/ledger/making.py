"""Small ledgers made in tests: synthetic people only."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from members.ledger.cell import Context
from members.ledger.communities import Choice
from members.ledger.identity import check_character
from members.ledger.interpret import Interpretation, Options, interpret
from members.ledger.reading import read_workbook

DATA = Path(__file__).parents[2] / "data" / "ledgers"
TODAY = datetime.date(2026, 11, 22)
CONTEXT = Context(TODAY)
HEADER = ["序号", "姓名", "性别", "民族", "出生日期", "身份证号码", "联系电话", "所属社区", "入党时间", "备注"]


def id_number(born: str = "1970-01-01", sequence: str = "991", area: str = "340103") -> str:
    """A synthetic number that passes every check."""
    first = f"{area}{born.replace('-', '')}{sequence}"
    return first + check_character(first)


def person(number: int = 1, **changes: Any) -> list[Any]:
    """One clean row below HEADER; `changes` by header."""
    row = dict(
        zip(
            HEADER,
            [
                number,
                f"测{chr(0x4E00 + 200 + number)}甲",
                "男",
                "汉族",
                "1970-01-01",
                id_number(sequence=f"{90 + number % 10}1"),
            ]
            + [f"1380000{number:04}", "五里社区", "1995-07-01", ""],
            strict=True,
        )
    )
    return list((row | changes).values())


def somebody(number: int, **changes: Any) -> list[Any]:
    """One of thousands of clean rows below HEADER: nobody shares a name, a number or a birth date with too many."""
    born = f"19{50 + number % 40}-{1 + number // 40 % 12:02}-{1 + number // 480 % 28:02}"
    name = f"测{chr(0x4E00 + number % 500)}{chr(0x5000 + number // 500)}"
    own = {"姓名": name, "出生日期": born, "身份证号码": id_number(born), "联系电话": f"1390{number:07}"}
    return person(number + 1, **(own | changes))


def xlsx(
    sheets: dict[str, Iterable[Sequence[Any]]], merged: Iterable[str] = (), formats: dict[str, str] | None = None
) -> bytes:
    """A workbook; `merged` and `formats` concern the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for area in merged:
        book.worksheets[0].merge_cells(area)
    for place, code in (formats or {}).items():
        book.worksheets[0][place].number_format = code
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def read_rows(rows: Iterable[Sequence[Any]], **options: Any) -> Interpretation:
    """Interpret one sheet of rows."""
    return interpret(read_workbook(xlsx({"Sheet1": rows})), Options(today=TODAY, **options))


def with_sheet_xml(xml: str) -> bytes:
    """A workbook whose only sheet is the given XML."""
    source = io.BytesIO(xlsx({"Sheet1": [HEADER, person()]}))
    output = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return output.getvalue()


def choices(allowed: Iterable[str] | None = None) -> list[Choice]:
    """The communities of the sample street, or those with the given codes."""
    with (DATA / "organizations.csv").open(encoding="utf-8") as file:
        known = {row["code"]: row for row in csv.DictReader(file)}
    wanted = set(allowed) if allowed is not None else set(known)
    result = []
    for code, row in known.items():
        if row["kind"] != "community" or code not in wanted:
            continue
        path, above = [], row["parent_code"]
        while above:
            path.insert(0, known[above]["name"])
            above = known[above]["parent_code"]
        result.append(Choice(code, code, row["name"], row["name"].removesuffix("居委会"), tuple(path)))
    return result
