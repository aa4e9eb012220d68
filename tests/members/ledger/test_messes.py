"""A clean row dirtied at random is read as the truth, or asked about: never a wrong value that nobody looks at."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from members.ledger.cell import ASK, ERROR, Context
from members.ledger.dates import parse_date
from members.ledger.identity import check_character, parse_id_number
from members.ledger.interpret import Options, interpret
from members.ledger.workbook import Sheet, Value, Workbook
from tests.members.ledger.making import CONTEXT, TODAY

SERIAL_ZERO = datetime.date(1899, 12, 30)
NUMERALS = "〇一二三四五六七八九"
days = st.dates(datetime.date(1932, 1, 1), datetime.date(2024, 12, 31))
areas = st.sampled_from(["340103", "110101", "652925", "510202", "310115"])
text_modes = st.booleans()


def numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else NUMERALS[tens] + "十")
    return head + (NUMERALS[ones] if ones else "")


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def day_forms(day: datetime.date) -> list[tuple[Value, str]]:
    """(cell, truth at the precision that is written) for one day."""
    y, m, d = day.year, day.month, day.day
    full, month = day.isoformat(), day.isoformat()[:7]
    forms: list[tuple[Value, str]] = [(day, full), (datetime.datetime(y, m, d, 16, 30), full)]  # noqa: DTZ001
    forms += [(float((day - SERIAL_ZERO).days), full), (int(f"{y}{m:02}{d:02}"), full), (int(f"{y}{m:02}"), month)]
    forms += [(float(f"{y}.{m:02}"), month), (float(f"{y}.{m}"), month), (float(f"{y % 100}.{m}"), month)]
    texts = [
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{y}-{m:02}-{d:02} 00:00:00",
        f"{y}年{m}月{d}日",
        f"{y} 年 {m} 月 {d} 日",
        wide(f"{y}.{m:02}.{d:02}"),
        f"\u200b{y}-{m}-{d}\xa0",
        f"'{y}{m:02}{d:02}",
        f"{d:02}/{m:02}/{y}",
        f"{m:02}/{d:02}/{y}",
        f"{y}-{m:02}-{d:02}（预备）",
        f"{y}、{m}、{d}",
        f"{y % 100:02}.{m:02}.{d:02}",
        f"{d}.{m}.{y % 100:02}",
        f"{y % 100}年{m}月{d}日",
        "".join(NUMERALS[int(c)] for c in str(y)) + f"年{numeral(m)}月{numeral(d)}日",
    ]
    forms += [(text, full) for text in texts]
    months = [
        f"{y}.{m:02}",
        f"{y}年{m}月",
        f"{y}-{m}",
        f"{y}/{m:02}",
        f"{y % 100:02}.{m}",
        f"{y}年{m}月前后",
        f"{m}/{y}",
    ]
    months.append("".join(NUMERALS[int(c)] for c in str(y)) + f"年{numeral(m)}月")
    forms += [(text, month) for text in months]
    return [*forms, (str(y), str(y)), (y, str(y)), (f"{y}年", str(y))]


@given(day=days, pick=st.integers(0, 10_000), untyped=text_modes)
@settings(max_examples=600, deadline=None)
def test_date_is_the_truth_or_a_question(day: datetime.date, pick: int, untyped: bool) -> None:
    forms = day_forms(day)
    cell, truth = forms[pick % len(forms)]
    value, severity, rule = parse_date(cell if not untyped else str(cell), Context(TODAY, untyped=untyped))
    assert value == truth or (value is None and severity in (ASK, ERROR) and rule), (cell, value, severity)


@given(day=days, pick=st.integers(0, 10))
@settings(max_examples=100, deadline=None)
def test_date_of_a_number_without_its_zero_is_never_january(day: datetime.date, pick: int) -> None:
    """1990.10 arrives as 1990.1 when it was a number, and as text when a file of numbers went through csv."""
    for cell, context in ((float(f"{day.year}.10"), CONTEXT), (f"{day.year}.1", Context(TODAY, untyped=True))):
        value, severity, rule = parse_date(cell, context)
        assert (value, severity, rule) == (None, ASK, "date_ambiguous_month")


@given(text=st.text(max_size=24))
@settings(max_examples=600, deadline=None)
def test_any_text_gives_a_real_date_or_none(text: str) -> None:
    value, _, _ = parse_date(text, CONTEXT)
    if value is not None:
        assert "1900" <= value <= TODAY.isoformat()
        datetime.date.fromisoformat(f"{value}-01-01"[:10] if len(value) == 4 else f"{value}-01"[:10])


def id_forms(number: str) -> list[Value]:
    return [
        number,
        number.lower(),
        wide(number),
        f" {number}\n",
        f"'{number}",
        f"`{number}",
        f"{number[:6]} {number[6:14]} {number[14:]}",
        f"\u200b{number}\xa0",
        f"身份证：{number}",
        number.replace("X", "×"),
        number[:17],
        number + "1",
        number[:14] + "****",
        "无",
        "",
        None,
        float(number[:17]) * 10,
        f"{float(number[:17]) * 10:.5E}",
        int(number[:15] + "000"),
        number[:15] + "000",
        number[:6] + number[8:17],
        float(number[:6] + number[8:17]),
        number[:10] + number[11] + number[10] + number[12:],
        f"{number[:17]}{'0' if number[17] != '0' else '1'}",
        f"{number}（已核对）",
        f"{number}/{number}",
    ]


@given(day=days, area=areas, sequence=st.integers(1, 999), pick=st.integers(0, 10_000), untyped=text_modes)
@settings(max_examples=600, deadline=None)
def test_id_number_is_the_truth_or_refused(
    day: datetime.date, area: str, sequence: int, pick: int, untyped: bool
) -> None:
    first = f"{area}{day:%Y%m%d}{sequence:03}"
    number = first + check_character(first)
    forms = id_forms(number)
    cell = forms[pick % len(forms)]
    value, severity, rule = parse_id_number(cell, Context(TODAY, untyped=untyped))
    if value == number:
        return
    if value is not None:  # an old number of 15 digits is of the twentieth century by definition
        assert rule == "id_15_extended"
        assert day.year >= 2000
        return
    assert severity in (ASK, ERROR)
    assert rule


@given(text=st.text(alphabet="0123456789xX*. -E+", max_size=24))
@settings(max_examples=600, deadline=None)
def test_any_digits_give_a_valid_number_or_none(text: str) -> None:
    value, severity, _ = parse_id_number(text, CONTEXT)
    if value is not None:
        assert check_character(value[:17]) == value[17]
    else:
        assert severity in (ASK, ERROR)


def mobile_forms(number: str) -> list[Value]:
    return [
        number,
        float(number),
        int(number),
        f"{number}.0",
        f"+86 {number}",
        f"86-{number}",
        f"0086{number}",
        wide(number),
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"{number[:3]} {number[3:7]} {number[7:]}",
        f"{number} 0551-62812345",
        f"{number}\n13900000000",
        f"{number}转123",
        f"{float(number):.5E}",
        number[:10],
        number + "1",
        f"{number[:3]}****{number[7:]}",
        f"测乙 {number}",
        "无",
        "—",
        "同上",
        None,
        f"\u200b{number}\xa0",
        f"手机：{number}",
    ]


genders: dict[str, list[Value]] = {
    "男": ["男", " 男", "1_男", "M", "男性", "甲"],
    "女": ["女", "女　", "2_女", "female", "女性", "乙"],
}
ethnic: dict[str, list[Value]] = {
    "汉族": ["汉", "汉族", "漢族", " 汉 族 "],
    "维吾尔族": ["维吾尔", "维族", "维吾尔族"],
    "回族": ["回", "回族"],
}


@given(data=st.data(), day=days, untyped=text_modes)
@settings(max_examples=400, deadline=None)
def test_dirtied_row_is_the_truth_or_a_question(data: st.DataObject, day: datetime.date, untyped: bool) -> None:
    born = day.replace(year=min(day.year, 1990), day=min(day.day, 28))
    joined = datetime.date(born.year + 20, 6, 15)
    gender = data.draw(st.sampled_from(["男", "女"]))
    first = f"340103{born:%Y%m%d}{'991' if gender == '男' else '992'}"
    truth = {
        "id_number": first + check_character(first),
        "mobile": f"138{data.draw(st.integers(0, 99_999_999)):08}",
        "gender": gender,
        "ethnicity": data.draw(st.sampled_from(list(ethnic))),
    }
    birth_cell, truth["birth_date"] = data.draw(st.sampled_from(day_forms(born)))
    join_cell, truth["join_date"] = data.draw(st.sampled_from(day_forms(joined)))
    cells: dict[str, Value] = {
        "姓名": data.draw(st.sampled_from(["测甲", "测　甲", " 测甲\u200b", "测甲（预备）"])),
        "性别": data.draw(st.sampled_from(genders[gender])),
        "民族": data.draw(st.sampled_from(ethnic[truth["ethnicity"]])),
        "出生年月": birth_cell,
        "身份证\n号码": data.draw(st.sampled_from(id_forms(truth["id_number"]))),
        "联系电话": data.draw(st.sampled_from(mobile_forms(truth["mobile"]))),
        "入党时间": join_cell,
    }
    order = data.draw(st.permutations(list(cells)))
    values = [str(cells[name]) if untyped and cells[name] is not None else cells[name] for name in order]
    book = Workbook("csv" if untyped else "xlsx", [Sheet("Sheet1", [list(order), values])])
    row = interpret(book, Options(today=TODAY)).rows[0]
    assert row.value("name") == "测甲"
    for name, expected in truth.items():
        cell = row.cells[name]
        blank = cell.value is None and (cell.severity in (ASK, ERROR) or cell.rule == "null_word" or cell.raw is None)
        assert cell.value == expected or blank or cell.rule == "id_15_extended", (name, cell)
