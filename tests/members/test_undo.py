"""Taking an import back: everything is as before, except what somebody touched since."""

import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection

from contacts import services as contacts_services
from contacts.models import ContactLog, ContactObligation
from members import services as members_services
from members.enums import ImportState
from members.importing import services
from members.importing.undoing import undo_ledger
from members.models import ImportedRow, LedgerImport, Member, MemberEvent, Movement, Phone
from portal.history import from_source
from tests.members.ledger.making import HEADER, person, xlsx
from tests.security.walls import is_refused

COMMUNITY = "样例C111居委会"
WIDE = [*HEADER, "流动方向", "流出时间", "返回时间", "最近联系时间", "特别栏"]


def line(number: int, *more: str, **changes: str) -> list[str]:
    values = person(number, 所属社区=COMMUNITY)
    own = [changes.get(key, value) for key, value in zip(HEADER, values, strict=True)]
    return [*own, *(more or ("流出", "2024-05", "", "2026-10-01", "一栏"))]


def bring_in(world: Any, actor: Any, *rows: list[str]) -> LedgerImport:
    data = xlsx({"Sheet1": [WIDE, *rows]})
    batch = services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=actor)
    return services.apply_ledger(batch=batch, by=actor)


def plain(row: Any, *sealed: str) -> dict[str, Any]:
    """A row as people read it: sealed values opened, times of writing left out."""
    left_out = {"updated_at"} | {f"{name}_{part}" for name in sealed for part in ("sealed", "digest")}
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in left_out and name != "data_key"} | {
        name: getattr(row, name) for name in sealed
    }


SEALED = ("id_number", "mobile", "employer", "current_address", "remark", "details", "ledger_extra")
AWAY = ("counterpart_contact", "counterpart_phone", "destination")


def everything() -> dict[str, Any]:
    """All that an import may touch in reach, canonical and opened."""
    with connection.cursor() as cursor:
        cursor.execute("select organization_id, member_id, name_pinyin from members_placement order by 1, 2")
        placed = cursor.fetchall()
    duties = ContactObligation.objects.filter(ended_on=None).order_by("member_id", "side")
    return {
        "members": [plain(row, *SEALED) for row in Member.objects.order_by("id")],
        "movements": [plain(row, *AWAY) for row in Movement.objects.select_related("member").order_by("id")],
        "phones": [plain(row, "number") for row in Phone.objects.select_related("member").order_by("id")],
        "contacts": list(ContactLog.objects.order_by("id").values_list("id", "member_id", "contacted_on", "source")),
        "duties": list(duties.values_list("member_id", "side", "organization_id", "last_success_on", "due_on")),
        "placed": placed,
    }


@pytest.fixture
def clerk(acting):
    with acting("street_clerk@S11") as actor:
        yield actor


@pytest.mark.django_db(transaction=True)  # what the import brought about is known by the time of its transaction
def test_undone_import_leaves_everything_as_before(world, acting, owner):
    who = "street_clerk@S11"
    with acting(who) as clerk:
        bring_in(world, clerk, line(1), line(2), line(3))
    with acting(who):
        before = everything()
    with acting(who) as clerk:
        batch = bring_in(
            world,
            clerk,
            line(1, "流出", "2024-05", "2026-09", "2026-11-01", "另一栏", 联系电话="13911110000", 备注="新话"),
            line(2, "流入", "2025-01", "", "", ""),
            line(4),
            line(5, "流入", "2025-02", "", "2026-11-02", "五"),
        )
    with acting(who):
        after = everything()
    assert [part for part in after if after[part] == before[part]] == []
    with acting(who) as clerk:
        undone = undo_ledger(batch=batch, by=clerk)
    with acting(who):
        assert everything() == before
        assert dict(undone.counts) == {"removed": 2, "restored": 2}
        assert undone.is_whole
        batch.refresh_from_db()
        assert (batch.state, bool(batch.undone_at)) == (ImportState.UNDONE, True)
    audit = "select count(*) from portal_auditentry where action = 'undo_import' and object_id = %s"
    assert owner.execute(audit, [batch.pk]).fetchone() == (1,)


def test_undone_name_is_found_by_its_former_letters(world, clerk):
    bring_in(world, clerk, line(1))
    former = Member.objects.get(id_number_digest=Member.id_number.digest(line(1)[5]))
    batch = bring_in(world, clerk, line(1, 备注="新话"))
    with from_source("ledger", batch.pk):  # a ledger's other name is asked about, and written when it is confirmed
        members_services.change_member(member=former, values={"name": "欧阳改名"}, by=clerk)
    former = MemberEvent.objects.filter(pgh_obj=former).earliest("pgh_id")
    undo_ledger(batch=batch, by=clerk)
    again = Member.objects.get(pk=former.pgh_obj_id)
    assert again.name == former.name
    assert list(Member.objects.named_like(former.name)) == [again]
    assert not Member.objects.named_like("欧阳").exists()


def test_whoever_was_touched_since_is_left_and_listed(world, clerk):
    bring_in(world, clerk, line(1))
    batch = bring_in(world, clerk, line(1, 备注="新话"), line(2), line(3), line(4))
    known = {row.name: row for row in Member.objects.filter(imported_rows__batch=batch)}
    changed, edited, contacted, untouched = (known[line(number)[1]] for number in (1, 2, 3, 4))
    members_services.change_member(member=changed, values={"ethnicity": "回族"}, by=clerk)
    members_services.change_member(member=edited, values={"ethnicity": "回族"}, by=clerk)
    contacts_services.log_contact(member=contacted, by=clerk)
    undone = undo_ledger(batch=batch, by=clerk)
    assert {(member.pk, why) for member, why in undone.kept} == {
        (changed.pk, "changed"), (edited.pk, "changed"), (contacted.pk, "in_use"),
    }  # fmt: skip
    assert Member.objects.get(pk=changed.pk).remark == "新话"
    assert not Member.objects.filter(pk=untouched.pk).exists()


@pytest.mark.django_db(transaction=True)  # what came later is told by the time of the import's transaction
def test_phone_or_episode_added_since_keeps_a_file_though_the_ledger_wrote_none(world, acting):
    who, rows = "street_clerk@S11", [line(number)[: len(HEADER)] for number in (1, 2, 3)]
    with acting(who) as clerk:
        data = xlsx({"Sheet1": [HEADER, *rows]})
        batch = services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=clerk)
        services.apply_ledger(batch=batch, by=clerk)
    with acting(who) as clerk:
        phoned, moved, untouched = Member.objects.filter(imported_rows__batch=batch).order_by("imported_rows__row")
        assert not Phone.objects.filter(member__in=[phoned, moved]).exists()
        assert not Movement.objects.filter(member__in=[phoned, moved]).exists()
    with acting(who) as clerk:
        members_services.add_phone(member=phoned, values={"number": "13800009999", "use": "own"}, by=clerk)
        away = {"direction": "outflow", "started_on": "2024", "host_text": "样例支部"}
        members_services.start_movement(member=moved, values=away, by=clerk)
    with acting(who) as clerk:
        undone = undo_ledger(batch=batch, by=clerk)
        assert {(member.pk, why) for member, why in undone.kept} == {(phoned.pk, "changed"), (moved.pk, "changed")}
        assert Phone.objects.get(member=phoned).number == "13800009999"
        assert Movement.objects.filter(member=moved).count() == 1
        assert not Member.objects.filter(pk=untouched.pk).exists()


def test_person_named_by_a_later_ledger_stays(world, clerk):
    first = bring_in(world, clerk, line(1))
    bring_in(world, clerk, line(1))
    undone = undo_ledger(batch=first, by=clerk)
    assert [why for _member, why in undone.kept] == ["in_use"]


def test_undone_twice_is_undone_once_and_imported_again_is_new(world, clerk):
    batch = bring_in(world, clerk, line(1))
    assert undo_ledger(batch=batch, by=clerk).counts["removed"] == 1
    assert not undo_ledger(batch=batch, by=clerk).counts
    assert bring_in(world, clerk, line(1)).counts["new"] == 1


def test_undone_import_is_not_confirmed_again_from_an_old_page(world, clerk):
    batch = bring_in(world, clerk, line(1))
    undo_ledger(batch=batch, by=clerk)
    with pytest.raises(services.ImportRefused):
        services.apply_ledger(batch=batch, by=clerk)
    assert not Member.objects.filter(id_number_digest=Member.id_number.digest(line(1)[5])).exists()
    batch.refresh_from_db()
    assert batch.state == ImportState.UNDONE


def test_preview_cannot_be_undone(world, clerk):
    data = xlsx({"Sheet1": [WIDE, line(1)]})
    batch = services.preview_ledger(data=data, name="l.xlsx", organization=world.organization("S11"), by=clerk)
    with pytest.raises(PermissionDenied):
        undo_ledger(batch=batch, by=clerk)


@pytest.mark.parametrize("who", ["street_clerk@S12", "district_admin@D1", "liaison@C111", "city_admin@X"])
def test_nobody_else_undoes(world, acting, who):
    with acting("street_clerk@S11") as actor:
        batch = bring_in(world, actor, line(1))
    with acting(who) as other:
        with pytest.raises(PermissionDenied):
            undo_ledger(batch=batch, by=other)
        assert is_refused(f"select portal.undo_ledger('{batch.pk}')")


def test_rows_name_sheet_and_number(world, clerk):
    batch = bring_in(world, clerk, line(1), line(2))
    rows = ImportedRow.objects.filter(batch=batch).values_list("member__name", "sheet", "row")
    assert sorted(rows) == sorted([(line(1)[1], "Sheet1", 2), (line(2)[1], "Sheet1", 3)])


def test_command_tells_what_was_left(world, acting):
    with acting("street_clerk@S11") as actor:
        batch = bring_in(world, actor, line(1), line(2))
    out, name = io.StringIO(), world.user("street_clerk@S11").username
    call_command("undo_import", str(batch.pk), "--as", name, stdout=out)
    assert "2" in out.getvalue()
    with pytest.raises(SystemExit) as refused:
        call_command(
            "undo_import", str(batch.pk), "--as", world.user("street_clerk@S12").username, stderr=io.StringIO()
        )
    assert refused.value.code == 3
