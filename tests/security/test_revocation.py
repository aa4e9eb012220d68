"""Whoever loses access loses it at once: the next page, open forms and previews, the export, the queued mail."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from contacts import outbox
from contacts.channels.mail import MailChannel
from contacts.models import Liaison
from contacts.work_links import issue_link
from members.importing import services as importing
from members.models import LedgerImport, Member
from portal import access
from portal.models import OrganizationGrant
from portal.roles import Purpose
from tests.contacts.conftest import at
from tests.members.ledger.making import HEADER, person, xlsx
from tests.security.canaries import canaries, keys_by_table
from tests.security.walls import CLERK, WALLS, ask
from tests.world import canary, link_pin, link_token

pytestmark = pytest.mark.django_db(transaction=True)
ADMIN = "street_admin@S11"
TODAY = timezone.localdate()


@pytest.fixture(params=["grant ended", "end date passed", "switched off", "left", "moved away"])
def revoke(request: Any, acting: Any, owner: psycopg.Connection, world: Any) -> Callable[[str], None]:
    """`revoke(who)`: an administrator, or the calendar, takes the access away in one of five ways."""

    def take_away(who: str) -> None:
        user = world.user(who)
        if request.param == "end date passed":
            owner.execute("update portal_organizationgrant set until = %s where user_id = %s",
                          [TODAY - dt.timedelta(days=1), user.pk])  # fmt: skip
            return
        if request.param == "moved away":  # the office goes to another one, and the role to a place without members
            owner.execute("update portal_organizationgrant set content_object_id = %s where user_id = %s",
                          [world.organization("B111").pk, user.pk])  # fmt: skip
            return
        with acting(ADMIN):
            if request.param == "grant ended":
                for grant in OrganizationGrant.objects.filter(user=user):
                    ask("select portal.end_grant(%s)", [grant.pk])
            elif request.param == "switched off":
                ask("select portal.set_account_active(%s, false)", [user.pk])
            else:
                ask("select portal.end_staff(%s)", [user.pk])

    return take_away


def _state(owner: psycopg.Connection) -> dict[str, Any]:
    """What all tables hold: equal before and after whatever is refused. Audit entries are not in it."""
    statement = "select count(*), md5(string_agg(to_jsonb(t)::text, '' order by to_jsonb(t)::text)) from {} t"
    return {table: owner.execute(statement.format(table)).fetchone() for table in WALLS if table != "portal_auditentry"}


def _leaks(answer: Any, keys: Any) -> set[str]:
    """What of anybody is in the answer; one's own account is named in the frame of every page."""
    found = canaries(keys).found_in(answer, readable=(), asked=answer.request["PATH_INFO"])
    return found - {"账号C111", ".C111@example"}


def _is_refused(answer: Any, keys: Any) -> bool:
    """Sent away, and nothing of anybody in the answer."""
    assert _leaks(answer, keys) == set()
    return answer.status_code in (302, 403, 404) and "sheet" not in answer.headers.get("Content-Type", "")


def _ledger() -> SimpleUploadedFile:
    rows = [HEADER, person(1, 姓名="测甲乙", 所属社区="样例C111居委会")]
    return SimpleUploadedFile("台账.xlsx", xlsx({"Sheet1": rows}))


def test_next_request_and_open_forms_are_refused(
    login: Any, owner: Any, world: Any, keys: Any, revoke: Callable[[str], None], acting: Any
) -> None:
    client: Client = login(CLERK)
    member, point = keys["members_member"]["C111"], keys["checkin_checkinpoint"]["C111"]
    card, form = (f"/admin/members/member/{member}/{page}/" for page in ("card", "change"))
    logged, export = f"/admin/contacts/log/{member}/", "/admin/members/ledgerimport/export/"
    for path in (card, form, logged, export, "/admin/members/member/"):
        assert client.get(path).status_code == 200
    sent = {"file": _ledger(), "organization": str(world.organization("C111").pk), "direction": ""}
    upload = client.post("/admin/members/ledgerimport/", sent)
    preview = upload["Location"]
    assert "测甲乙" in client.get(preview).content.decode()

    revoke(CLERK)
    before = _state(owner)
    choices = "/admin/autocomplete/?app_label=contacts&model_name=liaisonassignment&field_name=member&term=秘"
    lists = ("/admin/members/member/", "/admin/contacts/contactobligation/")
    for path in (card, form, logged, export, preview, choices, *lists):
        answer = client.get(path)
        empty_list = answer.status_code == 200 and not _leaks(answer, keys)
        assert empty_list or _is_refused(answer, keys), path
        assert "测甲乙" not in answer.content.decode()
    for path, sent in (
        (form, {"name": "改名", "organization": str(world.organization("C111").pk), "join_date": "2001-07"}),
        (logged, {"contacted_on": TODAY.isoformat(), "method": "phone", "outcome": "reached", "note": "补记"}),
        (export, {}),
        (export, {"unmasked": "on", "reason": "check"}),
        (preview, {"confirm": "1"}),
        (preview, {"discard": "1"}),
        ("/admin/members/member/add/", {"name": "新人", "organization": str(world.organization("C111").pk)}),
        (f"/admin/checkin/points/{point}/renew", {}),
        (f"/admin/contacts/liaison/{keys['contacts_liaison']['C111']}/work-link/", {"action": "issue"}),
    ):
        answer = client.post(path, sent)
        # whoever still holds a role elsewhere may see the form again, with nothing of anybody in it
        again = answer.status_code == 200 and not _leaks(answer, keys)
        assert again or _is_refused(answer, keys), path
        assert "spreadsheet" not in answer.headers["Content-Type"] or not _leaks(answer, keys)
    assert _state(owner) == before


def test_previewed_import_cannot_be_applied_by_the_service(
    acting: Any, world: Any, owner: Any, revoke: Callable[[str], None]
) -> None:
    """As a queued task or a command would: with the row at hand, after the access is gone."""
    with acting(CLERK) as actor:
        batch = importing.preview_ledger(
            data=_ledger().read(), name="台账.xlsx", organization=world.organization("C111"), by=actor
        )
    revoke(CLERK)
    before = _state(owner)
    for act in (importing.apply_ledger, importing.discard_ledger):
        with acting(CLERK) as actor, pytest.raises((LedgerImport.DoesNotExist, access.PermissionDenied)):
            act(batch=batch, by=actor)
    assert _state(owner) == before


def test_commands_in_the_name_of_somebody_are_refused(
    world: Any, owner: Any, tmp_path: Any, revoke: Callable[[str], None]
) -> None:
    (tmp_path / "台账.xlsx").write_bytes(_ledger().read())
    revoke(CLERK)
    before = _state(owner)
    code = world.organization("C111").code
    with pytest.raises(SystemExit) as ended:
        call_command("import_ledger", str(tmp_path / "台账.xlsx"), "--organization", code, "--as", CLERK, "--apply",
                     "--report", str(tmp_path / "report.json"))  # fmt: skip
    assert ended.value.code == 3
    with pytest.raises((CommandError, access.PermissionDenied)):
        call_command("make_posters", "--organization", code, "--out", str(tmp_path), "--format", "svg", "--as", CLERK)
    assert {path.name for path in tmp_path.iterdir()} == {"台账.xlsx"}
    assert _state(owner) == before


# --- mails ------------------------------------------------------------------------------------------------------------

LIAISON = "liaison@C111"
ADDRESS = "liaison.C111@example.invalid"


@pytest.fixture
def planned(owner: psycopg.Connection, world: Any) -> None:
    """A reminder about the member of C111, planned and put into today's mail to its liaison, not sent yet."""
    owner.execute("delete from contacts_outboundmessage")
    owner.execute("insert into contacts_contactpolicy (id, organization_id, target_days, limit_days, go_live_on,"
                  " before_days, secretary_days, community_days, street_days)"
                  " values (gen_random_uuid(), %s, 90, 120, %s, 0, 0, 0, 0)",
                  [world.organization("X").pk, TODAY - dt.timedelta(days=365)])  # fmt: skip
    outbox.send_reminders(now=at(TODAY, 22))  # quiet hours: planned
    root = world.organization("X")
    with access.acting_as(access.system_actor(Purpose.REMINDERS, root)):
        ask("select portal.group_reminders(%s, %s)", [root.pk, TODAY])
    mail.outbox.clear()
    assert _waiting(owner) == [ADDRESS]


def _waiting(owner: psycopg.Connection) -> list[str]:
    """To whom the mails go that hold the member of C111."""
    return [row[0] for row in owner.execute(
        "select coalesce(l.email, u.email) from contacts_outboundmessage m join contacts_digest d on d.id = m.digest_id"
        " left join contacts_liaison l on l.id = d.liaison_id left join portal_user u on u.id = d.user_id"
        " join portal_organization o on o.id = m.organization_id where o.short_name = '样例C111'")]  # fmt: skip


def _told(owner: psycopg.Connection) -> set[str]:
    """Who was told about the member of C111: mails name nobody, their number leads to what they are about."""
    digests = [message.extra_headers["Message-ID"][1:37] for message in mail.outbox]
    about = {str(pk) for (pk,) in owner.execute(
        "select m.digest_id from contacts_outboundmessage m join portal_organization o on o.id = m.organization_id"
        " where o.short_name = '样例C111' and m.state = 'sent' and m.digest_id = any(%s::uuid[])",
        [digests])}  # fmt: skip
    return {to for message, pk in zip(mail.outbox, digests, strict=True) if pk in about for to in message.to}


def test_queued_mail_reaches_its_liaison(planned: None, owner: Any) -> None:
    outbox.send_reminders(now=at(TODAY))
    assert _told(owner) == {ADDRESS}


def test_queued_mail_is_not_delivered_to_who_lost_access(planned: None, owner: Any, revoke: Any, request: Any) -> None:
    if "moved away" in request.node.name:
        pytest.skip("a liaison's members follow the assignment and not the place of the role")
    revoke(LIAISON)
    for minute in (0, 1):  # handed back in the first round, sent to somebody else in the next
        outbox.send_reminders(now=at(TODAY, 9, minute))
        assert ADDRESS not in _told(owner)
    assert _told(owner), "the duty stays: somebody else hears of it"


def test_queued_mail_is_not_delivered_after_the_assignment_ended(planned: None, owner: Any) -> None:
    owner.execute("update contacts_liaisonassignment set ended_on = %s", [TODAY])
    outbox.send_reminders(now=at(TODAY))
    assert ADDRESS not in _told(owner)


def test_mail_is_held_back_between_claim_and_delivery(planned: None, owner: Any, revoke: Any, request: Any) -> None:
    """The last moment: the batch is claimed and its letters are written, then the access ends."""
    if "moved away" in request.node.name:
        pytest.skip("a liaison's members follow the assignment and not the place of the role")
    root = access.roots()[0]
    actor, channel = access.system_actor(Purpose.REMINDERS, root), MailChannel()
    round_ = outbox.Round(actor, root.pk, outbox.Clock(at(TODAY)))
    with access.acting_as(actor):
        claims = outbox._claim(round_, channel)
    assert any(claim.letter.address == ADDRESS for claim in claims)
    revoke(LIAISON)
    outbox._deliver(round_, channel, claims)
    assert mail.outbox, "the others' mails go out"
    assert ADDRESS not in _told(owner)
    outbox.send_reminders(now=at(TODAY, 10))
    assert ADDRESS not in _told(owner)
    assert _told(owner), "the duty stays: somebody else hears of it"


def test_clerk_who_lost_access_is_not_told_either(planned: None, owner: Any, revoke: Any) -> None:
    """Without a liaison the clerk hears; without the clerk's access, somebody above."""
    owner.execute("update contacts_liaisonassignment set ended_on = %s", [TODAY])
    outbox.send_reminders(now=at(TODAY, 22))
    root = access.roots()[0]
    with access.acting_as(access.system_actor(Purpose.REMINDERS, root)):
        ask("select portal.group_reminders(%s, %s)", [root.pk, TODAY])
    clerk = "community_clerk.C111@example.invalid"
    revoke(CLERK)
    outbox.send_reminders(now=at(TODAY))
    assert clerk not in _told(owner)


def test_liaison_without_an_account_still_hears(planned: None, acting: Any, world: Any, owner: Any) -> None:
    owner.execute("update contacts_liaison set user_id = null")
    outbox.send_reminders(now=at(TODAY))
    assert _told(owner) == {ADDRESS}


# --- work links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["closed", "replaced", "stopped", "expired", "assignment ended"])
def test_open_page_of_a_link_is_refused_once_it_has_ended(way: str, acting: Any, world: Any, owner: Any) -> None:
    phone, address = Client(), f"/w/{link_token('C111')}/"
    mark = re.search(r'name="mark" value="([^"]*)"', phone.get(address).content.decode())
    assert mark
    phone.post(address, {"mark": mark[1], "pin": link_pin("C111")})
    with acting(CLERK):
        member = Member.objects.get()
    page = f"{address}{member.pk}/"
    shown = phone.get(page).content.decode()
    fields = dict(re.findall(r'name="(mark|key)" value="([^"]*)"', shown))
    _end_link(way, acting, owner)
    before = owner.execute("select count(*) from contacts_contactlog").fetchone()
    form = fields | {"contacted_on": TODAY.isoformat(), "outcome": "reached", "method": "phone"}
    answers = [phone.post(page, form), phone.get(page)]
    assert [answer.status_code for answer in answers] == [404, 404]
    own_name = {canary("C111")} if way == "assignment ended" else set()  # the link still greets its liaison
    for answer in (*answers, phone.get(address)):
        found = canaries(keys_by_table(owner)).found_in(answer, readable=(), asked=page)
        assert found <= own_name
    assert owner.execute("select count(*) from contacts_contactlog").fetchone() == before


def _end_link(way: str, acting: Any, owner: psycopg.Connection) -> None:
    if way == "expired":
        owner.execute("update portal_worklink set expires_at = now() - interval '1 second'")
        return
    with acting(CLERK) as actor, connection.cursor() as cursor:
        if way == "closed":
            cursor.execute("update portal_worklink set closed_at = now(), closed_reason = 'revoked'")
        elif way == "replaced":
            issue_link(liaison=Liaison.objects.get(), by=actor)
        elif way == "stopped":
            Liaison.objects.update(is_active=False)
        else:
            cursor.execute("update contacts_liaisonassignment set ended_on = %s", [TODAY])
