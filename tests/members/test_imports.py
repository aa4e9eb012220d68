"""Matching and writing of ledger rows: who is who, what is kept, what is asked, and what costs how many queries."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from members import services as members_services
from members.enums import MemberState
from members.importing import services, writing
from members.importing.planning import plan_import
from members.ledger.identity import check_character
from members.models import LedgerImport, Member, MemberEvent, Movement, Phone
from portal import access
from portal.models import AuditEntry
from tests.members.ledger.making import HEADER, id_number, person, xlsx
from tests.world import id_number as world_number

MORE = [*HEADER, "流动方向", "流出时间", "返回时间", "特别栏"]
COMMUNITY = "样例C111居委会"


def row(number=1, **changes):
    values = person(number, 所属社区=COMMUNITY)
    return [*(changes.get(key, value) for key, value in zip(HEADER, values, strict=True))]


def wide(number=1, direction="流出", started="2024-05", ended="", special="", **changes):
    return [*row(number, **changes), direction, started, ended, special]


def preview(world, actor, *rows, header=None, key="S11", sheet="Sheet1", **options):
    header = header or (MORE if rows and len(rows[0]) == len(MORE) else HEADER)
    data = xlsx({sheet: [header, *rows]})
    return services.preview_ledger(data=data, name="l.xlsx", organization=world.organization(key), by=actor, **options)


def bring_in(world, actor, *rows, **options):
    batch = services.apply_ledger(batch=preview(world, actor, *rows, **options), by=actor)
    report = services.ledger_report(batch, unmasked=True)
    return report, [line["outcome"] for line in report["rows"]]


def codes(report, line=0):
    return {problem["code"] for problem in report["rows"][line]["problems"]}


@pytest.fixture
def clerk(acting):
    with acting("street_clerk@S11") as actor:
        yield actor


def of_row(number=1, **changes):
    return Member.objects.get(id_number_digest=Member.id_number.digest(row(number, **changes)[5]))


def test_new_member_is_stored_with_everything(world, clerk):
    report, outcomes = bring_in(world, clerk, wide(special="自己的一栏"))
    assert outcomes == ["new"]
    member = of_row()
    assert str(member.pk) == report["rows"][0]["member"]
    assert member.organization == world.organization("C111")
    assert member.name_grams
    assert "自己的一栏" in member.ledger_extra
    movement = member.movements.get()
    assert (movement.direction, movement.started_on) == ("outflow", "2024-05")
    assert movement.home_organization == world.organization("C111")
    assert MemberEvent.objects.filter(pgh_obj=member).count() == 1


def test_blank_never_overwrites_and_unchanged_keeps_its_ciphertext(world, clerk):
    bring_in(world, clerk, wide(备注="旧话", special="甲"))
    before = of_row()
    _report, outcomes = bring_in(world, clerk, wide(备注="", 联系电话="", special=""))
    after = of_row()
    assert outcomes == ["unchanged"]
    assert bytes(after.remark_sealed) == bytes(before.remark_sealed)
    assert after.updated_at == before.updated_at
    _report, outcomes = bring_in(world, clerk, wide(联系电话="13911110000"))
    after = of_row()
    assert outcomes == ["changed"]
    assert after.mobile == "13911110000"
    assert bytes(after.id_number_sealed) == bytes(before.id_number_sealed)
    assert MemberEvent.objects.filter(pgh_obj=after).count() == 2


@pytest.mark.parametrize(
    "changes",
    [{"身份证号码": ""}, {"身份证号码": "", "联系电话": "13911110000"}, {"身份证号码": "", "出生日期": ""}],
    ids=["mobile", "birth", "mobile only"],
)
def test_ladder_finds_the_file_without_an_id_number(world, clerk, changes):
    bring_in(world, clerk, row())
    _report, outcomes = bring_in(world, clerk, row(**changes))
    assert outcomes[0] in ("unchanged", "changed")
    assert Member.objects.filter(name=row()[1]).count() == 1


def test_name_alone_is_asked(world, clerk):
    bring_in(world, clerk, row())
    alone = {"身份证号码": "", "联系电话": "13911110000", "出生日期": "", "备注": "新"}
    report, outcomes = bring_in(world, clerk, row(**alone))
    assert outcomes == ["ask"]
    assert "same_name" in codes(report)
    assert report["rows"][0]["member"] is None
    other = {"身份证号码": id_number("1980-02-02"), "出生日期": "1980-02-02"}
    _report, outcomes = bring_in(world, clerk, row(**alone | other))
    assert outcomes == ["new"]


def test_another_name_on_the_same_number_is_asked(world, clerk):
    bring_in(world, clerk, row())
    report, outcomes = bring_in(world, clerk, row(姓名="别人"))
    assert outcomes == ["ask"]
    assert "name_differs" in codes(report)


def test_same_number_elsewhere_has_no_influence(world, clerk):
    """C121 belongs to another street; the answer is the same as for a number that nobody has."""
    taken = world_number("C121")
    free = taken[:14] + "992"
    told = []
    for number, name in ((taken, "测甲"), (free + check_character(free), "测乙")):
        report, outcomes = bring_in(world, clerk, row(姓名=name, 身份证号码=number, 性别="", 出生日期=""))
        told.append((outcomes, codes(report)))
    assert told[0] == told[1]
    assert told[0][0] == ["new"]


def test_duplicate_rows_fill_but_do_not_overwrite(world, clerk):
    first, second = row(备注=""), row(备注="后来", 联系电话="13911110000")
    report, outcomes = bring_in(world, clerk, first, second)
    assert outcomes == ["new", "changed"]
    assert "duplicate_row" in codes(report, 1)
    assert "two_rows_differ" in codes(report, 1)
    member = of_row()
    assert (member.mobile, member.remark) == (first[6], "后来")


def test_out_and_in_are_two_movements(world, clerk):
    _report, outcomes = bring_in(world, clerk, wide(), wide(direction="流入", started="2025-01"))
    assert outcomes == ["new", "changed"]
    assert sorted(of_row().movements.values_list("direction", "started_on")) == [
        ("inflow", "2025-01"),
        ("outflow", "2024-05"),
    ]


def test_return_closes_the_movement_once(world, clerk):
    bring_in(world, clerk, wide())
    for expected in ("changed", "unchanged"):
        _report, outcomes = bring_in(world, clerk, wide(ended="2025-06"))
        assert outcomes == [expected]
    assert of_row().movements.get().ended_on == "2025-06"
    assert of_row().state == MemberState.RETURNED


def test_named_community_moves_the_file_but_none_does_not(world, clerk):
    bring_in(world, clerk, row())
    _report, outcomes = bring_in(world, clerk, row(所属社区=""))
    assert outcomes == ["unchanged"]
    assert of_row().organization == world.organization("C111")
    report, outcomes = bring_in(world, clerk, row(所属社区="样例C112居委会"))
    assert outcomes == ["changed"]
    assert of_row().organization == world.organization("C112")


def test_row_without_a_community_lands_at_the_street(world, clerk):
    report, outcomes = bring_in(world, clerk, row(所属社区=""))
    assert outcomes == ["new"]
    assert report["rows"][0]["cells"]["community"]["severity"] == "ask"
    assert of_row().organization == world.organization("S11")


def test_date_of_an_unknown_direction_is_kept_as_a_note(world, clerk):
    header = [*HEADER, "流动时间"]
    report, outcomes = bring_in(world, clerk, [*row(), "2024-05"], header=header)
    assert outcomes == ["new"]
    assert "direction_missing" in codes(report)
    assert "2024-05" in of_row().ledger_extra
    assert not of_row().movements.exists()


def test_doubtful_value_is_left_and_its_text_kept(world, clerk):
    bring_in(world, clerk, row(入党时间="1995-07-01"))
    report, outcomes = bring_in(world, clerk, row(入党时间="2024/13/45"))
    assert outcomes == ["changed"]
    assert report["rows"][0]["cells"]["join_date"]["severity"] == "ask"
    member = of_row()
    assert member.join_date == "1995-07-01"
    assert "2024/13/45" in member.ledger_extra


def test_import_writes_all_or_nothing(world, clerk, monkeypatch):
    """The database refuses one row of many: a movement that is open already, made after the files were read."""
    bring_in(world, clerk, wide(1))
    batch = preview(world, clerk, wide(1, started="2025-09", 联系电话="13911110000"), wide(2))
    Movement.objects.filter(member=of_row()).update(ended_on="2024-12")
    real = writing._Tables.update

    def late(tables, model, rows):
        real(tables, model, rows)
        if model is Member:
            Movement.objects.filter(member=of_row()).update(ended_on="")

    monkeypatch.setattr(writing._Tables, "update", late)
    with pytest.raises(services.ImportRefused) as refused:
        services.apply_ledger(batch=batch, by=clerk)
    assert "unique" not in str(refused.value).lower()
    assert of_row().mobile == row()[6]
    assert not Member.objects.filter(name=row(2)[1]).exists()
    assert LedgerImport.objects.get(pk=batch.pk).state == "previewed"


def test_stale_preview_is_matched_anew(world, clerk):
    first, second = preview(world, clerk, row()), preview(world, clerk, row())
    assert first.counts["new"] == second.counts["new"] == 1
    services.apply_ledger(batch=first, by=clerk)
    assert services.apply_ledger(batch=second, by=clerk).counts["unchanged"] == 1
    assert Member.objects.filter(name=row()[1]).count() == 1


CHANGES = {
    "another field": lambda member: Member.objects.filter(pk=member.pk).update(education="大专"),
    "a movement": lambda member: Movement.objects.filter(member=member).update(reason="务工"),
    "a phone": lambda member: _add_phone(member),
    "a namesake": lambda member: members_services.create_member(
        organization=member.organization, values={"name": member.name}, by=access.actor()
    ),
}


def _add_phone(member):
    phone = Phone(member=member)
    phone.number = "13911112222"
    phone.save()


@pytest.mark.parametrize("change", [None, *CHANGES])
def test_rows_are_planned_again_only_when_what_they_mean_has_changed(world, clerk, monkeypatch, change):
    bring_in(world, clerk, wide())
    batch = preview(world, clerk, wide(联系电话="13911110000"), wide(2))
    planned = []
    monkeypatch.setattr(services, "plan_import", lambda *given, **how: planned.append(1) or plan_import(*given, **how))
    if change:
        CHANGES[change](of_row())
    counts = services.apply_ledger(batch=batch, by=clerk).counts
    assert (counts["changed"], counts["new"], len(planned)) == (1, 1, 1 if change else 0)
    assert of_row().mobile == "13911110000"
    report = services.ledger_report(LedgerImport.objects.get(pk=batch.pk), unmasked=True)
    assert [line["member"] for line in report["rows"]] == [str(of_row().pk), str(of_row(2).pk)]


def test_decided_values_are_the_planned_ones(world, clerk, monkeypatch):
    """Written from what the preview kept, or planned anew: the same files."""
    rows = wide(special="自己的一栏"), wide(2, ended="2025-06", 备注="旧话"), wide(3, 身份证号码="")
    found = []
    for anew in (False, True):
        with transaction.atomic():
            batch = preview(world, clerk, *rows)
            if anew:
                monkeypatch.setattr(services, "find_decided", lambda *given: None)
            services.apply_ledger(batch=batch, by=clerk)
            names = [line[1] for line in rows]
            found.append([_shown(member) for member in Member.objects.filter(name__in=names).order_by("name_pinyin")])
            transaction.set_rollback(True)
    assert len(found[0]) == 3
    assert found[0] == found[1]


def _shown(member):
    kept = [
        "name",
        "organization_id",
        "id_number",
        "mobile",
        "remark",
        "ledger_extra",
        "birth_date",
        "gender",
        "state",
        "name_pinyin",
        "details",
    ]
    episode = ["direction", "home_organization_id", "host_text", "started_on", "ended_on", "destination"]
    return (
        [getattr(member, name) for name in kept],
        [[getattr(row, name) for name in episode] for row in member.movements.all()],
    )


def test_import_is_audited_by_counts(world, acting):
    with acting("street_clerk@S11") as actor:
        bring_in(world, actor, row(), row(2))
    with acting("auditor@S11"):
        entry = AuditEntry.objects.get(action="import_ledger")
        assert entry.detail["counts"]["new"] == 2
        assert row()[1] not in str(entry.detail)


@pytest.mark.parametrize("user", ["community_clerk@C112", "street_clerk@S12", "district_admin@D1", "liaison@C111"])
def test_import_without_the_right_is_refused(world, acting, user):
    with acting("community_clerk@C111") as actor:
        batch = preview(world, actor, row(), key="C111")
    with acting(user) as actor:
        with pytest.raises(PermissionDenied):
            preview(world, actor, row(), key="C111")
        with pytest.raises((PermissionDenied, LedgerImport.DoesNotExist)):
            services.apply_ledger(batch=batch, by=actor)
        with pytest.raises((PermissionDenied, LedgerImport.DoesNotExist)):
            services.discard_ledger(batch=batch, by=actor)


def test_import_for_another_actor_is_an_error(world, acting):
    other = access.user_actor(world.user("street_clerk@S12"))
    with acting("street_clerk@S11"), pytest.raises(access.NoActor):
        preview(world, other, row())


def test_members_of_a_colleague_are_not_matched(world, acting):
    """A clerk of one community does not find the neighbours' file; the street clerk does."""
    line = row(所属社区="")
    with acting("community_clerk@C112") as actor:
        bring_in(world, actor, line, key="C112")
    with acting("community_clerk@C111") as actor:
        report, outcomes = bring_in(world, actor, line, key="C111")
        assert outcomes == ["new"]
        assert codes(report) == {"community_default"}
    with acting("street_clerk@S11") as actor:
        report, outcomes = bring_in(world, actor, line)
        assert outcomes == ["ask"]
        assert "several_files" in codes(report)


def test_queries_do_not_grow_with_the_rows(world, clerk):
    counts = []
    for size in (1, 10, 100):  # the first one warms the caches
        start = size * 10
        rows = [
            wide(number, 身份证号码="", 联系电话=f"1370001{number:04}", 姓名=f"测{chr(0x5200 + number)}乙")
            for number in range(start, start + size)
        ]
        data = xlsx({"Sheet1": [MORE, *rows]})
        for _again in range(2):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                batch = services.preview_ledger(
                    data=data, name="l.xlsx", organization=world.organization("S11"), by=clerk
                )
                services.apply_ledger(batch=batch, by=clerk)
            counts.append(len(queries))
    assert counts[2] == counts[4]
    assert counts[3] == counts[5]


def test_import_meets_a_file_that_was_typed_in(world, clerk):
    values = {"name": row()[1], "mobile": row()[6]}
    made = members_services.create_member(organization=world.organization("C111"), values=values, by=clerk)
    _report, outcomes = bring_in(world, clerk, row())
    assert outcomes == ["changed"]
    assert Member.objects.get(pk=made.pk).id_number == row()[5]


@pytest.mark.parametrize(
    ("direction", "column", "side"), [("流入", "所在党支部", "home"), ("流出", "流入地党组织", "host")]
)
def test_other_side_that_is_the_office_itself_is_asked(world, clerk, direction, column, side):
    """In a ledger of people who came in 所在党支部 may be the branch here, and nobody comes from where they are."""
    header = [*HEADER, "流动方向", "流动时间", column]
    lines = [[*row(number), direction, "2024-05", name] for number, name in ((1, COMMUNITY), (2, "样例C121居委会"))]
    report, outcomes = bring_in(world, clerk, *lines, header=header)
    assert outcomes == ["new", "new"]
    assert "side_is_here" in codes(report, 0)
    assert "side_is_here" not in codes(report, 1)
    mine, other = (of_row(number).movements.get() for number in (1, 2))
    assert (getattr(mine, f"{side}_organization"), getattr(mine, f"{side}_text")) == (None, "")
    assert COMMUNITY in of_row(1).ledger_extra
    assert getattr(other, f"{side}_text") == "样例C121居委会"
