"""History of the records that several people edit, so that the second saver reads what the first one changed."""

from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
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
        ('contacts', '0005_two_sides'),
        ('portal', '0005_merging'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactPolicyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('target_days', models.PositiveSmallIntegerField(default=90, verbose_name='target (days)')),
                ('limit_days', models.PositiveSmallIntegerField(default=120, verbose_name='limit (days)')),
                ('go_live_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='in use since')),
                ('capacity', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='members per liaison')),
                ('before_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='remind ahead (days)')),
                ('secretary_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='tell the secretary after (days)')),
                ('community_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='tell the community after (days)')),
                ('street_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='tell the street after (days)')),
                ('counts_attendance', models.BooleanField(blank=True, null=True, verbose_name='attendance counts as a contact')),
                ('counts_visits', models.BooleanField(blank=True, null=True, verbose_name='a visit of care counts as a contact')),
                ('counts_needs', models.BooleanField(blank=True, null=True, verbose_name='a need that was met counts as a contact')),
                ('counts_report_ins', models.BooleanField(blank=True, null=True, verbose_name='a confirmed report-in counts as a contact')),
                ('other_target', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='another province: target (days)')),
                ('other_limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='another province: limit (days)')),
                ('study_target', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='studying abroad: target (days)')),
                ('study_limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='studying abroad: limit (days)')),
                ('first_target', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='first three months: target (days)')),
                ('first_limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='first three months: limit (days)')),
                ('incoming_target', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='incoming afterwards: target (days)')),
                ('incoming_limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='incoming afterwards: limit (days)')),
                ('member_target', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='own report: target (days)')),
                ('member_limit', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='own report: limit (days)')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LiaisonEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('name', models.CharField(max_length=50, verbose_name='name')),
                ('kind', models.CharField(choices=[('committee', 'committee member'), ('backbone', 'backbone member'), ('grid', 'grid worker'), ('building', 'building head')], default='committee', max_length=10, verbose_name='kind of liaison')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='work e-mail')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('mobile_sealed', models.BinaryField(blank=True, null=True)),
                ('mobile_digest', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT new_values."before_days", new_values."capacity", new_values."community_days", new_values."counts_attendance", new_values."counts_needs", new_values."counts_report_ins", new_values."counts_visits", new_values."first_limit", new_values."first_target", new_values."go_live_on", new_values."id", new_values."incoming_limit", new_values."incoming_target", new_values."limit_days", new_values."member_limit", new_values."member_target", new_values."organization_id", new_values."other_limit", new_values."other_target", NOW(), \'insert\', new_values."id", new_values."secretary_days", new_values."street_days", new_values."study_limit", new_values."study_target", new_values."target_days" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='51bae0aa3fa3282aaf3aacc348ca21286afd65e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e7066', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT new_values."before_days", new_values."capacity", new_values."community_days", new_values."counts_attendance", new_values."counts_needs", new_values."counts_report_ins", new_values."counts_visits", new_values."first_limit", new_values."first_target", new_values."go_live_on", new_values."id", new_values."incoming_limit", new_values."incoming_target", new_values."limit_days", new_values."member_limit", new_values."member_target", new_values."organization_id", new_values."other_limit", new_values."other_target", NOW(), \'update\', new_values."id", new_values."secretary_days", new_values."street_days", new_values."study_limit", new_values."study_target", new_values."target_days" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d2886733eb2f1bee3a254ad6290b31bfffc80cf3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f2263', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT old_values."before_days", old_values."capacity", old_values."community_days", old_values."counts_attendance", old_values."counts_needs", old_values."counts_report_ins", old_values."counts_visits", old_values."first_limit", old_values."first_target", old_values."go_live_on", old_values."id", old_values."incoming_limit", old_values."incoming_target", old_values."limit_days", old_values."member_limit", old_values."member_target", old_values."organization_id", old_values."other_limit", old_values."other_target", NOW(), \'delete\', old_values."id", old_values."secretary_days", old_values."street_days", old_values."study_limit", old_values."study_target", old_values."target_days" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b0e68ded45067afd6664be995365526f8a4e4e26', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_81c0b', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."data_key", new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='87ced9b750b4a0eb5ccfa6c82181a4d37b3e1db4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4de74', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_liaison', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."data_key", new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c16a474f5d30d815fe9f61f7149e1494a00759df', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a9d4f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_liaison', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."data_key", old_values."email", old_values."id", old_values."is_active", old_values."kind", old_values."mobile_digest", old_values."mobile_sealed", old_values."name", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='1e9e7df2c5d27d835a0dcaa7b2a48ba2fe3c52f6', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_397b1', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_liaison', when='AFTER')),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='organization',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.contactpolicy'),
        ),
        migrations.AddField(
            model_name='liaisonevent',
            name='organization',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization'),
        ),
        migrations.AddField(
            model_name='liaisonevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.liaison'),
        ),
        migrations.AddField(
            model_name='liaisonevent',
            name='user',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account'),
        ),
        sql.run(FOLDER / "shared_history.sql"),
    ]
