"""Liaisons who act by a work link, and the end of their links when they stop."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_policies"), ("portal", "0003_work_links")]
    operations = [sql.run(FOLDER / "work_links.sql")]
