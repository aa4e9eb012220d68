"""Wall two for contacts; what a liaison reaches; obligations computed by the database."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("members", "0002_placement_and_policies"), ("portal", "0004_staff")]
    operations = [sql.run(FOLDER / name) for name in (
        "assigned.sql", "policies.sql", "policy.sql", "obligations.sql", "reminders.sql", "person_left.sql"
    )]
