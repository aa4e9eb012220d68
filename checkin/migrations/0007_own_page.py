"""The member's own page: what members send in, and the functions behind the page."""

from pathlib import Path

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('checkin', '0005_scans'),
        ('members', '0002_rules'),
        ('contacts', '0021_rest'),
        ('activities', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MemberRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('mobile', 'new phone number'), ('address', 'new place of living'), ('journey', 'journey home'), ('message', 'message')], max_length=8, verbose_name='kind')),
                ('from_on', models.DateField(null=True, verbose_name='from')),
                ('until_on', models.DateField(null=True, verbose_name='until')),
                ('state', models.CharField(choices=[('waiting', 'to look at'), ('done', 'taken over'), ('declined', 'not taken over')], default='waiting', max_length=8, verbose_name='state')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='sent in at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('text_sealed', models.BinaryField(blank=True, null=True)),
                ('text_digest', models.BinaryField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='members.member', verbose_name='floating member')),
            ],
            options={
                'verbose_name': 'sent in by a member',
                'verbose_name_plural': 'sent in by members',
                'ordering': ['-made_at', 'id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['member', 'state', '-made_at'], name='member_request_queue')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['mobile', 'address', 'journey', 'message'])), name='member_request_kind'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'declined'])), name='member_request_state'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'journey'), _negated=True), models.Q(('from_on__isnull', False), ('until_on__gte', models.F('from_on'))), _connector='OR'), name='member_request_journey_dated'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['mobile', 'address']), _negated=True), ('text_digest__isnull', False), _connector='OR'), name='member_request_says_what')],
            },
        ),
        sql.run(FOLDER / "own_page.sql"),
        sql.run(FOLDER / "own_card.sql"),
    ]
