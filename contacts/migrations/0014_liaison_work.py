"""The report of contact work; deputies, and why somebody's work ended."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0013_contact_texts")]
    operations = [sql.run(FOLDER / "reports.sql")]
