"""Topics of a contact, notes on thoughts, corrections, dead numbers: who reads them, and what they move."""

import datetime as dt
import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from contacts.logbook.amending import access_contact, amend_contact, may_amend
from contacts.logbook.keeping import forget_thoughts
from contacts.logbook.numbers import may_replace_mobile, replace_mobile
from contacts.models import ContactLog, ContactObligation, ContactPolicy, OutboundMessage, ThoughtNote
from contacts.services import log_contact, log_once
from members.models import Member, Phone
from portal import access
from tests.contacts.conftest import log, obligation
from tests.world import mobile

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CLERK, LIAISON = "community_clerk@C111", "liaison@C111"
SECRET = "只说给您听的想法"


@pytest.fixture
def pk(world, acting):
    with acting(CLERK):
        return world.member("C111").pk


def page_of(pk):
    return f"/admin/contacts/log/{pk}/"


def typed(client, pk, **changes):
    """The form of a contact as the browser sends it."""
    shown = client.get(page_of(pk)).context["form"]
    plain = {"key": str(shown["key"].value()), "contacted_on": TODAY.isoformat(), "method": "phone",
             "outcome": "reached", "direction": "to_member"}  # fmt: skip
    return plain | changes


# --- topics and the next step ---------------------------------------------------------------------------------------


def test_topics_are_fields_of_their_own(login, acting, pk):
    client = login(CLERK)
    sent = typed(client, pk, note="近况", work="换了工厂", life="孩子上学", next_step="送材料",
                 next_on=(TODAY + 3 * DAY).isoformat(), direction="from_member")  # fmt: skip
    assert client.post(page_of(pk), sent).status_code == 302
    with acting(CLERK):
        row = ContactLog.objects.get(pk__in=ContactLog.objects.filter(member=pk, contacted_on=TODAY))
        assert (row.note, row.work, row.life, row.next_step) == ("近况", "换了工厂", "孩子上学", "送材料")
        assert (row.next_on, row.direction) == (TODAY + 3 * DAY, "from_member")
    shown = client.get(page_of(pk)).content.decode()
    assert "换了工厂" in shown
    assert (TODAY + 3 * DAY).isoformat() in shown
    detail = client.get(f"/admin/contacts/contactlog/{row.pk}/change/").content.decode()
    assert "孩子上学" in detail


def test_whoever_told_is_stored_with_through_others(login, acting, pk):
    client = login(CLERK)
    assert client.post(page_of(pk), typed(client, pk, outcome="through_others", through="邻居老王")).status_code == 302
    with acting(CLERK):
        assert ContactLog.objects.get(member=pk, outcome="through_others").through == "邻居老王"


def test_next_step_before_the_contact_is_refused(acting, pk):
    with acting(CLERK) as actor, pytest.raises(ValidationError):
        log_contact(member=Member.objects.get(pk=pk), by=actor, next_on=TODAY - DAY)


def test_next_step_stands_until_the_next_contact(acting, pk):
    with acting(CLERK) as actor:
        member = Member.objects.get(pk=pk)
        first = log_contact(member=member, by=actor, contacted_on=TODAY - 2 * DAY, next_on=TODAY)
        assert list(ContactLog.objects.with_open_step()) == [first]
        log_contact(member=member, by=actor, outcome="no_answer")
        assert not ContactLog.objects.with_open_step().exists()


@pytest.mark.parametrize(("ago", "is_late"), [(0, False), (1, False), (2, True)])
def test_entry_more_than_a_day_later_is_marked(acting, pk, ago, is_late):
    with acting(CLERK) as actor:
        row = log_contact(member=Member.objects.get(pk=pk), by=actor, contacted_on=TODAY - ago * DAY)
        assert ContactLog.objects.get(pk=row.pk).is_late_entry is is_late


def test_work_that_the_portal_saw_is_never_late(acting, pk):
    with acting(CLERK):
        row = log(Member.objects.get(pk=pk), TODAY - 9 * DAY, source="attendance", side="host")
        assert not ContactLog.objects.get(pk=row.pk).is_late_entry


# --- thoughts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def thought(acting, pk):
    """What the liaison of C111's member wrote down."""
    with acting(LIAISON) as actor:
        member = Member.objects.get(pk=pk)
        row = log_contact(member=member, by=actor, note="一切都好")
        note = ThoughtNote(
            contact=row, member=member, organization_id=row.organization_id, recorded_by_id=actor.user_id
        )
        note.note = SECRET
        note.save(force_insert=True)
    return note


@pytest.mark.parametrize(
    ("who", "reads"),
    [(LIAISON, True), ("street_admin@S11", True), (CLERK, False), ("street_clerk@S11", False),
     ("district_admin@D1", False), ("community_clerk@C112", False), ("liaison@C112", False),
     ("street_admin@S12", False), ("city_viewer@X", False), ("visitor@C111", False)],
)  # fmt: skip
def test_thoughts_are_read_by_few(thought, acting, login, who, reads, pk):
    with acting(who) as actor:
        assert ThoughtNote.objects.filter(pk=thought.pk).exists() is reads  # the database
        assert (thought in ThoughtNote.objects.visible_to(actor)) is reads  # the portal
    client = login(who)
    reading, others = [page_of(pk), f"/admin/members/member/{pk}/card/"], [
        "/admin/contacts/contactlog/", f"/admin/contacts/contactlog/{thought.contact_id}/change/",
        f"/admin/members/member/{pk}/history/", "/admin/contacts/contactobligation/",
    ]  # fmt: skip
    assert (SECRET in client.get(reading[0]).content.decode()) is reads
    assert reads or SECRET not in client.get(reading[1]).content.decode()
    assert not [path for path in others if SECRET in client.get(path).content.decode()]


def test_writer_reads_the_own_thoughts_and_the_colleague_does_not(login, acting, pk):
    client = login(CLERK)
    assert client.post(page_of(pk), typed(client, pk, thoughts=SECRET)).status_code == 302
    shown = client.get(page_of(pk)).content.decode()
    assert SECRET in shown
    assert re.search(r'<details[^>]*id="thoughts"[^>]*>', shown)
    assert " open" not in re.search(r'<details[^>]*id="thoughts"[^>]*>', shown)[0]
    assert SECRET not in login("street_clerk@S11").get(page_of(pk)).content.decode()
    with acting("street_clerk@S11"):
        row = ContactLog.objects.filter(member=pk).latest("recorded_at")
        assert SECRET not in (row.note, row.work, row.life, row.next_step)


@pytest.mark.django_db(transaction=True)
def test_thoughts_leave_no_trace_in_history_and_audit(thought, owner):
    texts = owner.execute("select note_sealed::text from contacts_thoughtnote where id = %s", [thought.pk]).fetchone()
    assert SECRET.encode().hex() not in texts[0]
    assert owner.execute("select count(*) from pg_class where relname = 'contacts_thoughtnoteevent'").fetchone() == (0,)
    assert not owner.execute("select 1 from portal_auditentry where detail::text like %s", [f"%{SECRET}%"]).fetchall()


@pytest.mark.parametrize("who", ["community_clerk@C112", "district_admin@D1", "visitor@C111"])
def test_thoughts_beside_foreign_contacts_are_refused(thought, acting, who):
    """In nobody's name too: the contact is out of reach, or nothing may be logged there."""
    with acting(who), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into contacts_thoughtnote (id, contact_id, member_id, organization_id)"
            " values (gen_random_uuid(), %s, %s, %s)",
            [uuid.uuid4(), thought.member_id, thought.organization_id],
        )


def test_thoughts_in_another_name_are_refused(thought, acting, world):
    with acting(CLERK) as actor:
        row = log_contact(member=Member.objects.get(pk=thought.member_id), by=actor)
        note = ThoughtNote(contact=row, member=row.member, organization_id=row.organization_id,
                           recorded_by=world.user("street_admin@S11"))  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            note.save(force_insert=True)


def test_form_sent_twice_stores_the_thoughts_once(login, acting, pk):
    client = login(LIAISON)
    sent = typed(client, pk, thoughts=SECRET)
    assert {client.post(page_of(pk), sent).status_code for _twice in range(2)} == {302}
    with acting(LIAISON):
        assert [row.note for row in ThoughtNote.objects.filter(contact__contacted_on=TODAY)] == [SECRET]


# --- corrections ----------------------------------------------------------------------------------------------------


@pytest.fixture
def due(acting, make_member, live_since):
    """A member of C111, contacted 100 days ago and, wrongly, today."""
    with acting(CLERK) as actor:
        live_since(TODAY - 365 * DAY, "C111")
        member = make_member(last=TODAY - 100 * DAY)
        return member, log_contact(member=member, by=actor, note="打错了人")


def test_correction_moves_the_dates_back_and_keeps_the_original(due, acting, login):
    member, wrong = due
    with acting(CLERK) as actor:
        assert obligation(member).last_success_on == TODAY
        row = amend_contact(contact=wrong, by=actor, outcome="no_answer", note="没有接")
        assert (row.amends_id, row.member_id, row.side) == (wrong.pk, member.pk, wrong.side)
        assert obligation(member).last_success_on == TODAY - 100 * DAY
        assert obligation(member).due_on == TODAY - 10 * DAY
        assert ContactLog.objects.get(pk=wrong.pk).note == "打错了人"
        assert list(ContactLog.objects.current().filter(member=member, source="logged")) == [row]
    shown = login(CLERK).get(page_of(member.pk)).content.decode()
    assert "没有接" in shown
    assert "打错了人" not in shown
    assert f"/admin/contacts/contactlog/{wrong.pk}/change/" in shown
    assert "打错了人" in login(CLERK).get(f"/admin/contacts/contactlog/{wrong.pk}/change/").content.decode()


def test_correction_is_made_on_its_page(due, login, acting):
    member, wrong = due
    page, client = f"/admin/contacts/contact/{wrong.pk}/amend/", login(CLERK)
    form = client.get(page).context["form"]
    assert form["note"].value() == "打错了人"
    sent = {"key": str(form["key"].value()), "contacted_on": (TODAY - DAY).isoformat(), "method": "visit",
            "outcome": "reached", "note": "昨天上门"}  # fmt: skip
    assert {client.post(page, sent).status_code for _twice in range(2)} == {302}
    with acting(CLERK):
        assert obligation(member).last_success_on == TODAY - DAY
        assert ContactLog.objects.filter(amends=wrong).count() == 1
    assert client.get(page).status_code == 403  # the later record is the one to correct now


def test_second_correction_of_one_record_is_told(due, acting):
    _member, wrong = due
    with acting(CLERK) as actor:
        first = amend_contact(contact=wrong, by=actor, outcome="refused")
        with pytest.raises(ValidationError):
            amend_contact(contact=wrong, by=actor, outcome="no_answer")
        amend_contact(contact=first, by=actor, outcome="no_answer")
        assert ContactLog.objects.current().get(member=wrong.member_id, source="logged").outcome == "no_answer"


@pytest.mark.parametrize(("who", "error"), [("district_admin@D1", PermissionDenied), ("community_clerk@C112", Http404)])
def test_correction_needs_the_right(due, acting, who, error):
    _member, wrong = due
    with acting(who) as actor, pytest.raises(error):
        amend_contact(contact=access_contact(actor, wrong.pk), by=actor, outcome="no_answer")


def test_contacts_out_of_other_work_are_not_corrected(acting, pk):
    with acting(CLERK) as actor:
        member = Member.objects.get(pk=pk)
        row = log(member, TODAY, source="attendance", side="host")
        assert not may_amend(row, actor)
        with pytest.raises(PermissionDenied):
            amend_contact(contact=row, by=actor, outcome="no_answer")
        forged = ContactLog(member=member, organization_id=row.organization_id, side="host", amends=row)
        with pytest.raises(DatabaseError), transaction.atomic():
            forged.save(force_insert=True)


def test_correction_of_another_members_record_is_refused_by_the_database(pk, due, acting):
    member, wrong = due
    with acting(CLERK):
        forged = ContactLog(member_id=pk, organization_id=wrong.organization_id, side=wrong.side, amends=wrong)
        with pytest.raises(DatabaseError), transaction.atomic():
            forged.save(force_insert=True)


def test_correction_doubles_no_reminder(due, acting, owner, world):
    """The reminder that the wrong contact cancelled comes back as the same row."""
    member, wrong = due
    with acting(CLERK) as actor:
        amend_contact(contact=wrong, by=actor, outcome="no_answer")
        duty = obligation(member)
    with access.acting_as(access.system_actor("reminders", world.organization("X"))):
        with connection.cursor() as cursor:
            cursor.execute("select pg_get_function_arguments(p.oid) from pg_proc p where proname = 'plan_reminders'")
            assert cursor.fetchone()
            for _twice in range(2):
                cursor.execute("select portal.plan_reminders(%s, %s)", [world.organization("X").pk, TODAY])
        assert OutboundMessage.objects.filter(obligation=duty, due_on=duty.due_on).count() == 1


# --- dead numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [CLERK, LIAISON, "street_admin@S11"])
def test_new_number_comes_in_with_the_contact(login, acting, pk, who):
    client = login(who)
    sent = typed(client, pk, outcome="dead_number", new_mobile="138 0000 4321")
    assert client.post(page_of(pk), sent).status_code == 302
    with acting(CLERK):
        member = Member.objects.get(pk=pk)
        assert member.mobile == "13800004321"
        kept = Phone.objects.get(member=pk, use="own")
        assert (kept.number, kept.until_on) == (mobile("C111"), TODAY.isoformat())
        # whoever searches the former number finds the person
        assert list(Member.objects.filter(phones__number_digest=Member.mobile.digest(mobile("C111")))) == [member]
    assert str(pk) in login(CLERK).get("/admin/members/member/", {"q": mobile("C111")}).content.decode()


def test_new_number_without_a_dead_one_changes_nothing(login, acting, pk):
    client = login(CLERK)
    assert client.post(page_of(pk), typed(client, pk, new_mobile="13800004321")).status_code == 302
    with acting(CLERK):
        assert Member.objects.get(pk=pk).mobile == mobile("C111")


def test_text_that_is_no_number_stores_nothing(login, acting, pk):
    client = login(CLERK)
    answer = client.post(page_of(pk), typed(client, pk, outcome="dead_number", new_mobile="1380000"))
    assert answer.status_code == 200
    assert "new_mobile" in answer.context["form"].errors
    with acting(CLERK):
        assert not ContactLog.objects.filter(member=pk, contacted_on=TODAY).exists()


@pytest.mark.parametrize("who", ["community_clerk@C112", "liaison@C112", "district_admin@D1", "visitor@C111", None])
def test_number_is_replaced_by_the_managing_side_alone(acting, world, owner, pk, who):
    def tried():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select portal.replace_mobile(%s, 'x', 'y', gen_random_uuid(), null)", [pk])

    before = owner.execute("select mobile_digest from members_member where id = %s", [pk]).fetchone()
    if who is None:
        with pytest.raises(DatabaseError):
            tried()
    else:
        with acting(who), pytest.raises(DatabaseError):
            tried()
    assert owner.execute("select mobile_digest from members_member where id = %s", [pk]).fetchone() == before


def test_other_side_is_not_asked_for_a_number(acting, make_member, world, login):
    with acting(CLERK):
        member = make_member(host=world.organization("C121"))
    with acting("community_clerk@C121") as actor:
        assert not may_replace_mobile(Member.objects.get(pk=member.pk), actor)
        with pytest.raises(DatabaseError), transaction.atomic():
            replace_mobile(member=Member.objects.get(pk=member.pk), number="13800004321", by=actor)
    form = login("community_clerk@C121").get(page_of(member.pk)).context["form"]
    assert "new_mobile" not in form.fields
    assert "thoughts" in form.fields


def test_log_once_stores_what_comes_with_it_or_nothing(acting, pk):
    def broken(_log):
        raise ValidationError("x")

    with acting(CLERK) as actor:
        member = Member.objects.get(pk=pk)
        with pytest.raises(ValidationError), transaction.atomic():
            log_once(member=member, by=actor, then=broken)
        assert not ContactLog.objects.filter(member=pk, contacted_on=TODAY).exists()
        assert ContactObligation.objects.get(member=pk, side="host").last_success_on != TODAY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("ago", "days", "is_kept"), [(729, None, True), (731, None, False), (59, 60, True), (61, 60, False)]
)
def test_thoughts_are_forgotten_after_the_days_of_the_rules(acting, pk, owner, world, ago, days, is_kept):
    """By the office's own rules, or those above it; the contact stays, and so do the notes of other offices."""
    with acting(CLERK) as actor:
        member = Member.objects.get(pk=pk)
        contact = log_contact(member=member, by=actor)
        note = ThoughtNote(
            contact=contact, member=member, organization=member.organization, recorded_by_id=actor.user_id
        )
        note.note = SECRET
        note.save(force_insert=True)
        if days:
            ContactPolicy.objects.create(organization=world.organization("C111"), thought_days=days)
    owner.execute("update contacts_contactlog set recorded_at = now() - make_interval(days => %s) where id = %s",
                  [ago, contact.pk])  # fmt: skip
    others = owner.execute("select count(*) from contacts_thoughtnote where id <> %s", [note.pk]).fetchone()
    with acting("community_clerk@C112"):  # whoever runs it: nobody's rights are asked
        assert forget_thoughts() == int(not is_kept)
    left = owner.execute("select count(*) from contacts_thoughtnote where id = %s", [note.pk]).fetchone()
    assert left == (int(is_kept),)
    assert others == owner.execute("select count(*) from contacts_thoughtnote where id <> %s", [note.pk]).fetchone()
    with acting(CLERK):
        assert ContactLog.objects.filter(pk=contact.pk).exists()
