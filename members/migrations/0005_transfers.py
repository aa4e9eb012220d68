"""Transfers between organizations, and what follows when another organization manages a file."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import portal.crypto
import portal.fields
from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_merging"),
        ("portal", "0004_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("data_key", portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("host", "takes the host side"),
                            ("home", "takes the home side"),
                            ("manage", "takes over the whole file"),
                        ],
                        max_length=6,
                        verbose_name="what is asked",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "waiting for an answer"),
                            ("accepted", "accepted"),
                            ("returned", "sent back"),
                            ("withdrawn", "withdrawn"),
                            ("ended", "ended"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("to_text", models.CharField(blank=True, max_length=100, verbose_name="to (outside)")),
                ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="proposed at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("ended_on", models.DateField(null=True, verbose_name="ended on")),
                ("handed_over_sealed", models.BinaryField(blank=True, null=True)),
                ("handed_over_digest", models.BinaryField(blank=True, null=True)),
                ("answer_sealed", models.BinaryField(blank=True, null=True)),
                ("answer_digest", models.BinaryField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                        verbose_name="ended by",
                    ),
                ),
                (
                    "from_organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                        verbose_name="from",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="members.member",
                        verbose_name="floating member",
                    ),
                ),
                (
                    "to_organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer",
                "verbose_name_plural": "transfers",
                "ordering": ["-proposed_at", "id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["from_organization", "state", "-proposed_at"], name="transfer_from"),
                    models.Index(fields=["to_organization", "state", "-proposed_at"], name="transfer_to"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")), fields=("member", "kind"), name="transfer_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["host", "home", "manage"])), name="transfer_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "accepted", "returned", "withdrawn", "ended"])),
                        name="transfer_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_organization__isnull", False),
                            models.Q(("to_text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="transfer_has_an_end",
                    ),
                ],
            },
        ),
        sql.run(FOLDER / "transfers.sql"),
    ]
