"""Reminders: the sweep beside the loop that tutorials write and beside a bare INSERT; delivery beside a task per mail.

Run: python bench/reminders.py [--quick] [--most SIZE] [--json FILE]. Starts servers of its own in a folder in memory.
Every sweep runs in a process of its own, contestants take turns, medians are printed. 8 in 100 duties are due.
"""

import argparse
import json
import multiprocessing
import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from bench.reminders_peer import deliver_tasks, queue, setup, sweep_loop  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)
DUE_PERCENT = 8
MAILS = 8_000  # 8 in 100 of the middle size
GOAL_OF_INSERT = 2.0  # the sweep takes at most this many times as long as inserting the same rows unasked
GOAL_OF_LOOP = 50.0  # and is at least this many times faster than the loop at a million
GOAL_MEMORY = 0.1  # with at most this share of the loop's memory
GOAL_OF_SMTPLIB = 0.4  # delivery: at least this share of bare smtplib on one connection
GOAL_OF_TASKS = 5.0  # and at least this many times a task and a connection per mail

FILL = """
insert into portal_organization (id, code, name, short_name, party_name, kind, sector, is_active, path)
values ('00000000-0000-4000-8000-000000000001', '99', '样例街道', '', '', 'street', '', true, '');
insert into contacts_daterule (id, organization_id, kind, is_on, days_before, on_since)
values (gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'workdays', false, 0, '2020-01-01');
insert into members_member (id, data_key, organization_id, name, name_pinyin, name_initials, name_grams, gender,
    ethnicity, birth_date, id_number_is_checked, member_type, join_date, full_member_date, education, occupation,
    certificate_number, new_employment, former_occupation, state,
    is_synthetic, created_at, updated_at)
select gen_random_uuid(), '', '00000000-0000-4000-8000-000000000001', '样例' || n, 'yangli' || n, '', '{{}}', '',
       '', '', true, '', '', '', '', '', '', '', '', 'floating', true, now(), now() from generate_series(1, {size}) n;
insert into contacts_contactobligation (id, member_id, side, organization_id, target_days, limit_days, last_success_on,
    due_on, limit_on)
select gen_random_uuid(), id, 'home', organization_id, 90, 120, null,
       current_date + case when right(name_pinyin, 2) between '00' and '{last_due}' then -5 else 40 end,
       current_date + 70
  from members_member;
"""
LIAISONS = """
insert into contacts_liaison (id, data_key, organization_id, name, kind, email, is_active)
select gen_random_uuid(), '', organization_id, name, 'grid', name_pinyin || '@example.invalid', true
  from members_member;
insert into contacts_liaisonassignment (id, member_id, liaison_id, is_primary, started_on)
select gen_random_uuid(), m.id, l.id, true, current_date
  from members_member m join contacts_liaison l on l.name = m.name;
update contacts_contactobligation set due_on = current_date - 5;
select portal.place_members(array(select id from members_member));
analyze;
"""
TABLES = (
    "portal_organization, members_member, members_movement, members_placement, contacts_contactobligation,"
    " contacts_liaison, contacts_liaisonassignment, contacts_outboundmessage, contacts_digest"
)
BARE_ROWS = """
create table if not exists bench_rows as
select id, organization_id, due_on from contacts_contactobligation where due_on <= current_date
"""
BARE_INSERT = (
    "insert into contacts_outboundmessage (id, obligation_id, organization_id, due_on, step, state, reason, planned_at)"
    " select gen_random_uuid(), id, organization_id, due_on, 'target', 'pending', '', now() from bench_rows"
)


def owner(statement: str) -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def fill(size: int) -> None:
    """`size` members with one duty each, 8 in 100 of them due; triggers rest meanwhile."""
    owner(f"truncate {TABLES} cascade; drop table if exists bench_rows")
    tables = [name.strip() for name in TABLES.split(",")]
    for table in tables[1:]:
        owner(f"alter table {table} disable trigger user")
    owner(FILL.format(size=size, last_due=f"{DUE_PERCENT - 1:02}"))
    for table in tables[1:]:
        owner(f"alter table {table} enable trigger user")
    owner("analyze")
    owner(BARE_ROWS)


def sweep_portal() -> int:
    """The portal's own planning, called as the round of reminders calls it. Returns the statements about duties."""
    from django.db import connection
    from django.utils import timezone

    from contacts import outbox
    from portal import access
    from portal.roles import Purpose

    statements = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append("plan_reminders" in sql)
        return execute(sql, *rest)

    root = access.roots()[0]
    with connection.execute_wrapper(count), access.acting_as(access.system_actor(Purpose.REMINDERS, root)):
        outbox._call("select portal.plan_reminders(%s, %s)", [root.pk, timezone.localdate()])
    return sum(statements)


def sweep_insert() -> int:
    """The limit: the same rows, known beforehand."""
    owner(BARE_INSERT)
    return 1


SWEEPS: dict[str, Callable[[], int]] = {
    "peer: a task per due member": sweep_loop,
    "portal: plan_reminders": sweep_portal,
    "limit: INSERT of the rows": sweep_insert,
}
LOOP, PORTAL, INSERT = SWEEPS


def run_sweep(name: str) -> dict[str, float]:
    """One sweep in a process of its own: seconds, statements, messages in Redis, peak MiB."""
    command = [sys.executable, __file__, "--contestant", name]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def contestant(name: str) -> None:
    setup()
    import redis
    from django.db import connections

    connections["owner"].ensure_connection()
    connections["default"].ensure_connection()
    started = time.perf_counter()
    statements = SWEEPS[name]()
    seconds = time.perf_counter() - started
    waiting = redis.Redis.from_url(os.environ["REDIS_URL"]).llen("bench")
    # not getrusage: its peak is inherited from the process that started this one
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peak = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps({"seconds": seconds, "statements": statements, "messages": waiting, "mib": peak}))


def measure_sweeps(size: int, rounds: int) -> tuple[dict[str, dict[str, float]], int]:
    """Medians of every contestant, and the rows that a second run of the portal's adds."""
    import redis

    fill(size)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in SWEEPS}
    again = 0
    names = list(SWEEPS)
    for turn in range(rounds):
        for name in names[turn % 3 :] + names[: turn % 3]:
            owner("truncate contacts_outboundmessage cascade")
            redis.Redis.from_url(os.environ["REDIS_URL"]).delete("bench")
            found[name].append(run_sweep(name))
            if name == PORTAL:
                before = rows()
                run_sweep(name)
                again += rows() - before
    redis.Redis.from_url(os.environ["REDIS_URL"]).delete("bench")
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in found.items()
    }
    return medians, again


def rows() -> int:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from contacts_outboundmessage")
        return cursor.fetchone()[0]


def sink(port: int, taken: Any) -> None:
    """A mail server that counts."""
    from aiosmtpd.controller import Controller

    class Counter:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            taken.value += 1
            return "250 OK"

    Controller(Counter(), hostname="127.0.0.1", port=port).start()
    time.sleep(3600)


def deliver_portal(_port: int) -> None:
    queue().send_round.delay()


def deliver_smtplib(port: int) -> None:
    """The limit: one connection, the bytes ready."""
    from uuid import uuid4

    from contacts import mails

    letter = mails.Letter("a@example.invalid", "样例街道", "login")
    text = mails.render(letter, [], digest=uuid4(), is_resend=False).message().as_bytes()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _number in range(MAILS):
            server.sendmail("a@example.invalid", ["b@example.invalid"], text)


DELIVERIES: dict[str, Callable[[int], None]] = {
    "peer: a task and a connection each": deliver_tasks,
    "portal: send_reminders": deliver_portal,
    "limit: smtplib, one connection": deliver_smtplib,
}


def measure_delivery(rounds: int) -> dict[str, float]:
    """Mails a second of every contestant, until the server has them all; median of the rounds."""
    from tests.processes import free_port

    fill(MAILS)
    owner(LIAISONS)
    port, taken = free_port(), multiprocessing.Value("i", 0)
    server = multiprocessing.get_context("fork").Process(target=sink, args=(port, taken), daemon=True)
    server.start()
    celery = [sys.executable, "-m", "celery", "-A", "bench.reminders_peer:app", "worker"]
    worker = subprocess.Popen(
        [*celery, "-c", "2", "-l", "ERROR", "-Q", "bench"],
        cwd=PROJECT, env=os.environ | {"BENCH_WORKER": "1", "PORTAL_EMAIL_URL": f"smtp://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not queue().control.ping(timeout=2):
        assert worker.poll() is None
    rates: dict[str, list[float]] = {name: [] for name in DELIVERIES}
    names = list(DELIVERIES)
    try:
        for turn in range(rounds):
            for name in names[turn % 3 :] + names[: turn % 3]:
                owner("truncate contacts_outboundmessage, contacts_digest cascade")
                taken.value, started = 0, time.perf_counter()
                DELIVERIES[name](port)
                while taken.value < MAILS and time.perf_counter() - started < 300:
                    time.sleep(0.005)
                assert taken.value == MAILS, (name, taken.value)
                rates[name].append(MAILS / (time.perf_counter() - started))
    finally:
        worker.terminate()
        worker.wait()
        server.terminate()
    return {name: statistics.median(values) for name, values in rates.items()}


def judge(name: str, value: float, op: str, goal: float) -> dict[str, Any]:
    met = {"<=": value <= goal, ">=": value >= goal, "==": value == goal}[op]
    print(f"{name}: {value:.3f} (goal {op} {goal}, met: {met})")
    return {"name": name, "value": round(value, 4), "goal": goal, "op": op, "met": met}


def judge_sweep(size: int, medians: dict[str, dict[str, float]], again: int) -> list[dict[str, Any]]:
    loop, portal, insert = (medians[name] for name in SWEEPS)
    due = size * DUE_PERCENT / 100
    for name, run in medians.items():
        print(f"  {size:>9,} {name:30} {run['seconds']:8.3f} s {run['messages']:8.0f} messages {run['mib']:7.0f} MiB")
    found = [
        judge(f"sweep_statements_{size}", portal["statements"], "==", 1),
        judge(f"sweep_messages_{size}", portal["messages"], "<=", due / 500 + 1),
        judge(f"sweep_second_run_adds_{size}", again, "==", 0),
    ]
    if size == SIZES[-1]:
        found += [
            judge("sweep_to_bare_insert", portal["seconds"] / insert["seconds"], "<=", GOAL_OF_INSERT),
            judge("sweep_faster_than_loop", loop["seconds"] / portal["seconds"], ">=", GOAL_OF_LOOP),
            judge("sweep_memory_of_loop", portal["mib"] / loop["mib"], "<=", GOAL_MEMORY),
        ]
    return found


def judge_delivery(rates: dict[str, float]) -> list[dict[str, Any]]:
    tasks, portal, limit = rates.values()
    for name, rate in rates.items():
        print(f"  {MAILS:>9,} {name:36} {rate:8.0f} mails/s")
    return [
        judge("delivery_of_smtplib", portal / limit, ">=", GOAL_OF_SMTPLIB),
        judge("delivery_of_task_each", portal / tasks, ">=", GOAL_OF_TASKS),
    ]


def main() -> int:
    """Measure, print, write the figures; returns 0 when every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round instead of three; the same sizes")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="leave out larger sizes")
    parser.add_argument("--only", choices=["sweeps", "delivery"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        contestant(options.contestant)
        return 0
    start_servers()
    rounds = 1 if options.quick else 3
    results = []
    for size in (size for size in SIZES if size <= options.most and options.only != "delivery"):
        results += judge_sweep(size, *measure_sweeps(size, rounds))
    if options.only != "sweeps":
        results += judge_delivery(measure_delivery(rounds))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if all(result["met"] for result in results) else 1


def start_servers() -> None:
    """Servers in memory that go with this process, and an empty migrated database."""
    folder = tempfile.mkdtemp(prefix="youjia-bench-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    os.chmod(folder, 0o711)
    os.environ["PORTAL_VAR"] = folder
    from portal.embedded import ensure_services
    from portal.keys import ensure_key_file

    ensure_services(ephemeral=True)
    ensure_key_file()
    setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
