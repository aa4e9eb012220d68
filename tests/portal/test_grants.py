"""Giving roles: only what one holds, only inside one's subtree, ended by date."""

import datetime as dt
import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from members.models import Member
from portal import access, grants
from portal.models import OrganizationGrant, User
from portal.roles import Role


def test_street_admin_gives_below_and_not_beside(acting, world):
    stranger = world.user("stranger")
    with acting("street_admin@S11"):
        grants.grant_role(user=stranger, role=Role.COMMUNITY_CLERK, organization=world.organization("C111"))
        with pytest.raises(PermissionDenied):
            grants.grant_role(user=stranger, role=Role.COMMUNITY_CLERK, organization=world.organization("C121"))
        with pytest.raises(PermissionDenied):
            grants.grant_role(user=stranger, role=Role.STREET_ADMIN, organization=world.organization("D1"))
    with acting("stranger"):
        assert Member.objects.count() == 1


def test_clerk_cannot_give_anything(acting, world):
    with acting("street_clerk@S11"), pytest.raises(PermissionDenied):
        grants.grant_role(user=world.user("stranger"), role=Role.LIAISON, organization=world.organization("C111"))


def test_nobody_gives_more_than_they_hold(acting, world):
    with acting("district_admin@D1"), pytest.raises(PermissionDenied):
        grants.grant_role(user=world.user("stranger"), role=Role.STREET_CLERK, organization=world.organization("S11"))


def test_ended_grant_is_worth_nothing(acting, world):
    stranger = world.user("stranger")
    with acting("street_admin@S11"):
        grants.grant_role(
            user=stranger, role=Role.STREET_CLERK, organization=world.organization("S11"), until=dt.date(2020, 1, 1)
        )
    with acting("stranger"):
        assert not access.may("view_members")
        assert Member.objects.count() == 0


def test_grants_are_seen_by_their_holder_and_their_administrators(acting):
    with acting("street_clerk@S12"):
        assert OrganizationGrant.objects.count() == 1
    with acting("street_admin@S12"):
        seen = set(OrganizationGrant.objects.values_list("content_object__short_name", flat=True))
    assert seen == {"样例S12", "样例C121"}


def test_create_staff_makes_then_adds(world):
    out = io.StringIO()
    code = world.organization("C111").code
    call_command("create_staff", "new.clerk", role="community_clerk", organization=code, stdout=out)
    user = User.objects.get(username="new.clerk")
    password = re.split(r"[\s：]", out.getvalue().strip())[-1]
    assert user.check_password(password)
    assert user.must_change_password
    out.truncate(0)
    call_command("create_staff", "new.clerk", role="liaison", organization=code, stdout=out)
    assert user.pk == User.objects.get(username="new.clerk").pk
    assert password not in out.getvalue()
    with access.acting_as(access.user_actor(user)):
        assert OrganizationGrant.objects.filter(user=user).count() == 2


def test_create_staff_for_an_unknown_code_writes_nothing(world):
    with pytest.raises(CommandError):
        call_command("create_staff", "nobody", role="liaison", organization="000")
    assert not User.objects.filter(username="nobody").exists()
