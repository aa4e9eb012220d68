"""The portal's own page of reminders, for those of whom no e-mail address is known. (Whoever gets a mail finds it there
too: contacts/inbox_views.py shows every digest to its reader.)"""

from uuid import UUID

from contacts import mails
from contacts.channels.base import Channel, Outcome, Parcel
from contacts.enums import ChannelName, MessageReason, MessageState


class InboxChannel(Channel):
    name = ChannelName.INBOX.value

    def load(self, messages: list[UUID]) -> dict[UUID, mails.Letter]:
        return mails.load(messages)

    def send(self, parcel: Parcel) -> Outcome:
        """Nothing leaves the portal: being claimed and still due, it stands on the page."""
        return Outcome(MessageState.SENT, MessageReason.PORTAL_ONLY)
