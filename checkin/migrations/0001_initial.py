"""Check-in points, their codes, and what people submit."""

import checkin.models
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.crypto
import portal.fields
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
            name='CheckinPoint',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='name of the point')),
                ('kind', models.CharField(choices=[('service_centre', 'service centre'), ('community', 'community office'), ('station', 'service station'), ('enterprise', 'enterprise'), ('market', 'market')], default='community', max_length=16, verbose_name='kind of point')),
                ('address', models.CharField(max_length=120, verbose_name='address')),
                ('hours', models.CharField(blank=True, max_length=60, verbose_name='opening hours')),
                ('contact_name', models.CharField(blank=True, max_length=30, verbose_name='contact person')),
                ('contact_phone', models.CharField(blank=True, max_length=20, verbose_name='office phone')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'check-in point',
                'verbose_name_plural': 'check-in points',
                'ordering': ['name', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'name'], name='point_organization')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='point_name_given'), models.CheckConstraint(condition=models.Q(('kind__in', ['service_centre', 'community', 'station', 'enterprise', 'market'])), name='point_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='CheckinCode',
            fields=[
                ('id', models.UUIDField(default=checkin.models.random_code_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='checkin.checkinpoint', verbose_name='check-in point')),
            ],
            options={
                'verbose_name': 'check-in code',
                'verbose_name_plural': 'check-in codes',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('point',), name='code_one_in_force')],
            },
        ),
        migrations.CreateModel(
            name='CheckinCodeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=checkin.models.random_code_id, editable=False, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='checkin.checkincode')),
                ('point', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='checkin.checkinpoint', verbose_name='check-in point')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CheckinPointEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='name of the point')),
                ('kind', models.CharField(choices=[('service_centre', 'service centre'), ('community', 'community office'), ('station', 'service station'), ('enterprise', 'enterprise'), ('market', 'market')], default='community', max_length=16, verbose_name='kind of point')),
                ('address', models.CharField(max_length=120, verbose_name='address')),
                ('hours', models.CharField(blank=True, max_length=60, verbose_name='opening hours')),
                ('contact_name', models.CharField(blank=True, max_length=30, verbose_name='contact person')),
                ('contact_phone', models.CharField(blank=True, max_length=20, verbose_name='office phone')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='checkin.checkinpoint')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReportIn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('receipt', models.CharField(max_length=16, verbose_name='receipt number')),
                ('consent_version', models.CharField(default='', editable=False, max_length=16, verbose_name='notice agreed to')),
                ('state', models.CharField(choices=[('waiting', 'to verify'), ('referred', 'referred here'), ('confirmed', 'confirmed'), ('joined', 'taken into a branch'), ('returned', 'sent back'), ('duplicate', 'duplicate'), ('mistaken', 'scanned by mistake')], default='waiting', max_length=10, verbose_name='state')),
                ('proof', models.CharField(blank=True, choices=[('national_system', 'looked up in the national system'), ('home_branch', 'called the home branch'), ('certificate', 'saw the activity certificate'), ('letter', 'letter of introduction or certificate')], max_length=16, verbose_name='verified by')),
                ('submitted_at', models.DateTimeField(auto_now_add=True, verbose_name='submitted at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('name_sealed', models.BinaryField(blank=True, null=True)),
                ('name_digest', models.BinaryField(blank=True, null=True)),
                ('mobile_sealed', models.BinaryField(blank=True, null=True)),
                ('mobile_digest', models.BinaryField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='report_ins', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('point', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='report_ins', to='checkin.checkinpoint', verbose_name='check-in point')),
                ('referred_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='referred from')),
            ],
            options={
                'verbose_name': 'report-in',
                'verbose_name_plural': 'report-ins',
                'ordering': ['-submitted_at'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state', '-submitted_at'], name='report_in_queue'), models.Index(fields=['mobile_digest'], name='report_in_mobile')],
                'constraints': [models.UniqueConstraint(fields=('client_key', 'name_digest', 'mobile_digest'), name='report_in_once'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'referred', 'confirmed', 'joined', 'returned', 'duplicate', 'mistaken'])), name='report_in_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'joined']), _negated=True), models.Q(models.Q(('proof', ''), _negated=True), models.Q(('member', None), _negated=True)), _connector='OR'), name='report_in_confirmed_with_proof')],
            },
        ),
        migrations.CreateModel(
            name='ReportInEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('client_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('receipt', models.CharField(max_length=16, verbose_name='receipt number')),
                ('consent_version', models.CharField(default='', editable=False, max_length=16, verbose_name='notice agreed to')),
                ('state', models.CharField(choices=[('waiting', 'to verify'), ('referred', 'referred here'), ('confirmed', 'confirmed'), ('joined', 'taken into a branch'), ('returned', 'sent back'), ('duplicate', 'duplicate'), ('mistaken', 'scanned by mistake')], default='waiting', max_length=10, verbose_name='state')),
                ('proof', models.CharField(blank=True, choices=[('national_system', 'looked up in the national system'), ('home_branch', 'called the home branch'), ('certificate', 'saw the activity certificate'), ('letter', 'letter of introduction or certificate')], max_length=16, verbose_name='verified by')),
                ('submitted_at', models.DateTimeField(auto_now_add=True, verbose_name='submitted at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('name_sealed', models.BinaryField(blank=True, null=True)),
                ('name_digest', models.BinaryField(blank=True, null=True)),
                ('mobile_sealed', models.BinaryField(blank=True, null=True)),
                ('mobile_digest', models.BinaryField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('member', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='checkin.reportin')),
                ('point', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='checkin.checkinpoint', verbose_name='check-in point')),
                ('referred_from', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='referred from')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkinpoint',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkinpointevent" ("address", "contact_name", "contact_phone", "hours", "id", "is_active", "kind", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."address", new_values."contact_name", new_values."contact_phone", new_values."hours", new_values."id", new_values."is_active", new_values."kind", new_values."name", new_values."organization_id", NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a3faf93ee8b4985456d5a644e40e31dc9cc30c75', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b7ba1', referencing='REFERENCING NEW TABLE AS new_values ', table='checkin_checkinpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkinpoint',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkinpointevent" ("address", "contact_name", "contact_phone", "hours", "id", "is_active", "kind", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."address", new_values."contact_name", new_values."contact_phone", new_values."hours", new_values."id", new_values."is_active", new_values."kind", new_values."name", new_values."organization_id", NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='79a8607d5dc61abfb6189c4838e817de7b554a75', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e7c97', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='checkin_checkinpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkinpoint',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkinpointevent" ("address", "contact_name", "contact_phone", "hours", "id", "is_active", "kind", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."address", old_values."contact_name", old_values."contact_phone", old_values."hours", old_values."id", old_values."is_active", old_values."kind", old_values."name", old_values."organization_id", NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cf840999a38e5c38fbb745680019f81c95d68fb6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_edc13', referencing='REFERENCING OLD TABLE AS old_values ', table='checkin_checkinpoint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkincode',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkincodeevent" ("created_at", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "revoked_at") SELECT new_values."created_at", new_values."id", NOW(), \'insert\', new_values."id", new_values."point_id", new_values."revoked_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9494833694e8d145df86e2c94bd3f283ce53f3b1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ad6b2', referencing='REFERENCING NEW TABLE AS new_values ', table='checkin_checkincode', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkincode',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkincodeevent" ("created_at", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "revoked_at") SELECT new_values."created_at", new_values."id", NOW(), \'update\', new_values."id", new_values."point_id", new_values."revoked_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b4385668bc8974782da9527b234df84721ffc22d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b92ae', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='checkin_checkincode', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='checkincode',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_checkincodeevent" ("created_at", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "revoked_at") SELECT old_values."created_at", old_values."id", NOW(), \'delete\', old_values."id", old_values."point_id", old_values."revoked_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='38978891697c41728a1eb0ae67db5e83c3315a1f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_eeeff', referencing='REFERENCING OLD TABLE AS old_values ', table='checkin_checkincode', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at") SELECT new_values."client_key", new_values."consent_version", new_values."data_key", new_values."decided_at", new_values."decided_by_id", new_values."id", new_values."member_id", new_values."mobile_digest", new_values."mobile_sealed", new_values."name_digest", new_values."name_sealed", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."point_id", new_values."proof", new_values."receipt", new_values."referred_from_id", new_values."state", new_values."submitted_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d6793fcf586d55202498ccc62f2e87f09342b1fa', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_166d2', referencing='REFERENCING NEW TABLE AS new_values ', table='checkin_reportin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at") SELECT new_values."client_key", new_values."consent_version", new_values."data_key", new_values."decided_at", new_values."decided_by_id", new_values."id", new_values."member_id", new_values."mobile_digest", new_values."mobile_sealed", new_values."name_digest", new_values."name_sealed", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."point_id", new_values."proof", new_values."receipt", new_values."referred_from_id", new_values."state", new_values."submitted_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2675211867db879cb94a9cd5f9af65cd3cac8904', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_43bec', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='checkin_reportin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at") SELECT old_values."client_key", old_values."consent_version", old_values."data_key", old_values."decided_at", old_values."decided_by_id", old_values."id", old_values."member_id", old_values."mobile_digest", old_values."mobile_sealed", old_values."name_digest", old_values."name_sealed", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."point_id", old_values."proof", old_values."receipt", old_values."referred_from_id", old_values."state", old_values."submitted_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='bc7fc0cb6fca97d50e61152616887ff78f11b9ee', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_cce6d', referencing='REFERENCING OLD TABLE AS old_values ', table='checkin_reportin', when='AFTER')),
        ),
    ]
