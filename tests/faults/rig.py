"""A database full of people who are due, real workers and beats on it, and a mail server that counts."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.utils import timezone

from tests.contacts.sinks import Sink
from tests.processes import PROJECT, free_port, wait_until

# One liaison each, due since ten days; nobody else is, and only the target is reminded.
FILL = """
update members_member set state = 'archived';
insert into contacts_contactpolicy (id, organization_id, target_days, limit_days, go_live_on, before_days,
    secretary_days, community_days, street_days)
select gen_random_uuid(), id, 90, 120, '2020-01-01', 0, 0, 0, 0 from portal_organization where parent_id is null;
with place as (select id from portal_organization where id = %(place)s),
made as (
  insert into members_member (id, data_key, organization_id, name, name_pinyin, name_initials, name_grams, gender,
    ethnicity, birth_date, id_number_is_checked, member_type, join_date, full_member_date, education, occupation,
    certificate_number, new_employment, former_occupation, state,
    is_synthetic, created_at, updated_at, last_contact_on)
  select gen_random_uuid(), '', place.id, '样例' || n, 'yangli' || n, '', '{}', '', '', '', true, '', '', '', '', '',
         '', '', '', 'floating', true, now(), now(), portal.today() - 100
    from place, generate_series(1, %(count)s) n
  returning id, organization_id, name),
away as (
  insert into members_movement (id, member_id, direction, home_text, host_text, destination_kind, scope, started_on,
    joined_host_on, expected_end_on, ended_on, reason, created_at)
  select gen_random_uuid(), id, 'outflow', '', '', '', '', '2026-01', '', '', '', '', now() from made),
person as (
  insert into contacts_liaison (id, data_key, organization_id, name, kind, email, is_active)
  select gen_random_uuid(), '', organization_id, name, 'committee', 'liaison-' || substr(name, 3) || '@example.invalid',
         true from made
  returning id, name)
insert into contacts_liaisonassignment (id, member_id, liaison_id, is_primary, started_on)
select gen_random_uuid(), made.id, person.id, true, portal.today() - 300 from made join person using (name);
"""
STATES = "select state, reason, count(*) from contacts_outboundmessage where due_on = portal.today() - 10 group by 1, 2"


class Rig:
    """Workers and beats on one database and one Redis, and the mail server that they write to."""

    def __init__(self, environment: dict[str, str], owner: Any, sink: Sink, port: int) -> None:
        day = timezone.localdate()
        morning = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
        self.environment = os.environ | environment | {
            "PORTAL_EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "PORTAL_TEST_SHIFT": str((morning - timezone.now()).total_seconds()),
            "C_FORCE_ROOT": "1",
        }  # fmt: skip
        self.owner, self.sink = owner, sink
        self.processes: list[subprocess.Popen] = []
        self.killed, self.chance = 0, random.Random()

    def fill(self, place: Any, count: int) -> None:
        """`count` people who are due, of one organization, with a liaison each."""
        self.count = count
        for statement in FILL.split(";\n"):
            if statement.strip():
                named = {"place": place, "count": count}
                self.owner.execute(statement, {key: value for key, value in named.items() if f"%({key})" in statement})

    def start(self, *kinds: str) -> None:
        """Start workers ("worker") and beats ("beat"), each in a process group of its own."""
        for kind in kinds:
            command = ["celery", "--app", "tests.faults.hurried", "--quiet", kind, "--loglevel", "warning"]
            if kind == "worker":
                command += ["--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"]
            else:
                command += ["--schedule", f"{os.environ['PORTAL_VAR']}/hurried-{free_port()}", "--pidfile", ""]
            self.processes.append(subprocess.Popen(
                [sys.executable, "-m", *command], cwd=PROJECT, env=self.environment, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))  # fmt: skip

    def stop(self) -> None:
        while self.processes:
            process = self.processes.pop()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_worker_in_mail(self) -> None:
        """kill -9 at a random moment after the next mail has come: the child alone or the worker with it, by turns."""
        before = len(self.sink.taken)
        assert wait_until(lambda: len(self.sink.taken) > before or self.is_done(), 60), self.states()
        time.sleep(self.chance.uniform(0, 0.15))
        worker = self.processes[-1]
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        if self.killed % 2 and children:
            for child in children:
                os.kill(int(child), signal.SIGKILL)
        else:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
            self.processes.pop()
            self.start("worker")
        self.killed += 1

    def states(self) -> list[tuple[str, str, int]]:
        return [tuple(row) for row in self.owner.execute(STATES).fetchall()]

    def is_done(self) -> bool:
        """Everything is sent, or stands among what did not arrive: interrupted twice, for a person to decide."""
        return (
            sum(number for _state, _reason, number in self.states())
            == self.count
            == sum(number for state, reason, number in self.states() if state == "sent" or reason == "twice")
        )

    def judge(self, killed: int | None = None) -> dict[str, int]:
        """Nothing lost, nothing doubled for whoever knows a Message-ID; for others one each kill at most, marked."""
        by_person: dict[str, set[str]] = {}
        for address, message_id, _subject in self.sink.taken:
            by_person.setdefault(address, set()).add(message_id)
        for_a_person = sum(number for _state, reason, number in self.states() if reason == "twice")
        lost = self.count - len(by_person)
        doubled = sum(len(ids) - 1 for ids in by_person.values())
        repeated = {key: number - 1 for key, number in Counter(self.sink.ids()).items() if number > 1}
        assert lost <= for_a_person
        assert doubled == 0
        assert sum(repeated.values()) <= (self.killed if killed is None else killed)
        assert set(repeated) <= set(self.sink.marked)
        return {"people": self.count, "killed": self.killed, "not arrived": lost, "for a person": for_a_person,
                "doubled": doubled, "seen twice, marked": sum(repeated.values())}  # fmt: skip


@contextmanager
def mail_server() -> Iterator[tuple[Sink, int]]:
    """A sink that takes its time, so that there is a middle of a mail to be killed in."""
    sink, port = Sink(), free_port()
    sink.wait = 0.03
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    yield sink, port
    sink.go_on.set()
    controller.stop()
