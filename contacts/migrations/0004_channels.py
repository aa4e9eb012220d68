"""Robots of work groups, and whose page of the portal shows what somebody was told."""

from pathlib import Path
import django.db.models.deletion
import portal.crypto
import portal.fields
import uuid
from django.conf import settings
from django.db import migrations, models

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0003_calendar'),
        ('portal', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelAccount',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('data_key', portal.fields.DataKeyField(default=portal.crypto.new_data_key)),
                ('kind', models.CharField(choices=[('robot', 'robot of a work group')], default='robot', max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=40, verbose_name='name of the work group')),
                ('is_active', models.BooleanField(default=False, verbose_name='switched on')),
                ('tested_at', models.DateTimeField(editable=False, null=True, verbose_name='last tested')),
                ('test_state', models.CharField(blank=True, choices=[('pending', 'to send'), ('sending', 'being sent'), ('sent', 'sent'), ('retry', 'to send again'), ('unsure', 'unsure whether it arrived'), ('failed', 'failed'), ('cancelled', 'cancelled')], editable=False, max_length=10)),
                ('test_reason', models.CharField(blank=True, choices=[('contacted', 'has been contacted since'), ('rescheduled', 'the due date changed'), ('ended', 'contact is no longer needed'), ('superseded', 'goes out with a later mail'), ('no_recipient', 'nobody who is responsible has an e-mail address or an account'), ('refused', 'the other server refused it'), ('not_reached', 'the other server could not be reached'), ('not_allowed', "the robot's address may not be used here"), ('not_due', 'is not due any more'), ('interrupted', 'interrupted while it was sent'), ('resent', 'sent again after an interruption'), ('twice', 'interrupted twice: nobody knows whether it arrived'), ('too_often', 'the other server refused it again and again'), ('later_step', 'a later reminder took its place'), ('paused', 'contact is paused'), ('given_up', 'somebody decided not to send it'), ('portal_only', 'in the portal only: no e-mail address is known')], editable=False, max_length=20)),
                ('webhook_sealed', models.BinaryField(blank=True, null=True)),
                ('webhook_digest', models.BinaryField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization', verbose_name='organization')),
                ('tested_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'work group robot',
                'verbose_name_plural': 'work group robots',
                'ordering': ['name', 'id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('organization', 'kind'), name='account_one_active', violation_error_message='This organization has a robot that is switched on. Please switch that off.'), models.CheckConstraint(condition=models.Q(('is_active', False), ('webhook_sealed__isnull', False), _connector='OR'), name='account_active_has_webhook', violation_error_message='Please enter the address before you switch it on.'), models.CheckConstraint(condition=models.Q(('kind__in', ['robot'])), name='account_kind_known')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='digest',
            name='digest_one_recipient',
        ),
        migrations.AddField(
            model_name='digest',
            name='channel',
            field=models.CharField(choices=[('mail', 'e-mail'), ('inbox', 'in the portal'), ('robot', 'work group')], db_default='mail', max_length=10),
        ),
        migrations.AddField(
            model_name='digest',
            name='read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='digest',
            name='reader',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='digest',
            name='reason',
            field=models.CharField(blank=True, choices=[('contacted', 'has been contacted since'), ('rescheduled', 'the due date changed'), ('ended', 'contact is no longer needed'), ('superseded', 'goes out with a later mail'), ('no_recipient', 'nobody who is responsible has an e-mail address or an account'), ('refused', 'the other server refused it'), ('not_reached', 'the other server could not be reached'), ('not_allowed', "the robot's address may not be used here"), ('not_due', 'is not due any more'), ('interrupted', 'interrupted while it was sent'), ('resent', 'sent again after an interruption'), ('twice', 'interrupted twice: nobody knows whether it arrived'), ('too_often', 'the other server refused it again and again'), ('later_step', 'a later reminder took its place'), ('paused', 'contact is paused'), ('given_up', 'somebody decided not to send it'), ('portal_only', 'in the portal only: no e-mail address is known')], max_length=20),
        ),
        migrations.AlterField(
            model_name='outboundmessage',
            name='obligation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='contacts.contactobligation', verbose_name='contact obligation'),
        ),
        migrations.AlterField(
            model_name='outboundmessage',
            name='reason',
            field=models.CharField(blank=True, choices=[('contacted', 'has been contacted since'), ('rescheduled', 'the due date changed'), ('ended', 'contact is no longer needed'), ('superseded', 'goes out with a later mail'), ('no_recipient', 'nobody who is responsible has an e-mail address or an account'), ('refused', 'the other server refused it'), ('not_reached', 'the other server could not be reached'), ('not_allowed', "the robot's address may not be used here"), ('not_due', 'is not due any more'), ('interrupted', 'interrupted while it was sent'), ('resent', 'sent again after an interruption'), ('twice', 'interrupted twice: nobody knows whether it arrived'), ('too_often', 'the other server refused it again and again'), ('later_step', 'a later reminder took its place'), ('paused', 'contact is paused'), ('given_up', 'somebody decided not to send it'), ('portal_only', 'in the portal only: no e-mail address is known')], max_length=20, verbose_name='why'),
        ),
        migrations.AddField(
            model_name='digest',
            name='account',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.channelaccount'),
        ),
        migrations.AddField(
            model_name='outboundmessage',
            name='account',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contacts.channelaccount'),
        ),
        migrations.AlterField(
            model_name='digest',
            name='organization',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.organization'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(fields=['organization', 'for_on'], name='digest_day'),
        ),
        migrations.AddIndex(
            model_name='digest',
            index=models.Index(condition=models.Q(('reader__isnull', False)), fields=['reader', '-for_on'], name='digest_inbox'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.UniqueConstraint(fields=('account', 'for_on'), name='digest_account_day'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('liaison', None), ('user__isnull', False)), models.Q(('account', None), ('liaison__isnull', False), ('user', None)), models.Q(('account__isnull', False), ('liaison', None), ('user', None)), _connector='OR'), name='digest_one_recipient'),
        ),
        migrations.AddConstraint(
            model_name='outboundmessage',
            constraint=models.UniqueConstraint(fields=('account', 'due_on'), name='message_group_once'),
        ),
        migrations.AddConstraint(
            model_name='outboundmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account__isnull', False), ('obligation', None)), models.Q(('account', None), ('obligation__isnull', False)), _connector='OR'), name='message_about_one_thing'),
        ),
        sql.run(FOLDER / "channels.sql"),
    ]
