"""What `manage.py check` refuses."""

from typing import Any

from django.core.checks import Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_app_role(databases: Any = None, **_options: Any) -> list[Error]:
    """The app must not connect as owner or superuser: row-level security would not hold."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select r.rolsuper or r.rolbypassrls or pg_has_role((select datdba from pg_database"
            " where datname = current_database()), 'member') or exists (select 1 from pg_class c join pg_namespace n"
            " on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'"
            " and pg_has_role(c.relowner, 'member')),"
            " (select datctype from pg_database where datname = current_database())"
            " from pg_roles r where r.rolname = current_user"
        )
        too_strong, character_type = cursor.fetchone()
    errors = []
    if too_strong:
        errors.append(
            Error("DATABASE_URL 使用的数据库角色权限过大(所有者或超级用户),请改用应用角色。", id="portal.E001")
        )
    if character_type in ("C", "POSIX"):
        errors.append(Error("数据库的 LC_CTYPE 是 C,中文无法检索;请用 C.UTF-8 重建数据库。", id="portal.E002"))
    return errors
