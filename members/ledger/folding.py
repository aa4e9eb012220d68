"""One spelling for what looks alike: width, invisible signs, radicals, and traditional characters for comparing."""

import re
import unicodedata

# U+200B and its kin are no space to Python; they come with text pasted out of web pages and chat programs.
_INVISIBLE = dict.fromkeys(
    [
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        0xFEFF,
        0xAD,
        0x180E,
        0xFFFC,
        0xFFFE,
        *range(0x20),
    ]
)
_INVISIBLE |= {0x09: " ", 0x0A: " ", 0x0D: " ", 0x0B: " ", 0x0C: " ", 0x85: " ", 0x2028: " ", 0x2029: " "}
# CJK radicals that NFKC leaves alone.
_RADICALS = str.maketrans(
    {
        "⺟": "母",
        "⺠": "民",
        "⻓": "长",
        "⻔": "门",
        "⻘": "青",
        "⻚": "页",
        "⻛": "风",
        "⻜": "飞",
        "⻝": "食",
        "⻢": "马",
    }
    | {
        "⻥": "鱼",
        "⻦": "鸟",
        "⻩": "黄",
        "⻬": "齐",
        "⻰": "龙",
        "⻳": "龟",
        "⺩": "王",
        "⺝": "月",
        "⻁": "虎",
        "⻄": "西",
    }
    | {"⻅": "见", "⻆": "角", "⻉": "贝", "⻋": "车", "⻨": "麦", "⻣": "骨", "⻤": "鬼"}
)
_TRADITIONAL = (
    "黨員類別證號碼聯繫絡電話學歷籍貫戶屬區組織關係轉時間齡從業狀況單離開進類原職務範圍動現備註編項詳細門聖總計"
    "漢滿藏維爾壯韓國內務隨遷顧歸責任適應給與說無記錄廣東貴陽長沒寫報審簽蓋復預備簡體畢結構專碩過頻發來補資幹部處"
)
_SIMPLIFIED = (
    "党员类别证号码联系络电话学历籍贯户属区组织关系转时间龄从业状况单离开进类原职务范围动现备注编项详细门圣总计"
    "汉满藏维尔壮韩国内务随迁顾归责任适应给与说无记录广东贵阳长没写报审签盖复预备简体毕结构专硕过频发来补资干部处"
)
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_SPACES = re.compile(r"\s+")
_HEADER_NOISE = re.compile(r"[\s()\[\]【】「」《》<>:*★☆/、,，。.·\-—_\"'“”|]+")
_HEADER_REMARK = re.compile(
    r"[(\[【][^()\[\]【】]*(?:必填|选填|格式|填写|说明|如|例|可选|下拉|文本|元|年月日|yyyy|岁|\d位)[^()\[\]【】]*[)\]】]",
    re.IGNORECASE,
)


def clean_text(raw: str) -> str:
    """Trim and remove invisible signs; inner runs of space become one. Width and characters stay as typed."""
    if raw.isprintable() and "  " not in raw and "\ufffc" not in raw:  # the one invisible sign that is printable
        return raw.strip()
    return _SPACES.sub(" ", raw.translate(_INVISIBLE)).strip()


def fold(raw: str) -> str:
    """NFKC without invisible signs, radicals replaced, trimmed: for reading numbers, dates and fixed words."""
    if raw.isascii():
        return raw.translate(_INVISIBLE).strip() if not raw.isprintable() else raw.strip()
    return unicodedata.normalize("NFKC", raw.translate(_INVISIBLE)).translate(_RADICALS).strip()


def compact(raw: str) -> str:
    """`fold` without any space and in simplified characters: for comparing words, never for storing."""
    text = _SPACES.sub("", fold(raw))
    return text if text.isascii() else text.translate(_TO_SIMPLIFIED)


def fold_header(raw: str) -> str:
    """The form in which headers are compared: no space, bracket, colon, star or slash, no remark such as (必填)."""
    text = _SPACES.sub("", fold(raw)).translate(_TO_SIMPLIFIED)
    text = _HEADER_REMARK.sub("", text)
    text = re.sub(r"(?:必填|选填|填写说明)$", "", text)
    return _HEADER_NOISE.sub("", text).lower()
