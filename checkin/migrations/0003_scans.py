"""Phones that are known, and check-in at activities: desks, scans, arrivals."""

from pathlib import Path

import checkin.arrivals.models
import django.db.models.deletion
import django.utils.timezone
import portal.crypto
import portal.fields
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('activities', '0002_rules'),
        ('checkin', '0002_rules'),
        ('members', '0002_rules'),
        ('portal', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('id', models.UUIDField(default=checkin.arrivals.models.random_desk_id, editable=False, primary_key=True, serialize=False)),
                ('opens_at', models.DateTimeField(verbose_name='opens at')),
                ('closes_at', models.DateTimeField(verbose_name='closes at')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                ('has_check_out', models.BooleanField(default=False, verbose_name='with check-out')),
                ('poster_number', models.PositiveIntegerField(default=0)),
                ('typed_code', models.CharField(default=checkin.arrivals.models.random_typed_code, max_length=8, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('activity', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='desk', to='activities.activity', verbose_name='activity')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'check-in desk',
                'verbose_name_plural': 'check-in desks',
                'ordering': ['-opens_at', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', '-opens_at'], name='desk_recent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='desk_closes_later')],
            },
        ),
        migrations.CreateModel(
            name='MemberDevice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('device_digest', models.BinaryField()),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='confirmed at')),
                ('last_used_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='last used on')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='taken out of use at')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='confirmed by')),
            ],
            options={
                'verbose_name': "member's phone",
                'verbose_name_plural': "members' phones",
                'ordering': ['-created_at', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization'], name='device_organization')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('device_digest', 'member'), name='device_member_once')],
            },
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('client_key', models.UUIDField(editable=False)),
                ('device_digest', models.BinaryField(null=True)),
                ('assurance', models.CharField(choices=[('screen', 'screen code'), ('poster', 'poster or typed code')], max_length=8)),
                ('is_leaving', models.BooleanField(default=False)),
                ('scanned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('name_sealed', models.BinaryField(blank=True, null=True)),
                ('name_digest', models.BinaryField(blank=True, null=True)),
                ('mobile_sealed', models.BinaryField(blank=True, null=True)),
                ('mobile_digest', models.BinaryField(blank=True, null=True)),
                ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scans', to='checkin.desk')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization')),
            ],
            options={
                'verbose_name': 'scan',
                'verbose_name_plural': 'scans',
                'ordering': ['scanned_at', 'id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('desk', 'client_key', 'is_leaving', 'mobile_digest', 'name_digest', 'member'), name='scan_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('way', models.CharField(choices=[('scan', 'scanned'), ('staff', 'signed in by staff'), ('paper', 'from a list')], default='scan', max_length=8, verbose_name='how')),
                ('is_sure', models.BooleanField(default=False)),
                ('is_late_entry', models.BooleanField(default=False, verbose_name='entered later')),
                ('arrived_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='came at')),
                ('left_at', models.DateTimeField(null=True, verbose_name='left at')),
                ('hours', models.DecimalField(decimal_places=1, max_digits=4, null=True, verbose_name='hours')),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization')),
                ('desk', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='arrivals', to='checkin.desk')),
                ('scan', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='arrival', to='checkin.scan')),
            ],
            options={
                'verbose_name': 'arrival',
                'verbose_name_plural': 'arrivals',
                'ordering': ['arrived_at', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['desk', 'arrived_at'], name='arrival_of_desk')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', False), ('undone_at', None)), fields=('desk', 'member'), name='arrival_once'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), models.Q(('member', None), _negated=True), _connector='OR'), name='arrival_confirmed_of_somebody'), models.CheckConstraint(condition=models.Q(('undone_at', None), models.Q(('reason', ''), _negated=True), _connector='OR'), name='arrival_undone_for_a_reason')],
            },
        ),
        sql.run(FOLDER / "devices.sql"),
        sql.run(FOLDER / "desks.sql"),
    ]
