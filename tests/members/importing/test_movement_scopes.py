"""The range of a movement where the ledger has no column for it: told by both ends, kept when stated, never guessed."""

import pytest

from members.importing import services
from members.importing.answering import choices_of, keep_choices
from members.importing.fixes import fix_groups
from members.models import Member
from tests.members.ledger.making import HEADER, person, xlsx

HEAD = [*HEADER, "流动方向", "外出地点", "原党组织名称"]


@pytest.fixture
def clerk(transactional_db, owner, world, acting):
    """A clerk whose street lies in Hefei."""
    owner.execute(
        "update portal_organization set code = '3401', name = '合肥市' where id = %s", [world.organization("X").pk]
    )
    with acting("street_clerk@S11") as actor:
        yield actor


def line(number, place, *, direction="流出", home=None, scope=()):
    return [*person(number, 所属社区="样例C111居委会"), direction, place, home, *scope]


def preview(world, actor, *lines, header=HEAD):
    data = xlsx({"Sheet1": [header, *lines]})
    return services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=actor)


def bring_in(world, actor, *lines, **more):
    batch = services.apply_ledger(batch=preview(world, actor, *lines, **more), by=actor)
    return services.ledger_report(batch, unmasked=True)["rows"]


def stored(number):
    movement = Member.objects.get(name=person(number)[1]).movements.get()
    return movement.scope, movement.destination


def test_scope_is_told_by_destination_and_home(world, clerk):
    lines = [
        line(1, "浙江杭州"), line(2, "安徽阜阳"), line(3, "合肥市肥西县"), line(4, "国外"), line(5, "公司宿舍"),
        line(6, "北京市朝阳区", home="北京市朝阳区某某社区党支部"), line(7, None),
        line(8, "样例小区3栋", direction="流入", home="江苏省南京市某某党支部"),
        line(9, None, direction="流入", home="某某大学党支部"),
        line(10, "杭州市", direction="流入", home="江苏省南京市某某党支部"),
    ]  # fmt: skip
    rows = bring_in(world, clerk, *lines)
    assert [row["outcome"] for row in rows] == ["new"] * len(lines)
    assert [stored(number)[0] for number in range(1, 11)] == [
        "跨省", "省内跨市", "市内", "境外", "", "", "", "跨省", "", "",
    ]  # fmt: skip
    assert [stored(number)[1] for number in (1, 3, 5)] == ["浙江杭州", "合肥市肥西县", "公司宿舍"]
    assert rows[0]["cells"]["movement_scope"]["rule"] == "scope_from_regions"
    assert rows[0]["cells"]["movement_scope"]["severity"] == "fixed"
    assert {row["outcome"] for row in bring_in(world, clerk, *lines)} == {"unchanged"}


def test_column_of_the_ledger_counts_alone_and_what_was_stated_stays(world, clerk):
    header = [*HEAD, "流动范围"]
    bring_in(world, clerk, line(1, "浙江杭州", scope=["市内"]), line(2, "浙江杭州", scope=[None]), header=header)
    assert [stored(number)[0] for number in (1, 2)] == ["市内", ""]
    rows = bring_in(world, clerk, line(1, "浙江杭州"), line(2, "浙江杭州"))
    assert [stored(number)[0] for number in (1, 2)] == ["市内", "跨省"]
    assert [row["outcome"] for row in rows] == ["unchanged", "changed"]


def test_told_scope_follows_the_destination_and_a_stated_one_is_asked_about(world, clerk):
    header = [*HEAD, "流动范围"]
    bring_in(world, clerk, line(1, "浙江杭州"), line(3, "浙江杭州"))
    bring_in(world, clerk, line(2, "浙江杭州", scope=["境外"]), header=header)
    rows = bring_in(world, clerk, line(1, "安徽阜阳"), line(2, "安徽阜阳"), line(3, "某某小区"))
    assert [stored(number) for number in (1, 2, 3)] == [
        ("省内跨市", "安徽阜阳"),
        ("境外", "安徽阜阳"),
        ("跨省", "某某小区"),
    ]
    codes = [{problem["code"] for problem in row["problems"]} for row in rows]
    assert ["scope_outdated" in found for found in codes] == [False, True, True]


def test_told_scope_can_be_declined(world, clerk):
    batch = preview(world, clerk, line(1, "浙江杭州"), line(2, "广东打工"))
    groups = fix_groups(services.staged_rows(batch).interpretation.rows, set())
    assert [(group.count, group.can_decline) for group in groups if group.rule == "scope_from_regions"] == [(2, True)]
    choices = choices_of(batch)
    choices.declined = {("movement_scope", "scope_from_regions")}
    keep_choices(batch, choices)
    batch.save()
    services.check_again(batch=batch, by=clerk)
    groups = fix_groups(services.staged_rows(batch).interpretation.rows, choices.declined)
    assert [group.is_declined for group in groups if group.rule == "scope_from_regions"] == [True]
    services.apply_ledger(batch=batch, by=clerk)
    assert [stored(number) for number in (1, 2)] == [("", "浙江杭州"), ("", "广东打工")]


def test_office_without_a_known_region_tells_no_scope(world, acting):
    with acting("street_clerk@S11") as actor:
        bring_in(world, actor, line(1, "浙江杭州"))
        assert stored(1) == ("", "浙江杭州")
