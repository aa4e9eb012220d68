"""One cleaner per kind of field: a value that is certain, or a question. `clean(field, …)` finds the cleaner."""

import datetime
import re
from collections.abc import Callable
from functools import partial

from .cell import ASK, ERROR, FIXED, OK, Cell, Context, raw_text
from .dates import clean_date
from .folding import clean_text, compact, fold
from .identity import clean_id_number
from .vocabulary import CHOICES, DITTO_WORDS, NULL_WORDS, OFFICIAL_WORDS, OPEN_CHOICES
from .workbook import CellError, Value

Cleaner = Callable[[str, Value, Context], Cell]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
_NAME = re.compile(rf"[{_HAN}]{{2,20}}")
_ETHNIC_NAME = re.compile(rf"[{_HAN}]{{1,20}}(?:·[{_HAN}]{{1,20}}){{1,6}}")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z .'·-]{1,48}[A-Za-z]")
_DOTS = re.compile(r"\s*[··•‧・‧∙⋅●．.˙]\s*")
_NAME_REMARK = re.compile(r"^(.{2,})[((]([^()()]{1,12})[))]$")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd�]")
_NOT_NAMES = frozenset(
    [
        "合计",
        "小计",
        "总计",
        "共计",
        "累计",
        "姓名",
        "填表人",
        "审核人",
        "制表人",
        "经办人",
        "负责人",
        "备注",
        "说明",
        "示例",
        "样例",
        "例子",
        "无名",
        "人数",
        "党员",
        "未知",
        "不详",
    ]
)
_PLACE_ENDS = frozenset({"社区", "委会", "支部", "党委", "总支", "街道", "公司"})
_DOUBLE_SURNAMES = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|夏侯|端木|宇文|长孙|轩辕|南宫|独孤|西门|申屠|澹台|公冶|太史|百里|呼延|"
    "闻人|钟离|赫连|东郭|濮阳|淳于|单于|仲孙|拓跋|完颜|鲜于|闾丘|万俟"
)
_TWO_NAMES = re.compile(rf"[{_HAN}]{{2,3}}[和与及][{_HAN}]{{2,3}}")
_PLACE_NAME = re.compile(r"(?:社区|居委会|支部|党委|总支|街道|公司|村委会)$")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MOBILE_INSIDE = re.compile(r"(?<!\d)(?:\+?86|0086)?(1[3-9]\d{9})(?!\d)")
_DITTO_STARTS = frozenset("同上—-–〃″\"”'’〞.` \u3000\n\t\u200b\xa0(（")
_MOBILE_REST = re.compile(
    r"手机号码?|手机|电话|本人|联系|移动|转|常用|号码?|微信|同号|短号|固定|座机|办公|单位|备用|新|旧|或|和|及"
)
_PHONE_GLUE = re.compile(r"(?<=\d)[\s\-‐‑–—_.](?=\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[-—–\s]?)?[2-8]\d{6,7}(?!\d)")
# Words, never a number: a phone, an ID number or a date in such a cell belongs to another column.
_WORDS_ONLY = frozenset(
    {"current_address", "household_address", "native_place", "employer", "former_employer", "occupation", "destination"}
    | {"former_occupation", "home_organization", "host_organization", "reason"}
)
_DIGITS = frozenset("0123456789+１２０")
_OTHER_KIND = re.compile(
    r"(?:\+?86)?1[3-9]\d{9}|\d{17}[\dXx]|\d{15}|(?:19|20)\d{6}|"
    r"(?:19|20)\d\d[-./年]\d{1,2}(?:[-./月]\d{1,2})?[日号月]?"
)
_LONGEST = {"remark": 2_000, "contact_note": 2_000, "thought_note": 2_000, "needs": 2_000, "name": 50}
_LONGEST_DEFAULT = 200
# Under 困难 and its like the word 无 is an answer, a dash is not.
_WORD_IS_ANSWER = frozenset({"needs"})
_NONE_WORDS = frozenset({"无", "没有", "暂无"})


def empty(value: Value) -> bool:
    """Whether a cell holds nothing, invisible signs included."""
    return value is None or value == "" or (isinstance(value, str) and not clean_text(value))


def clean_text_cell(field: str, column: str, value: Value, context: Context) -> Cell:
    """Free text: trimmed, invisible signs removed, null words empty."""
    if type(value) is str:
        text = clean_text(value)
        if not text or (len(text) < 6 and _is_null(field, text)):
            return Cell(column, value, None, OK if not text else FIXED, "null_word" if text else None)
        if len(text) > _LONGEST.get(field, _LONGEST_DEFAULT):
            return Cell(column, value, None, ASK, "too_long")
        if field in _WORDS_ONLY and len(text) < 22 and text[0] in _DIGITS and _OTHER_KIND.fullmatch(compact(text)):
            return Cell(column, value, None, ASK, "other_kind")
        return Cell(column, value, text, OK if text == value else FIXED, None if text == value else "trimmed")
    return _typed_as_text(field, column, value)


def _is_null(field: str, text: str) -> bool:
    word = compact(text).lower()
    return word in NULL_WORDS and not (field in _WORD_IS_ANSWER and word in _NONE_WORDS)


def _typed_as_text(field: str, column: str, value: Value) -> Cell:
    raw = raw_text(value)
    if isinstance(value, CellError):
        return Cell(column, raw, None, ASK, "cell_error")
    if field in _WORDS_ONLY and (isinstance(value, datetime.date) or _OTHER_KIND.fullmatch(raw or "")):
        return Cell(column, raw, None, ASK, "other_kind")
    return Cell(column, raw, raw)


def clean_name(column: str, value: Value, context: Context) -> Cell:
    """A person's name; the dot of an ethnic name becomes U+00B7. Raises nothing: a doubtful name is an error."""
    raw = raw_text(value)
    if (
        type(value) is str
        and len(value) < 5
        and _NAME.fullmatch(value)
        and value not in _NOT_NAMES
        and value[-2:] not in _PLACE_ENDS
    ):
        return Cell(column, raw, value)
    if raw is None or isinstance(value, CellError):
        return Cell(column, raw, None, ERROR, "name_missing")
    if not isinstance(value, str):
        return Cell(column, raw, None, ERROR, "name_format")
    text = clean_text(value)
    if not text or compact(text).lower() in NULL_WORDS:
        return Cell(column, raw, None, ERROR, "name_missing")
    if _PRIVATE.search(text):
        return Cell(column, raw, None, ERROR, "name_rare")
    text = _DOTS.sub("·", fold(text)).strip("·'`\"*")
    remark = _NAME_REMARK.match(text)
    if remark:
        text = remark[1]
    parts = text.split(" ")
    if not text.isascii():
        text = text.replace(" ", "")
    if _several_people(parts, text):
        return Cell(column, raw, None, ERROR, "name_format")
    if (
        text in _NOT_NAMES
        or _PLACE_NAME.search(text)
        or not (_NAME.fullmatch(text) or _ETHNIC_NAME.fullmatch(text) or _LATIN_NAME.fullmatch(text))
    ):
        return Cell(column, raw, None, ERROR, "name_format")
    return Cell(column, raw, text, OK if text == value else FIXED, None if text == value else "name_cleaned")


def name_remark(cell: Cell) -> str | None:
    """What stood in brackets behind a name and is no part of it (已故, 预备); the gender has a column of its own."""
    if cell.rule != "name_cleaned":
        return None
    remark = _NAME_REMARK.match(_DOTS.sub("·", fold(clean_text(cell.raw or ""))).strip("·'`\"*"))
    return remark[2] if remark and remark[2] not in CHOICES["gender"] else None


def _several_people(parts: list[str], text: str) -> bool:
    """Whether a name cell holds two people: 测甲 测乙, 测甲和测乙; a spaced single name (测 甲, 欧阳 测甲) does not."""
    spaced = len(parts) > 1 and all(len(part) > 1 for part in parts) and not text.isascii()
    if spaced and "·" not in text and not _DOUBLE_SURNAMES.fullmatch(parts[0]):
        return True
    return len(text) > 4 and _TWO_NAMES.fullmatch(text) is not None


def clean_choice(field: str, column: str, value: Value, context: Context) -> Cell:
    """A word out of a fixed list; unknown words are asked, or kept as typed where the list is open."""
    raw = raw_text(value)
    if raw is None:
        return Cell(column, None, None)
    if isinstance(value, CellError):
        return Cell(column, raw, None, ASK, "cell_error")
    table = CHOICES[field]
    stored = table.get(raw)
    if stored is not None:
        same = stored == raw or raw in OFFICIAL_WORDS
        return Cell(column, raw, stored, OK if same else FIXED, None if same else "word")
    text = compact(raw).lower()
    coded = re.fullmatch(r"[0-9a-z]{1,4}[_-](.+)", text)  # 1_男; never 大专-本科
    for candidate in (text, coded[1] if coded else None, text.strip("()'\"、。.,;")):
        if candidate and candidate in table:
            return Cell(column, raw, table[candidate], FIXED, "word")
    if not text or text in NULL_WORDS:
        return Cell(column, raw, None, FIXED if text else OK, "null_word" if text else None)
    if field in OPEN_CHOICES:
        return clean_text_cell(field, column, raw, context)
    if field == "education" and (level := _level_inside(text)):
        return Cell(column, raw, level, FIXED, "word")
    if field == "member_type" and _NO_MEMBER.search(text):
        return Cell(column, raw, None, ASK, "not_a_member")
    return Cell(column, raw, None, ASK, "choice_unknown")


_LEVELS = re.compile("|".join(sorted(map(re.escape, CHOICES["education"]), key=len, reverse=True)))


_UNFINISHED = re.compile(
    r"以上|以下|在读|在校|肄业|结业|退学|辍学|年级|未|没|非|无|不|同等|相当|普通班|夜大|(?:电视|职工|业余|函授|开放|老年)大学"
)
_NO_MEMBER = re.compile(r"群众|团员|积极分子|发展对象|申请人|无党派|民主党派|非党员|不是党员|已退党|除名|出党")


def _level_inside(text: str) -> str | None:
    """The one level that a description names (省委党校大专, 在职本科); None when it names two or none, or tells of one
    that was not reached (本科在读, 高中以下)."""
    if _UNFINISHED.search(text):
        return None
    found = {CHOICES["education"][word] for word in _LEVELS.findall(text)}
    return found.pop() if len(found) == 1 else None


def clean_mobile(column: str, value: Value, context: Context) -> Cell:
    """A mobile number of mainland China: 11 digits. Several numbers: the first mobile, and a note."""
    raw = raw_text(value)
    if type(value) is str and len(value) == 11 and value.isascii() and _MOBILE.fullmatch(value):
        return Cell(column, raw, value)
    if raw is None:
        return Cell(column, None, None)
    if isinstance(value, CellError | bool | datetime.date):
        return Cell(column, raw, None, ASK, "cell_error" if isinstance(value, CellError) else "mobile_format")
    if isinstance(value, int | float):
        return _number_mobile(column, raw, float(value))
    return _text_mobile(column, raw)


def _number_mobile(column: str, raw: str, value: float) -> Cell:
    if value == 0:
        return Cell(column, raw, None, FIXED, "null_word")
    text = str(int(value)) if value.is_integer() and value < 1e15 else ""
    if text.startswith("86") and len(text) == 13:
        text = text[2:]
    if _MOBILE.fullmatch(text):
        return Cell(column, raw, text, FIXED, "mobile_number")
    return Cell(column, raw, None, ASK, "mobile_format")


def _text_mobile(column: str, raw: str) -> Cell:
    text = fold(raw).strip("'`\"")
    if not text or compact(text).lower() in NULL_WORDS or not text.strip("0"):
        return Cell(column, raw, None, FIXED if text else OK, "null_word" if text else None)
    if re.search(r"[*＊]", text):
        return Cell(column, raw, None, ASK, "mobile_masked")
    if re.fullmatch(r"\d(?:\.\d+)?[Ee]\+?\d+", text):
        return Cell(column, raw, None, ASK, "mobile_precision_lost")
    text = re.sub(r"^(\d{11})\.0+$", r"\1", text)
    joined = _joined(text)
    found = list(dict.fromkeys(_MOBILE_INSIDE.findall(joined)))
    if not found:
        return Cell(column, raw, None, ASK, "mobile_format")
    rest = _MOBILE_REST.sub("", compact(_MOBILE_INSIDE.sub("", joined)))
    if re.search(rf"[{_HAN}]{{2,}}|[妻夫父母儿女子媳婿爱兄弟姐妹爸妈]", rest):
        return Cell(column, raw, None, ASK, "mobile_remark")
    several = len(found) > 1 or re.search(r"\d{3,}", rest) is not None
    return Cell(column, raw, found[0], FIXED, "mobile_several" if several else "mobile_cleaned")


def _joined(text: str) -> str:
    """A text whose mobiles can be seen: glue such as 138-0013-8000 goes only where that makes exactly a number."""
    if _MOBILE_INSIDE.search(text):
        return text
    joined = _PHONE_GLUE.sub("", text)
    return joined if _MOBILE_INSIDE.search(joined) else re.sub(r"^[((]?(?:\+|00)?86[))]?", "", joined.strip())


def further_mobiles(cell: Cell) -> list[str]:
    """The other mobiles of a cell with several, whose first is its value."""
    found = dict.fromkeys(_MOBILE_INSIDE.findall(_joined(fold(cell.raw or ""))))
    return [number for number in found if number != cell.value]


def beside_mobiles(cell: Cell) -> str | None:
    """What a cell with several numbers holds beside its mobiles; None where that is no number."""
    rest = _MOBILE_INSIDE.sub(" ", _joined(fold(cell.raw or "")))
    return rest if re.search(r"\d{3,}", rest) else None


def landline_in(rest: str) -> str | None:
    """The landline in what stands beside a mobile, if that is one and nothing else."""
    text = re.sub(r"固定|座机|电话|办公|单位|家庭?|[\s:/、,;()]+", "", rest)
    return text if _LANDLINE.fullmatch(text) else None


def _phone_text(column: str, value: Value, context: Context) -> Cell:
    """Somebody else's number, mobile or landline: digits as text."""
    cell = clean_mobile(column, value, context)
    if cell.value is not None or cell.rule in (None, "null_word", "cell_error"):
        return cell
    text = fold(cell.raw or "")
    if re.fullmatch(r"[\d\s()+-]{7,25}", text):
        if not 7 <= len(re.sub(r"\D", "", text)) <= 14:
            return Cell(column, cell.raw, None, ASK, "other_kind")
        return Cell(column, cell.raw, text, OK if text == cell.raw else FIXED, None if text == cell.raw else "trimmed")
    return clean_text_cell("phone", column, cell.raw, context)


DATES = frozenset(
    {"birth_date", "join_date", "full_member_date", "started_on", "ended_on", "reported_on", "joined_host_on"}
    | {"last_contact_on", "lost_since", "dues_paid_until", "graduated_on"}
)
"""Fields that hold a partial date of the past."""


def cleaner_of(field: str) -> Cleaner:
    """The cleaner of a field: called with (column header, value, context)."""
    if field == "name":
        return clean_name
    if field == "id_number":
        return clean_id_number
    if field == "mobile":
        return clean_mobile
    if field in DATES:
        return clean_date
    if field == "expected_end_on":
        return partial(clean_date, future=True)
    if field in CHOICES:
        return partial(clean_choice, field)
    if field in ("landline", "liaison_phone", "counterpart_contact_phone"):
        return _phone_text
    return partial(clean_text_cell, field)


def is_ditto(value: Value) -> bool:
    """Whether a cell says "as above"."""
    if type(value) is not str or len(value) > 8:
        return False
    return value in DITTO_WORDS or (value[:1] in _DITTO_STARTS and compact(value) in DITTO_WORDS)
