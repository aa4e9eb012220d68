"""A confirmed report-in is told to whoever counts contacts."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("checkin", "0003_shared_history"), ("members", "0014_work_done")]
    operations = [sql.run(FOLDER / "work_done.sql")]
