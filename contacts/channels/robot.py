"""The robot of a work group (WeCom; the robots of DingTalk read the same): one text per organization and day.

A robot knows no key by which a repetition is recognized: what may have arrived is sent again once, and says so.
"""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.channels.base import Channel, Outcome, Parcel
from contacts.channels.texts import GroupLetter, group_letters, group_text
from contacts.enums import ChannelName, MessageReason, MessageState
from portal import outgoing

MOST_BYTES = 2000  # of a text; WeCom takes 2,048
BUSY = {-1, 45009, 45033, 130101}  # busy, or too often just now: WeCom's and DingTalk's codes
GATEWAYS = {502, 504}  # these do not know what became of what they passed on
TOO_MANY = 429


class RobotChannel(Channel):
    name = ChannelName.ROBOT.value

    def load(self, messages: list[UUID]) -> dict[UUID, GroupLetter]:
        return group_letters(messages)

    def send(self, parcel: Parcel) -> Outcome:
        with translation.override(settings.LANGUAGE_CODE):
            text = group_text(parcel.letter, most_bytes=MOST_BYTES)
            if parcel.is_resend:
                text += "\n" + _("(Sending was interrupted: you may have this twice.)")
        return say(parcel.letter.webhook, text)


def say(webhook: str, text: str) -> Outcome:
    """Let a robot say a text, once. Raises nothing: whatever goes wrong is an outcome."""
    try:
        answer = outgoing.post_json(webhook, {"msgtype": "text", "text": {"content": text}})
    except outgoing.NotAllowed:
        return Outcome(MessageState.FAILED, MessageReason.NOT_ALLOWED)
    except outgoing.NotReached:
        return Outcome(MessageState.RETRY, MessageReason.NOT_REACHED)
    except outgoing.Unclear:
        return Outcome(MessageState.UNSURE, MessageReason.INTERRUPTED)
    return _judge(answer)


def _judge(answer: outgoing.Answer) -> Outcome:
    """A robot says 200 to whatever it was asked; whether it said the text stands in `errcode`."""
    if answer.status in GATEWAYS:
        return Outcome(MessageState.UNSURE, MessageReason.INTERRUPTED)
    if answer.status != 200:
        is_for_now = answer.status >= 500 or answer.status == TOO_MANY
        return Outcome(MessageState.RETRY if is_for_now else MessageState.FAILED, MessageReason.REFUSED)
    code = _code(answer.body)
    if code is None:  # not a robot that talks: a page of some box on the way, or the rest was lost
        return Outcome(MessageState.UNSURE, MessageReason.INTERRUPTED)
    if code == 0:
        return Outcome(MessageState.SENT)
    return Outcome(MessageState.RETRY if code in BUSY else MessageState.FAILED, MessageReason.REFUSED)


def _code(body: bytes) -> int | None:
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = told.get("errcode") if isinstance(told, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None
