"""Which row of which ledger a file came from, and the undoing of an import."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0008_verification")]
    operations = [
        migrations.AddField(
            model_name="ledgerimport",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="undone at"),
        ),
        migrations.AlterField(
            model_name="ledgerimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("previewed", "to confirm"),
                    ("applied", "imported"),
                    ("refused", "refused"),
                    ("discarded", "discarded"),
                    ("undone", "undone"),
                ],
                default="previewed",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "batch_id", "sheet", "row",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("sheet", models.CharField(max_length=100)),
                ("row", models.PositiveIntegerField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="members.ledgerimport",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="imported_rows",
                        to="members.member",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        sql.run(FOLDER / "undo.sql"),
    ]  # fmt: skip
