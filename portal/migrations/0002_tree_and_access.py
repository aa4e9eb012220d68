"""The tree's triggers, the resolver, and wall two for the portal's own tables."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length"), ("guardian", "0001_initial")]
    operations = [sql.run(FOLDER / name) for name in ("tree.sql", "access.sql", "policies.sql")]
