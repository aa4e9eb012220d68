"""Duties and contacts have indexes that begin with these columns: no second one for the foreign key. Duties have no
constraints either: functions write them out of the rows that they name."""

import django.db.models.deletion
from django.db import migrations, models


def _member(related_name, **options):
    return models.ForeignKey(
        **options,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="members.member",
        verbose_name="floating member",
    )


def _organization(**options):
    return models.ForeignKey(
        **options,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="portal.organization",
        verbose_name="organization",
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_undo"), ("members", "0013_lean_indexes")]
    operations = [
        migrations.AlterField("contactlog", "member", _member("contacts")),
        migrations.AlterField("contactlog", "organization", _organization()),
        migrations.AlterField(
            "contactobligation",
            "member",
            _member("obligations", db_constraint=False),
        ),
        migrations.AlterField(
            "contactobligation",
            "organization",
            _organization(db_constraint=False),
        ),
        migrations.RunSQL(  # asked by portal.references_to
            "comment on column contacts_contactobligation.member_id is 'references members_member';"
            "comment on column contacts_contactobligation.organization_id is 'references portal_organization'",
            migrations.RunSQL.noop,
        ),
    ]
