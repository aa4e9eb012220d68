"""A mail server for tests that keeps what it takes and misbehaves on request."""

import asyncio
import threading
from email import message_from_bytes, policy
from typing import Any


class Sink:
    """Keeps what it takes; `answer`, `refuse`, `drop` and `wait` (seconds) say how it misbehaves."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []  # to whom, Message-ID, subject
        self.marked: list[str] = []  # Message-IDs of those that say they may be a repetition
        self.answer, self.refuse, self.drop, self.wait = "250 OK", "", False, 0.0
        self.got_one, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("liaison0") and self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        answer = self.answer  # what a test sets meanwhile is for the next mail
        if answer.startswith("250"):
            self.taken.append((envelope.rcpt_tos[0], message["Message-ID"], message["Subject"]))
            if "可能" in message.get_content() or "twice" in message.get_content():
                self.marked.append(message["Message-ID"])
        is_first = not self.got_one.is_set()
        self.got_one.set()
        while is_first and not self.go_on.is_set():
            await asyncio.sleep(0.02)
        await asyncio.sleep(self.wait)
        if self.drop:
            server.transport.close()
        return answer

    def ids(self, prefix: str = "liaison") -> list[str]:
        return [message_id for address, message_id, _subject in self.taken if address.startswith(prefix)]
