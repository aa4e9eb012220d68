"""Work links: the table, its wall, and the functions behind the phone pages."""

from pathlib import Path

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0002_tree_and_access'),
    ]

    operations = [
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
        sql.run(FOLDER / "links.sql"),
    ]
