"""Placements are written by functions out of the tables that they name: no constraint checks each row again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0011_ledger_sources")]
    operations = [
        migrations.AlterField(
            "placement",
            "organization",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="portal.organization",
            ),
        ),
        migrations.AlterField(
            "placement",
            "member",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="placements",
                to="members.member",
            ),
        ),
    ]
