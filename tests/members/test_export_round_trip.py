"""Out and in again: nothing changes that nobody changed, in every format, masked or not, and through LibreOffice."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from members.exporting import ExportWish, export_members
from members.importing import services
from members.models import Member
from tests.members.ledger.making import DATA, HEADER, id_number, person, xlsx
from tests.members.ledgers import REFUSED, SAMPLES, build_offices, expected_of, importer, organization
from tests.members.ledgers import acting as acting_of
from tests.members.test_export import bring_in

OFFICE = shutil.which("soffice")
KINDS = ["xlsx", "ods", "csv"]
PEOPLE = 9
MORE = {
    "学历": "大学本科", "从事职业": "货车司机", "工作单位": "样例货运服务部", "现居住地": "样例市样例街道样例路1号",
    "流入时间": "2024.05", "流出地党组织": "样例县某支部", "流出地联系人电话": "0551-65550000", "籍贯": "样例省样例市",
    "固定电话": "0551-65551111", "家属联系人": "样例甲 13900001111", "自定义列": "@乙",
}  # fmt: skip


def out(actor, kind="xlsx", *, unmasked=True, layout="") -> bytes:
    wish = ExportWish(kind, layout, unmasked, "check" if unmasked else "")
    content = export_members(members=Member.objects.order_by("name_pinyin", "pk"), by=actor, wish=wish).content
    assert content is not None
    return content


def rows_of_all():
    """Everything that an import might have written, as it is stored."""
    members = Member.objects.order_by("pk").values()
    return [{key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}
            for row in members]  # fmt: skip


def preview(actor, content, kind, place):
    return services.preview_ledger(data=content, name=f"回来.{kind}", organization=place, by=actor)


def changes_of(batch) -> dict[int, list]:
    staged = services.staged_rows(batch)
    return {row: found for (_sheet, row), found in staged.changes.items() if found}


@pytest.fixture
def people(world, acting):
    """Members of the street S11 with many fields, and texts that spreadsheets like to spoil."""
    header = [*HEADER, *MORE]
    rows = [
        [*person(number, 所属社区=f"样例C11{number % 2 + 1}居委会"), *MORE.values()] for number in range(1, PEOPLE + 1)
    ]
    rows[2][HEADER.index("备注")] = "+1+1"
    rows[3][HEADER.index("备注")] = "-3 月 00123"
    with acting("street_clerk@S11") as actor:
        place = world.organization("S11")
        counts = bring_in(xlsx({"流入党员": [header, *rows]}), place, actor).counts
        assert (counts["new"], counts["ask"], counts["error"]) == (PEOPLE, 0, 0), counts
        yield actor, place


@pytest.mark.parametrize("layout", ["own", "standard", "complete"])
@pytest.mark.parametrize("unmasked", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_out_and_in_changes_nothing(people, kind, unmasked, layout):
    actor, place = people
    before = rows_of_all()
    batch = preview(actor, out(actor, kind, unmasked=unmasked, layout=layout), kind, place)
    assert changes_of(batch) == {}
    assert (batch.counts["new"], batch.counts["changed"]) == (0, 0), batch.counts
    assert batch.counts["unchanged"] == PEOPLE
    services.apply_ledger(batch=batch, by=actor)
    assert rows_of_all() == before


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("kind", ["ods", "csv"])
@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in REFUSED])
def test_samples_in_the_other_formats(name, kind):
    """xlsx: tests/members/test_export.py."""
    build_offices()
    user, code = importer(expected_of(name))
    with acting_of(user) as actor:
        place = organization(code)
        bring_in((DATA / name).read_bytes(), place, actor, name)
        before = rows_of_all()
        for unmasked in (True, False):
            counts = bring_in(out(actor, kind, unmasked=unmasked), place, actor, f"l.{kind}").counts
            assert (counts["new"], counts["changed"]) == (0, 0), counts
        assert rows_of_all() == before


@pytest.fixture
def libreoffice(tmp_path):
    if OFFICE is None:
        pytest.skip("soffice is not installed: the round trip through LibreOffice was not tried")
    home = tmp_path / "profile"

    def convert(content: bytes, source: str, target: str) -> bytes:
        path = tmp_path / f"in.{source}"
        path.write_bytes(content)
        folder = tmp_path / f"to-{target}"
        wanted = f"{target}:Calc MS Excel 2007 XML" if target == "xlsx" else target
        subprocess.run(
            [OFFICE, "--headless", "--norestore", f"-env:UserInstallation=file://{home}", "--convert-to", wanted,
             "--outdir", str(folder), str(path)],
            check=True, timeout=180, capture_output=True, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        return Path(folder / f"in.{target}").read_bytes()

    return convert


def edited(content: bytes, edits: dict[tuple[str, str], str]) -> tuple[bytes, int]:
    """A workbook with cells changed by (name of the person, header); how many were changed."""
    book, done = openpyxl.load_workbook(io.BytesIO(content)), 0
    for sheet in book.worksheets:
        header = next(row for row in sheet.iter_rows() if any(cell.value == "姓名" for cell in row))
        places = {cell.value: cell.column for cell in header}
        for row in sheet.iter_rows(min_row=header[0].row + 1):
            for (name, column), text in edits.items():
                if row[places["姓名"] - 1].value == name:
                    row[places[column] - 1].value = text
                    done += 1
    target = io.BytesIO()
    book.save(target)
    return target.getvalue(), done


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("unmasked", [True, False])
def test_libreoffice_changes_the_edited_cells_alone(people, libreoffice, kind, unmasked):
    actor, place = people
    names = list(Member.objects.filter(name__startswith="样").order_by("name_pinyin").values_list("name", flat=True))
    names = names or list(Member.objects.exclude(name__contains="秘").values_list("name", flat=True))
    through = libreoffice(out(actor, kind, unmasked=unmasked), kind, "ods" if kind == "xlsx" else "xlsx")
    back = libreoffice(through, "ods" if kind == "xlsx" else "xlsx", "xlsx") if kind == "xlsx" else through
    batch = preview(actor, back, "xlsx", place)
    assert (batch.counts["changed"], batch.counts["new"], batch.counts["unchanged"]) == (0, 0, PEOPLE)
    changed, count = edited(back, {(names[0], "学历"): "博士", (names[1], "从事职业"): "教师"})
    assert count == 2
    final = libreoffice(libreoffice(changed, "xlsx", "ods"), "ods", "xlsx")
    batch = preview(actor, final, "xlsx", place)
    found = [change for changes in changes_of(batch).values() for change in changes]
    assert sorted((name, new) for name, _old, new in found) == [("education", "博士"), ("occupation", "教师")]
    assert (batch.counts["changed"], batch.counts["new"]) == (2, 0)


def test_libreoffice_sees_no_formula_and_every_digit(people, libreoffice):
    actor, _place = people
    text = libreoffice(out(actor), "xlsx", "fods").decode()
    assert "table:formula" not in text
    assert "+1+1" in text
    number = Member.objects.exclude(name__contains="秘").first().id_number
    assert f"<text:p>{number}</text:p>" in text


def test_libreoffice_prints_a4_pages_with_numbers(people, libreoffice):
    actor, _place = people
    text = libreoffice(out(actor), "xlsx", "fods").decode()
    assert 'style:print-orientation="landscape"' in text
    assert "<text:page-number>" in text
    assert "<text:page-count>" in text
    assert "<table:table-header-rows>" in text


def test_masked_file_is_told_from_values(people):
    actor, place = people
    batch = preview(actor, out(actor, unmasked=False), "xlsx", place)
    staged = services.staged_rows(batch)
    for row in staged.interpretation.rows:
        for name in ("id_number", "mobile"):
            cell = row.cells.get(name)
            assert cell is None or cell.value is None
    services.apply_ledger(batch=batch, by=actor)
    assert not [member for member in Member.objects.all() if "*" in member.mobile + member.id_number]
    assert not [member for member in Member.objects.all() if "*" in member.current_address + member.ledger_extra]


@pytest.mark.parametrize("kind", KINDS)
def test_head_of_two_lines_goes_out_as_it_came_in(world, acting, kind):
    heads = [*HEADER, "流入地", "", "", "家属", ""]
    titles = [*[""] * len(HEADER), "省", "市", "县", "姓名", "联系电话"]
    rows = [
        [*person(number, 所属社区="样例C111居委会"), "安徽省", "合肥市", town, "测家属", "13900001111"]
        for number, town in enumerate(["肥西县", "", "肥东县"], 1)
    ]
    wide = len(HEADER)
    merged = [f"{_letter(wide)}1:{_letter(wide + 2)}1", f"{_letter(wide + 3)}1:{_letter(wide + 4)}1"]
    merged += [f"{_letter(place)}1:{_letter(place)}2" for place in range(wide)]
    with acting("street_clerk@S11") as actor:
        place = world.organization("S11")
        counts = bring_in(xlsx({"流出党员": [heads, titles, *rows]}, merged=merged), place, actor).counts
        assert (counts["new"], counts["ask"], counts["error"]) == (3, 0, 0), counts
        mine = Member.objects.filter(name__in=[row[1] for row in rows])
        assert {movement.destination for one in mine for movement in one.movements.all()} == {
            "安徽省合肥市肥西县", "安徽省合肥市", "安徽省合肥市肥东县",
        }  # fmt: skip
        wish = ExportWish(kind, "", True, "check")
        content = export_members(members=mine.order_by("name_pinyin", "pk"), by=actor, wish=wish).content
        assert content is not None
        batch = preview(actor, content, kind, place)
        assert changes_of(batch) == {}
        assert batch.counts["unchanged"] == 3, batch.counts
        if kind == "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(content)).active
            lines = [[cell.value or "" for cell in line] for line in sheet.iter_rows(min_row=4, max_row=8)]
            assert lines[:2] == [heads, titles]
            assert ["安徽省", "合肥市", "肥西县"] in [line[wide : wide + 3] for line in lines]
            above = {str(area).replace("4", "1").replace("5", "2") for area in sheet.merged_cells.ranges}
            assert set(merged) <= above
            assert sheet.print_title_rows == "$4:$5"


@pytest.mark.parametrize("kind", KINDS)
def test_ticks_and_parts_of_a_date_go_out_in_their_columns(world, acting, kind):
    heads = ["姓名", "身份证号码", "联系电话", "所属社区", "性别", "", "入党时间", "", ""]
    titles = [*[""] * 4, "男", "女", "年", "月", "日"]
    rows = [
        ["测甲", id_number(), "13800000001", "样例C111居委会", "√", "", "1995", "7", "1"],
        ["测乙", id_number("1971-01-01", "982"), "13800000002", "样例C111居委会", "", "√", "1996", "10", ""],
        ["测丙", id_number("1972-01-01"), "13800000003", "样例C111居委会", "", "", "", "", ""],
    ]
    merged = [*(f"{_letter(place)}1:{_letter(place)}2" for place in range(4)), "E1:F1", "G1:I1"]
    with acting("street_clerk@S11") as actor:
        place = world.organization("S11")
        bring_in(xlsx({"流出党员": [heads, titles, *rows]}, merged=merged), place, actor)
        mine = Member.objects.filter(name__in=[row[0] for row in rows])
        found = mine.order_by("birth_date").values_list("name", "gender", "join_date")
        assert set(found) == {("测甲", "male", "1995-07-01"), ("测乙", "female", "1996-10"), ("测丙", "male", "")}
        wish = ExportWish(kind, "", True, "check")
        content = export_members(members=mine.order_by("name_pinyin", "pk"), by=actor, wish=wish).content
        assert content is not None
        batch = preview(actor, content, kind, place)
        assert changes_of(batch) == {}
        assert batch.counts["unchanged"] == 3, batch.counts
        if kind == "xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(content)).active
            lines = [[cell.value or "" for cell in line] for line in sheet.iter_rows(min_row=4, max_row=8)]
            rows[2][4] = "√"  # told by the ID number
            assert [lines[0], lines[1], *sorted(lines[2:])] == [heads, titles, *sorted(rows)]


def _letter(place: int) -> str:
    return get_column_letter(place + 1)
