"""Asking functions of the database that check the actor's right themselves and refuse with "…_refused"."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction


def ask_database(function: str, *values: Any) -> Any:
    """The answer of one database function. Raises PermissionDenied where it refuses."""
    with _asked("select", function, values) as cursor:
        return cursor.fetchone()[0]


def ask_rows(function: str, *values: Any) -> list[Any]:
    """The rows of one database function. Raises PermissionDenied where it refuses."""
    with _asked("select * from", function, values) as cursor:
        return cursor.fetchall()


@contextmanager
def _asked(verb: str, function: str, values: tuple[Any, ...]) -> Iterator[Any]:
    marks = ", ".join(["%s"] * len(values))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{verb} portal.{function}({marks})", values)  # noqa: S608  names from the code only
            yield cursor
    except DatabaseError as error:
        if "_refused" in str(error):
            raise PermissionDenied(function) from None
        raise
