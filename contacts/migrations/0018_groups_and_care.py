"""Chat groups and who is in them; visits of care for a festival."""

from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0017_needs'),
        ('members', '0013_lean_indexes'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WechatGroup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=50, verbose_name='name of the group')),
                ('opened_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='opened on')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.liaison', verbose_name='owner of the group')),
            ],
            options={
                'verbose_name': 'chat group',
                'verbose_name_plural': 'chat groups',
                'ordering': ['name', 'id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_on', None), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='group_closed_after_opened')],
            },
        ),
        migrations.CreateModel(
            name='GroupMembership',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('joined_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='joined on')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='left on')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='members.member', verbose_name='floating member')),
                ('group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='contacts.wechatgroup', verbose_name='chat group')),
            ],
            options={
                'verbose_name': 'membership in a chat group',
                'verbose_name_plural': 'memberships in chat groups',
                'ordering': ['joined_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['group', 'member'], name='group_membership')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_on', None)), fields=('group', 'member'), name='group_membership_open_once'), models.CheckConstraint(condition=models.Q(('left_on', None), ('left_on__gte', models.F('joined_on')), _connector='OR'), name='group_left_after_joined')],
            },
        ),
        migrations.CreateModel(
            name='WechatGroupEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=50, verbose_name='name of the group')),
                ('opened_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='opened on')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.liaison', verbose_name='owner of the group')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.wechatgroup')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CareVisit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('festival', models.CharField(choices=[('new_year', "New Year's Day"), ('spring', 'Spring Festival'), ('party_day', 'First of July'), ('army_day', 'First of August'), ('mid_autumn', 'Mid-Autumn Festival'), ('national', 'National Day'), ('double_ninth', 'Double Ninth Festival')], max_length=12, verbose_name='festival')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('planned_for', models.DateField(verbose_name='planned for')),
                ('visited_on', models.DateField(blank=True, null=True, verbose_name='visited on')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='recorded at')),
                ('note_sealed', models.BinaryField(blank=True, null=True)),
                ('note_digest', models.BinaryField(blank=True, null=True)),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='care_visits', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('recorded_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('visitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.liaison', verbose_name='who visits')),
            ],
            options={
                'verbose_name': 'visit of care',
                'verbose_name_plural': 'visits of care',
                'ordering': ['planned_for', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'year', 'festival'], name='care_visit_plan')],
                'constraints': [models.UniqueConstraint(fields=('member', 'organization', 'festival', 'year'), name='care_visit_once_a_festival'), models.CheckConstraint(condition=models.Q(('festival__in', ['new_year', 'spring', 'party_day', 'army_day', 'mid_autumn', 'national', 'double_ninth'])), name='care_festival_known')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='wechatgroup',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_wechatgroupevent" ("closed_on", "id", "name", "opened_on", "organization_id", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."closed_on", new_values."id", new_values."name", new_values."opened_on", new_values."organization_id", new_values."owner_id", NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d9bfa2b4c815b75b53a18ed1891fb83487749135', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2b59c', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_wechatgroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='wechatgroup',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_wechatgroupevent" ("closed_on", "id", "name", "opened_on", "organization_id", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."closed_on", new_values."id", new_values."name", new_values."opened_on", new_values."organization_id", new_values."owner_id", NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e4c826d6f2e2b963863807876e7098a7d220422b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8157e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_wechatgroup', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='wechatgroup',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_wechatgroupevent" ("closed_on", "id", "name", "opened_on", "organization_id", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."closed_on", old_values."id", old_values."name", old_values."opened_on", old_values."organization_id", old_values."owner_id", NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f1c77cae69e094ae8a3648f3b2c26bd8685e1017', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7f7ad', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_wechatgroup', when='AFTER')),
        ),
        sql.run(FOLDER / "groups.sql"),
        sql.run(FOLDER / "care.sql"),
    ]
