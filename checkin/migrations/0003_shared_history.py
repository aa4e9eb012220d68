"""History of the records that several people edit, so that the second saver reads what the first one changed."""

from pathlib import Path

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.crypto
import portal.fields
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('checkin', '0002_policies'),
        ('members', '0004_merging'),
        ('portal', '0005_merging'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                'abstract': False,
            },
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
        migrations.AddField(
            model_name='reportinevent',
            name='decided_by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='member',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='organization',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='checkin.reportin'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='point',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='checkin.checkinpoint', verbose_name='check-in point'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='referred_from',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='referred from'),
        ),
        sql.run(FOLDER / "shared_history.sql"),
    ]
