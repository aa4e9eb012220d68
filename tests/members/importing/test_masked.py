"""A masked export comes back: masks are known again, name nobody who is not certain, and are never stored."""

import csv
import io

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import services as members_services
from members.exporting import ExportWish, export_members
from members.importing import services
from members.ledger.identity import check_character
from members.masks import mask_in_export
from members.models import Member
from tests.members.ledger.making import id_number, xlsx
from tests.members.test_imports import bring_in, codes, preview

HEADER = [
    "姓名", "性别", "出生日期", "身份证号码", "联系电话", "所属社区", "从事职业", "工作单位", "现居住地", "证件类型",
    "特别栏",
]  # fmt: skip
HIDDEN = {"身份证号码": "id_number", "联系电话": "mobile", "工作单位": "employer", "现居住地": "current_address"}
HIDDEN |= {"证件类型": "id_type", "特别栏": ""}
NUMBER = id_number("1970-01-01", "991")


def row(number=1, **changes):
    values = [
        f"测{chr(0x5200 + number)}甲", "男", "1970-01-01", id_number("1970-01-01", f"{100 + number * 2 + 1}"),
        f"138{number:04}{number + 1000:04}", "样例C111居委会", "教师", "样例货运服务部", "样例市样例街道样例路1号",
        "居民身份证", f"他的电话1390000{number:04}",
    ]  # fmt: skip
    return [*(dict(zip(HEADER, values, strict=True)) | changes).values()]


def masked(values, **changes):
    """A row as a masked export shows it; `changes` are typed in afterwards."""
    cells = dict(zip(HEADER, values, strict=True))
    return [*(cells | {key: mask_in_export(name, cells[key]) for key, name in HIDDEN.items()} | changes).values()]


def bring(world, clerk, *rows, **options):
    return bring_in(world, clerk, *rows, header=HEADER, **options)


def stored():
    columns = [field.attname for field in Member._meta.concrete_fields if field.attname != "updated_at"]
    return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in line)
            for line in Member.objects.order_by("pk").values_list(*columns)]  # fmt: skip


def same_mask(number: str) -> str:
    """A number of somebody born on another day, of which a mask shows the same."""
    for day in range(2, 29):
        first = f"{number[:6]}197001{day:02}{number[14:17]}"
        if check_character(first) == number[17]:
            return first + number[17]
    raise AssertionError(number)


@pytest.fixture
def clerk(acting):
    with acting("street_clerk@S11") as actor:
        yield actor


def test_masked_rows_are_known_and_edited_cells_alone_change(world, clerk):
    bring(world, clerk, row(1), row(2), row(3))
    before = stored()
    report, outcomes = bring(world, clerk, masked(row(1)), masked(row(2)), masked(row(3)))
    assert outcomes == ["unchanged"] * 3
    assert [line["problems"] for line in report["rows"]] == [[]] * 3
    cells = report["rows"][0]["cells"]
    for name in ("id_number", "mobile", "employer", "current_address", "id_type"):
        assert (cells[name]["value"], cells[name]["severity"], cells[name]["rule"]) == (None, "ok", "masked_same")
    assert stored() == before
    batch = preview(
        world, clerk, masked(row(1), 从事职业="厨师"), masked(row(2)), masked(row(3), 联系电话="13955556666"),
        header=HEADER,
    )  # fmt: skip
    staged = services.staged_rows(batch)
    changes = {number: found for (_sheet, number), found in staged.changes.items() if found}
    assert {number: [(name, new) for name, _old, new in found] for number, found in changes.items()} == {
        2: [("occupation", "厨师")], 4: [("mobile", "13955556666")],
    }  # fmt: skip
    services.apply_ledger(batch=batch, by=clerk)
    assert Member.objects.get(name=row(1)[0]).occupation == "厨师"
    assert Member.objects.get(name=row(3)[0]).mobile == "13955556666"
    assert Member.objects.get(name=row(3)[0]).id_number == row(3)[3]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_exported_file_with_two_edits(world, clerk, kind):
    bring(world, clerk, row(1), row(2), row(3))
    people = Member.objects.filter(name__in=[row(number)[0] for number in (1, 2, 3)])
    content = export_members(members=people, by=clerk, wish=ExportWish(kind, layout="own")).content
    batch = services.preview_ledger(data=content, name=f"l.{kind}", organization=world.organization("S11"), by=clerk)
    assert (batch.counts["unchanged"], batch.counts["error"], batch.counts["ask"]) == (3, 0, 0), batch.counts
    assert not [line["problems"] for line in services.ledger_report(batch)["rows"] if line["outcome"] == "unchanged"
                and any(problem["severity"] == "ask" for problem in line["problems"])]  # fmt: skip
    if kind == "csv":
        text = content.decode("utf-8-sig")
        lines = [
            [{"教师": "厨师"}.get(cell, cell) if row(1)[0] in line else cell for cell in line]
            for line in csv.reader(io.StringIO(text))
        ]
        target = io.StringIO()
        csv.writer(target).writerows(lines)
        batch = services.preview_ledger(
            data=target.getvalue().encode(), name="l.csv", organization=world.organization("S11"), by=clerk
        )
        changes = [found for found in services.staged_rows(batch).changes.values() if found]
        assert changes == [[("occupation", "教师", "厨师")]]


def test_mask_that_is_not_the_stored_one_stays_asked_and_is_not_stored(world, clerk):
    bring(world, clerk, row(1))
    before = stored()
    strange = masked(
        row(1),
        工作单位="别的单位****",
        现居住地="某市某街道****",
        从事职业="司机138****0000",
        特别栏="他的电话137****0001",
    )
    report, outcomes = bring(world, clerk, strange)
    assert outcomes == ["unchanged"]
    asked = {problem["field"] for problem in report["rows"][0]["problems"] if problem["code"] == "text_masked"}
    assert asked == {"employer", "current_address", "occupation", "特别栏"}
    assert stored() == before


def test_masks_of_nobody_are_stored_nowhere(world, clerk):
    _report, outcomes = bring(world, clerk, masked(row(1), 身份证号码=row(1)[3], 从事职业="甲**"))
    assert outcomes == ["new"]
    member = Member.objects.get(name=row(1)[0])
    kept = [getattr(member, name) for name in ("mobile", "employer", "current_address", "id_type", "occupation")]
    assert kept == [""] * 5
    assert "*" not in member.ledger_extra
    assert "电话" not in member.ledger_extra


@pytest.mark.parametrize(
    "changes",
    [
        {"身份证号码": "340***********0000"},
        {"身份证号码": "******************"},
        {"联系电话": "138****0000"},
        {"出生日期": "1970-01-02"},
        {"姓名": "测乙乙"},
    ],
)
def test_row_that_does_not_fit_waits_as_before(world, clerk, changes):
    bring(world, clerk, row(1))
    before = stored()
    report, outcomes = bring(world, clerk, masked(row(1), 从事职业="厨师", **changes))
    assert outcomes == ["error"]
    assert "id_masked" in codes(report)
    assert stored() == before


def test_namesakes_with_equal_masks_wait_unless_the_birth_date_tells(world, clerk):
    other = same_mask(NUMBER)
    one = row(1, 身份证号码=NUMBER)
    two = row(1, 身份证号码=other, 出生日期=f"{other[6:10]}-{other[10:12]}-{other[12:14]}")
    assert bring(world, clerk, one, two)[1] == ["new", "new"]
    assert masked(one)[3] == masked(two)[3]
    before = stored()
    report, outcomes = bring(world, clerk, masked(one, 出生日期="", 从事职业="厨师"))
    assert outcomes == ["error"]
    assert "id_masked" in codes(report)
    assert stored() == before
    assert bring(world, clerk, masked(one), masked(two, 从事职业="厨师"))[1] == ["unchanged", "changed"]
    assert {member.id_number: member.occupation for member in Member.objects.filter(name=one[0])} == {
        NUMBER: "教师", other: "厨师",
    }  # fmt: skip


def test_namesakes_born_on_one_day_are_not_one_person(world, clerk):
    """In the file their rows look like the same person twice: the numbers that tell them apart are masked."""
    one, two = row(1), row(1, 身份证号码=NUMBER, 联系电话="13911112222")
    bring(world, clerk, one, two)
    whole = masked(two, 身份证号码=NUMBER, 从事职业="司机")
    for second, job in ((masked(two, 从事职业="厨师"), "厨师"), (whole, "司机")):
        report, outcomes = bring(world, clerk, masked(one), second)
        assert outcomes == ["unchanged", "changed"]
        assert "duplicate_row" not in codes(report, 1)
        assert Member.objects.get(mobile_digest=Member.mobile.digest(two[4])).occupation == job
        assert Member.objects.get(mobile_digest=Member.mobile.digest(one[4])).occupation == "教师"


def test_person_without_number_is_known_by_the_masked_mobile(world, clerk):
    bring(world, clerk, row(1, 身份证号码="", 出生日期=""), row(1, 身份证号码="", 出生日期="", 联系电话="13911112222"))
    line = row(1, 身份证号码="", 出生日期="")
    report, outcomes = bring(world, clerk, masked(line, 从事职业="厨师"))
    assert outcomes == ["changed"]
    assert report["rows"][0]["cells"]["mobile"]["rule"] == "masked_same"
    assert {member.mobile: member.occupation for member in Member.objects.filter(name=line[0])} == {
        line[4]: "厨师", "13911112222": "教师",
    }  # fmt: skip
    before = stored()
    report, outcomes = bring(world, clerk, masked(line, 联系电话="137****9999", 从事职业="厨师"))
    assert outcomes == ["ask"]
    assert {"same_name", "mobile_masked"} <= codes(report)
    assert stored() == before


def test_namesakes_with_equal_masks_of_their_mobiles_wait(world, clerk):
    one = row(1, 身份证号码="", 出生日期="")
    two = row(1, 身份证号码="", 出生日期="", 联系电话=f"{one[4][:3]}9999{one[4][7:]}")
    assert bring(world, clerk, one, two)[1] == ["new", "new"]
    before = stored()
    for line in (masked(one), masked(one, 从事职业="厨师")):
        report, outcomes = bring(world, clerk, line)
        assert outcomes == ["ask"]
        assert "same_name" in codes(report)
    assert stored() == before


def test_masks_of_another_office_are_of_nobody(world, clerk, acting):
    with acting("street_clerk@S21") as other:
        there = row(1, 所属社区="样例C211居委会")
        assert bring(world, other, there, key="S21")[1] == ["new"]
        report, outcomes = bring(world, other, masked(there), key="S21")
        assert outcomes == ["unchanged"]
    with acting("street_clerk@S11") as here:
        seen, outcomes = bring(world, here, masked(row(1), 从事职业="厨师"))
        absent, outcomes_absent = bring(world, here, masked(row(2), 从事职业="厨师"))
        assert outcomes == outcomes_absent == ["error"]
        assert seen["rows"][0]["problems"] == absent["rows"][0]["problems"]
        assert seen["rows"][0]["member"] is None


def test_edits_that_the_stored_number_denies_are_asked(world, clerk):
    header = [*HEADER, "入党时间"]
    bring_in(world, clerk, [*row(1), "1995-07-01"], header=header)
    edited = [*masked(row(1), 性别="女"), "1950-07-01"]
    report, outcomes = bring_in(world, clerk, edited, header=header)
    assert {"gender_differs_from_id", "join_before_birth"} <= codes(report)
    member = Member.objects.get(name=row(1)[0])
    assert (member.gender, member.join_date) == ("male", "1995-07-01")
    again, _outcomes = bring_in(world, clerk, edited, header=header)
    assert again["rows"][0]["outcome"] == "unchanged"


def test_mask_is_compared_anew_when_the_file_changed_after_the_preview(world, clerk):
    bring(world, clerk, row(1), row(2))
    batch = preview(world, clerk, masked(row(1), 从事职业="厨师"), masked(row(2), 从事职业="司机"), header=HEADER)
    assert batch.counts["changed"] == 2
    member = Member.objects.get(name=row(1)[0])
    members_services.change_member(member=member, values={"mobile": "13955556666"}, by=clerk)
    batch = services.apply_ledger(batch=batch, by=clerk)
    assert (batch.counts["changed"], batch.counts["error"]) == (1, 1)
    assert Member.objects.get(pk=member.pk).occupation == "教师"
    assert Member.objects.get(name=row(2)[0]).occupation == "司机"
    problems = services.ledger_report(batch)["rows"][0]["problems"]
    assert [problem["code"] for problem in problems].count("id_masked") == 1


def test_no_number_is_opened_that_no_masked_row_means(world, clerk):
    """Whoever opened the broken one would fail."""
    bring(world, clerk, row(1), row(2), row(3))
    Member.objects.filter(name=row(2)[0]).update(id_number_sealed=b"\x01\x00" + bytes(40))
    rows = [masked(row(1), 从事职业="厨师"), row(2, 从事职业="司机"), masked(row(3))]
    assert preview(world, clerk, *rows, header=HEADER).counts["changed"] == 2
    with pytest.raises(InvalidTag):
        preview(world, clerk, masked(row(2)), header=HEADER)


def test_masked_rows_cost_no_query_each(world, clerk):
    counts = []
    for size in (20, 200):
        bring(world, clerk, *[row(number) for number in range(1, size + 1)])
        data = xlsx({"Sheet1": [HEADER, *[masked(row(number)) for number in range(1, size + 1)]]})
        with CaptureQueriesContext(connection) as queries:
            batch = services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=clerk)
            services.apply_ledger(batch=batch, by=clerk)
        assert batch.counts["unchanged"] == size
        counts.append(len(queries))
    assert counts[0] == counts[1]
