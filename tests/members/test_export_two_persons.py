"""Much, or beyond the own office: made and sealed, agreed to by a second person, fetched once, gone."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse

from members.exporting import (
    ExportWish,
    decide_export,
    deciders,
    export_members,
    fetch_export,
    is_alone,
    withdraw_export,
)
from members.models import LedgerExport, Member
from portal.models import AuditEntry
from tests.members.test_export import EXPORT, texts_of
from tests.security.walls import ask, is_refused
from tests.world import canary, mobile

pytestmark = pytest.mark.django_db(transaction=True)
CLERK, SECOND, OTHER = "street_clerk@S11", "street_admin@S11", "street_clerk@S12"
FULL = {"unmasked": "on", "reason": "superior"}


@pytest.fixture(autouse=True)
def nobody_alone(settings):
    settings.EXPORT_ALONE_ROWS = settings.EXPORT_ALONE_MASKED_ROWS = 0


def asked_for(acting, who=CLERK, *, unmasked=True) -> uuid.UUID:
    with acting(who) as actor:
        made = export_members(
            members=Member.objects.all(), by=actor, wish=ExportWish(unmasked=unmasked, reason="superior")
        )
    assert made.content is None
    assert made.waits is not None
    return made.waits


def approved(acting, **options) -> uuid.UUID:
    pk = asked_for(acting, **options)
    with acting(SECOND):
        decide_export(pk, approve=True)
    return pk


def fetched(acting, pk, who=CLERK) -> bytes:
    with acting(who):
        return fetch_export(LedgerExport.objects.select_related("organization").get(pk=pk))[1]


def files(owner) -> int:
    """Files that lie there, without those of the world (all refused)."""
    return owner.execute(
        "select count(*) from members_exportfile f join members_ledgerexport e on e.id = f.export_id"
        " where e.state <> 'refused' or e.asked_at > now() - interval '1 hour' and e.answer not like '秘%'"
    ).fetchone()[0]


def same_role(owner, user, model) -> None:
    """Give a user the role of another one."""
    owner.execute(
        "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at, reason)"
        " select gen_random_uuid(), %s, permission_id, content_object_id, now(), '' from portal_organizationgrant"
        " where user_id = %s",
        [user.pk, model.pk],
    )


def state(owner, pk) -> str:
    return owner.execute("select state from members_ledgerexport where id = %s", [pk]).fetchone()[0]


def test_approved_file_is_fetched_once(acting, owner):
    pk = approved(acting)
    assert files(owner) == 1
    content = fetched(acting, pk)
    assert mobile("C111") in str(texts_of(content))
    assert (state(owner, pk), files(owner)) == ("fetched", 0)
    with pytest.raises(PermissionDenied):
        fetched(acting, pk)


def test_file_is_sealed_while_it_waits(acting, owner):
    pk = asked_for(acting)
    sealed = owner.execute("select content_sealed from members_exportfile where export_id = %s", [pk]).fetchone()[0]
    assert b"PK" not in bytes(sealed)[:40]
    assert canary("C111").encode() not in bytes(sealed)
    for who in (CLERK, SECOND):
        with acting(who):
            assert ask("select count(*) from members_exportfile") == 0


def test_nobody_fetches_before_the_decision_or_for_somebody_else(acting, owner):
    pk = asked_for(acting)
    for who in (CLERK, SECOND):
        with pytest.raises(PermissionDenied):
            fetched(acting, pk, who)
    with acting(SECOND):
        decide_export(pk, approve=True)
    with pytest.raises(PermissionDenied):
        fetched(acting, pk, SECOND)
    with pytest.raises(LedgerExport.DoesNotExist):
        fetched(acting, pk, OTHER)
    with acting(OTHER):
        assert is_refused("select * from portal.fetch_export(%s)", [pk])
    assert mobile("C111") in str(texts_of(fetched(acting, pk)))


@pytest.mark.parametrize("who", [CLERK, OTHER, "community_clerk@C111", "district_admin@D1", "auditor@S11", "stranger"])
def test_only_a_second_person_with_the_same_rights_decides(acting, owner, who):
    pk = asked_for(acting)
    with acting(who), pytest.raises(PermissionDenied):
        decide_export(pk, approve=True)
    assert state(owner, pk) == "waiting"


def test_second_person_needs_the_right_to_full_numbers(acting, owner):
    full, masked = asked_for(acting), asked_for(acting, unmasked=False)
    owner.execute("delete from portal_roleright where role = 'street_admin' and \"right\" = 'reveal_identity'")
    with acting(SECOND):
        with pytest.raises(PermissionDenied):
            decide_export(full, approve=True)
        decide_export(masked, approve=True)
        shown = deciders(LedgerExport.objects.get(pk=masked))
        assert [user.username for user in shown] == [SECOND]
        assert deciders(LedgerExport.objects.get(pk=full)) == []
    assert mobile("C111") not in str(texts_of(fetched(acting, masked)))


def test_refused_file_is_gone(acting, owner):
    pk = asked_for(acting)
    with acting(SECOND):
        decide_export(pk, approve=False, answer="太多")
        with pytest.raises(PermissionDenied):
            decide_export(pk, approve=True)
    assert (state(owner, pk), files(owner)) == ("refused", 0)
    with pytest.raises(PermissionDenied):
        fetched(acting, pk)


def test_asker_takes_it_back_and_nobody_else(acting, owner):
    pk = asked_for(acting)
    with acting(SECOND), pytest.raises(PermissionDenied):
        withdraw_export(pk)
    with acting(CLERK):
        withdraw_export(pk)
    assert (state(owner, pk), files(owner)) == ("withdrawn", 0)


def test_waiting_and_approved_files_expire(acting, owner):
    waiting, ready = asked_for(acting), approved(acting)
    hours = owner.execute("select extract(epoch from expires_at - now()) / 3600 from members_ledgerexport"
                          " where id = any(%s) order by 1", [[waiting, ready]]).fetchall()  # fmt: skip
    assert [round(hour[0]) for hour in hours] == [24, 72]
    owner.execute("update members_ledgerexport set expires_at = now() where state in ('waiting', 'approved')")
    with acting(SECOND), pytest.raises(PermissionDenied):
        decide_export(waiting, approve=True)
    with pytest.raises(PermissionDenied):
        fetched(acting, ready)
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_exports()")
    assert (state(owner, waiting), state(owner, ready), files(owner)) == ("expired", "expired", 0)


@pytest.mark.parametrize("how", ["ended", "deleted", "moved", "switched off", "end date passed"])
def test_lost_role_ends_the_export_at_once(acting, owner, world, how):
    pk, user = approved(acting), world.user(CLERK)
    yesterday = dt.date(2020, 1, 1)
    if how in ("ended", "end date passed"):
        if how == "end date passed":  # nobody writes anything that day: the resolver alone
            owner.execute("alter table portal_organizationgrant disable trigger user")
        owner.execute("update portal_organizationgrant set until = %s where user_id = %s", [yesterday, user.pk])
    elif how == "deleted":
        owner.execute("delete from portal_organizationgrant where user_id = %s", [user.pk])
    elif how == "moved":
        owner.execute("update portal_organizationgrant set content_object_id = %s where user_id = %s",
                      [world.organization("S12").pk, user.pk])  # fmt: skip
    else:
        owner.execute("update portal_user set is_active = false where id = %s", [user.pk])
    with acting(CLERK):
        assert is_refused("select * from portal.fetch_export(%s)", [pk])
    assert files(owner) == (1 if how == "end date passed" else 0)
    if how == "deleted":
        same_role(owner, user, world.user(SECOND))
    if how != "end date passed":
        with pytest.raises((PermissionDenied, LedgerExport.DoesNotExist)):
            fetched(acting, pk)


def test_renewed_role_keeps_the_export(acting, owner, world):
    pk = approved(acting)
    owner.execute("update portal_organizationgrant set until = %s where user_id = %s",
                  [dt.date(2099, 1, 1), world.user(CLERK).pk])  # fmt: skip
    assert fetched(acting, pk)


def test_file_of_a_member_who_moved_away_is_not_handed_out(acting, owner, world):
    pk = approved(acting)
    owner.execute("update members_member set organization_id = %s where name = %s",
                  [world.organization("C121").pk, canary("C112")])  # fmt: skip
    with pytest.raises(ValidationError):
        fetched(acting, pk)
    assert state(owner, pk) == "approved"


def test_every_step_is_audited_without_values(acting):
    pk = approved(acting)
    fetched(acting, pk)
    with acting("auditor@S11"):
        entries = {entry.action: entry for entry in AuditEntry.objects.filter(object_id=pk)}
    assert set(entries) == {"request_export", "approve_export", "fetch_export"}
    assert entries["approve_export"].actor != entries["request_export"].actor == entries["fetch_export"].actor
    for entry in entries.values():
        assert (entry.detail["count"], entry.detail["unmasked"], entry.detail["reason"]) == (2, True, "superior")
        assert {"id_number", "mobile", "name"} <= set(entry.detail["fields"])
        assert canary("C111") not in str(entry.detail)
        assert mobile("C111") not in str(entry.detail)


def test_request_is_refused_without_the_right_or_a_reason(acting, world):
    facts = (
        '{"organization": "%s", "organizations": ["%s"], "unmasked": %s, "reason": "%s", "text": "", "count": 1,'
        ' "kind": "xlsx", "layout": "", "fields": [], "hours": 1}'
    )
    call = "select portal.request_export(gen_random_uuid(), %s, '{}', '', '')"
    own, foreign = world.organization("S11").pk, world.organization("S12").pk
    with acting(CLERK):
        assert not is_refused(call, [facts % (own, own, "true", "check")])
        assert is_refused(call, [facts % (own, own, "true", "")])
        assert is_refused(call, [facts % (own, foreign, "false", "")])
        assert is_refused(call, [facts % (foreign, own, "false", "")])
    for who in ("auditor@S11", "stranger", "branch_secretary@B111"):
        with acting(who):
            assert is_refused(call, [facts % (own, own, "false", "")])
    assert is_refused(call, [facts % (own, own, "false", "")])


def test_form_sent_twice_asks_once(acting, owner):
    key = uuid.uuid4()
    for _time in range(2):
        with acting(CLERK) as actor:
            export_members(members=Member.objects.all(), by=actor, wish=ExportWish(key=key))
    assert files(owner) == 1


def test_same_person_cannot_be_asker_and_decider_even_in_the_table(owner, acting):
    pk = asked_for(acting)
    with pytest.raises(Exception, match="ledger_export_two_persons"):
        owner.execute("update members_ledgerexport set decided_by_id = asked_by_id where id = %s", [pk])


def test_app_role_writes_neither_table(acting):
    pk = asked_for(acting)
    with acting(SECOND):
        for statement in (
            "update members_ledgerexport set state = 'approved'",
            "delete from members_ledgerexport",
            "delete from members_exportfile",
            "update members_exportfile set members = '{}'",
        ):
            assert is_refused(statement)
    assert pk


def test_limits_are_settings(acting, world, settings):
    own = {world.organization("C111").pk, world.organization("C112").pk}
    settings.EXPORT_ALONE_ROWS, settings.EXPORT_ALONE_MASKED_ROWS = 200, 500
    with acting(CLERK):
        assert is_alone(own, 200, unmasked=True)
        assert not is_alone(own, 201, unmasked=True)
        assert is_alone(own, 201, unmasked=False)
        assert not is_alone(own, 501, unmasked=False)
        assert not is_alone(own | {world.organization("C121").pk}, 3, unmasked=True)
        settings.EXPORT_ALONE_OUTSIDE = True
        assert is_alone(own | {world.organization("C121").pk}, 3, unmasked=True)


def test_two_offices_at_once_take_two_persons(acting, owner, world, settings):
    settings.EXPORT_ALONE_ROWS = settings.EXPORT_ALONE_MASKED_ROWS = 200
    same_role(owner, world.user(CLERK), world.user(OTHER))
    with acting(CLERK) as actor:
        both = export_members(members=Member.objects.all(), by=actor)
        assert both.content is None
        one = Member.objects.filter(organization=world.organization("C121"))
        alone = export_members(members=one, by=actor, organization=world.organization("S12"))
        assert canary("C121") in str(texts_of(alone.content))
    for who in (SECOND, "street_admin@S12"):  # neither holds both streets
        with acting(who):
            assert not LedgerExport.objects.filter(pk=both.waits).exists()
            with pytest.raises(PermissionDenied):
                decide_export(both.waits, approve=True)


def test_pages_lead_from_the_wish_to_the_file(login, acting, owner):
    clerk, second = login(CLERK), login(SECOND)
    answer = clerk.post(reverse(EXPORT), FULL)
    assert answer.status_code == 302
    page = answer["Location"]
    assert SECOND.replace("street_admin@S11", "账号S11street_admin") in clerk.get(page).content.decode()
    text = second.get(page).content.decode()
    assert 'value="approve"' in text
    assert 'value="approve"' not in clerk.get(page).content.decode()
    assert clerk.post(page, {"decision": "approve"}).status_code == 302
    assert state(owner, page.split("/")[-3]) == "waiting"
    assert second.post(page, {"decision": "approve", "answer": "同意"}).status_code == 302
    address = f"{page.removesuffix('change/')}file/"
    assert clerk.get(address).status_code == 405  # a look uses nothing up
    assert second.post(address).status_code == 302
    full = clerk.post(address)
    assert mobile("C111") in str(texts_of(full.content))
    assert "no-store" in full["Cache-Control"]
    again = clerk.post(address)
    assert (again.status_code, again["Location"]) == (302, page)
    for client in (clerk, second):
        listed = client.get(reverse("admin:members_ledgerexport_changelist")).content.decode()
        assert page in listed
    assert page not in login(OTHER).get(reverse("admin:members_ledgerexport_changelist")).content.decode()
    assert login(OTHER).get(page).status_code == 404


def test_right_to_export_is_asked_for_every_member(acting, owner, world):
    """A row that came into the list by mistake stays out of the file."""
    with acting(CLERK) as actor:
        made = export_members(members=Member.objects.all(), by=actor)
    row = owner.execute("select count, organizations from members_ledgerexport where id = %s", [made.waits]).fetchone()
    assert row[0] == 2
    assert set(row[1]) == {world.organization("C111").pk, world.organization("C112").pk}
