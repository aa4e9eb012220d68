"""Search by name behind the wall: candidate ids from one definer function, and an index for initials."""

from pathlib import Path

from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0002_placement_and_policies")]
    operations = [
        migrations.AddIndex(
            model_name="member", index=models.Index(fields=["name_initials"], name="member_name_initials")
        ),
        sql.run(FOLDER / "search.sql"),
    ]
