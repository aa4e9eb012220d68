"""The ledger's column 是否失联 opens a check that waits for a person, and goes with the import."""

import pytest

from contacts.lost.from_ledgers import says_lost
from contacts.lost.models import LostCase
from contacts.lost.services import Step as CheckStep
from contacts.lost.services import note_step
from members.importing import services
from members.importing.hooks import Told
from members.importing.undoing import undo_ledger
from members.models import Member
from tests.members.ledger.making import HEADER, person, xlsx

CLERK = "street_clerk@S11"


def ledger(column, *rows):
    """rows: (number, direction, value of the column)."""
    lines = [[*person(number, 所属社区="样例C111居委会"), way, "2024-05", value] for number, way, value in rows]
    return xlsx({"Sheet1": [[*HEADER, "流动方向", "流出时间", column], *lines]})


def bring_in(world, actor, data):
    batch = services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=actor)
    return services.apply_ledger(batch=batch, by=actor)


def found():
    return dict(LostCase.objects.exclude(batch=None).values_list("member__name", "state"))


def named(number):
    return person(number)[HEADER.index("姓名")]


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["是否失联", "是否为失联党员", "是否失去联系"])
def test_people_called_lost_get_a_check_and_no_decision(acting, world, column):
    with acting(CLERK) as actor:
        batch = bring_in(world, actor, ledger(column, (1, "流出", "是"), (2, "流出", "否"), (3, "流出", "")))
        assert found() == {named(1): "proposed"}
        case = LostCase.objects.get(batch=batch.pk)
        assert (case.organization, case.decided_on) == (world.organization("C111"), None)
        assert "失联" not in str(case.member.ledger_extra)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["能否取得联系", "是否取得联系", "是否保持联系", "能否联系上"])
def test_column_that_asks_the_other_way_round_is_read_so(acting, world, column):
    with acting(CLERK) as actor:
        bring_in(world, actor, ledger(column, (1, "流出", "是"), (2, "流出", "否")))
        assert found() == {named(2): "proposed"}
    assert says_lost(Told("能否联系", "否"))


@pytest.mark.django_db
def test_file_that_the_host_manages_gets_none(acting, world):
    with acting(CLERK) as actor:
        bring_in(world, actor, ledger("是否失联", (1, "流入", "是"), (2, "流出", "是")))
        assert found() == {named(2): "proposed"}


@pytest.mark.django_db
def test_same_ledger_again_opens_no_second_check_nor_one_that_was_dismissed(acting, world):
    with acting(CLERK) as actor:
        data = ledger("是否失联", (1, "流出", "是"), (2, "流出", "是"))
        bring_in(world, actor, data)
        LostCase.objects.filter(member__name=named(1)).get()
    with acting("street_admin@S11") as admin:
        from contacts.lost.services import end_case

        end_case(case=LostCase.objects.get(member__name=named(1)), reason="联系上了", by=admin)
    with acting(CLERK) as actor:
        bring_in(world, actor, data)
        assert LostCase.objects.exclude(batch=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_undone_import_takes_its_untouched_checks_along(acting, world):
    with acting(CLERK) as actor:
        bring_in(world, actor, ledger("备注二", (2, "流出", "")))  # this file is there before
    with acting(CLERK) as actor:
        batch = bring_in(world, actor, ledger("是否失联", (1, "流出", "是"), (2, "流出", "是"), (3, "流出", "是")))
        assert len(found()) == 3
    with acting(CLERK) as actor:
        note_step(case=LostCase.objects.get(member__name=named(3)), step=CheckStep.FAMILY, by=actor)
    with acting(CLERK) as actor:
        undone = undo_ledger(batch=batch, by=actor)
        assert found() == {named(3): "proposed"}  # somebody worked on it: this file stays
        assert {name for name, _why in ((member.name, why) for member, why in undone.kept)} == {named(3)}
        assert set(Member.objects.filter(name__in=[named(n) for n in (1, 2, 3)]).values_list("name", flat=True)) == {
            named(2), named(3)}  # fmt: skip
