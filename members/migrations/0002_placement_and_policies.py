"""Who can see which member, and wall two for the tables of members."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("portal", "0004_staff")]
    operations = [sql.run(FOLDER / name) for name in ("placement.sql", "policies.sql", "below.sql", "handled.sql")]
