"""The server of a work group's robot for tests: real HTTPS, keeps what it takes, and misbehaves on request."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own for 127.0.0.1 and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "robots of the tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "robot.crt", folder / "robot.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return certificate, secret


class Robot(ThreadingHTTPServer):
    """Keeps (path, text) of what it took. `code` is the errcode that it answers, `status` the HTTP status, `body` an
    answer instead; `wait`: seconds before the answer; `drop`: the connection is cut instead; `drip`: the answer comes
    byte by byte and never ends."""

    daemon_threads = True

    def __init__(self, certificate: Path, secret: Path) -> None:
        super().__init__((HOST, 0), _Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, secret)
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.certificate = certificate
        self.taken: list[tuple[str, str]] = []
        self.code, self.status, self.wait, self.drop, self.drip = 0, 200, 0.0, False, False
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}
        self.got_one, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    @property
    def place(self) -> str:
        return f"{HOST}:{self.server_address[1]}"

    def address(self, key: str = "k") -> str:
        return f"https://{self.place}/cgi-bin/webhook/send?key={key}"

    def texts(self, key: str = "") -> list[str]:
        return [text for path, text in self.taken if key in path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Robot

    def do_POST(self) -> None:
        robot = self.server
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        robot.taken.append((self.path, sent["text"]["content"]))
        is_first = not robot.got_one.is_set()
        robot.got_one.set()
        if is_first:
            robot.go_on.wait(60)
        time.sleep(robot.wait)
        if robot.drop:
            self.connection.close()
            return
        body = robot.body if robot.body is not None else json.dumps({"errcode": robot.code, "errmsg": "x"}).encode()
        self.send_response(robot.status)
        for name, value in robot.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "1000" if robot.drip else str(len(body)))
        self.end_headers()
        while robot.drip:
            self.wfile.write(b" ")
            time.sleep(0.1)
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@contextmanager
def robot_server(folder: Path) -> Iterator[Robot]:
    robot = Robot(*write_certificate(folder))
    thread = threading.Thread(target=robot.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield robot
    robot.go_on.set()
    robot.shutdown()
    robot.server_close()
    thread.join()
