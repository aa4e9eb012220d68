"""What the other side of a member may know of contacts; liaisons when a file changes hands."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_merging"), ("members", "0005_transfers")]
    operations = [sql.run(FOLDER / "two_sides.sql")]
