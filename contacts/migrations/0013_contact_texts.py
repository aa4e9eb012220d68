"""Topics of a contact, the next step's day, corrections, notes on thoughts, and contacts out of other work."""

import uuid
from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from contacts.enums import Source
from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"
TOPICS = ("through", "work", "life")


def _sealed(topic):
    return [
        migrations.AddField(
            "contactlog",
            f"{topic}_{part}",
            models.BinaryField(null=True, blank=True, editable=False),
        )
        for part in ("sealed", "digest")
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0012_outbox"),
        ("members", "0014_work_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        *(operation for topic in TOPICS for operation in _sealed(topic)),
        migrations.AddField(
            "contactlog",
            "next_on",
            models.DateField(null=True, blank=True, verbose_name="day of the next step"),
        ),
        migrations.AddField("contactlog", "source_key", models.UUIDField(null=True, editable=False)),
        migrations.AlterField(
            "contactlog",
            "source",
            models.CharField(choices=Source.choices, default="logged", max_length=10, verbose_name="source"),
        ),
        migrations.AlterField(
            "contactlog",
            "recorded_at",
            models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="recorded at"),
        ),
        migrations.AddConstraint(
            "contactlog",
            models.UniqueConstraint(
                fields=["member", "source", "source_key"],
                condition=models.Q(source_key__isnull=False),
                name="contact_work_once",
            ),
        ),
        migrations.CreateModel(
            "ThoughtNote",
            [
                ("id", models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="thought",
                        to="contacts.contactlog",
                        verbose_name="contact record",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="floating member",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.organization",
                        verbose_name="organization",
                    ),
                ),
                ("note_sealed", models.BinaryField(null=True, blank=True, editable=False)),
                ("note_digest", models.BinaryField(null=True, blank=True, editable=False)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "note on thoughts",
                "verbose_name_plural": "notes on thoughts",
                "default_permissions": (),
            },
        ),
        sql.run(FOLDER / "thoughts.sql"),
        sql.run(FOLDER / "work_done.sql"),
    ]
