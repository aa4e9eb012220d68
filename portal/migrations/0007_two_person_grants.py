"""Roles that two persons give: the requests, their wall, and every function that writes grants."""

from pathlib import Path

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0006_shared_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='GrantRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30, verbose_name='role')),
                ('until', models.DateField(null=True, verbose_name='until')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'waiting for a decision'), ('approved', 'approved'), ('refused', 'not approved'), ('expired', 'expired')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=200)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
            ],
            options={
                'verbose_name': 'grant request',
                'verbose_name_plural': 'grant requests',
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state'], name='grant_request_place')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'role', 'organization'), name='grant_request_one_waiting'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='grant_request_two_persons')],
            },
        ),
        sql.run(FOLDER / "grants.sql"),
    ]
