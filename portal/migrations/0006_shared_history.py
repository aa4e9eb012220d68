"""History of the records that several people edit, so that the second saver reads what the first one changed."""

from pathlib import Path

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('portal', '0005_merging'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrganizationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z-]{2,40}$')], verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('short_name', models.CharField(blank=True, max_length=60, verbose_name='short name')),
                ('party_name', models.CharField(blank=True, max_length=100, verbose_name='name of the party organization')),
                ('kind', models.CharField(choices=[('province', 'province'), ('city', 'city'), ('district', 'district'), ('street', 'street'), ('community', 'community'), ('branch', 'branch')], max_length=12, verbose_name='kind')),
                ('sector', models.CharField(blank=True, max_length=40, verbose_name='sector')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrganizationGrantEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('granted_at', models.DateTimeField(auto_now_add=True, verbose_name='granted at')),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationevent" ("code", "id", "is_active", "kind", "merged_into_id", "name", "parent_id", "party_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector", "short_name") SELECT new_values."code", new_values."id", new_values."is_active", new_values."kind", new_values."merged_into_id", new_values."name", new_values."parent_id", new_values."party_name", NOW(), \'insert\', new_values."id", new_values."sector", new_values."short_name" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e28e3e54a22f79a2e5dd61540f65d9b253465109', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_73db6', referencing='REFERENCING NEW TABLE AS new_values ', table='portal_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationevent" ("code", "id", "is_active", "kind", "merged_into_id", "name", "parent_id", "party_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector", "short_name") SELECT new_values."code", new_values."id", new_values."is_active", new_values."kind", new_values."merged_into_id", new_values."name", new_values."parent_id", new_values."party_name", NOW(), \'update\', new_values."id", new_values."sector", new_values."short_name" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."parent_id" IS DISTINCT FROM (new_values."parent_id") OR old_values."party_name" IS DISTINCT FROM (new_values."party_name") OR old_values."sector" IS DISTINCT FROM (new_values."sector") OR old_values."short_name" IS DISTINCT FROM (new_values."short_name")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1303aa96d088fa5acd1d84ec925b679808583c93', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3c286', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='portal_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organization',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationevent" ("code", "id", "is_active", "kind", "merged_into_id", "name", "parent_id", "party_name", "pgh_created_at", "pgh_label", "pgh_obj_id", "sector", "short_name") SELECT old_values."code", old_values."id", old_values."is_active", old_values."kind", old_values."merged_into_id", old_values."name", old_values."parent_id", old_values."party_name", NOW(), \'delete\', old_values."id", old_values."sector", old_values."short_name" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5c4764c22f2f4030640ce7fbc88ff9b22e04c589', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_66ebe', referencing='REFERENCING OLD TABLE AS old_values ', table='portal_organization', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organizationgrant',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationgrantevent" ("content_object_id", "granted_at", "granted_by_id", "id", "permission_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "until", "user_id") SELECT new_values."content_object_id", new_values."granted_at", new_values."granted_by_id", new_values."id", new_values."permission_id", NOW(), \'insert\', new_values."id", new_values."reason", new_values."until", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5785fb780581e0eef4e9f703980eccea43f87c03', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_66294', referencing='REFERENCING NEW TABLE AS new_values ', table='portal_organizationgrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organizationgrant',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationgrantevent" ("content_object_id", "granted_at", "granted_by_id", "id", "permission_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "until", "user_id") SELECT new_values."content_object_id", new_values."granted_at", new_values."granted_by_id", new_values."id", new_values."permission_id", NOW(), \'update\', new_values."id", new_values."reason", new_values."until", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='55416290814b744a22e82adf9a1c632e957689d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_564b7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='portal_organizationgrant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organizationgrant',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_organizationgrantevent" ("content_object_id", "granted_at", "granted_by_id", "id", "permission_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "until", "user_id") SELECT old_values."content_object_id", old_values."granted_at", old_values."granted_by_id", old_values."id", old_values."permission_id", NOW(), \'delete\', old_values."id", old_values."reason", old_values."until", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a71879a384827b33c74c400b33978ceb35c14882', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_14225', referencing='REFERENCING OLD TABLE AS old_values ', table='portal_organizationgrant', when='AFTER')),
        ),
        migrations.AddField(
            model_name='organizationevent',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='organizationevent',
            name='parent',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='superior'),
        ),
        migrations.AddField(
            model_name='organizationevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='portal.organization'),
        ),
        migrations.AddField(
            model_name='organizationgrantevent',
            name='content_object',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization'),
        ),
        migrations.AddField(
            model_name='organizationgrantevent',
            name='granted_by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='granted by'),
        ),
        migrations.AddField(
            model_name='organizationgrantevent',
            name='permission',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission'),
        ),
        migrations.AddField(
            model_name='organizationgrantevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='portal.organizationgrant'),
        ),
        migrations.AddField(
            model_name='organizationgrantevent',
            name='user',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account'),
        ),
        sql.run(FOLDER / "shared_history.sql"),
    ]
