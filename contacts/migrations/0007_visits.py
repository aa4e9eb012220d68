"""Visiting workers: names of their list and a way to write, nothing to read; and the end of a person's work."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_shared_history")]
    operations = [sql.run(FOLDER / "visits.sql")]
