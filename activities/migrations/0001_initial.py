"""Activities and who came."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        ('portal', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=100, verbose_name='title')),
                ('kind', models.CharField(choices=[('assembly', "members' assembly"), ('committee', 'committee meeting'), ('group', 'group meeting'), ('lesson', 'party lesson'), ('theme_day', 'theme day'), ('life_meeting', 'organizational life meeting'), ('review', 'democratic review'), ('training', 'training'), ('lecture', 'lecture'), ('micro_lesson', 'micro-lesson'), ('film', 'film'), ('discussion', 'discussion meeting'), ('consultation', 'consultation'), ('job_fair', 'job fair'), ('check_up', 'health check-up'), ('folk', 'folk activity'), ('volunteer', 'volunteer service')], default='theme_day', max_length=14, verbose_name='kind of activity')),
                ('held_on', models.DateField(verbose_name='held on')),
                ('hours', models.DecimalField(decimal_places=1, default=1, max_digits=4, verbose_name='hours')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('summary', models.TextField(blank=True, max_length=2000, verbose_name='summary')),
                ('is_cancelled', models.BooleanField(default=False, verbose_name='cancelled')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'activity',
                'verbose_name_plural': 'activities',
                'ordering': ['-held_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', '-held_on'], name='activity_recent')],
            },
        ),
        migrations.CreateModel(
            name='ActivityEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('title', models.CharField(max_length=100, verbose_name='title')),
                ('kind', models.CharField(choices=[('assembly', "members' assembly"), ('committee', 'committee meeting'), ('group', 'group meeting'), ('lesson', 'party lesson'), ('theme_day', 'theme day'), ('life_meeting', 'organizational life meeting'), ('review', 'democratic review'), ('training', 'training'), ('lecture', 'lecture'), ('micro_lesson', 'micro-lesson'), ('film', 'film'), ('discussion', 'discussion meeting'), ('consultation', 'consultation'), ('job_fair', 'job fair'), ('check_up', 'health check-up'), ('folk', 'folk activity'), ('volunteer', 'volunteer service')], default='theme_day', max_length=14, verbose_name='kind of activity')),
                ('held_on', models.DateField(verbose_name='held on')),
                ('hours', models.DecimalField(decimal_places=1, default=1, max_digits=4, verbose_name='hours')),
                ('place', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('summary', models.TextField(blank=True, max_length=2000, verbose_name='summary')),
                ('is_cancelled', models.BooleanField(default=False, verbose_name='cancelled')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='activities.activity')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('is_late_entry', models.BooleanField(default=False, verbose_name='entered later')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='recorded at')),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='activities.activity', verbose_name='activity')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='members.member', verbose_name='floating member')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
            ],
            options={
                'verbose_name': 'attendance',
                'verbose_name_plural': 'attendance list',
                'default_permissions': (),
                'indexes': [models.Index(fields=['member'], name='attendance_member')],
                'constraints': [models.UniqueConstraint(fields=('activity', 'member'), name='attendance_once')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('batch', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('content', models.CharField(max_length=60, verbose_name='what is sent')),
                ('tracking_number', models.CharField(blank=True, max_length=40, verbose_name='tracking number')),
                ('state', models.CharField(choices=[('sent', 'on the way'), ('received', 'parcel received'), ('returned', 'came back: check the address'), ('checked', 'came back, address checked')], default='sent', max_length=8, verbose_name='state')),
                ('sent_on', models.DateField(verbose_name='sent on')),
                ('closed_on', models.DateField(null=True, verbose_name='closed on')),
                ('address_sealed', models.BinaryField(blank=True, null=True)),
                ('address_digest', models.BinaryField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parcels', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('sent_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'parcel',
                'verbose_name_plural': 'parcels',
                'ordering': ['sent_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state', 'sent_on'], name='parcel_board')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), models.Q(('closed_on', None), _negated=True)), _connector='OR'), name='parcel_closed_has_its_day')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_activityevent" ("held_on", "hours", "id", "is_cancelled", "kind", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "summary", "title") SELECT new_values."held_on", new_values."hours", new_values."id", new_values."is_cancelled", new_values."kind", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."place", new_values."summary", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d76a628c639689ec4e843e80b673e826ca9425e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_6de9c', referencing='REFERENCING NEW TABLE AS new_values ', table='activities_activity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_activityevent" ("held_on", "hours", "id", "is_cancelled", "kind", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "summary", "title") SELECT new_values."held_on", new_values."hours", new_values."id", new_values."is_cancelled", new_values."kind", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."place", new_values."summary", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."held_on" IS DISTINCT FROM (new_values."held_on") OR old_values."hours" IS DISTINCT FROM (new_values."hours") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_cancelled" IS DISTINCT FROM (new_values."is_cancelled") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."organization_id" IS DISTINCT FROM (new_values."organization_id") OR old_values."place" IS DISTINCT FROM (new_values."place") OR old_values."summary" IS DISTINCT FROM (new_values."summary") OR old_values."title" IS DISTINCT FROM (new_values."title")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0f8bffcd11eee24e531933599b5c26ef3270f119', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a56a1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='activities_activity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='activity',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "activities_activityevent" ("held_on", "hours", "id", "is_cancelled", "kind", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "summary", "title") SELECT old_values."held_on", old_values."hours", old_values."id", old_values."is_cancelled", old_values."kind", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."place", old_values."summary", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='026258f05fc3578ffdf7e470533f23bc0e91ba4a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_cc776', referencing='REFERENCING OLD TABLE AS old_values ', table='activities_activity', when='AFTER')),
        ),
    ]
