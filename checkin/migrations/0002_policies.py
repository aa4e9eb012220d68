"""Wall two for check-in, and the functions that the public page calls."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("checkin", "0001_initial")]
    operations = [sql.run(FOLDER / name) for name in ("policies.sql", "public.sql")]
