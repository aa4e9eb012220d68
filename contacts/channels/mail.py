"""E-mail: one connection for a batch; the digest's key is the Message-ID, so a repetition can be recognized."""

import logging
import smtplib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.core.mail.message import sanitize_address

from contacts import mails
from contacts.channels.base import Channel, Outcome, Parcel
from contacts.enums import ChannelName, MessageReason, MessageState

logger = logging.getLogger(__name__)


class MailChannel(Channel):
    name = ChannelName.MAIL.value

    def __init__(self) -> None:
        self.postman: Any = mail.get_connection()
        self.sender = sanitize_address(settings.DEFAULT_FROM_EMAIL, "utf-8")

    def load(self, messages: list[UUID]) -> dict[UUID, mails.Letter]:
        return mails.load(messages)

    def open(self) -> bool:
        try:
            self.postman.open()
        except (OSError, smtplib.SMTPException):
            self.close()
            return False
        return True

    def send(self, parcel: Parcel) -> Outcome:
        if not parcel.letter.address:  # taken away since it was planned: the portal's own page says it as well
            return Outcome(MessageState.SENT, MessageReason.PORTAL_ONLY)
        try:
            text = mails.render(parcel.letter, parcel.messages, digest=parcel.key, is_resend=parcel.is_resend)
            self._post(text)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()  # the state of a connection after an error is anybody's guess
            return _judge(error)
        return Outcome(MessageState.SENT)

    def _post(self, text: mails.Written) -> None:
        """Hand the mail over; straight to the server where the address needs no second look."""
        server = getattr(self.postman, "connection", None)
        if text.is_plain and isinstance(server, smtplib.SMTP):
            server.sendmail(self.sender, text.to, text.message().as_bytes(linesep="\r\n"))
        else:
            self.postman.send_messages([text])

    def close(self) -> None:
        try:
            self.postman.close()
        except (OSError, smtplib.SMTPException):
            logger.info("the mail connection was already gone")


def _judge(error: Exception) -> Outcome:
    """What an error says about the mail: refused for good, refused for now, or dropped on the way (it may be there)."""
    if isinstance(error, ValueError) and not isinstance(error, OSError):  # an address that cannot be written
        return Outcome(MessageState.FAILED, MessageReason.REFUSED)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return Outcome(MessageState.UNSURE, MessageReason.INTERRUPTED)
    return Outcome(MessageState.FAILED if min(codes) >= 500 else MessageState.RETRY, MessageReason.REFUSED)
