"""What a way to reach people is to the rounds of reminders (contacts/outbox.py)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contacts.enums import MessageState


@dataclass(frozen=True)
class Parcel:
    """One digest that is being sent. `key` stays the same when it is sent again; `letter` is what `load` read of it;
    of its outbox rows only `messages` are still to be told."""

    key: UUID
    letter: Any
    messages: list[UUID]
    is_resend: bool


@dataclass(frozen=True)
class Outcome:
    """What became of a parcel: SENT; RETRY or FAILED where it was refused; UNSURE where nobody knows if it went."""

    state: MessageState
    reason: str = ""


class Channel:
    """One way to reach people. A further one (SMS) is a class like these, named in contacts.channels.registry.

    A round makes one for its batch: `load` within the claim's transaction; then, outside of any, `open` before each
    parcel, `send`, and `close` in the end. Claims, leases, marks and repetitions are the outbox's business.
    """

    name = ""  # as it stands in Digest.channel

    def load(self, messages: list[UUID]) -> dict[UUID, Any]:
        """What each digest of these outbox rows will say, by digest; one without anything to say is left out."""
        raise NotImplementedError

    def open(self) -> bool:
        """Whether the server can be reached; if not, what is left waits for another round."""
        return True

    def send(self, parcel: Parcel) -> Outcome:
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what `open` took."""
