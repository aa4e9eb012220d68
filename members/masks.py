"""What a page shows of a value that it does not show in full."""

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from members.file_fields import BY_LEDGER_KEY, FileField, Kind, Sensitivity
from members.ledger.fields import MASKED_FIELDS
from members.ledger.report import mask_text, mask_value

_NUMBER = re.compile(r"\d")


def mask_id_number(text: str) -> str:
    """340103********1234 → first three, last four."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 7 else "*" * len(text)


def mask_address(text: str) -> str:
    """某市某区某街道某路1号 → 某市某区某街道****: kept down to the street, else its first six characters, and never the
    number of a house: 样例路1号 → 样例路****."""
    for ending in ("街道", "镇", "乡"):
        kept, found, rest = text.partition(ending)
        if found and rest:
            return f"{kept}{found}****"
    start = _NUMBER.split(text[:6], maxsplit=1)[0]
    return f"{start}****" if start != text else text


def mask_words(text: str) -> str:
    """样例货运服务部 → 样例货运****: the first four characters; anything shorter, the first."""
    return f"{text[: 4 if len(text) > 4 else 1]}****" if text else ""


def mask_mobile(text: str) -> str:
    """138****5678; anything shorter is hidden whole."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else "*" * len(text)


def tail_of(text: str) -> str:
    """13800005678 → 尾号5678: what of a mobile is told beside a name; of anything shorter nothing."""
    return _("tail %(tail)s") % {"tail": text[-4:]} if len(text) >= 11 else ""


def mask_person(text: str) -> str:
    """样例王 → 样**: the family name only."""
    return f"{text[:1]}**" if text else ""


def mask_date(text: str) -> str:
    """1985-06-12 → 1985-**-**: the year, which tells namesakes apart."""
    return text[:4] + "-**" * (len(text) // 3 - 1) if len(text) > 4 else text


def mask_all(text: str) -> str:
    """Nothing but that there is something."""
    return "****" if text else ""


_MASKS: dict[Kind, Callable[[str], str]] = {
    Kind.ID: mask_id_number,
    Kind.PHONE: mask_mobile,
    Kind.PLACE: mask_address,
    Kind.PERSON: mask_person,
    Kind.DATE: mask_date,
    Kind.CHOICE: mask_all,
    Kind.OPEN: mask_all,
    Kind.TEXT: mask_words,
    Kind.LONG: mask_all,
}


def mask_of(field: FileField) -> Callable[[str], str]:
    """The mask for values of a field: of what is grave nothing shows, but for the two ends of a number."""
    is_hidden = field.sensitivity == Sensitivity.GRAVE and field.kind != Kind.ID
    return mask_all if is_hidden else _MASKS[field.kind]


_TELLING = re.compile(
    r"址|住|户籍|家|亲|姓名|联系人|责任人|健康|病|残|困难|诉求|思想|心理|宗教|信仰|收入|账|卡|QQ|微信|邮箱|婚|单位|处分",
    re.IGNORECASE,
)


def mask_in_export(name: str, text: str, header: str = "") -> str:
    """What a masked export shows of a value of a ledger field: an import knows it again.

    For a column without a field (`name` "") its `header` tells whether it is masked: what the office keeps there of
    homes, kin, health or money is no less personal for having no field here. Of the rest long numbers are masked.
    """
    field = BY_LEDGER_KEY.get(name)
    if (
        field
        and field.sensitivity >= (Sensitivity.GRAVE if field.kind in (Kind.LONG, Kind.DATE) else Sensitivity.PERSONAL)
        and field.kind not in (Kind.ID, Kind.PHONE)
    ):
        return mask_of(field)(text)
    if not name and _TELLING.search(header):
        return mask_words(text)
    return mask_value(name, text) or "" if name in MASKED_FIELDS else mask_text(text)
