"""When the sections of a file were last verified, which files nobody looked at for long, and folding of duplicates."""

import uuid
from pathlib import Path

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_member_file'),
    ]

    operations = [
        # a file that was folded into another one of the same organization keeps its number, as the kept one has it
        migrations.RemoveConstraint(model_name="member", name="member_id_number_unique"),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("same_as__isnull", True)),
                fields=("organization", "id_number_digest"),
                name="member_id_number_unique",
            ),
        ),
        migrations.CreateModel(
            name='StaleFile',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='stale', serialize=False, to='members.member')),
                ('touched_on', models.DateField(verbose_name='last changed or verified on')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('part', models.CharField(choices=[('identity', 'Who it is'), ('contact', 'Contact'), ('movement', 'Movement'), ('work', 'Work and life'), ('care', 'Care')], max_length=10, verbose_name='section')),
                ('verified_on', models.DateField(verbose_name='verified on')),
                ('verified_by', models.CharField(max_length=60)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='verifications', to='members.member', verbose_name='floating member')),
            ],
            options={
                'verbose_name': 'verification',
                'verbose_name_plural': 'verifications',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='VerificationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('part', models.CharField(choices=[('identity', 'Who it is'), ('contact', 'Contact'), ('movement', 'Movement'), ('work', 'Work and life'), ('care', 'Care')], max_length=10, verbose_name='section')),
                ('verified_on', models.DateField(verbose_name='verified on')),
                ('verified_by', models.CharField(max_length=60)),
                ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='members.verification')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.UniqueConstraint(fields=('member', 'part'), name='verification_once'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.CheckConstraint(condition=models.Q(('part__in', ["identity", "contact", "movement", "work", "care"])), name='verification_part_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verification',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_verificationevent" ("id", "member_id", "part", "pgh_created_at", "pgh_label", "pgh_obj_id", "verified_by", "verified_on") SELECT new_values."id", new_values."member_id", new_values."part", NOW(), \'insert\', new_values."id", new_values."verified_by", new_values."verified_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='745783609d43044c8d907fe0dacf6457a4fdc8d2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e6d59', referencing='REFERENCING NEW TABLE AS new_values ', table='members_verification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verification',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_verificationevent" ("id", "member_id", "part", "pgh_created_at", "pgh_label", "pgh_obj_id", "verified_by", "verified_on") SELECT new_values."id", new_values."member_id", new_values."part", NOW(), \'update\', new_values."id", new_values."verified_by", new_values."verified_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='9237a030f12dd84377ef36e5170fe3108946c886', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_95de7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='members_verification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='verification',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_verificationevent" ("id", "member_id", "part", "pgh_created_at", "pgh_label", "pgh_obj_id", "verified_by", "verified_on") SELECT old_values."id", old_values."member_id", old_values."part", NOW(), \'delete\', old_values."id", old_values."verified_by", old_values."verified_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e1945d413ad69d5e2bb6fd30359926fc84863e12', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_8bd8c', referencing='REFERENCING OLD TABLE AS old_values ', table='members_verification', when='AFTER')),
        ),
        *(sql.run(FOLDER / name) for name in ("verifying.sql", "merging_files.sql")),
    ]
