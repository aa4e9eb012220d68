"""Reminders that did not arrive: sent again or given up; what is old is forgotten; which rules held on a day."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0011_duties")]
    operations = [sql.run(FOLDER / "dead_letters.sql")]
