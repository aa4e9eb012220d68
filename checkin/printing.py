"""Posters and letters of points: who hangs where, the address in the code, and files of one or of many."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from checkin.codes import make_code
from checkin.letters.layout import LetterText, letter_page
from checkin.letters.stationery import Stationery
from checkin.letters.wording import Wording
from checkin.models import CheckinCode, CheckinPoint
from checkin.paper.as_pdf import pdf_of
from checkin.paper.as_png import png_of
from checkin.paper.as_svg import svg_of
from checkin.paper.marks import Page
from checkin.posters import PosterText, poster_page
from portal.models import Organization

FORMATS = ("pdf", "svg", "png")


class Print(TextChoices):
    """What is printed for a point."""

    POSTER = "poster", _("Posters")
    LETTER = "letter", _("Letters to members who come")


def public_address(code: CheckinCode) -> str:
    """The address in a printed code: the portal's own, without any personal data."""
    return settings.BASE_URL + reverse("report_in", args=[make_code(code.pk)])


def pages_of(
    points: Iterable[CheckinPoint], what: str, wording: Wording | None = None
) -> list[tuple[CheckinPoint, Page]]:
    """The posters or letters; points without a code in force are left out. Wants organization and codes prefetched.

    `wording`: an old version of the letter, instead of the one in force.
    """
    wanted = [point for point in points if point.is_active and point.code_in_force]
    stationery = Stationery(point.organization for point in wanted)
    if what == Print.LETTER:
        return [(point, letter_page(_letter_text(point, stationery, wording))) for point in wanted]
    return [(point, poster_page(_poster_text(point, stationery))) for point in wanted]


def _address(point: CheckinPoint) -> str:
    code = point.code_in_force
    assert code is not None  # only points with a code are printed
    return public_address(code)


def _poster_text(point: CheckinPoint, stationery: Stationery) -> PosterText:
    return PosterText(
        street=_heading(point.organization, stationery),
        point_name=point.name,
        address=point.address,
        hours=point.hours,
        contact_name=point.contact_name,
        contact_phone=point.contact_phone,
        url=_address(point),
        short_link=_short_link(point, stationery),
        drawing=stationery.drawing(point.organization),
        demo=settings.DEMO,
    )


def _short_link(point: CheckinPoint, stationery: Stationery) -> str:
    """What is typed by hand: host and path, as people say an address."""
    word = stationery.word(point.organization)
    return urlsplit(settings.BASE_URL).netloc + reverse("report_in_link", args=[word]) if word else ""


def _heading(organization: Organization, stationery: Stationery) -> str:
    """Street and community, as far as there are both: 杏花村街道 五里社区."""
    return " ".join(dict.fromkeys([str(stationery.street(organization)), str(organization)]))


def _letter_text(point: CheckinPoint, stationery: Stationery, wording: Wording | None) -> LetterText:
    street = str(stationery.street(point.organization))
    values = {
        "街道": street, "社区": str(point.organization), "报到点": point.name, "地址": point.address,
        "开放时间": point.hours, "联系人": point.contact_name, "电话": point.contact_phone,
    }  # fmt: skip
    return LetterText(
        wording=wording or stationery.wording(point.organization),
        values=values,
        url=_address(point),
        signature=street,
        on=timezone.localdate(),
        short_link=_short_link(point, stationery),
        drawing=stationery.drawing(point.organization),
        demo=settings.DEMO,
    )


def page_file(page: Page, kind: str) -> bytes:
    """One page as pdf, svg or png."""
    if kind == "pdf":
        return pdf_of([page])
    return svg_of(page).encode() if kind == "svg" else png_of(page)


def file_name(number: int, point: CheckinPoint, kind: str) -> str:
    """Numbered, since two points may have the same name: 01-340103005006-松竹社区报到点.pdf."""
    return f"{number:02d}-{point.organization.code}-{get_valid_filename(point.name)}.{kind}"


def zip_of(pages: Sequence[tuple[CheckinPoint, Page]], kind: str) -> bytes:
    """A ZIP with one file for each point."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (point, page) in enumerate(pages, start=1):
            # a picture is packed already
            how = zipfile.ZIP_STORED if kind == "png" else zipfile.ZIP_DEFLATED
            archive.writestr(file_name(number, point, kind), page_file(page, kind), how)
    return target.getvalue()
