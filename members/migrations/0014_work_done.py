"""Hooks for work that was done for members; contacts replace them."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0013_lean_indexes")]
    operations = [sql.run(FOLDER / "work_done.sql")]
