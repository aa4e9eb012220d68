"""Addresses that need no login: headers, cookies, methods, hosts, sizes, odd paths. The form is in tests/checkin."""

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from checkin.codes import make_code
from tests.security.canaries import canaries, keys_by_table

pytestmark = pytest.mark.usefixtures("fresh_counters")

STRICT = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@pytest.fixture
def address(owner: Any) -> str:
    row = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " join portal_organization o on o.id = p.organization_id where o.short_name = '样例C111'"
    ).fetchone()
    return f"/c/{make_code(row[0])}"


@pytest.fixture
def visitor(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("kind", ["own", "unknown", "forged", "posted", "put"])
def test_public_page_has_strict_headers_and_no_cookie(visitor: Client, address: str, kind: str) -> None:
    answer = {
        "own": lambda: visitor.get(address),
        "unknown": lambda: visitor.get(f"/c/{make_code(uuid.uuid4())}"),
        "forged": lambda: visitor.get(address[:-1] + ("a" if address[-1] != "a" else "b")),
        "posted": lambda: visitor.post(address, {}),
        "put": lambda: visitor.put(address),
    }[kind]()
    assert {name: answer.headers.get(name) for name in STRICT} == STRICT
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers)


def test_login_of_the_same_browser_changes_nothing(visitor: Client, address: str, login: Any) -> None:
    staff = login("community_clerk@C121")
    ours, theirs = visitor.get(address), staff.get(address)
    form = r'name="client_key" value="[^"]+"'
    import re

    assert re.sub(form, "", ours.content.decode()) == re.sub(form, "", theirs.content.decode())
    assert not theirs.cookies


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X"])
@pytest.mark.parametrize("path", ["page", "/healthz", "/readyz"])
def test_other_methods_are_refused_without_an_echo(visitor: Client, address: str, path: str, method: str) -> None:
    answer = visitor.generic(method, address if path == "page" else path, "echo-me", HTTP_X_ECHO="echo-me")
    assert answer.status_code == 405
    assert b"echo-me" not in answer.content
    assert answer.headers["Allow"]


def test_head_is_get_without_a_body_and_options_says_little(visitor: Client, address: str) -> None:
    head, options = visitor.head(address), visitor.options(address)
    assert (head.status_code, head.content) == (200, b"")
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["Allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("override", ["HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_METHOD_OVERRIDE"])
def test_method_is_not_overridden(visitor: Client, address: str, override: str) -> None:
    assert visitor.get(address, **{override: "DELETE"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "127.0.0.1:80:80", "a b", ""])
@pytest.mark.parametrize("path", ["page", "/healthz", "/admin/login/"])
def test_forged_host_is_refused(visitor: Client, address: str, path: str, host: str) -> None:
    answer = visitor.get(address if path == "page" else path, HTTP_HOST=host or "evil")
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL"]
)
def test_forwarding_headers_lead_nowhere(visitor: Client, address: str, header: str) -> None:
    answer = visitor.get(address, **{header: "evil.example"})
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content
    login = visitor.get("/admin/", **{header: "/admin/members/member/"})
    assert login["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "tail",
    ["", "/", "/admin/", "%2e%2e/admin/", "../admin/", "..%2fadmin%2f", "%00", "%0d%0aSet-Cookie:x=y", "x" * 9000,
     "１２３", "<script>alert(1)</script>", "{{7*7}}", "' or 1=1--", "%ff", "a/b", ";/admin/", "?next=//evil.example"],
)  # fmt: skip
def test_odd_paths_below_the_code_are_absent(visitor: Client, world: Any, tail: str) -> None:
    answer = visitor.get(f"/c/{tail}")
    assert answer.status_code in (404, 400)
    assert "Set-Cookie" not in answer.headers
    for word in (b"<script>alert", b"49}", b"Traceback", b"evil.example"):
        assert word not in answer.content


@pytest.mark.parametrize(
    "path",
    ["/static/../portal/settings.py", "/static/%2e%2e/portal/settings.py", "/static/..%2f..%2fetc/passwd",
     "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/..\\..\\etc\\passwd", "/static/", "/static/admin/",
     "/static/.git/config", "/.git/config", "/var/keys.json", "/media/", "/static/keys.json", "/manage.py", "/.env"],
)  # fmt: skip
def test_files_outside_the_static_folder_are_absent(visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code in (400, 404), path
    for word in (b"SECRET_KEY", b"root:", b"[core]", b"actor"):
        assert word not in body


def test_form_of_false_length_is_refused(visitor: Client, address: str) -> None:
    for length, status in (("99999999999", 413), ("8193", 413), ("-1", 400), ("1e9", 400)):
        answer = visitor.generic("POST", address, b"name=x", content_type="application/x-www-form-urlencoded",
                                 CONTENT_LENGTH=length)  # fmt: skip
        assert answer.status_code == status, length


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"name": "x"}'),
        ("text/plain", b"name=x"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\x00\xff\r\n--x--\r\n'),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(1500))),
        ("application/x-www-form-urlencoded; charset=utf-7", b"name=%2BADw-"),
        ("application/x-www-form-urlencoded", b"name=%00%00&mobile=%ed%a0%80&consent=on&client_key=x"),
        ("application/x-www-form-urlencoded", b"client_key[]=1&name[]=2"),
    ],
)  # fmt: skip
def test_odd_bodies_never_break_the_page(visitor: Client, address: str, kind: str, body: bytes, world: Any) -> None:
    answer = visitor.generic("POST", address, body, content_type=kind)
    assert answer.status_code in (200, 400, 413)
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_hold_words_only(visitor: Client, owner: Any, path: str) -> None:
    answer = visitor.get(path)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert len(answer.content) < 200
    assert canaries(keys_by_table(owner)).found_in(answer, readable=()) == set()
    for word in (settings.DATABASES["default"]["NAME"], "portal_app", "redis://", "/dev/shm"):
        assert word not in answer.content.decode()


@pytest.mark.parametrize("path", ["/admin/members/member/", "/admin/members/ledgerimport/export/", "/admin/no-such"])
def test_staff_pages_send_strangers_to_the_login_page(visitor: Client, world: Any, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next={path}"


def test_staff_cookies_are_not_for_scripts_or_other_sites(visitor: Client, world: Any) -> None:
    answer = visitor.post("/admin/login/", {"username": "street_clerk@S11", "password": "demo-password-1"})
    session = answer.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_session_id_is_new_after_login(visitor: Client, world: Any) -> None:
    visitor.get("/admin/login/")
    visitor.cookies["sessionid"] = "a" * 32
    answer = visitor.post("/admin/login/", {"username": "street_clerk@S11", "password": "demo-password-1"})
    assert answer.cookies["sessionid"].value not in ("", "a" * 32)
    before = visitor.cookies["sessionid"].value
    visitor.post("/admin/logout/")
    visitor.cookies["sessionid"] = before
    assert visitor.get("/admin/").status_code == 302
