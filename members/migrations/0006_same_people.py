"""Files of one person under two organizations: the cases, and the functions that settle them."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0005_transfers")]
    operations = [
        migrations.CreateModel(
            name="SamePersonCase",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
                (
                    "former_organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="members.movement"
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
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to decide"),
                            ("asked", "both sides are asked"),
                            ("refused", "one side said no"),
                            ("linked", "linked as one file"),
                            ("dismissed", "not the same person"),
                            ("outdated", "the numbers differ now"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("first_answer", models.CharField(blank=True, default="", max_length=3)),
                ("second_answer", models.CharField(blank=True, default="", max_length=3)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wrong_number", "the ID number was typed wrongly in one of the files"),
                            ("other_person", "checked: they are two different people"),
                            ("not_ours", "we do not look after this person"),
                            ("old_file", "the file is out of date and will be closed"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("found_at", models.DateTimeField(auto_now_add=True, verbose_name="found at")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed at")),
            ],
            options={
                "verbose_name": "case of possibly the same person",
                "verbose_name_plural": "possibly the same person",
                "ordering": ["-found_at", "id"],
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("same_as__isnull", False)), fields=["same_as"], name="member_same_as"
            ),
        ),
        migrations.AddIndex(
            model_name="samepersoncase",
            index=models.Index(fields=["organization", "state"], name="same_person_organization"),
        ),
        migrations.AddConstraint(
            model_name="samepersoncase",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="same_person_once"),
        ),
        migrations.AddConstraint(
            model_name="samepersoncase",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="same_person_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="samepersoncase",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "asked", "refused", "linked", "dismissed", "outdated"])),
                name="same_person_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="samepersoncase",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "wrong_number", "other_person", "not_ours", "old_file"])),
                name="same_person_reason_known",
            ),
        ),
        *(sql.run(FOLDER / name) for name in ("same_people.sql", "same_people_sides.sql")),
    ]
