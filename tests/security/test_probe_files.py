"""Probes at import, export, accounts, and the two sides of one member."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import ContactLog, Liaison
from members.models import LedgerImport, Member, Movement
from portal.models import Organization, User
from tests.security.probe import CLERK, FOREIGN, LISTS, VARIABLE, Probe, fingerprint
from tests.world import canary, id_number, mobile


@pytest.mark.parametrize("key", FOREIGN)
@pytest.mark.parametrize("data", [{}, {"discard": "1"}, {"apply": "1"}, {"confirm": "1"}])
def test_import_of_another_is_absent(clerk: Probe, keys: Any, acting: Any, key: str, data: dict[str, str]) -> None:
    path = f"/admin/members/ledgerimport/{keys['members_ledgerimport'][key]}/change/"
    assert clerk.get(path, "show=new&page=1").status_code == 404
    assert clerk.post(path, data).status_code == 404
    with acting({"C112": "street_clerk@S11", "C121": "street_clerk@S12", "C211": "street_clerk@S21"}[key]):
        assert LedgerImport.objects.get(pk=keys["members_ledgerimport"][key]).state == "previewed"


LEDGER = [
    ["姓名", "性别", "身份证号", "手机号", "流入流出", "所属社区", "流入时间"],
]


def _ledger(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in (*LEDGER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("key", FOREIGN)
def test_preview_of_a_foreign_person_tells_nothing(clerk: Probe, acting: Any, keys: Any, key: str) -> None:
    """A row with the name, numbers and community of somebody else's member: the answer is that of an unknown person."""
    before = fingerprint(acting)
    pages = []
    for number, phone in ((id_number(key), mobile(key)), ("34010319800101123X", "13811112222")):
        row = ["张三", "男", number, phone, "流入", "", "2026.3"]
        sent = SimpleUploadedFile("台账.xlsx", _ledger(row))
        with acting(CLERK):
            own = str(Organization.objects.get(short_name="样例C111").pk)
        answer = clerk.client.post("/admin/members/ledgerimport/", {"file": sent, "organization": own}, follow=True)
        assert answer.status_code == 200
        found = clerk.canaries.found_in(answer, readable=("C111",))
        assert {word for word in found if word not in (number, phone) and "*" not in word} == set()
        pages.append(answer.context["batch"].counts)
    assert pages[0] == pages[1] or pages[1]["error"] + pages[1]["ask"] > 0
    assert pages[0]["new"] == 1
    assert fingerprint(acting) == before


@pytest.mark.parametrize("key", FOREIGN)
def test_upload_into_a_foreign_organization_is_refused(clerk: Probe, world: Any, key: str) -> None:
    sent = SimpleUploadedFile("台账.xlsx", _ledger(["张三", "男", "", "13811112222", "流入", "", "2026.3"]))
    target = str(world.organization(key).pk)
    answer = clerk.client.post("/admin/members/ledgerimport/", {"file": sent, "organization": target})
    assert answer.status_code == 200
    assert answer.context["form"].errors["organization"]


def test_export_holds_the_own_members_only(clerk: Probe, world: Any) -> None:
    path = "/admin/members/ledgerimport/export/"
    for query in ("", f"organization={world.organization('C112').code}", "organization=9901", "q=秘",
                  "export_items=" + clerk.keys["members_member"]["C112"], "id__in=" + ",".join(
                      clerk.keys["members_member"].values())):  # fmt: skip
        answer = clerk.post(f"{path}?{query}")
        if answer.status_code != 200 or not answer.get("Content-Disposition"):
            continue
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        cells = [str(cell) for line in sheet.iter_rows(values_only=True) for cell in line]
        names = {cell for cell in cells if "秘" in cell and "*" not in cell}  # a mask of two communities may be one
        assert names <= {canary("C111")}, query


def test_password_page_changes_the_own_password_only(clerk: Probe, world: Any) -> None:
    other = world.user("community_clerk@C112")
    for path in (f"/admin/portal/user/{other.pk}/password/", f"/admin/auth/user/{other.pk}/password/",
                 f"/admin/password_change/{other.pk}/"):  # fmt: skip
        assert clerk.get(path).status_code == 404
        assert clerk.post(path, {"password1": "x" * 20, "password2": "x" * 20}).status_code == 404
    new = "correct-horse-7!"
    given = {"old_password": "demo-password-1", "new_password1": new, "new_password2": new, "id": str(other.pk),
             "username": other.username, "user": str(other.pk)}  # fmt: skip
    assert clerk.post("/admin/password_change/", given).status_code == 302
    other.refresh_from_db()
    assert not other.check_password(new)
    assert User.objects.get(username=CLERK).check_password(new)


def test_clerk_cannot_make_a_login_a_liaison(clerk: Probe, keys: Any, world: Any, acting: Any) -> None:
    path = f"/admin/contacts/liaison/{keys['contacts_liaison']['C111']}/change/"
    data = {"organization": str(world.organization("C111").pk), "name": "联", "kind": "committee", "is_active": "on"}
    with acting(CLERK):
        before = Liaison.objects.get(pk=keys["contacts_liaison"]["C111"]).user_id
    for extra in ({"username": CLERK}, {"user": str(world.user(CLERK).pk)}, {"user_id": str(world.user(CLERK).pk)}):
        clerk.post(path, data | extra)
        with acting(CLERK):
            assert Liaison.objects.get(pk=keys["contacts_liaison"]["C111"]).user_id == before


def test_login_answers_alike_for_known_switched_off_and_unknown_names(client: Client, world: Any) -> None:
    answers = set()
    for name in (CLERK, "inactive", "stranger", "nobody-at-all", "x' or 1=1--", "ａdmin"):
        answer = client.post("/admin/login/", {"username": name, "password": "wrong"})
        answers.add((answer.status_code, VARIABLE.sub(b"", answer.content).replace(name.encode(), b"")
                     .replace(b"x&#x27; or 1=1--", b"")))  # fmt: skip
    assert len(answers) == 1


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_leads_nowhere_else(client: Client, world: Any, target: str) -> None:
    given = {"username": CLERK, "password": "demo-password-1", "next": target}
    answer = client.post("/admin/login/", given)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]


def test_forms_need_a_token(world: Any, login: Any, keys: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = login(CLERK).cookies
    for path in (f"{LISTS['members_member']}add/", f"/admin/contacts/log/{keys['members_member']['C111']}/",
                 f"/admin/checkin/points/{keys['checkin_checkinpoint']['C111']}/renew", "/admin/logout/"):  # fmt: skip
        assert client.post(path, {}).status_code == 403, path


@pytest.fixture
def two_sided(acting: Any, world: Any) -> Any:
    """The member of C111 has a host on C121, which wrote down a contact of its own; the home wrote one too."""
    with acting(CLERK):
        member = world.member("C111")
        Movement.objects.filter(member=member).update(direction="outflow", host_organization=world.organization("C121"))
        home = ContactLog(member=member, organization=world.organization("C111"), side="home")
        home.note = "家里的话"
        home.save(force_insert=True)
    with acting("community_clerk@C121"):
        seen = Member.objects.get(pk=member.pk)
        host = ContactLog(member=seen, organization=world.organization("C121"), side="host")
        host.note = "外面的话"
        host.save(force_insert=True)
    return member


@pytest.mark.parametrize(
    ("who", "hears", "not_this"),
    [
        ("community_clerk@C111", "家里的话", "外面的话"),
        ("community_clerk@C121", "外面的话", "家里的话"),
        ("liaison@C111", "家里的话", "外面的话"),
    ],
)
def test_each_side_reads_its_own_contacts_only(two_sided: Any, login: Any, who: str, hears: str, not_this: str) -> None:
    client = login(who)
    text = client.get(f"/admin/contacts/log/{two_sided.pk}/").content.decode()
    assert hears in text
    assert not_this not in text
    for path in (f"/admin/members/member/{two_sided.pk}/card/", "/admin/contacts/contactlog/"):
        assert not_this not in client.get(path).content.decode()


def test_other_side_does_not_see_liaison_or_staff(two_sided: Any, login: Any) -> None:
    client = login("community_clerk@C121")
    for path in (f"/admin/members/member/{two_sided.pk}/card/", f"/admin/contacts/log/{two_sided.pk}/",
                 "/admin/contacts/contactobligation/", "/admin/members/member/"):  # fmt: skip
        text = client.get(path).content.decode()
        assert f"联{canary('C111')}" not in text, path
        assert "账号C111" not in text, path
        assert canary("C112") not in text


def test_other_side_may_not_change_the_file(two_sided: Any, login: Any, acting: Any) -> None:
    client = login("community_clerk@C121")
    assert client.post(f"/admin/members/member/{two_sided.pk}/change/", {"name": "改名"}).status_code == 403
    with acting(CLERK):
        assert Member.objects.get(pk=two_sided.pk).name == canary("C111")
