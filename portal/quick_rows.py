"""Rows that are read by the page, put together without what none of them needs."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class QuickRows(models.Model):
    """A model that is read many rows at a time. Django asks each row's every column whether it was left out, which is
    half the time of building a list of members; here what was read is the row. No signal tells of it."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_options: Any) -> Self:
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row
