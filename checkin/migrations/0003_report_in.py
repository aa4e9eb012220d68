"""Reporting in: what a form says beside name and number, permanent addresses, signed forms."""

from pathlib import Path

import django.core.validators
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
        ('checkin', '0002_rules'),
        ('members', '0002_rules'),
        ('portal', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportInLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('word', models.CharField(help_text="Small letters and digits that are easily said, for example the street's name in pinyin.", max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]{3,20}\\Z', 'Use 3 to 20 small letters and digits.')], verbose_name='last word of the address')),
                ('contact_phone', models.CharField(blank=True, max_length=20, verbose_name='office phone')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'address for report-ins',
                'verbose_name_plural': 'addresses for report-ins',
                'ordering': ['word'],
                'constraints': [models.CheckConstraint(condition=models.Q(('word__regex', '^[a-z0-9]{3,20}$')), name='link_word_form')],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ReportInLinkEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('word', models.CharField(help_text="Small letters and digits that are easily said, for example the street's name in pinyin.", max_length=20, validators=[django.core.validators.RegexValidator('^[a-z0-9]{3,20}\\Z', 'Use 3 to 20 small letters and digits.')], verbose_name='last word of the address')),
                ('contact_phone', models.CharField(blank=True, max_length=20, verbose_name='office phone')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('organization', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='checkin.reportinlink')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignedForm',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('content', models.BinaryField()),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added at')),
                ('added_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report_in', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signed_forms', to='checkin.reportin', verbose_name='report-in')),
            ],
            options={
                'verbose_name': 'signed form',
                'verbose_name_plural': 'signed forms',
                'ordering': ['added_at'],
                'default_permissions': (),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reportin',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reportin',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reportin',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='reportin',
            name='report_in_once',
        ),
        migrations.AddField(
            model_name='reportin',
            name='details_digest',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='reportin',
            name='details_sealed',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='reportin',
            name='has_sensitive_consent',
            field=models.BooleanField(default=False, verbose_name='agreed to sensitive data as well'),
        ),
        migrations.AddField(
            model_name='reportin',
            name='status_digest',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='reportin',
            name='way',
            field=models.CharField(choices=[('self', 'by oneself'), ('proxy', 'by somebody else'), ('window', 'at the counter'), ('paper', 'entered later from paper')], default='self', max_length=6, verbose_name='filled in'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='details_digest',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='details_sealed',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='has_sensitive_consent',
            field=models.BooleanField(default=False, verbose_name='agreed to sensitive data as well'),
        ),
        migrations.AddField(
            model_name='reportinevent',
            name='way',
            field=models.CharField(choices=[('self', 'by oneself'), ('proxy', 'by somebody else'), ('window', 'at the counter'), ('paper', 'entered later from paper')], default='self', max_length=6, verbose_name='filled in'),
        ),
        migrations.AddIndex(
            model_name='reportin',
            index=models.Index(fields=['status_digest'], name='report_in_status'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "details_digest", "details_sealed", "has_sensitive_consent", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at", "way") SELECT new_values."client_key", new_values."consent_version", new_values."data_key", new_values."decided_at", new_values."decided_by_id", new_values."details_digest", new_values."details_sealed", new_values."has_sensitive_consent", new_values."id", new_values."member_id", new_values."mobile_digest", new_values."mobile_sealed", new_values."name_digest", new_values."name_sealed", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."point_id", new_values."proof", new_values."receipt", new_values."referred_from_id", new_values."state", new_values."submitted_at", new_values."way" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='546ef28f7267133c3d690f1381fb1f2afb994b30', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_166d2', referencing='REFERENCING NEW TABLE AS new_values ', table='checkin_reportin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "details_digest", "details_sealed", "has_sensitive_consent", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at", "way") SELECT new_values."client_key", new_values."consent_version", new_values."data_key", new_values."decided_at", new_values."decided_by_id", new_values."details_digest", new_values."details_sealed", new_values."has_sensitive_consent", new_values."id", new_values."member_id", new_values."mobile_digest", new_values."mobile_sealed", new_values."name_digest", new_values."name_sealed", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."point_id", new_values."proof", new_values."receipt", new_values."referred_from_id", new_values."state", new_values."submitted_at", new_values."way" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."client_key" IS DISTINCT FROM (new_values."client_key") OR old_values."consent_version" IS DISTINCT FROM (new_values."consent_version") OR old_values."data_key" IS DISTINCT FROM (new_values."data_key") OR old_values."decided_at" IS DISTINCT FROM (new_values."decided_at") OR old_values."decided_by_id" IS DISTINCT FROM (new_values."decided_by_id") OR old_values."details_digest" IS DISTINCT FROM (new_values."details_digest") OR old_values."details_sealed" IS DISTINCT FROM (new_values."details_sealed") OR old_values."has_sensitive_consent" IS DISTINCT FROM (new_values."has_sensitive_consent") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."member_id" IS DISTINCT FROM (new_values."member_id") OR old_values."mobile_digest" IS DISTINCT FROM (new_values."mobile_digest") OR old_values."mobile_sealed" IS DISTINCT FROM (new_values."mobile_sealed") OR old_values."name_digest" IS DISTINCT FROM (new_values."name_digest") OR old_values."name_sealed" IS DISTINCT FROM (new_values."name_sealed") OR old_values."organization_id" IS DISTINCT FROM (new_values."organization_id") OR old_values."point_id" IS DISTINCT FROM (new_values."point_id") OR old_values."proof" IS DISTINCT FROM (new_values."proof") OR old_values."receipt" IS DISTINCT FROM (new_values."receipt") OR old_values."referred_from_id" IS DISTINCT FROM (new_values."referred_from_id") OR old_values."state" IS DISTINCT FROM (new_values."state") OR old_values."submitted_at" IS DISTINCT FROM (new_values."submitted_at") OR old_values."way" IS DISTINCT FROM (new_values."way")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='21d7e1eca1bf9a92240b071f8d16b940831772e5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_43bec', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='checkin_reportin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportin',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinevent" ("client_key", "consent_version", "data_key", "decided_at", "decided_by_id", "details_digest", "details_sealed", "has_sensitive_consent", "id", "member_id", "mobile_digest", "mobile_sealed", "name_digest", "name_sealed", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "point_id", "proof", "receipt", "referred_from_id", "state", "submitted_at", "way") SELECT old_values."client_key", old_values."consent_version", old_values."data_key", old_values."decided_at", old_values."decided_by_id", old_values."details_digest", old_values."details_sealed", old_values."has_sensitive_consent", old_values."id", old_values."member_id", old_values."mobile_digest", old_values."mobile_sealed", old_values."name_digest", old_values."name_sealed", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."point_id", old_values."proof", old_values."receipt", old_values."referred_from_id", old_values."state", old_values."submitted_at", old_values."way" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d40cc998c4891bf79305d5161e66b4096f358bbd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_cce6d', referencing='REFERENCING OLD TABLE AS old_values ', table='checkin_reportin', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='reportin',
            constraint=models.UniqueConstraint(fields=('client_key', 'name_digest', 'mobile_digest', 'details_digest'), name='report_in_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='reportin',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['self', 'proxy', 'window', 'paper'])), name='report_in_way_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportinlink',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinlinkevent" ("contact_phone", "id", "is_active", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "word") SELECT new_values."contact_phone", new_values."id", new_values."is_active", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."word" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1f6cf225e26495760eadaaabe0c882dbdda4afee', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a44af', referencing='REFERENCING NEW TABLE AS new_values ', table='checkin_reportinlink', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportinlink',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinlinkevent" ("contact_phone", "id", "is_active", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "word") SELECT new_values."contact_phone", new_values."id", new_values."is_active", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."word" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a87771b7e6c0fd257d6b4e8b7a4c719018b6d260', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_9102a', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='checkin_reportinlink', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportinlink',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "checkin_reportinlinkevent" ("contact_phone", "id", "is_active", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "word") SELECT old_values."contact_phone", old_values."id", old_values."is_active", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."word" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='53ca18a525703f55860fa8586fae1ce929ae8bac', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ed9fb', referencing='REFERENCING OLD TABLE AS old_values ', table='checkin_reportinlink', when='AFTER')),
        ),
        sql.run(FOLDER / "report_in.sql"),
    ]
