"""What became of the advice to transfer the membership."""

from pathlib import Path

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0015_lost_contact'),
        ('members', '0013_lean_indexes'),
        ('portal', '0007_two_person_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TransferAdvice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('reminded', 'told about it'), ('not_yet', 'not possible yet'), ('moved', 'membership transferred')], max_length=10, verbose_name='state')),
                ('reason', models.CharField(blank=True, max_length=100, verbose_name='reason')),
                ('noted_at', models.DateTimeField(auto_now_add=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.member', verbose_name='floating member')),
                ('movement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='members.movement', verbose_name='movement')),
                ('noted_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
            ],
            options={
                'verbose_name': 'advice to transfer the membership',
                'verbose_name_plural': 'advice to transfer the membership',
                'ordering': ['-noted_at', 'id'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'not_yet'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='advice_not_yet_has_a_reason'), models.CheckConstraint(condition=models.Q(('state__in', ['reminded', 'not_yet', 'moved'])), name='advice_state_known')],
            },
        ),
        sql.run(FOLDER / "advice.sql"),
    ]
