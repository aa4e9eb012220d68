"""Uploaded ledgers that wait for a worker or an answer, and what offices answered about theirs."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0010_exports"),
        ("portal", "0007_two_person_grants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="ledgerimport",
            name="choices_digest",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ledgerimport",
            name="choices_sealed",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="ledgerimport",
            name="refusal",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="ledgerimport",
            name="requested_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="ledgerimport",
            name="requested_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ledgerimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "being checked"),
                    ("applying", "being saved"),
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
            name="LedgerAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("column", "meaning of a column"),
                            ("direction", "direction of the sheet"),
                            ("hidden_rows", "hidden rows"),
                            ("hidden_columns", "hidden columns"),
                            ("hidden_sheet", "hidden sheet"),
                            ("summary", "sheet that repeats the others"),
                            ("community", "name of a community"),
                            ("organization", "name of an organization"),
                        ],
                        max_length=14,
                        verbose_name="kind",
                    ),
                ),
                ("sheet", models.CharField(blank=True, default="", max_length=32)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("value", models.CharField(blank=True, default="", max_length=60)),
                ("answered_at", models.DateTimeField(auto_now=True, verbose_name="answered at")),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer about ledgers",
                "verbose_name_plural": "answers about ledgers",
                "ordering": ["kind", "subject", "id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "kind", "sheet", "subject"), name="ledger_answer_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "column",
                                    "direction",
                                    "hidden_rows",
                                    "hidden_columns",
                                    "hidden_sheet",
                                    "summary",
                                    "community",
                                    "organization",
                                ],
                            )
                        ),
                        name="ledger_answer_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerSource",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("content_sealed", models.BinaryField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="source", to="members.ledgerimport"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["created_at"], name="ledger_source_created")],
            },
        ),
        sql.run(FOLDER / "ledgers.sql"),
    ]
