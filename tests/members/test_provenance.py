"""Every value of a file tells where it came from: a cell of a ledger, a report-in, somebody's typing."""

import pytest
from django.utils.translation import gettext

from members import provenance, transfers
from members import services as members_services
from members.models import Member, MemberEvent, access_member
from portal.history import from_source
from tests.members.test_undo import bring_in, line


@pytest.fixture
def clerk(acting):
    with acting("street_clerk@S11") as actor:
        yield actor


def told(member: Member) -> dict[str, str]:
    return {source.key: source.text for source in provenance.sources(Member.objects.get(pk=member.pk))}


def test_value_of_a_ledger_names_file_sheet_row_and_column(world, clerk):
    bring_in(world, clerk, line(1), line(2))
    member = Member.objects.get(id_number_digest=Member.id_number.digest(line(2)[5]))
    found = told(member)
    assert "l.xlsx" in found["mobile"]
    assert all(word in found["mobile"] for word in ("Sheet1", "3", "联系电话"))
    assert "流出时间" in found["started_on"]


def test_later_value_names_its_own_source_and_the_others_keep_theirs(world, clerk, django_assert_max_num_queries):
    batch = bring_in(world, clerk, line(1))
    member = Member.objects.get(imported_rows__batch=batch)
    members_services.change_member(member=member, values={"ethnicity": "回族", "skills": "电工"}, by=clerk)
    with from_source("report_in", batch.pk):
        members_services.change_member(member=member, values={"mobile": "13911112222"}, by=clerk)
    with django_assert_max_num_queries(8):
        found = told(member)
    assert found["ethnicity"] == found["skills"] == gettext("typed by the office")
    assert found["mobile"] == gettext("reported in by the member")
    assert "l.xlsx" in found["name"]
    members_services.change_member(member=member, values={"skills": ""}, by=clerk)
    assert "skills" not in told(member)


def test_other_side_is_told_nothing(world, acting):
    with acting("community_clerk@C111") as home:
        values = {"name": "双方样例", "remark": "只给本方"}
        member = members_services.create_member(
            organization=world.organization("C111"), values=values, movement={"direction": "outflow"}, by=home
        )
        offer = transfers.propose_transfer(member=member, kind="host", to=world.organization("C121"), by=home)
        assert provenance.section(member) is not None
    with acting("community_clerk@C121") as host:
        transfers.accept_transfer(transfer=offer, by=host)
        assert provenance.section(access_member(host, member.pk)) is None
        assert not MemberEvent.objects.filter(pgh_obj=member).exists()
