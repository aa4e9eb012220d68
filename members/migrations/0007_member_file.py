"""All fields of a member's file, further phones, and what episodes of being away may not contradict."""

import uuid
from pathlib import Path

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import portal.fields
from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0006_same_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('use', models.CharField(choices=[('own', 'own number'), ('family', 'of the family'), ('work', 'at work'), ('other', 'other')], default='own', max_length=6, verbose_name='whose number')),
                ('from_on', portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='in use since')),
                ('until_on', portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='in use until')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('number_sealed', models.BinaryField(blank=True, null=True)),
                ('number_digest', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'phone',
                'verbose_name_plural': 'phones',
                'ordering': ['until_on', '-created_at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PhoneEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_actor', models.TextField(db_default=models.Func(function='portal.recorded_actor'), null=True, verbose_name='actor')),
                ('pgh_source', models.TextField(db_default=models.Func(function='portal.recorded_source'), null=True, verbose_name='source')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ('use', models.CharField(choices=[('own', 'own number'), ('family', 'of the family'), ('work', 'at work'), ('other', 'other')], default='own', max_length=6, verbose_name='whose number')),
                ('from_on', portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='in use since')),
                ('until_on', portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='in use until')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('number_sealed', models.BinaryField(blank=True, null=True)),
                ('number_digest', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='movement',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='movement',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='movement',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='movement',
            name='movement_one_open',
        ),
        migrations.AddField(
            model_name='member',
            name='certificate_number',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='certificate of floating members'),
        ),
        migrations.AddField(
            model_name='member',
            name='details_digest',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='member',
            name='details_sealed',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='member',
            name='former_occupation',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='former occupation'),
        ),
        migrations.AddField(
            model_name='member',
            name='new_employment',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='new employment group'),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='certificate_number',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='certificate of floating members'),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='details_digest',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='details_sealed',
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='former_occupation',
            field=models.CharField(blank=True, default='', max_length=60, verbose_name='former occupation'),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='new_employment',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='new employment group'),
        ),
        migrations.AddField(
            model_name='movement',
            name='destination_kind',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='kind of destination'),
        ),
        migrations.AddField(
            model_name='movement',
            name='joined_host_on',
            field=portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='joined the host branch on'),
        ),
        migrations.AddField(
            model_name='movement',
            name='scope',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='range of the movement'),
        ),
        migrations.AddField(
            model_name='movementevent',
            name='destination_kind',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='kind of destination'),
        ),
        migrations.AddField(
            model_name='movementevent',
            name='joined_host_on',
            field=portal.fields.PartialDateField(blank=True, default='', max_length=10, verbose_name='joined the host branch on'),
        ),
        migrations.AddField(
            model_name='movementevent',
            name='scope',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='range of the movement'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_memberevent" ("birth_date", "certificate_number", "current_address_digest", "current_address_sealed", "data_key", "details_digest", "details_sealed", "education", "employer_digest", "employer_sealed", "ethnicity", "former_occupation", "full_member_date", "gender", "id", "id_number_digest", "id_number_is_checked", "id_number_sealed", "is_synthetic", "join_date", "last_contact_on", "ledger_extra_digest", "ledger_extra_sealed", "member_type", "mobile_digest", "mobile_sealed", "name", "new_employment", "occupation", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remark_digest", "remark_sealed", "same_as_id", "state") SELECT new_values."birth_date", new_values."certificate_number", new_values."current_address_digest", new_values."current_address_sealed", new_values."data_key", new_values."details_digest", new_values."details_sealed", new_values."education", new_values."employer_digest", new_values."employer_sealed", new_values."ethnicity", new_values."former_occupation", new_values."full_member_date", new_values."gender", new_values."id", new_values."id_number_digest", new_values."id_number_is_checked", new_values."id_number_sealed", new_values."is_synthetic", new_values."join_date", new_values."last_contact_on", new_values."ledger_extra_digest", new_values."ledger_extra_sealed", new_values."member_type", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."new_employment", new_values."occupation", new_values."organization_id", NOW(), \'insert\', new_values."id", new_values."remark_digest", new_values."remark_sealed", new_values."same_as_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='473f1333ff9dc7b50bc23ff87f8356df368b7c66', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2df50', referencing='REFERENCING NEW TABLE AS new_values ', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_memberevent" ("birth_date", "certificate_number", "current_address_digest", "current_address_sealed", "data_key", "details_digest", "details_sealed", "education", "employer_digest", "employer_sealed", "ethnicity", "former_occupation", "full_member_date", "gender", "id", "id_number_digest", "id_number_is_checked", "id_number_sealed", "is_synthetic", "join_date", "last_contact_on", "ledger_extra_digest", "ledger_extra_sealed", "member_type", "mobile_digest", "mobile_sealed", "name", "new_employment", "occupation", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remark_digest", "remark_sealed", "same_as_id", "state") SELECT new_values."birth_date", new_values."certificate_number", new_values."current_address_digest", new_values."current_address_sealed", new_values."data_key", new_values."details_digest", new_values."details_sealed", new_values."education", new_values."employer_digest", new_values."employer_sealed", new_values."ethnicity", new_values."former_occupation", new_values."full_member_date", new_values."gender", new_values."id", new_values."id_number_digest", new_values."id_number_is_checked", new_values."id_number_sealed", new_values."is_synthetic", new_values."join_date", new_values."last_contact_on", new_values."ledger_extra_digest", new_values."ledger_extra_sealed", new_values."member_type", new_values."mobile_digest", new_values."mobile_sealed", new_values."name", new_values."new_employment", new_values."occupation", new_values."organization_id", NOW(), \'update\', new_values."id", new_values."remark_digest", new_values."remark_sealed", new_values."same_as_id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."birth_date" IS DISTINCT FROM (new_values."birth_date") OR old_values."certificate_number" IS DISTINCT FROM (new_values."certificate_number") OR old_values."current_address_digest" IS DISTINCT FROM (new_values."current_address_digest") OR old_values."current_address_sealed" IS DISTINCT FROM (new_values."current_address_sealed") OR old_values."data_key" IS DISTINCT FROM (new_values."data_key") OR old_values."details_digest" IS DISTINCT FROM (new_values."details_digest") OR old_values."details_sealed" IS DISTINCT FROM (new_values."details_sealed") OR old_values."education" IS DISTINCT FROM (new_values."education") OR old_values."employer_digest" IS DISTINCT FROM (new_values."employer_digest") OR old_values."employer_sealed" IS DISTINCT FROM (new_values."employer_sealed") OR old_values."ethnicity" IS DISTINCT FROM (new_values."ethnicity") OR old_values."former_occupation" IS DISTINCT FROM (new_values."former_occupation") OR old_values."full_member_date" IS DISTINCT FROM (new_values."full_member_date") OR old_values."gender" IS DISTINCT FROM (new_values."gender") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."id_number_digest" IS DISTINCT FROM (new_values."id_number_digest") OR old_values."id_number_is_checked" IS DISTINCT FROM (new_values."id_number_is_checked") OR old_values."id_number_sealed" IS DISTINCT FROM (new_values."id_number_sealed") OR old_values."is_synthetic" IS DISTINCT FROM (new_values."is_synthetic") OR old_values."join_date" IS DISTINCT FROM (new_values."join_date") OR old_values."last_contact_on" IS DISTINCT FROM (new_values."last_contact_on") OR old_values."ledger_extra_digest" IS DISTINCT FROM (new_values."ledger_extra_digest") OR old_values."ledger_extra_sealed" IS DISTINCT FROM (new_values."ledger_extra_sealed") OR old_values."member_type" IS DISTINCT FROM (new_values."member_type") OR old_values."mobile_digest" IS DISTINCT FROM (new_values."mobile_digest") OR old_values."mobile_sealed" IS DISTINCT FROM (new_values."mobile_sealed") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."new_employment" IS DISTINCT FROM (new_values."new_employment") OR old_values."occupation" IS DISTINCT FROM (new_values."occupation") OR old_values."organization_id" IS DISTINCT FROM (new_values."organization_id") OR old_values."remark_digest" IS DISTINCT FROM (new_values."remark_digest") OR old_values."remark_sealed" IS DISTINCT FROM (new_values."remark_sealed") OR old_values."same_as_id" IS DISTINCT FROM (new_values."same_as_id") OR old_values."state" IS DISTINCT FROM (new_values."state")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d5e33c888f524c8ac7541e1de43367fb1a839dd2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b1bc1', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_memberevent" ("birth_date", "certificate_number", "current_address_digest", "current_address_sealed", "data_key", "details_digest", "details_sealed", "education", "employer_digest", "employer_sealed", "ethnicity", "former_occupation", "full_member_date", "gender", "id", "id_number_digest", "id_number_is_checked", "id_number_sealed", "is_synthetic", "join_date", "last_contact_on", "ledger_extra_digest", "ledger_extra_sealed", "member_type", "mobile_digest", "mobile_sealed", "name", "new_employment", "occupation", "organization_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remark_digest", "remark_sealed", "same_as_id", "state") SELECT old_values."birth_date", old_values."certificate_number", old_values."current_address_digest", old_values."current_address_sealed", old_values."data_key", old_values."details_digest", old_values."details_sealed", old_values."education", old_values."employer_digest", old_values."employer_sealed", old_values."ethnicity", old_values."former_occupation", old_values."full_member_date", old_values."gender", old_values."id", old_values."id_number_digest", old_values."id_number_is_checked", old_values."id_number_sealed", old_values."is_synthetic", old_values."join_date", old_values."last_contact_on", old_values."ledger_extra_digest", old_values."ledger_extra_sealed", old_values."member_type", old_values."mobile_digest", old_values."mobile_sealed", old_values."name", old_values."new_employment", old_values."occupation", old_values."organization_id", NOW(), \'delete\', old_values."id", old_values."remark_digest", old_values."remark_sealed", old_values."same_as_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b4463fec0bd94b49c7ab512e948763b78c64258e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_925fb', referencing='REFERENCING OLD TABLE AS old_values ', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='movement',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_movementevent" ("counterpart_contact_digest", "counterpart_contact_sealed", "counterpart_phone_digest", "counterpart_phone_sealed", "created_at", "destination_digest", "destination_kind", "destination_sealed", "direction", "ended_on", "expected_end_on", "home_organization_id", "home_text", "host_organization_id", "host_text", "id", "joined_host_on", "member_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "scope", "started_on") SELECT new_values."counterpart_contact_digest", new_values."counterpart_contact_sealed", new_values."counterpart_phone_digest", new_values."counterpart_phone_sealed", new_values."created_at", new_values."destination_digest", new_values."destination_kind", new_values."destination_sealed", new_values."direction", new_values."ended_on", new_values."expected_end_on", new_values."home_organization_id", new_values."home_text", new_values."host_organization_id", new_values."host_text", new_values."id", new_values."joined_host_on", new_values."member_id", NOW(), \'insert\', new_values."id", new_values."reason", new_values."scope", new_values."started_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='5edb3c3e6fb38395725da325a2c1626022b95aaa', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0a029', referencing='REFERENCING NEW TABLE AS new_values ', table='members_movement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='movement',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_movementevent" ("counterpart_contact_digest", "counterpart_contact_sealed", "counterpart_phone_digest", "counterpart_phone_sealed", "created_at", "destination_digest", "destination_kind", "destination_sealed", "direction", "ended_on", "expected_end_on", "home_organization_id", "home_text", "host_organization_id", "host_text", "id", "joined_host_on", "member_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "scope", "started_on") SELECT new_values."counterpart_contact_digest", new_values."counterpart_contact_sealed", new_values."counterpart_phone_digest", new_values."counterpart_phone_sealed", new_values."created_at", new_values."destination_digest", new_values."destination_kind", new_values."destination_sealed", new_values."direction", new_values."ended_on", new_values."expected_end_on", new_values."home_organization_id", new_values."home_text", new_values."host_organization_id", new_values."host_text", new_values."id", new_values."joined_host_on", new_values."member_id", NOW(), \'update\', new_values."id", new_values."reason", new_values."scope", new_values."started_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7e19c62138a938901e97139cfeefb5658410ac7a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_28bb8', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='members_movement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='movement',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_movementevent" ("counterpart_contact_digest", "counterpart_contact_sealed", "counterpart_phone_digest", "counterpart_phone_sealed", "created_at", "destination_digest", "destination_kind", "destination_sealed", "direction", "ended_on", "expected_end_on", "home_organization_id", "home_text", "host_organization_id", "host_text", "id", "joined_host_on", "member_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "scope", "started_on") SELECT old_values."counterpart_contact_digest", old_values."counterpart_contact_sealed", old_values."counterpart_phone_digest", old_values."counterpart_phone_sealed", old_values."created_at", old_values."destination_digest", old_values."destination_kind", old_values."destination_sealed", old_values."direction", old_values."ended_on", old_values."expected_end_on", old_values."home_organization_id", old_values."home_text", old_values."host_organization_id", old_values."host_text", old_values."id", old_values."joined_host_on", old_values."member_id", NOW(), \'delete\', old_values."id", old_values."reason", old_values."scope", old_values."started_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='171a09c90d9b73f1092bba9b4f735f40dc3a2702', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d176c', referencing='REFERENCING OLD TABLE AS old_values ', table='members_movement', when='AFTER')),
        ),
        migrations.AddField(
            model_name='phone',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phones', to='members.member', verbose_name='floating member'),
        ),
        migrations.AddField(
            model_name='phoneevent',
            name='member',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='floating member'),
        ),
        migrations.AddField(
            model_name='phoneevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='members.phone'),
        ),
        migrations.AddIndex(
            model_name='phone',
            index=models.Index(fields=['number_digest'], name='member_phone_number'),
        ),
        migrations.AddConstraint(
            model_name='phone',
            constraint=models.CheckConstraint(condition=models.Q(('use__in', ['own', 'family', 'work', 'other'])), name='phone_use_known'),
        ),
        migrations.AddConstraint(
            model_name='phone',
            constraint=models.CheckConstraint(condition=models.Q(('number_digest__isnull', False)), name='phone_number_given'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='phone',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_phoneevent" ("created_at", "from_on", "id", "member_id", "number_digest", "number_sealed", "pgh_created_at", "pgh_label", "pgh_obj_id", "until_on", "use") SELECT new_values."created_at", new_values."from_on", new_values."id", new_values."member_id", new_values."number_digest", new_values."number_sealed", NOW(), \'insert\', new_values."id", new_values."until_on", new_values."use" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4b5403066ae5668a87e01165a50518f81f8c2593', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_fb4d3', referencing='REFERENCING NEW TABLE AS new_values ', table='members_phone', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='phone',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_phoneevent" ("created_at", "from_on", "id", "member_id", "number_digest", "number_sealed", "pgh_created_at", "pgh_label", "pgh_obj_id", "until_on", "use") SELECT new_values."created_at", new_values."from_on", new_values."id", new_values."member_id", new_values."number_digest", new_values."number_sealed", NOW(), \'update\', new_values."id", new_values."until_on", new_values."use" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b5216f44a210a5c75577834f246f15d239e3ece1', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_e7a64', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='members_phone', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='phone',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "members_phoneevent" ("created_at", "from_on", "id", "member_id", "number_digest", "number_sealed", "pgh_created_at", "pgh_label", "pgh_obj_id", "until_on", "use") SELECT old_values."created_at", old_values."from_on", old_values."id", old_values."member_id", old_values."number_digest", old_values."number_sealed", NOW(), \'delete\', old_values."id", old_values."until_on", old_values."use" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e1cc88e9eecbfc8b358405db30d152b1530a828e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_507c7', referencing='REFERENCING OLD TABLE AS old_values ', table='members_phone', when='AFTER')),
        ),
        *(sql.run(FOLDER / name) for name in ("episodes.sql", "phones.sql")),
    ]
