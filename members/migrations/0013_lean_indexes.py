"""Fewer indexes on what an import writes: each one costs as much as the row, and others answer the same questions."""

import django.db.models.deletion
from django.db import migrations, models


def _key(to, *, null=False, **options):
    return models.ForeignKey(db_index=False, null=null, to=to, **options)


def _of_history(to, name, *, null=False):
    return _key(
        to,
        null=null,
        db_constraint=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        related_query_name="+",
        verbose_name=name,
    )


def _side(name):
    return _key(
        "portal.organization",
        null=True,
        blank=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        verbose_name=name,
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0012_placement_constraints")]
    operations = [
        # (member, organization) alone answers both "who sees this member" and "is this pair there"; a list reads
        # placement_list
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("placement", "placement_member"),
                migrations.AlterField(
                    "placement",
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "organization_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "alter table members_placement drop constraint members_placement_pkey;"
                    " alter table members_placement add constraint members_placement_pkey"
                    " primary key (member_id, organization_id);"
                    " drop index placement_member",
                    migrations.RunSQL.noop,
                )
            ],
        ),
        migrations.AlterField(
            "member",
            "organization",
            _key(
                "portal.organization",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                verbose_name="managing organization",
            ),
        ),
        migrations.AlterField("movement", "home_organization", _side("home organization")),
        migrations.AlterField("movement", "host_organization", _side("host organization")),
        *(
            migrations.AddIndex(
                "movement",
                models.Index(
                    condition=models.Q((f"{side}_organization__isnull", False)),
                    fields=[f"{side}_organization"],
                    name=f"movement_{side}",
                ),
            )
            for side in ("home", "host")
        ),
        migrations.AlterField("memberevent", "organization", _of_history("portal.organization", "managing organization")),
        migrations.AlterField(
            "memberevent",
            "same_as",
            _of_history("members.member", "linked with the file of the same person", null=True),
        ),
        # portal.note_imported_rows asks about all of them at once
        migrations.AlterField(
            "importedrow",
            "batch",
            _key(
                "members.ledgerimport",
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
            ),
        ),
        migrations.AlterField(
            "importedrow",
            "member",
            _key(
                "members.member",
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="imported_rows",
            ),
        ),
        migrations.RunSQL(  # asked by portal.references_to
            "comment on column members_importedrow.member_id is 'references members_member'", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            "movementevent", "home_organization", _of_history("portal.organization", "home organization", null=True)
        ),
        migrations.AlterField(
            "movementevent", "host_organization", _of_history("portal.organization", "host organization", null=True)
        ),
    ]
