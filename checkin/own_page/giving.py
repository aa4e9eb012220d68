"""How the office gives a member a personal link to the own page, and takes it back."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from checkin import devices
from checkin.device_models import MemberDevice
from members.enums import MemberState
from members.models import Member
from portal import access, links
from portal.models import LinkSubject, WorkLink

ABROAD = "境外"
TAIL = 4


def why_none(member: Member) -> str:
    """Why there is no page for this member, in a sentence; "" where there may be one (as portal.member_of_link)."""
    if member.same_as_id is not None or member.state not in (MemberState.PENDING, MemberState.FLOATING):
        return _("There is a page for members who are away now only.")
    if member.movements.filter(ended_on="", scope=ABROAD).exists():
        return _("Members abroad get no personal link. Their own branch at home keeps in touch.")
    return ""


def known_figures(member: Member) -> str:
    """The last four figures of the member's own number, which nobody has to be told; "" where no number is stored."""
    return member.mobile[-TAIL:] if member.mobile[-TAIL:].isdecimal() and len(member.mobile) >= 11 else ""


def issue_link(*, member: Member, by: access.Actor) -> links.Issued:
    """Make a personal link of the member; a former one ends. The phone asks for `known_figures`, or for a PIN.

    Raises ValidationError where there may be no page, else as portal.links.issue.
    """
    reason = why_none(member)
    if reason:
        raise ValidationError(reason)
    return links.issue(
        organization=member.organization, kind=LinkSubject.MEMBER, subject_id=member.pk, by=by,
        pin=known_figures(member),
    )  # fmt: skip


def revoke_link(*, member: Member, by: access.Actor) -> None:
    """End the member's link and the phones that were confirmed, as far as there are any."""
    for link in links.open_links(member.organization, LinkSubject.MEMBER, member.pk):
        links.close(link=link, by=by)
    for device in phones_of(member, by):
        devices.revoke(device=device, by=by)


def phones_of(member: Member, by: access.Actor) -> models.QuerySet[MemberDevice]:
    """Phones in use that were confirmed for the member at activities: they open the page without a link."""
    rows = MemberDevice.objects.visible_to(by).filter(member=member, revoked_at=None)
    return rows.select_related("member__organization")


def latest_link(member: Member) -> WorkLink | None:
    """The link that was made last, whatever became of it."""
    return links.latest_links(member.organization, LinkSubject.MEMBER, member.pk).first()


def text_to_send(member: Member, issued: links.Issued) -> str:
    """What the office sends along with the address: nothing in it says what the person is."""
    address = settings.BASE_URL + reverse("own_page", args=[issued.token])
    asked = (
        _("When it asks, type the last four figures of your own phone number.")
        if known_figures(member)
        else _("When it asks, type the six figures that we tell you by phone.")
    )
    return "\n".join([
        _("%(office)s · community services: this is your personal page. Please open it on your own phone.") % {
            "office": member.organization.short_name or member.organization.name},
        address,
        asked,
        _("It is for you alone: please do not pass it on."),
    ])  # fmt: skip
