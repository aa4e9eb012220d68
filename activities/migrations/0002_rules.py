"""Wall two for activities; attendance and parcels that arrived are work done.

In this order: a later file may replace functions of an earlier one.
"""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0001_initial"),
        ("members", "0002_rules"),
    ]
    operations = [sql.run(FOLDER / name) for name in (
        "policies.sql",
        "shared_history.sql",
        "work_done.sql",
        "parcels.sql",
        "pillars.sql",
    )]
