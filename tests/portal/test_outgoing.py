"""Where the portal may write to, and what it makes of the answer."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from portal import outgoing
from tests.contacts.robots import HOST, Robot, robot_server

PAYLOAD = {"msgtype": "text", "text": {"content": "你好"}}


@pytest.fixture
def robot(settings: Any, tmp_path: Any) -> Iterator[Robot]:
    with robot_server(tmp_path) as server:
        settings.ROBOT_HOSTS, settings.ROBOT_INNER_HOSTS = ["robot.example.com"], [server.place]
        settings.ROBOT_CA_FILE = str(server.certificate)
        yield server


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a name or a connection fails the test."""

    def refuse(*_args: Any, **_options: Any) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses; returns the names that are asked for."""
    asked: list[str] = []
    really = socket.getaddrinfo

    def answer(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host in addresses:  # an address is no name
            return really(host, port, *args, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "http://robot.example.com/send",
        "ftp://robot.example.com/send",
        "//robot.example.com/send",
        "robot.example.com/send",
        "https://evil.example.com/send",
        "https://robot.example.com.evil.com/send",
        "https://xrobot.example.com/send",
        "https://robot.example.com./send",
        "https://robot.example.com:8443/send",
        "https://robot.example.com:99999/send",
        "https://robot.example.com@evil.com/send",
        "https://me:secret@robot.example.com/send",
        "https://evil.com\\@robot.example.com/send",
        "https://robot.example.com\\.evil.com/send",
        "https://evil.com#@robot.example.com/",
        "https://evil.com?robot.example.com",
        "https://127.0.0.1/send",
        "https://2130706433/send",
        "https://[::1]/send",
        "https://localhost/send",
        "https://169.254.169.254/latest/meta-data",
        "https://robot.example.com/send\r\nHost: evil.com",
        "https://robot.example.com/a b",
        "https://ｒobot.example.com/send",
        "https://robot.example.com/发送",
        "https://",
        "",
    ],
)
def test_address_outside_the_list_is_refused_before_anything_is_asked(robot: Robot, no_network: None, url: str) -> None:
    with pytest.raises(outgoing.NotAllowed) as refusal:
        outgoing.post_json(url, PAYLOAD)
    assert str(refusal.value) == ""


def test_host_in_capitals_is_the_same_host(robot: Robot) -> None:
    assert outgoing.check_address("https://Robot.Example.COM:443/send?key=1").hostname == "robot.example.com"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1", "::ffff:127.0.0.1"],
)  # fmt: skip
def test_public_host_that_leads_into_a_network_of_our_own_is_refused(
    robot: Robot, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_options: connected.append(args))
    asked = resolving_to(monkeypatch, "93.184.216.34", address)  # one good address does not excuse the other
    with pytest.raises(outgoing.NotAllowed):
        outgoing.post_json("https://robot.example.com/send", PAYLOAD)
    assert asked == ["robot.example.com"]
    assert connected == []


@pytest.mark.parametrize(
    ("address", "may"),
    [("10.1.2.3", True), ("127.0.0.1", True), ("169.254.169.254", False), ("0.0.0.0", False), ("fe80::1", False),
     ("224.0.0.1", False)],
)  # fmt: skip
def test_inner_host_may_have_an_inner_address_and_never_one_of_a_machine_itself(address: str, may: bool) -> None:
    assert outgoing._may_be_asked(address, is_inner=True) is may


def test_connection_goes_to_the_address_that_was_judged(
    robot: Robot, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time leads nowhere: it is asked once."""
    settings.ROBOT_INNER_HOSTS = [f"robot.test:{robot.server_address[1]}"]
    asked = resolving_to(monkeypatch, HOST)
    with pytest.raises(outgoing.NotReached):  # the certificate is not for robot.test
        outgoing.post_json(f"https://robot.test:{robot.server_address[1]}/send", PAYLOAD)
    assert asked == ["robot.test"]
    assert robot.taken == []


def test_json_is_sent_and_the_answer_comes_back(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    answer = outgoing.post_json(robot.address(), PAYLOAD)
    assert (answer.status, answer.body) == (200, b'{"errcode": 0, "errmsg": "x"}')
    assert robot.taken == [("/cgi-bin/webhook/send?key=k", "你好")]


def test_redirect_is_an_answer_and_is_not_followed(robot: Robot) -> None:
    robot.status, robot.headers = 302, {"Location": robot.address("elsewhere")}
    assert outgoing.post_json(robot.address(), PAYLOAD).status == 302
    assert len(robot.taken) == 1


def test_certificate_of_somebody_else_is_nobody_there(robot: Robot, settings: Any) -> None:
    settings.ROBOT_CA_FILE = ""
    with pytest.raises(outgoing.NotReached):
        outgoing.post_json(robot.address(), PAYLOAD)
    assert robot.taken == []


def test_nobody_listening_is_nobody_there(robot: Robot, settings: Any) -> None:
    settings.ROBOT_INNER_HOSTS = [f"{HOST}:1"]
    with pytest.raises(outgoing.NotReached):
        outgoing.post_json(f"https://{HOST}:1/send", PAYLOAD)


@pytest.mark.parametrize(
    "way", [{"drop": True}, {"wait": 3.0}, {"drip": True}, {"body": b"x" * (outgoing.MOST_BYTES + 1)}]
)
def test_what_was_sent_without_a_whole_answer_is_unclear_and_soon_over(
    robot: Robot, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.7)
    for name, value in way.items():
        setattr(robot, name, value)
    began = time.monotonic()
    with pytest.raises(outgoing.Unclear) as error:
        outgoing.post_json(robot.address("secret"), PAYLOAD)
    assert str(error.value) == ""
    assert time.monotonic() - began < 2
    assert len(robot.taken) == 1
    robot.drip = False
