"""Nobody is forgotten: the account of those to be looked after."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0009_lean_indexes")]
    operations = [sql.run(FOLDER / "account.sql")]
