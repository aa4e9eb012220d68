"""Wall two for activities."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("activities", "0001_initial")]
    operations = [sql.run(FOLDER / name) for name in ("policies.sql",)]
