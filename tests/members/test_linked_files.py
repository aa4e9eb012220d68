"""What a linked file does for its own side: ledger rows, card, liaison; and the match inside one street."""

import pytest

from contacts.models import ContactObligation, Liaison
from contacts.services import assign_liaison
from members.importing import services as importing
from members.models import Member
from tests.members.ledger.making import HEADER, person, xlsx
from tests.members.pairs import HOST, NUMBER, as_user, file, found, pair, step


def bring_in(world, who, key, **changes):
    row = person(1, 身份证号码=NUMBER, 出生日期="1949-12-31", 所属社区=f"样例{key}居委会", 入党时间="", **changes)
    with as_user(world, who) as by:
        batch = importing.preview_ledger(
            data=xlsx({"Sheet1": [HEADER, row]}), name="l.xlsx", organization=world.organization(key), by=by
        )
        previewed = importing.ledger_report(batch)["rows"][0]
        applied = importing.ledger_report(importing.apply_ledger(batch=batch, by=by))["rows"][0]
        count = Member.objects.filter(id_number_digest=Member.id_number.digest(NUMBER)).count()
    return previewed, applied, count


@pytest.mark.parametrize(
    ("name", "outcome", "code"), [("双样例", "unchanged", "linked_file"), ("双示例", "ask", "name_differs")]
)
def test_ledger_row_of_the_folded_side_makes_no_third_file(world, name, outcome, code):
    home, host = file(world, "C111", "outflow", name="双示例"), file(world, "C121", "inflow", name="双样例")
    step(world, "link", found(world))
    for row in bring_in(world, HOST, "C121", 姓名=name, 备注="新备注")[:2]:
        assert row["outcome"] == outcome
        assert code in {problem["code"] for problem in row["problems"]}
        assert row["member"] == (str(home.pk) if outcome == "unchanged" else None)
    with as_user(world, HOST):
        assert Member.objects.filter(id_number_digest=Member.id_number.digest(NUMBER)).count() == 2
        assert Member.objects.get(pk=host.pk).remark == "密C121密"


def test_ledger_of_a_whole_street_leaves_the_pair_of_two_communities_alone(world):
    home, host = file(world, "C111", "outflow", name="双甲"), file(world, "C112", "inflow", name="双甲")
    step(world, "link", found(world, "street_admin@S11"), "street_admin@S11")
    row = bring_in(world, "street_clerk@S11", "C112", 姓名="双甲", 备注="新备注")[1]
    assert (row["outcome"], row["member"]) == ("unchanged", str(home.pk))
    with as_user(world, "street_clerk@S11"):
        assert Member.objects.get(pk=home.pk).organization == world.organization("C111")
        assert Member.objects.filter(same_as=home).get() == host


def test_liaison_of_the_folded_file_keeps_the_duty(world):
    home, host = pair(world)
    with as_user(world, HOST) as by:
        assign_liaison(member=host, liaison=Liaison.objects.get(user=world.user("liaison@C121")), by=by)
    step(world, "link", found(world))
    with as_user(world, "liaison@C121") as by:
        duty = ContactObligation.objects.visible_to(by).open().of_own_side(by).get(member=home)
        assert duty.side == "host"
        assert Member.objects.filter(pk=host.pk).exists()


def test_folded_file_is_in_no_list_and_its_address_leads_to_the_kept_one(world, login):
    home, host = pair(world)
    step(world, "link", found(world))
    client = login(HOST)
    page = client.get("/admin/members/member/").content.decode()
    assert str(home.pk) in page
    assert str(host.pk) not in page
    answer = client.get(f"/admin/members/member/{host.pk}/card/")
    assert (answer.status_code, answer.url) == (302, f"/admin/members/member/{home.pk}/card/")
    card = client.get(answer.url).content.decode()
    assert "密C111密" not in card
    assert "事由C121" in card  # its own movement is part of the history that its own side reads
    assert client.get(f"/admin/members/member/{host.pk}/change/").status_code == 404


def test_street_sees_the_match_of_its_communities_with_a_way_to_both(world, login):
    home, host = file(world, "C111", "outflow"), file(world, "C112", "inflow")
    found(world, "street_admin@S11")
    for own, other in ((home, host), (host, home)):
        page = login("street_clerk@S11").get(f"/admin/members/member/{own.pk}/card/").content.decode()
        assert f"/admin/members/member/{other.pk}/card/" in page
        alone = login(f"community_clerk@{'C111' if own is home else 'C112'}").get(
            f"/admin/members/member/{own.pk}/card/"
        )
        assert str(other.pk) not in alone.content.decode()
    values = {"name": "双新", "organization": str(world.organization("S11").pk), "new_id_number": NUMBER}
    refused = login("street_clerk@S11").post("/admin/members/member/add/", values).content.decode()
    assert f"/admin/members/member/{home.pk}/card/" in refused
