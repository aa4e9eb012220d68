"""What every migrate brings into line with the code: the rights of roles, and who owns the history triggers."""

from django.contrib.auth.management import create_permissions
from django.db import connections, transaction

from portal import keys
from portal.database import install_vault
from portal.history import SECURE_TRIGGERS
from portal.roles import PURPOSE_RIGHTS, ROLE_RIGHTS


def load_rights(using: str) -> None:
    """Replace the tables (role, right) and (purpose, right) by what portal.roles says."""
    from django.apps import apps

    role_right, purpose_right = apps.get_model("portal.RoleRight"), apps.get_model("portal.PurposeRight")
    with transaction.atomic(using=using):
        create_permissions(apps.get_app_config("portal"), verbosity=0, using=using)
        role_right.objects.using(using).all().delete()
        role_right.objects.using(using).bulk_create(
            role_right(role=role, right=right) for role, rights in ROLE_RIGHTS.items() for right in rights
        )
        purpose_right.objects.using(using).all().delete()
        purpose_right.objects.using(using).bulk_create(
            purpose_right(purpose=purpose, right=right)
            for purpose, rights in PURPOSE_RIGHTS.items()
            for right in rights
        )


def rights_are_current(using: str) -> bool:
    """Whether the database's table of rights is what the code says: a release may change roles without a migration."""
    from portal.models import PurposeRight, RoleRight

    return {(role, right) for role, rights in ROLE_RIGHTS.items() for right in rights} == set(
        RoleRight.objects.using(using).values_list("role", "right")
    ) and {(purpose, right) for purpose, rights in PURPOSE_RIGHTS.items() for right in rights} == set(
        PurposeRight.objects.using(using).values_list("purpose", "right")
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
