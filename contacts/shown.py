"""What a member sees of the own liaison: the name and a number of the office. Never the liaison's own mobile number."""

from dataclasses import dataclass

from contacts.models import LiaisonAssignment
from members.models import Member


@dataclass(frozen=True)
class ShownLiaison:
    """Fit to be printed or shown to the member; `office_phone` is "" where the office gave none."""

    name: str
    office_phone: str


def liaison_shown_to(member: Member) -> ShownLiaison | None:
    """The member's liaison as the member may see it; None without one who is active. One query, under the rights of
    who acts. The member's own page, which acts as the member, asks the database for the same two columns."""
    rows = LiaisonAssignment.objects.open().filter(member=member, is_primary=True, liaison__is_active=True)
    row = rows.values_list("liaison__name", "liaison__office_phone").first()
    return ShownLiaison(*row) if row else None
