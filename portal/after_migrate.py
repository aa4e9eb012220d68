"""What every migrate brings into line with the code: the rights of roles, and who owns the history triggers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.db import connections, transaction

from portal import keys
from portal.database import install_vault
from portal.history import SECURE_TRIGGERS
from portal.roles import PURPOSE_RIGHTS, ROLE_BASES, ROLE_DAYS, ROLE_KINDS, ROLE_RIGHTS, needs_two


def _wanted() -> dict[str, tuple[tuple[str, ...], set[tuple[Any, ...]]]]:
    """Model → (its fields, the rows that portal.roles says)."""
    kinds = {
        (role, kind, needs_two(role, kind), ROLE_DAYS.get(role)) for role, held in ROLE_KINDS.items() for kind in held
    }
    return {
        "RoleRight": (("role", "right"), _pairs(ROLE_RIGHTS)),
        "PurposeRight": (("purpose", "right"), _pairs(PURPOSE_RIGHTS)),
        "RoleBase": (("role", "base"), _pairs(ROLE_BASES)),
        "RoleKind": (("role", "kind", "needs_two", "most_days"), kinds),
    }


def _pairs(table: Mapping[str, Iterable[str]]) -> set[tuple[Any, ...]]:
    return {(key, value) for key, values in table.items() for value in values}


def load_rights(using: str) -> None:
    """Replace the tables of roles, rights, places and purposes by what portal.roles says."""
    with transaction.atomic(using=using):
        create_permissions(apps.get_app_config("portal"), verbosity=0, using=using)
        for name, (fields, rows) in _wanted().items():
            table = apps.get_model("portal", name)._default_manager.using(using)
            table.all().delete()
            table.bulk_create(table.model(**dict(zip(fields, row, strict=True))) for row in rows)


def rights_are_current(using: str) -> bool:
    """Whether the database's tables are what the code says: a release may change roles without a migration."""
    return all(
        set(apps.get_model("portal", name)._default_manager.using(using).values_list(*fields)) == rows
        for name, (fields, rows) in _wanted().items()
    )


# `pg_temp` last: unnamed it would come first, and a temporary table of the caller would stand in for a real one.
PIN_DEFINERS = """
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where p.prosecdef and n.nspname in ('portal', 'public') loop
    execute format('alter function %s set search_path = pg_catalog, public, pg_temp', f);
  end loop;
end $$;
"""


def secure_triggers(using: str) -> None:
    """History triggers write as the owner, so that the app role cannot write history by hand; what runs as the owner
    finds real tables only."""
    with connections[using].cursor() as cursor:
        cursor.execute(SECURE_TRIGGERS)
        cursor.execute(PIN_DEFINERS)


def fill_vault(using: str) -> None:
    """Give the database the key that actors are signed with."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        install_vault(cursor, keys.load())
