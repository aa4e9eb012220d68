"""What the database has to say about actors, into the log: a refused actor, or a scope asked for while nobody acts.

Either is an attack or a programming error; the statement itself gets no rows and no reason (portal/sql/access.sql).
"""

import logging
from typing import Any

import psycopg

logger = logging.getLogger(__name__)
PREFIX = "portal: "


def listen(connection: Any, **_options: Any) -> None:
    """Attach the alarm to a new connection of the app role; the owner migrates, and nobody acts then."""
    if connection.alias == "default" and isinstance(connection.connection, psycopg.Connection):
        connection.connection.add_notice_handler(_sound)


def _sound(notice: psycopg.errors.Diagnostic) -> None:
    text = notice.message_primary or ""
    if notice.severity_nonlocalized == "WARNING" and text.startswith(PREFIX):
        logger.error("%s", text.removeprefix(PREFIX))
