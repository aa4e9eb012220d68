"""How long notes on somebody's thoughts are kept."""

from django.db import connection


def forget_thoughts() -> int:
    """Forget notes on thoughts that are older than the rules of their office keep them (portal.forget_thoughts); the
    contacts stay. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_thoughts()")
        return int(cursor.fetchone()[0])
