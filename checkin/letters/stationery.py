"""Which letter, which drawing and which street hold for a point: those of the nearest organization that has one."""

from collections.abc import Iterable

from checkin.letters.models import LetterVersion, StandardDrawing
from checkin.letters.wording import SHIPPED, Wording
from checkin.paper.marks import Drawing
from checkin.queue.models import ReportInLink
from portal.models import Organization, OrganizationKind


class Stationery:
    """What hangs over the given organizations, read in four queries however many they are.

    The organizations are rows that the actor has reached already; wall two judges what stands above them. An address
    to type is printed for whoever may see it: a community's clerk prints the community's own, not the street's.
    """

    def __init__(self, organizations: Iterable[Organization]) -> None:
        above = sorted({path for organization in organizations for path in _upwards(organization)})
        self._streets = {
            str(node.path): node for node in Organization.objects.filter(path__in=above, kind=OrganizationKind.STREET)
        }
        versions = LetterVersion.objects.filter(organization__path__in=above).select_related("organization")
        latest = versions.order_by("organization_id", "-number").distinct("organization_id")
        self._letters = {str(version.organization.path): version for version in latest}
        drawings = StandardDrawing.objects.filter(organization__path__in=above).select_related("organization")
        self._drawings = {
            str(row.organization.path): Drawing(bytes(row.png), row.width, row.height) for row in drawings
        }

        links = ReportInLink.objects.filter(organization__path__in=above, is_active=True).select_related("organization")
        self._words = {str(link.organization.path): link.word for link in links.order_by("-word")}

    def word(self, organization: Organization) -> str:
        """The last word of the address for reporting in without a poster; "" where there is none."""
        return next((self._words[path] for path in _upwards(organization) if path in self._words), "")

    def street(self, organization: Organization) -> Organization:
        """The street that the organization is or belongs to; itself where there is none (a district's own point)."""
        return next((self._streets[path] for path in _upwards(organization) if path in self._streets), organization)

    def letter(self, organization: Organization) -> LetterVersion | None:
        """The version in force there; None where the one that ships is."""
        return next((self._letters[path] for path in _upwards(organization) if path in self._letters), None)

    def wording(self, organization: Organization) -> Wording:
        version = self.letter(organization)
        return SHIPPED if version is None else version.wording

    def drawing(self, organization: Organization) -> Drawing | None:
        return next((self._drawings[path] for path in _upwards(organization) if path in self._drawings), None)


def _upwards(organization: Organization) -> list[str]:
    """The paths of the organization and of everything above it, the nearest first."""
    labels = str(organization.path).split(".")
    return [".".join(labels[:depth]) for depth in range(len(labels), 0, -1)]
