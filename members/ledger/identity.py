"""Numbers of the resident identity card (GB 11643-1999): 17 digits and a check character, MOD 11-2.

A number that is not certainly right is never kept: a wrong one would join two people. Old numbers of 15 digits are
extended. Area codes are checked by province only: codes that were abolished stay on the card for life.
"""

import datetime
import re
from operator import mul

from .cell import ASK, ERROR, FIXED, OK, Cell, Context, raw_text
from .folding import compact
from .vocabulary import NULL_WORDS
from .workbook import CellError, Value

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OFFSET = sum(_WEIGHTS) * ord("0")
_CHECK = "10X98765432"
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_PLAIN = re.compile(r"\d{17}[\dX]", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_FLOAT = re.compile(r"(\d{15,18})\.0+")
_LABEL = re.compile(
    r"^(?:公民|居民|二代)*(?:身份证?(?:件)?(?:号码?)?|证件号码?|ID(?:号码?)?)[:：]?(?=\d)", re.IGNORECASE
)
_NOISE = re.compile(r"[\s'`\"‘’“”′,，.。\-‐‑–—_]+")
_MASK = re.compile(r"[*＊xX●•]{3,}|[*＊]")

Parsed = tuple[str | None, str, str | None]


def check_character(first17: str) -> str:
    """The eighteenth character for the first seventeen digits."""
    return _CHECK[(sum(map(mul, first17.encode("ascii"), _WEIGHTS)) - _OFFSET) % 11]


def parse_id_number(value: Value, context: Context) -> Parsed:
    """Return (18 characters or None, severity, rule)."""
    if isinstance(value, str) and not isinstance(value, CellError) and len(value) == 18 and _PLAIN.fullmatch(value):
        return _verify(value, OK, None, context)
    if value is None or value == "":
        return None, ASK, "id_missing"
    if isinstance(value, CellError | bool | datetime.date):
        return None, ERROR, "id_format"
    if isinstance(value, int | float):
        return _number(float(value), context)
    return _text(str(value), context)


def _number(value: float, context: Context) -> Parsed:
    if value == 0:
        return None, ASK, "id_missing"
    if value >= 1e15:
        return None, ERROR, "id_precision_lost"
    if not value.is_integer():
        return None, ERROR, "id_format"
    text = str(int(value))
    if len(text) != 15:
        return None, ERROR, "id_length"
    return _extend(text, context)


def _text(value: str, context: Context) -> Parsed:
    text = compact(value)
    if not text or text.lower() in NULL_WORDS or not text.strip("0"):
        return None, ASK, "id_missing"
    if _SCIENTIFIC.fullmatch(text):
        return None, ERROR, "id_precision_lost"
    if _MASK.search(text[:-1] if text[-1] in "xX" and text[-4:-1].isdecimal() else text):
        return None, ERROR, "id_masked"
    if found := _FLOAT.fullmatch(text):
        # a number on its way through another program: at 16 digits and more its end is not to be trusted
        return _extend(found[1], context) if len(found[1]) == 15 else (None, ERROR, "id_precision_lost")
    text = _NOISE.sub("", _LABEL.sub("", text.strip("'`\"‘’“”"))).upper().replace("×", "X").replace("Х", "X")
    if len(text) == 15 and text.isdecimal() and text.isascii():
        return _extend(text, context)
    if _PLAIN.fullmatch(text):
        return _verify(text, OK if text == value else FIXED, None if text == value else "id_cleaned", context)
    if re.fullmatch(r"[\dX]+", text) and len(text) > 5:
        return None, ERROR, "id_length" if len(text) != 18 else "id_format"
    return None, ERROR, "id_format"


def _extend(text: str, context: Context) -> Parsed:
    if text[6:8] in ("19", "20"):  # the first fifteen of eighteen digits: nobody of 1919 or 1920 is in a ledger
        return None, ERROR, "id_length"
    longer = f"{text[:6]}19{text[6:]}"
    return _verify(longer + check_character(longer), FIXED, "id_15_extended", context)


def _verify(text: str, severity: str, rule: str | None, context: Context) -> Parsed:
    if text[:2] not in _PROVINCES:
        return None, ERROR, "id_area"
    try:
        born = datetime.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None, ERROR, "id_birthdate"
    if born > context.today or born.year < 1880:
        return None, ERROR, "id_birthdate"
    fits = check_character(text[:17]) == text[17]
    if text.endswith("000"):
        # what sixteen digits and more look like after a spreadsheet kept fifteen
        return (None, ASK, "id_tail_zero") if fits and not context.untyped else (None, ERROR, "id_precision_lost")
    if not fits:
        return None, ERROR, "id_checksum"
    return text, severity, rule


def clean_id_number(column: str, value: Value, context: Context) -> Cell:
    """Clean one cell of an ID number column."""
    text, severity, rule = parse_id_number(value, context)
    return Cell(column, raw_text(value), text, severity, rule)


def birth_of(id_number: str) -> str:
    """The birth date inside a valid number, as YYYY-MM-DD."""
    return f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}"


def gender_of(id_number: str) -> str:
    """男 or 女 by the seventeenth digit of a valid number."""
    return "男" if int(id_number[16]) % 2 else "女"
