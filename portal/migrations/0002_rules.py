"""The tree, the resolver, wall two and the other rules of the database.

In this order: a later file may replace functions of an earlier one.
"""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("guardian", "0001_initial"),
    ]
    operations = [sql.run(FOLDER / name) for name in (
        "tree.sql",
        "access.sql",
        "policies.sql",
        "links.sql",
        "staff.sql",
        "merge.sql",
        "shared_history.sql",
        "grants.sql",
    )]
