"""The calendar of workdays, and reminders of dates: rules, and what came of them."""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0002_rules'),
        ('members', '0002_rules'),
        ('portal', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='outboundmessage',
            name='step',
            field=models.CharField(choices=[('before', 'soon due'), ('target', 'due'), ('limit', 'overdue'), ('secretary', 'told the secretary'), ('community', 'told the community'), ('street', 'told the street'), ('date', 'date reminder')], max_length=10, verbose_name='step'),
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(verbose_name='day')),
                ('is_workday', models.BooleanField(verbose_name='workday')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='holiday')),
                ('organization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'day off or adjusted workday',
                'verbose_name_plural': 'days off and adjusted workdays',
                'ordering': ['day'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('day', 'organization'), name='calendar_day_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='DateReminder',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('probation', 'end of the probationary period'), ('return', 'expected return, ahead'), ('return_day', 'expected return, on the day'), ('half_year', 'half a year of study abroad'), ('birthday', 'anniversary of joining'), ('festival', 'festivals'), ('workdays', 'reminders on workdays only')], max_length=10, verbose_name='kind')),
                ('festival', models.CharField(blank=True, choices=[('new_year', "New Year's Day"), ('spring', 'Spring Festival'), ('party_day', 'First of July'), ('army_day', 'First of August'), ('mid_autumn', 'Mid-Autumn Festival'), ('national', 'National Day'), ('double_ninth', 'Double Ninth Festival')], max_length=12, verbose_name='festival')),
                ('day', models.DateField(verbose_name='day')),
                ('announce_on', models.DateField(verbose_name='told from')),
                ('state', models.CharField(choices=[('open', 'to be done'), ('done', 'done'), ('dismissed', 'not needed')], default='open', max_length=10, verbose_name='state')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='done at')),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
                ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='date_reminders', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'date reminder',
                'verbose_name_plural': 'date reminders',
                'ordering': ['day', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['organization', 'day'], name='date_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('member__isnull', False)), fields=('member', 'kind', 'day'), name='date_member_once'), models.UniqueConstraint(condition=models.Q(('member', None)), fields=('organization', 'kind', 'day'), name='date_office_once'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'done', 'dismissed'])), name='date_state_known')],
            },
        ),
        migrations.CreateModel(
            name='DateRule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('probation', 'end of the probationary period'), ('return', 'expected return, ahead'), ('return_day', 'expected return, on the day'), ('half_year', 'half a year of study abroad'), ('birthday', 'anniversary of joining'), ('festival', 'festivals'), ('workdays', 'reminders on workdays only')], max_length=10, verbose_name='kind')),
                ('is_on', models.BooleanField(verbose_name='switched on')),
                ('days_before', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(180)], verbose_name='days before')),
                ('on_since', models.DateField(default=django.utils.timezone.localdate, verbose_name='since')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'rule of date reminders',
                'verbose_name_plural': 'rules of date reminders',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('organization', 'kind'), name='date_rule_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['probation', 'return', 'return_day', 'half_year', 'birthday', 'festival', 'workdays'])), name='date_rule_kind_known'), models.CheckConstraint(condition=models.Q(('days_before__lte', 180)), name='date_rule_days_known')],
            },
        ),
        sql.run(FOLDER / "calendar.sql"),
        sql.run(FOLDER / "dates.sql"),
    ]
