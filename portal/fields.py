"""Field types of the domain: sealed text, partial dates, ltree paths."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import crypto

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
PARTIAL_DATE_SQL = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"


class Sealed:
    """A text that is encrypted in its column, with a keyed digest beside it.

    `mobile = Sealed("mobile")` adds the columns `mobile_sealed` and `mobile_digest`, and reads and writes plain text
    as `row.mobile`. Values of one `domain` have comparable digests across tables. The data key comes from the row
    that `sealed_by` names on the model ("" = the row itself), which has a `data_key` column.
    Setting a value that did not change keeps the old ciphertext, so history records no change.
    """

    def __init__(self, domain: str, normalise: Callable[[str], str] = str.strip) -> None:
        self.domain = domain
        self.normalise = normalise

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        self.name, self.sealed_name, self.digest_name = name, f"{name}_sealed", f"{name}_digest"
        for column in (self.sealed_name, self.digest_name):
            models.BinaryField(null=True, blank=True, editable=False).contribute_to_class(cls, column)
        setattr(cls, name, self)

    def digest(self, text: str) -> bytes:
        return crypto.digest(self.domain, self.normalise(text))

    def _context(self, row: models.Model) -> str:
        return f"{row._meta.db_table}|{row.pk}|{self.name}"

    def __get__(self, row: models.Model | None, owner: type) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.sealed_name)
        return "" if sealed is None else crypto.open_text(plain_data_key(row), sealed, self._context(row))

    def plain(self, value: Any) -> str:
        """The text that is sealed for a value."""
        return self.normalise(value) if value else ""

    def seal(self, cipher: crypto.RowCipher, place: str, value: Any) -> tuple[bytes | None, bytes | None]:
        """Ciphertext and digest of a value for a row that is written without a model; `place` is "table|row"."""
        text = self.plain(value)
        return (cipher.seal(text, f"{place}|{self.name}".encode()), self.digest(text)) if text else (None, None)

    def __set__(self, row: models.Model, value: Any) -> None:
        text = self.plain(value)
        fresh = crypto.digest(self.domain, text) if text else None
        stored = getattr(row, self.digest_name, None)
        if (bytes(stored) if stored is not None else None) == fresh:
            return
        setattr(row, self.digest_name, fresh)
        sealed = crypto.seal_text(plain_data_key(row), text, self._context(row)) if text else None
        setattr(row, self.sealed_name, sealed)


class SealedDocument(Sealed):
    """Several texts in one sealed column: `row.details` is {key: text} without empty ones, in one order.

    `items` become attributes of the model that read and write one text each. Whoever sets many at once sets the whole
    document instead: each write encrypts it anew.
    """

    def __init__(self, domain: str, items: Iterable[str] = ()) -> None:
        super().__init__(domain)
        self.items = tuple(items)

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        for item in self.items:
            setattr(cls, item, SealedItem(name, item))

    def __get__(self, row: models.Model | None, owner: type) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.sealed_name)
        known = row.__dict__.get(f"_{self.name}_read")
        if known is None or known[0] is not sealed:  # opened once for a row, however many items are read
            text = super().__get__(row, owner)
            known = row.__dict__[f"_{self.name}_read"] = (sealed, json.loads(text) if text else {})
        return dict(known[1])

    def plain(self, value: dict[str, str] | None) -> str:
        kept = {key: text for key, text in (value or {}).items() if text}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else ""


class SealedItem:
    """One text of a SealedDocument, "" where it holds none."""

    def __init__(self, document: str, name: str) -> None:
        self.document, self.name = document, name

    def __get__(self, row: models.Model | None, owner: type) -> Any:
        return self if row is None else getattr(row, self.document).get(self.name, "")

    def __set__(self, row: models.Model, text: str | None) -> None:
        setattr(row, self.document, getattr(row, self.document) | {self.name: text or ""})


def plain_data_key(row: Any) -> bytes:
    """The unwrapped key that seals this row, remembered on the row that holds it."""
    holder = row
    for step in filter(None, getattr(row, "sealed_by", "").split("__")):
        holder = getattr(holder, step)
    if not hasattr(holder, "_plain_data_key"):
        holder._plain_data_key = crypto.unwrap(holder.data_key)
    return holder._plain_data_key


class DataKeyField(models.BinaryField):
    """The wrapped data key of a row; never edited, never in a form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"default": crypto.new_data_key, "editable": False, **options})


def validate_partial_date(text: str) -> None:
    """Accept "1985", "1985-06", "1985-06-12"; raise ValidationError for anything that is not on the calendar."""
    match = PARTIAL_DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise ValidationError(_("Write the date as 1985, 1985-06 or 1985-06-12.")) from None


class PartialDateField(models.CharField):
    """A date with the precision it was given in: "1985", "1985-06" or "1985-06-12". Text order is time order."""

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 10, "blank": True, "default": "", **options})


class LtreeField(models.TextField):
    """A PostgreSQL ltree path. Written by triggers only; `path__descendants=p` means p and everything below."""

    def db_type(self, connection: Any) -> str:
        return "ltree"

    def get_prep_value(self, value: Any) -> Any:
        return value


class _LtreeLookup(models.Lookup):
    operator: str

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} {self.operator} {right}::ltree", (*left_params, *right_params)


@LtreeField.register_lookup
class Descendants(_LtreeLookup):
    lookup_name, operator = "descendants", "<@"


@LtreeField.register_lookup
class Ancestors(_LtreeLookup):
    lookup_name, operator = "ancestors", "@>"
