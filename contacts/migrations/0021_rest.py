"""Office phones of liaisons; needs in the outbox; what the sides tell each other about lost contacts; small wishes; duties
that wait to be brought into line."""

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
        ('contacts', '0002_rules'),
        ('members', '0002_rules'),
        ('portal', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DutyRefresh',
            fields=[
                ('organization', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='portal.organization')),
                ('after', models.UUIDField(null=True)),
                ('asked_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LostReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('receiver_text', models.CharField(blank=True, max_length=200, verbose_name='organization outside the portal')),
                ('side', models.CharField(choices=[('home', 'home side'), ('host', 'host side'), ('member', "member's side")], max_length=6, verbose_name='side')),
                ('kind', models.CharField(choices=[('facts', 'cannot be reached'), ('decided', 'decided: contact lost'), ('reversed', 'decision taken back'), ('found', 'reached again')], max_length=8, verbose_name='what was told')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('first_on', models.DateField(null=True)),
                ('latest_on', models.DateField(null=True)),
                ('body', models.CharField(blank=True, max_length=100, verbose_name='deciding body')),
                ('number', models.CharField(blank=True, max_length=60, verbose_name='number of the minutes or of the approval')),
                ('decided_on', models.DateField(null=True, verbose_name='decided on')),
                ('told_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='told on')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lost_reports', to='members.member', verbose_name='floating member')),
                ('receiver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='told to')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='told by')),
                ('told_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'report of a lost contact',
                'verbose_name_plural': 'reports of lost contacts',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('member', 'side', 'kind', 'told_on'), name='lost_report_once_a_day'), models.CheckConstraint(condition=models.Q(('kind__in', ['facts', 'decided', 'reversed', 'found'])), name='lost_report_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'decided'), _negated=True), models.Q(models.Q(('body', ''), _negated=True), models.Q(('number', ''), _negated=True), ('decided_on__isnull', False)), _connector='OR'), name='lost_report_decision_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', 'to be taken over'), ('claimed', 'taken over'), ('fulfilled', 'fulfilled'), ('withdrawn', 'withdrawn')], default='open', max_length=10, verbose_name='state')),
                ('posted_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='posted on')),
                ('claimant', models.CharField(blank=True, max_length=60, verbose_name='taken over by')),
                ('claimed_on', models.DateField(null=True, verbose_name='taken over on')),
                ('closed_on', models.DateField(null=True, verbose_name='closed on')),
                ('text_sealed', models.BinaryField(blank=True, null=True)),
                ('text_digest', models.BinaryField(blank=True, null=True)),
                ('claimed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('posted_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'small wish',
                'verbose_name_plural': 'small wishes',
                'ordering': ['posted_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state', 'posted_on'], name='wish_board')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('claimant', ''), ('claimed_on', None), ('closed_on', None), ('state', 'open')), models.Q(('claimed_on__isnull', False), ('closed_on', None), ('state', 'claimed'), models.Q(('claimant', ''), _negated=True)), models.Q(('claimed_on__isnull', False), ('closed_on__isnull', False), ('state', 'fulfilled'), models.Q(('claimant', ''), _negated=True)), models.Q(('closed_on__isnull', False), ('state', 'withdrawn')), _connector='OR'), name='wish_state_has_its_days')],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='liaison',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='liaison',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='liaison',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='lostcase',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='lostcase',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='lostcase',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='liaison',
            name='office_phone',
            field=models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='office phone'),
        ),
        migrations.AddField(
            model_name='liaisonevent',
            name='office_phone',
            field=models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='office phone'),
        ),
        migrations.AddField(
            model_name='lostcase',
            name='batch',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='lostcaseevent',
            name='batch',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='outboundmessage',
            name='need',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='contacts.need', verbose_name='need'),
        ),
        migrations.AlterField(
            model_name='outboundmessage',
            name='obligation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='contacts.contactobligation', verbose_name='contact obligation'),
        ),
        migrations.AlterField(
            model_name='outboundmessage',
            name='step',
            field=models.CharField(choices=[('before', 'soon due'), ('target', 'due'), ('limit', 'overdue'), ('secretary', 'told the secretary'), ('community', 'told the community'), ('street', 'told the street'), ('follow', 'to look at again')], max_length=10, verbose_name='step'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "office_phone", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."data_key", new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."office_phone", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='e7742d94cb66ab28f0b2e3f9f6deeff8b1859efa', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4de74', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_liaison', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "office_phone", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."data_key", new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."office_phone", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='623d9473f182f5720eed4d261539fb89ac864b57', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a9d4f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_liaison', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='liaison',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_liaisonevent" ("data_key", "email", "id", "is_active", "kind", "mobile_digest", "mobile_sealed", "name", "office_phone", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."data_key", old_values."email", old_values."id", old_values."is_active", old_values."kind", old_values."mobile_digest", old_values."mobile_sealed", old_values."name", old_values."office_phone", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='817787c8933058e1bcfe51fd67c049669bf77325', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_397b1', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_liaison', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("batch", "body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."batch", new_values."body", new_values."closed_on", new_values."counterpart_on", new_values."decided_by_id", new_values."decided_on", new_values."employer_approved_by_id", new_values."employer_approved_on", new_values."employer_on", new_values."evidence_digest", new_values."evidence_sealed", new_values."family_on", new_values."id", new_values."member_id", new_values."note_digest", new_values."note_sealed", new_values."number", new_values."opened_by_id", new_values."opened_on", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='078e1440ba1ae2dc93c81d4180e1f649d034fb8d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_73d6e', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_lostcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("batch", "body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."batch", new_values."body", new_values."closed_on", new_values."counterpart_on", new_values."decided_by_id", new_values."decided_on", new_values."employer_approved_by_id", new_values."employer_approved_on", new_values."employer_on", new_values."evidence_digest", new_values."evidence_sealed", new_values."family_on", new_values."id", new_values."member_id", new_values."note_digest", new_values."note_sealed", new_values."number", new_values."opened_by_id", new_values."opened_on", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='47a035bd3739200b79e2f658d4be59215ca0e3af', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_12236', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_lostcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lostcase',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_lostcaseevent" ("batch", "body", "closed_on", "counterpart_on", "decided_by_id", "decided_on", "employer_approved_by_id", "employer_approved_on", "employer_on", "evidence_digest", "evidence_sealed", "family_on", "id", "member_id", "note_digest", "note_sealed", "number", "opened_by_id", "opened_on", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT old_values."batch", old_values."body", old_values."closed_on", old_values."counterpart_on", old_values."decided_by_id", old_values."decided_on", old_values."employer_approved_by_id", old_values."employer_approved_on", old_values."employer_on", old_values."evidence_digest", old_values."evidence_sealed", old_values."family_on", old_values."id", old_values."member_id", old_values."note_digest", old_values."note_sealed", old_values."number", old_values."opened_by_id", old_values."opened_on", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='0ef264450451dd0376047c9649059a82a06bbd10', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_03f31', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_lostcase', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='outboundmessage',
            constraint=models.UniqueConstraint(fields=('need', 'due_on', 'step'), name='message_need_once'),
        ),
        migrations.AddConstraint(
            model_name='outboundmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('need__isnull', False), ('obligation', None)), models.Q(('need', None), ('obligation__isnull', False)), _connector='OR'), name='message_one_subject'),
        ),
        sql.run(FOLDER / "need_reminders.sql"),
        sql.run(FOLDER / "lost_reports.sql"),
        sql.run(FOLDER / "wishes.sql"),
        sql.run(FOLDER / "duty_refresh.sql"),
    ]
