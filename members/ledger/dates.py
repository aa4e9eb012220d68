"""Dates as people write them: a value with the precision that was written, or a question.

A date is 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'. Nothing here fills a missing month or day, and nothing is guessed: a number
1990.1 is January or October, 06/01/1985 is June or January. Rules: ledgers, messes 15 to 20.
"""

import datetime
import re

from .cell import ASK, FIXED, OK, Cell, Context, raw_text
from .folding import clean_text, compact, fold
from .vocabulary import NULL_WORDS
from .workbook import CellError, ShownNumber, Value

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_YEAR_FIRST = re.compile(r"'?(\d{4})[-./年,、·。‧_—–](\d{1,2})(?:[-./月,、·。‧_—–](\d{1,2}))?[日号月.]?")
_SHORT_YEAR = re.compile(r"'?(\d\d)[-./年,、·。‧](\d{1,2})(?:[-./月,、·。‧](\d{1,2}))?[日号月.]?")
_ONE_DECIMAL = re.compile(r"(?:\d{4}|\d\d)\.1")
_YEAR_ONLY = re.compile(r"(\d{4})年?")
_DIGITS8 = re.compile(r"(\d{4})(\d\d)(\d\d)")
_DIGITS6 = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_TIME = re.compile(r"(?<=[\d日])[T\s]\s*(\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?\s*(?:AM|PM)?$")
_RANGE = re.compile(r"(.{4,}?)(?:至|到|~|-+|—+|–)(今|现在|目前|(?:19|20)\d\d.*)")
_NUMERAL_DATE = re.compile(r"[〇○零一二三四五六七八九十廿卅年月日号]+")
_NUMERALS = {"〇": 0, "○": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SERIAL_EPOCH = datetime.date(1899, 12, 30)
_EARLIEST = 1900
# A short year with three parts may be day-month-year; above 31 it cannot be a day.
_NO_DAY = 31

Parsed = tuple[str | None, str, str | None]


def parse_date(value: Value, context: Context, *, future: bool = False) -> Parsed:
    """Return (date text or None, severity, rule). `future` allows days after today (planned ends)."""
    text, severity, rule = _read(value, context)
    if text is None:
        return text, severity, rule
    year = int(text[:4])
    if year < _EARLIEST:
        return None, ASK, "date_too_early"
    if not future and text > context.today_text[: len(text)]:
        return None, ASK, "date_future"
    if future and year > context.today.year + 20:
        return None, ASK, "date_future"
    return text, severity, rule


def clean_date(column: str, value: Value, context: Context, *, future: bool = False) -> Cell:
    """Clean one cell of a date column."""
    raw = raw_text(value)
    if raw is None:
        return Cell(column, None, None)
    if _is_plain(value, raw) and "1900" < raw <= context.today_text:
        return Cell(column, raw, raw)
    text, severity, rule = parse_date(value, context, future=future)
    if text == raw and severity == FIXED:  # written as it is stored: nothing was changed
        return Cell(column, raw, text)
    return Cell(column, raw, text, severity, rule)


def _is_plain(value: Value, raw: str) -> bool:
    """Whether a cell is a date or an exact ISO text of one: most cells of a well-kept ledger."""
    if type(value) is datetime.date:
        return True
    if len(raw) != 10 or type(value) is not str:
        return False
    try:
        return datetime.date.fromisoformat(raw).isoformat() == raw
    except ValueError:
        return False


def _read(value: Value, context: Context) -> Parsed:
    if isinstance(value, CellError):
        return None, ASK, "cell_error"
    if isinstance(value, datetime.date):
        return f"{value.year:04}-{value.month:02}-{value.day:02}", OK, None
    if isinstance(value, bool) or value is None:
        return None, OK if value is None else ASK, None if value is None else "date_format"
    if isinstance(value, int | float):
        return _number(value, context)
    return _text(str(value), context)


def _day(year: int, month: int, day: int | None, severity: str, rule: str | None) -> Parsed:
    try:
        datetime.date(year, month, day or 1)
    except ValueError:
        return None, ASK, "date_impossible"
    if day is None:
        return f"{year:04}-{month:02}", severity, rule
    return (f"{year:04}-{month:02}-{day:02}", severity, rule) if day else (None, ASK, "date_impossible")


def _number(value: int | float, context: Context) -> Parsed:
    if isinstance(value, ShownNumber):
        return _year_point_month(value.shown, context)
    if float(value).is_integer():
        return _whole(int(value), context)
    if 10_000 <= value <= 60_000:
        return _serial(int(value), context)
    text = repr(round(float(value), 6))
    whole, _, part = text.partition(".")
    if len(whole) == 4 and len(part) == 4:
        return _day(int(whole), int(part[:2]), int(part[2:]), FIXED, "date_number")
    if part == "1" and len(whole) in (2, 4):
        return None, ASK, "date_ambiguous_month"  # 1990.1 or 1990.10: the zero is lost
    if len(whole) in (2, 4) and len(part) <= 2:
        return _year_point_month(text, context)
    return None, ASK, "date_format"


def _year_point_month(text: str, context: Context) -> Parsed:
    whole, _, part = text.partition(".")
    if len(whole) == 4:
        return _day(int(whole), int(part), None, FIXED, "date_number")
    year = _full_year(int(whole), context)
    return (
        (None, ASK, "date_two_digit_year")
        if year is None
        else _day(year, int(part), None, FIXED, "date_two_digit_year")
    )


def _whole(value: int, context: Context) -> Parsed:
    text = str(value)
    if len(text) == 8:
        return _compact_day(text)
    if len(text) == 6:
        found = _DIGITS6.fullmatch(text)
        return _day(int(found[1]), int(found[2]), None, FIXED, "date_digits") if found else (None, ASK, "date_format")
    if len(text) == 4 and 1900 <= value <= 2100:
        return text, FIXED, "date_year_only"
    if 10_000 <= value <= 60_000:
        if 1920 <= value // 10 <= context.today.year:
            return None, ASK, "date_ambiguous"  # 19856 may be 1985.6 whose point was lost
        return _serial(value, context)
    if value == 0:
        return None, FIXED, "null_word"
    return None, ASK, "date_format"


def _compact_day(text: str) -> Parsed:
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not 1800 <= year <= 2200:
        return None, ASK, "date_format"
    if day == 0 and 1 <= month <= 12:
        return None, ASK, "date_impossible"
    return _day(year, month, day, FIXED, "date_digits") if month else (None, ASK, "date_impossible")


def _serial(value: int, context: Context) -> Parsed:
    day = _SERIAL_EPOCH + datetime.timedelta(days=value + (1462 if context.date1904 else 0))
    return day.isoformat(), FIXED, "date_serial"


def _full_year(short: int, context: Context) -> int | None:
    """1985 for 85; None where the century is open."""
    return 1900 + short if short > max(context.today.year % 100, _NO_DAY) else None


def _text(value: str, context: Context) -> Parsed:
    if len(value) == 10 and (found := _ISO.fullmatch(value)):
        return _day(int(found[1]), int(found[2]), int(found[3]), OK, None) if found[3] != "00" else _bad()
    text = fold(value)
    if (time := _TIME.search(text)) and time[2] not in (None, "+08:00", "+0800") and time[1].strip("0:."):
        return None, ASK, "date_remark"  # 1985-06-11T16:00:00Z is the twelfth here, or it is not
    text = compact(_TIME.sub("", text)).strip("'`\"")
    if not text or text.lower() in NULL_WORDS:
        return None, OK if not clean_text(value) else FIXED, "null_word" if text else None
    if len(text) > 60:
        return None, ASK, "date_format"
    numerals = "年" in text and _NUMERAL_DATE.fullmatch(text) is not None
    if numerals:
        text = _from_numerals(text)
    return _digits(text, context) or _points(text, context, numerals) or _beside(text, context)


def _bad() -> Parsed:
    return None, ASK, "date_impossible"


def _digits(text: str, context: Context) -> Parsed | None:
    if not text.isdecimal():
        found = _YEAR_ONLY.fullmatch(text)
        return (found[1], FIXED, "date_year_only") if found and found[1][:2] in ("19", "20") else None
    if len(text) > 8:
        return None, ASK, "date_format"
    if text.startswith("0") and len(text) != 8:
        return None, ASK, "date_format"
    return _whole(int(text), context) if len(text) != 8 else _compact_day(text)


def _points(text: str, context: Context, numerals: bool) -> Parsed | None:
    rule = "date_numerals" if numerals else "date_text"
    if found := _YEAR_FIRST.fullmatch(text):
        if found[3] is None and _lost_zero(text, found[2], context):
            return None, ASK, "date_ambiguous_month"
        return _parts(int(found[1]), found[2], found[3], rule)
    if found := _SHORT_YEAR.fullmatch(text):
        year = _full_year(int(found[1]), context)
        if year is None:
            return None, ASK, "date_two_digit_year"
        if found[3] is None and _lost_zero(text, found[2], context):
            return None, ASK, "date_ambiguous_month"
        return _parts(year, found[2], found[3], "date_two_digit_year")
    if found := _YEAR_LAST.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        if first > 12 or first == second:
            return _day(int(found[3]), second, first, FIXED, "date_year_last") if first and second else _bad()
        if second > 12:
            return _day(int(found[3]), first, second, FIXED, "date_year_last") if first else _bad()
        return None, ASK, "date_ambiguous_order"
    return None


def _parts(year: int, month: str, day: str | None, rule: str) -> Parsed:
    if not int(month) or (day is not None and not int(day)):
        return _bad()
    return _day(year, int(month), int(day) if day else None, FIXED, rule)


def _lost_zero(text: str, month: str, context: Context) -> bool:
    """Whether 1990.1 in a file of plain text may have been a number 1990.10."""
    return context.untyped and month == "1" and "." in text


def _from_numerals(text: str) -> str:
    """一九八五年六月十二日 as 1985年6月12日; text that is no such date comes back as it is."""
    parts = re.split(r"([年月日号])", text)
    result = []
    for index in range(0, len(parts) - 1, 2):
        number = _numeral(parts[index], year=parts[index + 1] == "年")
        if number is None:
            return text
        result.append(number + parts[index + 1])
    return "".join(result) if not parts[-1] else text


def _numeral(text: str, *, year: bool) -> str | None:
    if year:
        return (
            "".join(str(_NUMERALS[char]) for char in text) if text and all(char in _NUMERALS for char in text) else None
        )
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, mark, ones = text.rpartition("十")
    if any(char not in _NUMERALS for char in tens + ones) or len(tens) > 1 or len(ones) > 2:
        return None
    digits = int("".join(str(_NUMERALS[char]) for char in ones) or 0)
    if not mark:
        return str(digits) if ones and (len(ones) == 1 or ones[0] in "〇○零") else None
    return str((_NUMERALS[tens] if tens else 1) * 10 + digits) if len(ones) <= 1 else None


def _beside(text: str, context: Context) -> Parsed:
    """Not a date alone: say which kind of question it is. Only "since …" gives its date."""
    if found := _RANGE.fullmatch(text):
        if found[2] in ("今", "现在", "目前"):
            date, severity, rule = _digits(found[1], context) or _points(found[1], context, False) or (None, ASK, None)
            return date, severity, "date_since" if date else rule or "date_range"
        return None, ASK, "date_range"
    if re.search(r"(?:19|20)\d\d", text):
        return None, ASK, "date_remark"
    return None, ASK, "date_format"


def may_have_lost_zero(value: str) -> bool:
    """Whether a text is 1990.1 and nothing else: January, or a number 1990.10 that some program wrote out."""
    return _ONE_DECIMAL.fullmatch(fold(value).strip("'`\"")) is not None


def shows_october(value: Value) -> bool:
    """Whether a text is 1990.10: where one keeps its zero, 1990.1 is January."""
    return type(value) is str and value.rstrip().endswith(".10") and len(value) < 12


def certain_day(text: str | None) -> bool:
    """Whether a date text has a day."""
    return text is not None and len(text) == 10


def precedes(first: str, second: str) -> bool:
    """Whether `first` certainly lies before `second`, compared at the coarser precision of the two."""
    size = min(len(first), len(second))
    return first[:size] < second[:size]


def years_later(text: str, years: int) -> str:
    """The same date some years later, with the same precision."""
    return f"{int(text[:4]) + years:04}{text[4:]}"
