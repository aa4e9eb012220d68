"""Who cannot be reached: the rules, the check, and the decision that is recorded."""

from pathlib import Path

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0014_liaison_work'),
        ('members', '0013_lean_indexes'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LostCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('proposed', 'being checked'), ('decided', 'decided: contact lost'), ('dismissed', 'not decided so'), ('reversed', 'decision taken back'), ('found', 'reached again')], default='proposed', max_length=10, verbose_name='state')),
                ('opened_on', models.DateField()),
                ('family_on', models.DateField(null=True)),
                ('counterpart_on', models.DateField(null=True)),
                ('employer_approved_on', models.DateField(null=True)),
                ('employer_on', models.DateField(null=True)),
                ('body', models.CharField(blank=True, max_length=100, verbose_name='deciding body')),
                ('decided_on', models.DateField(null=True, verbose_name='decided on')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='number of the minutes or of the approval')),
                ('closed_on', models.DateField(null=True)),
                ('note_sealed', models.BinaryField(blank=True, null=True)),
                ('note_digest', models.BinaryField(blank=True, null=True)),
                ('evidence_sealed', models.BinaryField(blank=True, null=True)),
                ('evidence_digest', models.BinaryField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('employer_approved_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lost_cases', to='members.member', verbose_name='floating member')),
                ('opened_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('member',), name='lost_one_open'),
                    models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'decided', 'dismissed', 'reversed', 'found'])), name='lost_state_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closed_on', None), ('state__in', ('proposed', 'decided'))), models.Q(models.Q(('state__in', ('proposed', 'decided')), _negated=True), ('closed_on__isnull', False)), _connector='OR'), name='lost_closed_has_a_day'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'decided'), _negated=True), models.Q(models.Q(('body', ''), _negated=True), models.Q(('number', ''), _negated=True), ('decided_on__isnull', False)), _connector='OR'), name='lost_decision_is_whole'),
                    models.CheckConstraint(condition=models.Q(('employer_on', None), ('employer_approved_on__isnull', False), _connector='OR'), name='lost_employer_approved'),
                ],
                'verbose_name': 'check of a lost contact',
                'verbose_name_plural': 'checks of lost contacts',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LostCaseEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('state', models.CharField(choices=[('proposed', 'being checked'), ('decided', 'decided: contact lost'), ('dismissed', 'not decided so'), ('reversed', 'decision taken back'), ('found', 'reached again')], default='proposed', max_length=10, verbose_name='state')),
                ('opened_on', models.DateField()),
                ('family_on', models.DateField(null=True)),
                ('counterpart_on', models.DateField(null=True)),
                ('employer_approved_on', models.DateField(null=True)),
                ('employer_on', models.DateField(null=True)),
                ('body', models.CharField(blank=True, max_length=100, verbose_name='deciding body')),
                ('decided_on', models.DateField(null=True, verbose_name='decided on')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='number of the minutes or of the approval')),
                ('closed_on', models.DateField(null=True)),
                ('note_sealed', models.BinaryField(blank=True, null=True)),
                ('note_digest', models.BinaryField(blank=True, null=True)),
                ('evidence_sealed', models.BinaryField(blank=True, null=True)),
                ('evidence_digest', models.BinaryField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('employer_approved_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='employer approved by')),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member')),
                ('opened_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.lostcase')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpolicy',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpolicy',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='contactpolicy',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='ladder_attempts',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='attempts in vain'),
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='ladder_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='over how many days'),
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='ladder_methods',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='by how many ways'),
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='ladder_review_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='check after so many days without contact'),
        ),
        migrations.AddField(
            model_name='contactpolicy',
            name='ladder_street_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to the street after so many days without contact'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='ladder_attempts',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='attempts in vain'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='ladder_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='over how many days'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='ladder_methods',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='by how many ways'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='ladder_review_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='check after so many days without contact'),
        ),
        migrations.AddField(
            model_name='contactpolicyevent',
            name='ladder_street_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to the street after so many days without contact'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "ladder_attempts", "ladder_days", "ladder_methods", "ladder_review_days", "ladder_street_days", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT new_values."before_days", new_values."capacity", new_values."community_days", new_values."counts_attendance", new_values."counts_needs", new_values."counts_report_ins", new_values."counts_visits", new_values."first_limit", new_values."first_target", new_values."go_live_on", new_values."id", new_values."incoming_limit", new_values."incoming_target", new_values."ladder_attempts", new_values."ladder_days", new_values."ladder_methods", new_values."ladder_review_days", new_values."ladder_street_days", new_values."limit_days", new_values."member_limit", new_values."member_target", new_values."organization_id", new_values."other_limit", new_values."other_target", NOW(), \'insert\', new_values."id", new_values."secretary_days", new_values."street_days", new_values."study_limit", new_values."study_target", new_values."target_days" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bf008bc6f66f7fe29bbf7acd877d896d29b2879a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e7066', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "ladder_attempts", "ladder_days", "ladder_methods", "ladder_review_days", "ladder_street_days", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT new_values."before_days", new_values."capacity", new_values."community_days", new_values."counts_attendance", new_values."counts_needs", new_values."counts_report_ins", new_values."counts_visits", new_values."first_limit", new_values."first_target", new_values."go_live_on", new_values."id", new_values."incoming_limit", new_values."incoming_target", new_values."ladder_attempts", new_values."ladder_days", new_values."ladder_methods", new_values."ladder_review_days", new_values."ladder_street_days", new_values."limit_days", new_values."member_limit", new_values."member_target", new_values."organization_id", new_values."other_limit", new_values."other_target", NOW(), \'update\', new_values."id", new_values."secretary_days", new_values."street_days", new_values."study_limit", new_values."study_target", new_values."target_days" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3a0dc3da101906f2a407caff793694adb6b25fc4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f2263', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contactpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_contactpolicyevent" ("before_days", "capacity", "community_days", "counts_attendance", "counts_needs", "counts_report_ins", "counts_visits", "first_limit", "first_target", "go_live_on", "id", "incoming_limit", "incoming_target", "ladder_attempts", "ladder_days", "ladder_methods", "ladder_review_days", "ladder_street_days", "limit_days", "member_limit", "member_target", "organization_id", "other_limit", "other_target", "pgh_created_at", "pgh_label", "pgh_obj_id", "secretary_days", "street_days", "study_limit", "study_target", "target_days") SELECT old_values."before_days", old_values."capacity", old_values."community_days", old_values."counts_attendance", old_values."counts_needs", old_values."counts_report_ins", old_values."counts_visits", old_values."first_limit", old_values."first_target", old_values."go_live_on", old_values."id", old_values."incoming_limit", old_values."incoming_target", old_values."ladder_attempts", old_values."ladder_days", old_values."ladder_methods", old_values."ladder_review_days", old_values."ladder_street_days", old_values."limit_days", old_values."member_limit", old_values."member_target", old_values."organization_id", old_values."other_limit", old_values."other_target", NOW(), \'delete\', old_values."id", old_values."secretary_days", old_values."street_days", old_values."study_limit", old_values."study_target", old_values."target_days" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a740b255a5ac4da29626ed2c1f027c0cd7e44fe9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_81c0b', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_contactpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."body", new_values."closed_on", new_values."counterpart_on", new_values."decided_by_id", new_values."decided_on", new_values."employer_approved_by_id", new_values."employer_approved_on", new_values."employer_on", new_values."evidence_digest", new_values."evidence_sealed", new_values."family_on", new_values."id", new_values."member_id", new_values."note_digest", new_values."note_sealed", new_values."number", new_values."opened_by_id", new_values."opened_on", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='608da75bb92f1ba3bd12518710222c3631a836bf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_73d6e', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_lostcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."body", new_values."closed_on", new_values."counterpart_on", new_values."decided_by_id", new_values."decided_on", new_values."employer_approved_by_id", new_values."employer_approved_on", new_values."employer_on", new_values."evidence_digest", new_values."evidence_sealed", new_values."family_on", new_values."id", new_values."member_id", new_values."note_digest", new_values."note_sealed", new_values."number", new_values."opened_by_id", new_values."opened_on", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='99f951ed88754ddcde030efdc1e76b38b43a72c8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_12236', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_lostcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT old_values."body", old_values."closed_on", old_values."counterpart_on", old_values."decided_by_id", old_values."decided_on", old_values."employer_approved_by_id", old_values."employer_approved_on", old_values."employer_on", old_values."evidence_digest", old_values."evidence_sealed", old_values."family_on", old_values."id", old_values."member_id", old_values."note_digest", old_values."note_sealed", old_values."number", old_values."opened_by_id", old_values."opened_on", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d4e817ff6c85ba8510f7513fae6950d08876e3bf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_03f31', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_lostcase', when='AFTER')),
        ),
        sql.run(FOLDER / "lost.sql"),
    ]
