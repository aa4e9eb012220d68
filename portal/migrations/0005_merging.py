"""Merging one organization into another: the column that remembers it, and the functions."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_staff")]
    operations = [
        migrations.AddField(
            model_name="organization",
            name="merged_into",
            field=models.ForeignKey(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="portal.organization", verbose_name="merged into",
            ),
        ),
        sql.run(FOLDER / "merge.sql"),
    ]
