"""What a page shows of a value that it does not show in full."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from members.file_fields import BY_LEDGER_KEY, FileField, Kind, Sensitivity
from members.ledger.fields import MASKED_FIELDS
from members.ledger.report import mask_text, mask_value


def mask_id_number(text: str) -> str:
    """340103********1234 → first three, last four."""
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) > 7 else "*" * len(text)


def mask_address(text: str) -> str:
    """某市某区某街道某路1号 → 某市某区某街道****: kept down to the street, else its first six characters."""
    for ending in ("街道", "镇", "乡"):
        kept, found, rest = text.partition(ending)
        if found and rest:
            return f"{kept}{found}****"
    return f"{text[:6]}****" if len(text) > 6 else text


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


def mask_in_export(name: str, text: str) -> str:
    """What a masked export shows of a value of a ledger field ("": a column without one): an import knows it again."""
    field = BY_LEDGER_KEY.get(name)
    if (
        field
        and field.sensitivity >= (Sensitivity.GRAVE if field.kind in (Kind.LONG, Kind.DATE) else Sensitivity.PERSONAL)
        and field.kind not in (Kind.ID, Kind.PHONE)
    ):
        return mask_of(field)(text)
    return mask_value(name, text) or "" if name in MASKED_FIELDS else mask_text(text)
