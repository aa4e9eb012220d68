"""Texts that somebody copies into WeChat by hand. They name office and liaison, and say nothing of membership."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.channels.texts import office_name
from portal.models import Organization


def text_to_person(organization: Organization, liaison: str = "") -> str:
    """What a liaison ("": the office itself) writes to somebody who is due to be contacted by this organization."""
    told = {"office": office_name(organization), "name": liaison}
    if liaison:
        text = _(
            "Hello! I am %(name)s, contact person of %(office)s, and would like to know how you are. When you have"
            " a moment, please call me or write back. If you need help with anything, tell me. Thank you!"
        )
    else:
        text = _(
            "Hello! This is %(office)s. We would like to know how you are. When you have a moment, please call us or"
            " write back. If you need help with anything, tell us. Thank you!"
        )
    return text % told


def text_to_report(organization: Organization) -> str:
    """What the office or a liaison writes to somebody who should get in touch once a year; the portal sends nothing."""
    return _(
        "Hello! This is %(office)s. Once a year we would like to hear from you: how you are, and whether your number"
        " and your place of living are still the same. Please call us, write back, or open your own page if you have"
        " one. Thank you!"
    ) % {"office": office_name(organization)}


def text_with_link(organization: Organization, address: str) -> str:
    """What the office sends along with a work link; the PIN goes another way."""
    return _(
        "Hello! This is %(office)s. Here is your personal work link: open it on your own phone, type the PIN that I"
        " tell you by phone, and save the page. Please do not pass it on. %(address)s"
    ) % {"office": office_name(organization), "address": address}


def folded(text: str, label: str) -> SafeString:
    """The text to copy in a small box that opens, for a cell of a list."""
    return render_to_string("portal/copy_folded.html", {"text": text, "label": label})
