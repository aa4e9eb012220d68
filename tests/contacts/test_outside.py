"""Letters to a party organization outside the portal, and exchanges with it."""

import datetime as dt
import io
import uuid

import pytest
from django.utils import timezone

from contacts.letters import TITLES, compose, draw_letter, paragraphs
from contacts.models import ContactLog
from members.models import Member, Movement
from portal.models import AuditEntry
from tests.contacts.conftest import obligation
from tests.security.documents import pdf_text

TODAY = timezone.localdate()
CLERK = "community_clerk@C111"


@pytest.fixture
def away(acting, make_member):
    with acting(CLERK):
        member = make_member(name="外出样例")
        Member.objects.filter(pk=member.pk).update(gender="male", birth_date="1980-05-01")
        Movement.objects.filter(member=member).update(host_text="样例外省某某街道党工委")
        return Member.objects.select_related("organization").get(pk=member.pk)


def text_of(data):
    return pdf_text(data).replace("\n", "")


@pytest.mark.parametrize("kind", TITLES)
def test_letter_names_both_party_organizations_and_the_member(away, login, acting, kind):
    answer = login(CLERK).get(f"/admin/contacts/letter/{away.pk}/{kind}.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    host = "样例外省某某街道党工委"
    for words in (TITLES[kind], host, "样例C111党委", "外出样例", "1980年生", "自2026年1月起流动到你处"):
        assert words in text
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="print_letter", object_id=away.pk).count() == 1


def test_letter_holds_no_number_and_fits_one_page(away, acting):
    with acting(CLERK):
        away.mobile, away.id_number = "13800001234", "340103198005019917"
        away.save()
        for kind in TITLES:
            target = io.BytesIO()
            letter = compose(kind, away, Movement.objects.get(member=away), dt.date(2026, 3, 1))
            draw_letter(target, letter)
            text = text_of(target.getvalue())
            assert "1234" not in text
            assert "9917" not in text
            assert b"/Count 1" in target.getvalue()
            assert paragraphs(letter)


def test_letter_of_an_incoming_member_goes_to_the_home(acting, make_member):
    with acting(CLERK):
        member = make_member(name="流入样例", direction="inflow")
        Movement.objects.filter(member=member).update(home_text="样例老家党委")
        letter = compose("feedback", member, Movement.objects.get(member=member), TODAY)
        assert (letter.to, letter.sender) == ("样例老家党委", "样例C111党委")
        assert "流动到我处" in letter.away


def test_exchange_stands_on_the_outside_side_and_moves_no_due_date(away, login, acting):
    with acting(CLERK):
        due = obligation(away).due_on
    client, key = login(CLERK), str(uuid.uuid4())
    address = f"/admin/contacts/exchange/{away.pk}/"
    form = {"key": key, "contacted_on": TODAY.isoformat(), "is_reached": "on", "note": "对方已编入支部"}
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 302  # sent twice
    with acting(CLERK):
        log = ContactLog.objects.get(member=away)
        assert (log.side, log.source, log.note) == ("host", "exchange", "对方已编入支部")
        assert log.organization_id == away.organization_id
        outside = obligation(away, "host")
        assert (outside.standing, outside.last_success_on, outside.due_on) == ("outside", TODAY, None)
        assert (obligation(away).due_on, obligation(away).last_success_on) == (due, None)
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    assert client.post(address, form | {"contacted_on": tomorrow, "key": str(uuid.uuid4())}).status_code == 200
    card = client.get(f"/admin/members/member/{away.pk}/card/").content.decode()
    assert "样例外省某某街道党工委" in card


def test_side_on_the_portal_has_no_exchange(acting, make_member, world, login):
    with acting(CLERK):
        member = make_member(host=world.organization("C121"))
    assert login(CLERK).get(f"/admin/contacts/exchange/{member.pk}/").status_code == 403
    assert login("community_clerk@C121").get(f"/admin/contacts/letter/{member.pk}/help.pdf").status_code == 403
    assert login("community_clerk@C112").get(f"/admin/contacts/letter/{member.pk}/help.pdf").status_code == 404
    assert login(CLERK).get(f"/admin/contacts/letter/{member.pk}/other.pdf").status_code == 404
