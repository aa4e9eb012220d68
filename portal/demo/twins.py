"""One person whom two streets know, neither of them of the other: the case that the district's account finds."""

import datetime as dt

from django.utils import timezone

from members.enums import Direction, MemberType
from members.models import Member, Movement
from members.same_people.services import find_same_people
from portal import access
from portal.demo import add_missing, key
from portal.demo.members import direction
from portal.demo.offices import OTHER_COMMUNITY
from portal.demo.people import person
from portal.models import Organization
from portal.roles import Purpose

NUMBER = 20  # an incoming member of the demo's street, of whom the home street keeps a file of its own


def add_twin() -> None:
    """The file that the other street keeps of the same person, and the search for such pairs."""
    assert direction(NUMBER) == Direction.INFLOW
    node = Organization.objects.get(code=OTHER_COMMUNITY)
    with access.acting_as(access.system_actor(Purpose.DEMO, node)):
        if not Member.objects.filter(pk=key("twin")).exists():
            member = _member(node)
            add_missing([member])
            add_missing([_movement(node, member)])
    find_same_people()


def _member(node: Organization) -> Member:
    someone = person(NUMBER)
    member = Member(
        pk=key("twin"), organization=node, gender=someone.gender, ethnicity="汉族",
        birth_date=someone.birth_date.isoformat(), member_type=MemberType.FULL, is_synthetic=True,
    )  # fmt: skip
    member.set_name(someone.name)
    member.id_number, member.mobile = someone.id_number, someone.mobile
    return member


def _movement(node: Organization, member: Member) -> Movement:
    started = timezone.localdate() - dt.timedelta(days=240)
    return Movement(
        pk=key("twin", "movement"), member=member, direction=Direction.OUTFLOW, home_organization=node,
        host_text="合肥市庐阳区", started_on=started.isoformat()[:7], reason="务工经商",
    )  # fmt: skip
