"""Peers of bench/scoping.py: models for django-guardian's row permissions, and an ltree join as treebeard writes it.

Import after django.setup(). The models are known to this process alone; bench/scoping_world.py makes their tables.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from guardian.shortcuts import get_objects_for_user  # noqa: TID251  the peer itself

from portal.models import Organization, User


class _Member(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=50)
    name_pinyin = models.CharField(max_length=120)
    gender = models.CharField(max_length=6)
    state = models.CharField(max_length=12)
    member_type = models.CharField(max_length=12)
    home = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    host = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False, null=True)

    class Meta:
        abstract = True
        app_label = "members"
        managed = False
        db_table = "bench_member"


class GenericMember(_Member):
    """Without a permission model of its own: guardian uses its generic table."""


class DirectMember(_Member):
    class Meta(_Member.Meta):
        indexes = [
            models.Index(fields=["name_pinyin", "id"], name="bench_name"),
            models.Index(fields=["home", "name_pinyin", "id"], name="bench_home"),
            models.Index(fields=["host", "name_pinyin", "id"], name="bench_host"),
        ]


class PeerOrganization(models.Model):
    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12)

    class Meta:
        app_label = "members"
        managed = False
        db_table = "portal_organization"


class _Grant:
    app_label = "members"
    abstract = False


class MemberGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(DirectMember, models.CASCADE)

    class Meta(_Grant, UserObjectPermissionBase.Meta):
        db_table = "bench_membergrant"


class MemberGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(DirectMember, models.CASCADE)

    class Meta(_Grant, GroupObjectPermissionBase.Meta):
        db_table = "bench_membergroupgrant"


class PeerOrganizationGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(PeerOrganization, models.CASCADE)

    class Meta(_Grant, UserObjectPermissionBase.Meta):
        db_table = "bench_organizationgrant"


class PeerOrganizationGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(PeerOrganization, models.CASCADE)

    class Meta(_Grant, GroupObjectPermissionBase.Meta):
        db_table = "bench_organizationgroupgrant"


TABLES = (DirectMember, MemberGrant, MemberGroupGrant, PeerOrganizationGrant, PeerOrganizationGroupGrant)


def permissions() -> dict[str, int]:
    """Keys of the view permissions (and of the generic form's content type), made if they are missing."""
    found = {}
    for word, model in (("direct", DirectMember), ("generic", GenericMember), ("organization", PeerOrganization)):
        name = model._meta.model_name
        content_type, _ = ContentType.objects.using("owner").get_or_create(app_label="members", model=name)
        found[word] = (
            Permission.objects.using("owner")
            .get_or_create(content_type=content_type, codename=f"view_{name}", defaults={"name": name})[0]
            .pk
        )
        if word == "generic":
            found["type"] = content_type.pk
    return found


def row_grants(model: type[models.Model], **options: Any) -> Callable[[User], QuerySet]:
    """guardian as its documentation uses it: a row for each member and officer."""
    return lambda user: get_objects_for_user(user, f"members.view_{model._meta.model_name}", model, **options)


def community_grants(**options: Any) -> Callable[[User], QuerySet]:
    """guardian with a row for each community and officer, and a filter on both sides."""

    def rows(user: User) -> QuerySet:
        mine = get_objects_for_user(user, "members.view_peerorganization", PeerOrganization, **options)
        return DirectMember.objects.filter(Q(home__in=mine.values("pk")) | Q(host__in=mine.values("pk")))

    return rows


GUARDIAN: dict[str, Callable[[User], QuerySet]] = {
    "guardian, row grants (generic)": row_grants(GenericMember),
    "guardian, row grants (direct FK)": row_grants(DirectMember),
    "guardian, row grants (direct FK), use_groups=False": row_grants(DirectMember, use_groups=False),
    "guardian, community grants + filter": community_grants(),
    "guardian, community grants + filter, use_groups=False": community_grants(use_groups=False),
}
LTREE = """
select m.id, m.name, m.name_pinyin, m.gender, m.state, m.member_type, m.home_id, m.host_id from bench_member m
 where m.home_id in (select n.id from portal_organization n where n.path <@ %(path)s::ltree)
    or m.host_id in (select n.id from portal_organization n where n.path <@ %(path)s::ltree)
 order by m.name_pinyin, m.id limit 50
"""
LTREE_COUNT = """
select count(*) from bench_member m
 where m.home_id in (select n.id from portal_organization n where n.path <@ %(path)s::ltree)
    or m.host_id in (select n.id from portal_organization n where n.path <@ %(path)s::ltree)
"""
