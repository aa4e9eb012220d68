"""Wall two for check-in; what the public page may write.

In this order: a later file may replace functions of an earlier one.
"""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("checkin", "0001_initial"),
        ("contacts", "0002_rules"),
        ("activities", "0002_rules"),
    ]
    operations = [sql.run(FOLDER / name) for name in (
        "policies.sql",
        "public.sql",
        "shared_history.sql",
        "work_done.sql",
        "report_in.sql",
        "late_report_ins.sql",
        "devices.sql",
        "desks.sql",
        "own_page.sql",
        "own_card.sql",
        "letters.sql",
    )]
