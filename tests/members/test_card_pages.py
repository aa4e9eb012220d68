"""What is done from a card: the PDF with its watermark, the page of phones, the masked form."""

import re

from django.urls import reverse

from members import services
from members.models import Member
from portal import pdf
from portal.models import AuditEntry
from tests.members.test_admin import change_url, form_values, key_of
from tests.world import canary, family_mobile, id_number, mobile


def test_pdf_is_masked_watermarked_and_recorded(login, acting, world, monkeypatch):
    drawn, draw = [], pdf.draw_text
    monkeypatch.setattr(pdf, "draw_text", lambda *args, **options: (drawn.append(args[2]), draw(*args, **options)))
    pk = key_of(world, acting, "C111")
    answer = login("community_clerk@C111").get(reverse("admin:members_member_pdf", args=[pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    text = "\n".join(drawn)
    assert re.search(r"账号C111community_clerk  \d{4}-\d\d-\d\d", text)
    assert "秘C111秘" in text
    for secret in (mobile("C111"), id_number("C111"), family_mobile("C111")):
        assert secret not in text
    with acting("street_admin@S11"):
        assert AuditEntry.objects.filter(action="print_card", object_id=pk).count() == 1


def test_form_holds_no_personal_value_and_an_empty_box_keeps_it(login, acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        values = {"employer": "样例保密单位", "current_address": "样例省样例市样例路9号", "wechat_id": "wx-secret-1",
                  "remark": "一段备注文字", "household_address": "样例省样例市样例街7号"}  # fmt: skip
        services.change_member(member=member, values=values, by=actor)
        movement = member.movements.get()
        away = {
            "destination": "样例省样例市样例巷3号",
            "counterpart_contact": "样例联络人",
            "counterpart_phone": "13900002222",
        }
        services.change_movement(movement=movement, values=away, by=actor)
    client = login("community_clerk@C111")
    page = client.get(change_url(member.pk))
    text = page.content.decode()
    for secret in (*values.values(), *away.values(), member.birth_date):
        assert secret not in text, secret
    assert re.search(r'name="field" value="employer"', text)
    typed = form_values(page) | {"wechat_id": "wx-new", "landline": "无", "employer": "无"}
    assert client.post(change_url(member.pk), typed).status_code == 302
    with acting("community_clerk@C111"):
        stored = Member.objects.get(pk=member.pk)
        assert (stored.wechat_id, stored.employer) == ("wx-new", "")
        for name in ("current_address", "remark", "household_address"):
            assert getattr(stored, name) == values[name]
        assert stored.birth_date == member.birth_date
        assert stored.movements.get().destination == away["destination"]


def test_phones_are_noted_and_ended(login, acting, world):
    client, pk = login("community_clerk@C111"), key_of(world, acting, "C111")
    address = reverse("admin:members_member_phones", args=[pk])
    assert family_mobile("C111") not in client.get(address).content.decode()
    assert client.post(address, {"number": "139 0013 9000", "use": "work", "from_on": "2026年3月"}).status_code == 302
    with acting("community_clerk@C111"):
        phone = Member.objects.get(pk=pk).phones.get(use="work")
        assert (phone.number, phone.from_on) == ("13900139000", "2026-03")
    assert client.post(address, {"end": str(phone.pk)}).status_code == 302
    assert client.post(address, {"end": "x"}).status_code == 200
    assert client.post(address, {"number": "1", "use": "work"}).status_code == 200
    with acting("community_clerk@C111"):
        assert Member.objects.get(pk=pk).phones.get(use="work").until_on
    assert canary("C112") not in client.get(address).content.decode()
