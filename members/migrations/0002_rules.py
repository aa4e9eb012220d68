"""Placement, wall two for files, and what only the database may do with them.

In this order: a later file may replace functions of an earlier one.
"""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
        ("portal", "0002_rules"),
    ]
    operations = [sql.run(FOLDER / name) for name in (
        "placement.sql",
        "policies.sql",
        "below.sql",
        "handled.sql",
        "search.sql",
        "merge.sql",
        "transfers.sql",
        "same_people.sql",
        "same_people_sides.sql",
        "episodes.sql",
        "phones.sql",
        "verifying.sql",
        "merging_files.sql",
        "undo.sql",
        "exports.sql",
        "ledgers.sql",
        "work_done.sql",
    )]
