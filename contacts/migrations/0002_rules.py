"""Wall two for contacts; what a liaison reaches; duties and reminders computed by the database.

In this order: a later file may replace functions of an earlier one.
"""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
        ("members", "0002_rules"),
    ]
    operations = [sql.run(FOLDER / name) for name in (
        "assigned.sql",
        "policies.sql",
        "policy.sql",
        "obligations.sql",
        "office_lines.sql",
        "reminders.sql",
        "person_left.sql",
        "work_links.sql",
        "merge.sql",
        "two_sides.sql",
        "shared_history.sql",
        "visits.sql",
        "undo.sql",
        "account.sql",
        "dead_letters.sql",
        "thoughts.sql",
        "work_done.sql",
        "lost.sql",
        "reports.sql",
        "advice.sql",
        "needs.sql",
        "need_counts.sql",
        "groups.sql",
        "care.sql",
        "calendar.sql",
        "dates.sql",
        "channels.sql",
        "need_reminders.sql",
        "lost_reports.sql",
        "wishes.sql",
        "duty_refresh.sql",
        "pillars.sql",
    )]
