"""Posters of points: who hangs where, and the address in the code."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from checkin.codes import make_code
from checkin.models import CheckinCode, CheckinPoint
from checkin.posters import PosterText, poster_pdf, poster_png, poster_svg
from portal.models import Organization, OrganizationKind

CONTENT_TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


def public_address(code: CheckinCode) -> str:
    """The address in a printed code: the portal's own, without any personal data."""
    return settings.BASE_URL + reverse("report_in", args=[make_code(code.pk)])


def poster_texts(points: Iterable[CheckinPoint]) -> list[tuple[CheckinPoint, PosterText]]:
    """What the posters say; points without a code in force are left out. Wants organization and codes prefetched."""
    streets: dict[object, str] = {}
    texts = []
    for point in points:
        code = point.code_in_force
        if code is None or not point.is_active:
            continue
        if point.organization_id not in streets:
            streets[point.organization_id] = _heading(point.organization)
        texts.append((point, _poster_text(point, code, streets[point.organization_id])))
    return texts


def _poster_text(point: CheckinPoint, code: CheckinCode, street: str) -> PosterText:
    return PosterText(
        street=street,
        point_name=point.name,
        address=point.address,
        hours=point.hours,
        contact_name=point.contact_name,
        contact_phone=point.contact_phone,
        url=public_address(code),
        demo=settings.DEMO,
    )


def _heading(organization: Organization) -> str:
    """Street and community, as far as there are both: 杏花村街道 五里社区."""
    street = Organization.objects.above(organization).filter(kind=OrganizationKind.STREET).last()
    names = [str(node) for node in (street, organization) if node is not None]
    return " ".join(dict.fromkeys(names))


def poster_file(poster: PosterText, kind: str) -> bytes:
    """One poster as pdf, svg or png."""
    if kind == "pdf":
        return poster_pdf([poster])
    return poster_svg(poster).encode() if kind == "svg" else poster_png(poster)
