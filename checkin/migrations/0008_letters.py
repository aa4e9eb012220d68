"""Versions of the letter to members who come, and the drawing that a street uploads."""

from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('checkin', '0004_work_done'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(editable=False, verbose_name='version')),
                ('title', models.CharField(max_length=40, verbose_name='title of the letter')),
                ('body', models.TextField(max_length=1500, verbose_name='text of the letter')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='written at')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('written_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
            ],
            options={
                'verbose_name': 'letter to members who come',
                'verbose_name_plural': 'letters to members who come',
                'ordering': ['organization__code', '-number'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='letter_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('body', ''), _negated=True)), name='letter_says_something')],
            },
        ),
        migrations.CreateModel(
            name='StandardDrawing',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('png', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField(editable=False)),
                ('height', models.PositiveSmallIntegerField(editable=False)),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='uploaded at')),
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('stored_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'standard drawing',
                'verbose_name_plural': 'standard drawings',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('width__gt', 0), ('height__gt', 0)), name='drawing_has_a_size')],
            },
        ),
        sql.run(FOLDER / "letters.sql"),
    ]
