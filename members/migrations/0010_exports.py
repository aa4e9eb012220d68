"""Exports that take two persons: what is asked, and the sealed file until it is fetched."""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.crypto
import portal.fields
from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0009_undo'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerExport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('organizations', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('count', models.PositiveIntegerField(verbose_name='number')),
                ('unmasked', models.BooleanField(default=False, verbose_name='with full numbers')),
                ('kind', models.CharField(max_length=4, verbose_name='file format')),
                ('layout', models.CharField(blank=True, max_length=200, verbose_name='layout')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('reason', models.CharField(blank=True, choices=[('check', 'to verify information'), ('contact', 'to contact the members'), ('superior', 'report to the superior office'), ('other', 'another reason')], max_length=10, verbose_name='reason')),
                ('text', models.CharField(blank=True, max_length=100, verbose_name='reason in words')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='asked at')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('state', models.CharField(choices=[('waiting', 'waiting for a second person'), ('approved', 'approved, to be fetched'), ('refused', 'not approved'), ('fetched', 'fetched'), ('withdrawn', 'withdrawn'), ('expired', 'expired')], default='waiting', max_length=10, verbose_name='state')),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='answer')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'export of a ledger',
                'verbose_name_plural': 'exports of ledgers',
                'ordering': ['-asked_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ExportFile',
            fields=[
                ('export', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='members.ledgerexport')),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('members', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('content_sealed', models.BinaryField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='ledgerexport',
            index=models.Index(fields=['organization', '-asked_at'], name='ledger_export_recent'),
        ),
        migrations.AddConstraint(
            model_name='ledgerexport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'approved', 'refused', 'fetched', 'withdrawn', 'expired'])), name='ledger_export_state_known'),
        ),
        migrations.AddConstraint(
            model_name='ledgerexport',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='ledger_export_two_persons'),
        ),
        sql.run(FOLDER / "exports.sql"),
    ]
