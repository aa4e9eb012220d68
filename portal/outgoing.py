"""One JSON request to a server outside: only to hosts that the operator allows, and to nowhere else.

An address that somebody typed is judged before any name is looked up. The connection goes to the very address that was
judged, so a name that changes its mind leads nowhere. No redirect is followed, no proxy of the environment is asked,
and an answer is neither waited for nor read without end. No error here carries the address: a key may stand in it.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 10.0  # for everything: connecting, sending, the answer
MOST_BYTES = 16 * 1024  # of an answer
HTTPS = 443


class NotAllowed(Exception):
    """The address is not one of those that the operator allows. Nothing was asked, nothing was sent."""


class NotReached(Exception):
    """Nobody answered there, or not as who it should be. Nothing was sent."""


class Unclear(Exception):
    """It was sent, and no whole answer came: nobody knows whether it was taken."""


@dataclass(frozen=True)
class Answer:
    """The HTTP status and the body, as far as it was sent."""

    status: int
    body: bytes


def allowed_hosts() -> list[str]:
    """The hosts that may be asked, as they stand in the settings."""
    return [*settings.ROBOT_HOSTS, *settings.ROBOT_INNER_HOSTS]


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be asked: https, and a host (with its port, unless that is 443) that stands in
    settings.ROBOT_HOSTS or ROBOT_INNER_HOSTS. Raises NotAllowed; looks nothing up."""
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise NotAllowed
    try:
        parts = urlsplit(url)
        name = _named(parts)
    except ValueError:
        raise NotAllowed from None
    if parts.scheme != "https" or "@" in parts.netloc or "\\" in parts.netloc:
        raise NotAllowed
    if name not in allowed_hosts():
        raise NotAllowed
    return parts


def post_json(url: str, payload: Any) -> Answer:
    """Send `payload` as JSON. Raises NotAllowed, NotReached or Unclear; whatever is answered is returned."""
    parts = check_address(url)
    host, port = parts.hostname or "", parts.port or HTTPS
    connection = _Pinned(host, port, _address_of(host, port, is_inner=_named(parts) in settings.ROBOT_INNER_HOSTS))
    guard = threading.Timer(SECONDS, connection.cut)
    guard.daemon = True
    guard.start()
    try:
        return _ask(connection, parts, json.dumps(payload, ensure_ascii=False).encode())
    finally:
        guard.cancel()
        connection.close()


def _ask(connection: "_Pinned", parts: SplitResult, body: bytes) -> Answer:
    try:
        connection.connect()
    except (OSError, ValueError):  # refused, too slow, or with a certificate for somebody else
        raise NotReached from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json; charset=utf-8"})
        with connection.getresponse() as answer:
            content, is_short = answer.read(MOST_BYTES + 1), bool(answer.length)
    except (OSError, ValueError, http.client.HTTPException):
        raise Unclear from None
    if len(content) > MOST_BYTES or is_short:  # too long, or cut in the middle
        raise Unclear
    return Answer(answer.status, content)


def _named(parts: SplitResult) -> str:
    """The host as it stands in the settings. Raises ValueError for a port that is none."""
    port = parts.port or HTTPS
    return parts.hostname or "" if port == HTTPS else f"{parts.hostname}:{port}"


def _address_of(host: str, port: int, *, is_inner: bool) -> str:
    """The address to connect to. Raises NotAllowed when one of the name's addresses is not for it, NotReached when it
    has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_may_be_asked(address, is_inner=is_inner) for address in addresses):
        raise NotAllowed
    return addresses[0]


def _may_be_asked(text: str, *, is_inner: bool) -> bool:
    """Whether an address lies outside every network of our own; in one of ours only for hosts named as inner ones, and
    the addresses that machines give themselves (where clouds keep their keys) never."""
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return is_inner or address.is_global


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address that must prove to be the host by its certificate."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self.tls = ssl.create_default_context()
        if settings.ROBOT_CA_FILE:
            self.tls.load_verify_locations(settings.ROBOT_CA_FILE)
        super().__init__(host, port, timeout=SECONDS, context=self.tls)
        self.address = address
        self.wire: ssl.SSLSocket | None = None  # `sock` is let go of as soon as an answer begins

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.wire = self.tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self.wire.do_handshake()

    def cut(self) -> None:
        """End it from another thread: whoever waits for a byte waits no longer."""
        if self.wire is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.wire, socket.SHUT_RDWR)
