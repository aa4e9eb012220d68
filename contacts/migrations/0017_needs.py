"""Needs of members: what they ask for, what is done about it, who reads it, and how they are counted."""

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
        ('contacts', '0016_transfer_advice'),
        ('members', '0013_lean_indexes'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Need',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('category', models.CharField(choices=[('work', 'finding work'), ('health', 'medical care'), ('housing', 'housing'), ('school', 'schooling of children'), ('law', 'legal help'), ('insurance', 'social insurance'), ('papers', 'papers and transfers'), ('hardship', 'hardship in daily life'), ('other', 'something else')], max_length=10, verbose_name='kind of need')),
                ('raised_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='raised on')),
                ('due_on', models.DateField(verbose_name='answer by')),
                ('follow_on', models.DateField(blank=True, null=True, verbose_name='look again on')),
                ('state', models.CharField(choices=[('open', 'not begun'), ('doing', 'being handled'), ('answered', 'answered, to be confirmed'), ('confirmed', 'confirmed by the member')], default='open', max_length=10, verbose_name='state')),
                ('outcome', models.CharField(blank=True, choices=[('met', 'solved'), ('partly', 'solved in part'), ('handed_on', 'handed on to another office'), ('not_possible', 'cannot be solved for now'), ('dropped', 'not needed any more')], max_length=12, verbose_name='outcome')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='answered on')),
                ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmed on')),
                ('reopened', models.PositiveSmallIntegerField(default=0, verbose_name='opened again (times)')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('detail_sealed', models.BinaryField(blank=True, null=True)),
                ('detail_digest', models.BinaryField(blank=True, null=True)),
                ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='needs', to='contacts.contactlog', verbose_name='contact record')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='raised_needs', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person in charge')),
            ],
            options={
                'verbose_name': 'need',
                'verbose_name_plural': 'needs',
                'ordering': ['due_on', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state', 'due_on'], name='need_lane')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_on', None), ('outcome', ''), ('state__in', ('open', 'doing'))), models.Q(('answered_on__isnull', False), ('state__in', ['answered', 'confirmed']), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='need_answered_with_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_on__isnull', False), ('state', 'confirmed')), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('confirmed_on', None)), _connector='OR'), name='need_confirmed_on_a_day'), models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('raised_on'))), name='need_due_after_raised'), models.CheckConstraint(condition=models.Q(('category__in', ['work', 'health', 'housing', 'school', 'law', 'insurance', 'papers', 'hardship', 'other'])), name='need_category_known')],
            },
        ),
        migrations.CreateModel(
            name='NeedAction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('raised', 'raised'), ('taken', 'taken in hand'), ('noted', 'noted'), ('answered', 'answered'), ('confirmed', 'confirmed by the member'), ('reopened', 'opened again')], max_length=10, verbose_name='step')),
                ('outcome', models.CharField(blank=True, choices=[('met', 'solved'), ('partly', 'solved in part'), ('handed_on', 'handed on to another office'), ('not_possible', 'cannot be solved for now'), ('dropped', 'not needed any more')], max_length=12, verbose_name='outcome')),
                ('done_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='done on')),
                ('recorded_at', models.DateTimeField(auto_now_add=True, verbose_name='recorded at')),
                ('text_sealed', models.BinaryField(blank=True, null=True)),
                ('text_digest', models.BinaryField(blank=True, null=True)),
                ('liaison', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.liaison', verbose_name='liaison')),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='contacts.need', verbose_name='need')),
                ('recorded_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
            ],
            options={
                'verbose_name': 'step of a need',
                'verbose_name_plural': 'steps of needs',
                'ordering': ['recorded_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='NeedEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('category', models.CharField(choices=[('work', 'finding work'), ('health', 'medical care'), ('housing', 'housing'), ('school', 'schooling of children'), ('law', 'legal help'), ('insurance', 'social insurance'), ('papers', 'papers and transfers'), ('hardship', 'hardship in daily life'), ('other', 'something else')], max_length=10, verbose_name='kind of need')),
                ('raised_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='raised on')),
                ('due_on', models.DateField(verbose_name='answer by')),
                ('follow_on', models.DateField(blank=True, null=True, verbose_name='look again on')),
                ('state', models.CharField(choices=[('open', 'not begun'), ('doing', 'being handled'), ('answered', 'answered, to be confirmed'), ('confirmed', 'confirmed by the member')], default='open', max_length=10, verbose_name='state')),
                ('outcome', models.CharField(blank=True, choices=[('met', 'solved'), ('partly', 'solved in part'), ('handed_on', 'handed on to another office'), ('not_possible', 'cannot be solved for now'), ('dropped', 'not needed any more')], max_length=12, verbose_name='outcome')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='answered on')),
                ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmed on')),
                ('reopened', models.PositiveSmallIntegerField(default=0, verbose_name='opened again (times)')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('detail_sealed', models.BinaryField(blank=True, null=True)),
                ('detail_digest', models.BinaryField(blank=True, null=True)),
                ('contact', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contacts.contactlog', verbose_name='contact record')),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person in charge')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='contacts.need')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='need',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_needevent" ("answered_on", "category", "confirmed_on", "contact_id", "created_at", "detail_digest", "detail_sealed", "due_on", "follow_on", "id", "member_id", "organization_id", "outcome", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_on", "reopened", "state") SELECT new_values."answered_on", new_values."category", new_values."confirmed_on", new_values."contact_id", new_values."created_at", new_values."detail_digest", new_values."detail_sealed", new_values."due_on", new_values."follow_on", new_values."id", new_values."member_id", new_values."organization_id", new_values."outcome", new_values."owner_id", NOW(), \'insert\', new_values."id", new_values."raised_on", new_values."reopened", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cc8cdb83d6da8b2c050df378369db5be5f198677', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1ef10', referencing='REFERENCING NEW TABLE AS new_values ', table='contacts_need', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='need',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_needevent" ("answered_on", "category", "confirmed_on", "contact_id", "created_at", "detail_digest", "detail_sealed", "due_on", "follow_on", "id", "member_id", "organization_id", "outcome", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_on", "reopened", "state") SELECT new_values."answered_on", new_values."category", new_values."confirmed_on", new_values."contact_id", new_values."created_at", new_values."detail_digest", new_values."detail_sealed", new_values."due_on", new_values."follow_on", new_values."id", new_values."member_id", new_values."organization_id", new_values."outcome", new_values."owner_id", NOW(), \'update\', new_values."id", new_values."raised_on", new_values."reopened", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='582c9efe7ca231383e6d1b345b037bc234f2b96e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_8dfd6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='contacts_need', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='need',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "contacts_needevent" ("answered_on", "category", "confirmed_on", "contact_id", "created_at", "detail_digest", "detail_sealed", "due_on", "follow_on", "id", "member_id", "organization_id", "outcome", "owner_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "raised_on", "reopened", "state") SELECT old_values."answered_on", old_values."category", old_values."confirmed_on", old_values."contact_id", old_values."created_at", old_values."detail_digest", old_values."detail_sealed", old_values."due_on", old_values."follow_on", old_values."id", old_values."member_id", old_values."organization_id", old_values."outcome", old_values."owner_id", NOW(), \'delete\', old_values."id", old_values."raised_on", old_values."reopened", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='761189afbf14cf882ae8e5e74dd6d2a3e78e5416', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_398b6', referencing='REFERENCING OLD TABLE AS old_values ', table='contacts_need', when='AFTER')),
        ),
        sql.run(FOLDER / "needs.sql"),
        sql.run(FOLDER / "need_counts.sql"),
    ]
