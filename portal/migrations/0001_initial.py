"""Organizations, people, rights and what is written down about them."""

import django.contrib.auth.validators
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.fields
import uuid
from pathlib import Path
from django.conf import settings
from django.db import migrations, models
from portal import sql


FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        sql.run(FOLDER / "actor.sql"),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('username', models.CharField(max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='user name')),
                ('name', models.CharField(blank=True, max_length=50, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='work e-mail')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('must_change_password', models.BooleanField(default=False, verbose_name='must change the password')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'staff account',
                'verbose_name_plural': 'staff accounts',
            },
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator('^[0-9A-Za-z-]{2,40}$')], verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('short_name', models.CharField(blank=True, max_length=60, verbose_name='short name')),
                ('party_name', models.CharField(blank=True, max_length=100, verbose_name='name of the party organization')),
                ('kind', models.CharField(choices=[('province', 'province'), ('city', 'city'), ('district', 'district'), ('street', 'street'), ('community', 'community'), ('branch', 'branch')], max_length=12, verbose_name='kind')),
                ('sector', models.CharField(blank=True, max_length=40, verbose_name='sector')),
                ('path', portal.fields.LtreeField(blank=True, default='', editable=False)),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('merged_into', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='merged into')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='portal.organization', verbose_name='superior')),
            ],
            options={
                'verbose_name': 'organization',
                'verbose_name_plural': 'organizations',
                'ordering': ['code'],
                'permissions': [('role_city_admin', 'City administrator'), ('role_district_admin', 'District administrator'), ('role_city_viewer', 'City viewer'), ('role_district_viewer', 'District viewer'), ('role_street_admin', 'Street administrator'), ('role_street_clerk', 'Street clerk'), ('role_community_clerk', 'Community clerk'), ('role_branch_secretary', 'Branch secretary'), ('role_liaison', 'Liaison'), ('role_visitor', 'Visiting worker'), ('role_auditor', 'Auditor'), ('role_operator', 'System administrator'), ('role_drill_down', 'Look at single members for a time')],
                'default_permissions': (),
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['path'], name='organization_path_gist')],
                'constraints': [models.UniqueConstraint(fields=('path',), name='organization_path_unique'), models.CheckConstraint(condition=models.Q(('kind__in', ['province', 'city', 'district', 'street', 'community', 'branch'])), name='organization_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='GrantRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30, verbose_name='role')),
                ('until', models.DateField(null=True, verbose_name='until')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'waiting for a decision'), ('approved', 'approved'), ('refused', 'not approved'), ('expired', 'expired')], default='waiting', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=200)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'grant request',
                'verbose_name_plural': 'grant requests',
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', 'state'], name='grant_request_place')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'role', 'organization'), name='grant_request_one_waiting'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='grant_request_two_persons')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('actor', models.CharField(max_length=120, verbose_name='actor')),
                ('action', models.CharField(max_length=40, verbose_name='action')),
                ('object_type', models.CharField(blank=True, max_length=40, verbose_name='object')),
                ('object_id', models.UUIDField(blank=True, null=True)),
                ('detail', models.JSONField(blank=True, default=dict, verbose_name='detail')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit log',
                'default_permissions': (),
                'indexes': [models.Index(fields=['organization', '-at'], name='audit_organization_at')],
            },
        ),
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
                ('merged_into', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='merged into')),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='superior')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='portal.organization')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrganizationGrant',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('granted_at', models.DateTimeField(auto_now_add=True, verbose_name='granted at')),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='portal.organization', verbose_name='organization')),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='granted by')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
            ],
            options={
                'verbose_name': 'grant',
                'verbose_name_plural': 'grants',
                'abstract': False,
                'default_permissions': (),
                'indexes': [models.Index(fields=['user'], name='grant_user')],
                'unique_together': {('user', 'permission', 'content_object')},
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
                ('content_object', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='portal.organization', verbose_name='organization')),
                ('granted_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='granted by')),
                ('permission', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.permission')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='portal.organizationgrant')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PurposeRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('reminders', 'Reminders'), ('checkin', 'Check-in pages'), ('setup', 'Set-up on the server'), ('duplicates', 'Search for one person in two organizations'), ('demo', 'Demo data')], max_length=30)),
                ('right', models.CharField(choices=[('view_aggregates', 'View totals'), ('view_members', 'View members'), ('change_members', 'Change members'), ('import_ledger', 'Import ledgers'), ('export_ledger', 'Export ledgers'), ('run_checkin', 'Run check-in points'), ('assign_liaisons', 'Assign liaisons'), ('manage_needs', 'Manage needs'), ('manage_activities', 'Manage activities'), ('log_contacts', 'Log contacts'), ('view_thoughts', 'Read notes on thoughts'), ('reveal_identity', 'Show full numbers'), ('reveal_mobile', 'Show the number to call'), ('grant_access', 'Grant access'), ('decide_lost', 'Decide on lost contact'), ('merge_across', 'Merge across organizations'), ('view_audit', 'View the audit log'), ('send_reminders', 'Send reminders'), ('view_technical', 'View technical pages')], max_length=30)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('purpose', 'right'), name='purpose_right_unique')],
            },
        ),
        migrations.CreateModel(
            name='RoleBase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30)),
                ('base', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('role', 'base'), name='role_base_unique')],
            },
        ),
        migrations.CreateModel(
            name='RoleKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30)),
                ('kind', models.CharField(choices=[('province', 'province'), ('city', 'city'), ('district', 'district'), ('street', 'street'), ('community', 'community'), ('branch', 'branch')], max_length=12)),
                ('needs_two', models.BooleanField()),
                ('most_days', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('role', 'kind'), name='role_kind_unique')],
            },
        ),
        migrations.CreateModel(
            name='RoleRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('city_admin', 'City administrator'), ('district_admin', 'District administrator'), ('city_viewer', 'City viewer'), ('district_viewer', 'District viewer'), ('street_admin', 'Street administrator'), ('street_clerk', 'Street clerk'), ('community_clerk', 'Community clerk'), ('branch_secretary', 'Branch secretary'), ('liaison', 'Liaison'), ('visitor', 'Visiting worker'), ('auditor', 'Auditor'), ('operator', 'System administrator'), ('drill_down', 'Look at single members for a time')], max_length=30)),
                ('right', models.CharField(choices=[('view_aggregates', 'View totals'), ('view_members', 'View members'), ('change_members', 'Change members'), ('import_ledger', 'Import ledgers'), ('export_ledger', 'Export ledgers'), ('run_checkin', 'Run check-in points'), ('assign_liaisons', 'Assign liaisons'), ('manage_needs', 'Manage needs'), ('manage_activities', 'Manage activities'), ('log_contacts', 'Log contacts'), ('view_thoughts', 'Read notes on thoughts'), ('reveal_identity', 'Show full numbers'), ('reveal_mobile', 'Show the number to call'), ('grant_access', 'Grant access'), ('decide_lost', 'Decide on lost contact'), ('merge_across', 'Merge across organizations'), ('view_audit', 'View the audit log'), ('send_reminders', 'Send reminders'), ('view_technical', 'View technical pages')], max_length=30)),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('role', 'right'), name='role_right_unique')],
            },
        ),
        migrations.CreateModel(
            name='WorkLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('subject_kind', models.CharField(choices=[('liaison', 'liaison'), ('member', 'member')], max_length=10)),
                ('subject_id', models.UUIDField()),
                ('token_digest', models.BinaryField(unique=True)),
                ('pin_digest', models.BinaryField()),
                ('device_digest', models.BinaryField(null=True)),
                ('wrong_tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_reason', models.CharField(blank=True, choices=[('revoked', 'taken back'), ('replaced', 'replaced by a new one'), ('wrong_pin', 'closed after five wrong PINs'), ('left', 'the person does not do this any more'), ('stopped', 'stopped on the phone by the person')], max_length=10)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'work link',
                'verbose_name_plural': 'work links',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('organization', 'subject_kind', 'subject_id'), name='work_link_one_open')],
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
    ]
