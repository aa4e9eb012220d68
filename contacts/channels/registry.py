"""The ways to reach people, in the order in which a round takes them: what cannot hang first."""

from contacts.channels.base import Channel
from contacts.channels.inbox import InboxChannel
from contacts.channels.mail import MailChannel
from contacts.channels.robot import RobotChannel

CHANNELS: tuple[type[Channel], ...] = (InboxChannel, MailChannel, RobotChannel)
