"""What a field is called on the screens where the ledger itself gives no header for it."""

from django.utils.translation import gettext

from members import file_fields


def field_label(field: str) -> str:
    """The word for a field key, or the key's own text (a header) where it is none of ours."""
    return gettext("community") if field == "community" else file_fields.field_label(field)
