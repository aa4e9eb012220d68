"""What a person types into a form, judged by the importer's own rules: the same verdict for the same text."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from members.file_fields import BY_KEY, DETAIL_KEYS, Kind
from members.ledger.cell import ASK, ERROR, FIXED, OK, Cell, Context
from members.ledger.cells import cleaner_of
from members.ledger.checks import cross_check
from members.ledger.messages import problem_text
from members.ledger.vocabulary import CHOICES
from portal.fields import validate_partial_date

# The importer's words for what the model stores as codes.
_WORDS = {"gender": {"male": "男", "female": "女"}, "member_type": {"full": "正式", "probationary": "预备"}}
CROSS_FIELDS = (
    ["id_number", "gender", "birth_date", "join_date", "full_member_date", "member_type", "started_on"]
    + ["expected_end_on", "ended_on"]
)  # fmt: skip


def _context() -> Context:
    return Context(today=timezone.localdate())


def clean_field(field: str, text: str) -> str:
    """The value that an import would store for this text ("" for none). Raises ValidationError with its sentence."""
    if not text.strip():
        return ""
    cell = cleaner_of(field)(field, text, _context())
    if cell.severity in (ASK, ERROR):
        raise ValidationError(problem_text(cell.rule or ""), code=cell.rule)
    return cell.value or ""


def cross_problems(values: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """What the values of one person say about each other: {field: (sentence, whether it must be put right)}.

    `values`: cleaned texts by field (CROSS_FIELDS), the ID number included, model codes for choices.
    """
    cells = {}
    for field in CROSS_FIELDS:
        text = values.get(field) or ""
        text = _WORDS.get(field, {}).get(text, text)
        if text:
            cells[field] = Cell(field, text, text, OK)
    return {
        field: (problem_text(code), severity not in (OK, FIXED, "warn"))
        for field, code, severity in cross_check(cells, _context())
    }


def check_details(values: dict[str, Any]) -> None:
    """Refuse texts of `Member.details` that are too long, no date or outside a fixed list. Raises ValidationError.

    The model's own columns are checked by the model; these stand in one sealed document that the database cannot read.
    """
    for name in DETAIL_KEYS:
        text, field = values.get(name) or "", BY_KEY[name]
        if not text:
            continue
        if len(text) > field.most:
            raise ValidationError({name: _("At most %(most)d characters.") % {"most": field.most}})
        if field.kind == Kind.DATE:
            validate_partial_date(text)
        if field.kind == Kind.CHOICE and text not in choices_of(name):
            raise ValidationError({name: _("Please choose one of the given words.")})


def choices_of(name: str) -> list[str]:
    """The stored words of a field with a list, in order."""
    return list(dict.fromkeys(CHOICES.get(BY_KEY[name].in_ledger, {}).values()))


def looks_like_number(text: str) -> bool:
    """Whether a search is for a phone or an ID number: digits only, but for a final X."""
    number = "".join(text.split())
    return len(number) >= 7 and number.isascii() and number[:-1].isdigit() and number[-1] in "0123456789Xx"
