"""Writing a version of the letter, and storing a street's drawing. `by` is the actor of the current scope."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from checkin.letters.drawings import read_drawing, small_copy
from checkin.letters.layout import is_readable
from checkin.letters.models import LetterVersion, StandardDrawing
from checkin.letters.wording import CODE_FIELD, Wording, codes_in, unknown_fields
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right


def check_wording(title: str, body: str) -> None:
    """Raise ValidationError unless every field is known, the code stands on a line of its own, and one page does."""
    unknown = unknown_fields(title) + unknown_fields(body)
    if unknown:
        raise ValidationError(_("There is no such field: %(fields)s") % {"fields": "、".join(unknown)})
    if codes_in(body) != (1, 1) or CODE_FIELD in title:
        raise ValidationError(_("{%(code)s} must stand once, on a line of its own.") % {"code": CODE_FIELD})
    if not is_readable(Wording(title, body, "")):
        raise ValidationError(_("The letter is too long for one page. Please shorten it."))


@transaction.atomic
def write_letter(*, organization: Organization, title: str, body: str, latest: int, by: access.Actor) -> LetterVersion:
    """The next version, in force at once. `latest` is the number of the version that the writer saw, 0 for none.

    Raises ValidationError for a wording that cannot be printed, or when somebody wrote a version meanwhile;
    PermissionDenied without the right.
    """
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, organization)
    title, body = title.strip(), body.replace("\r\n", "\n").rstrip()
    check_wording(title, body)
    if latest_number(organization, lock=True) != latest:
        raise ValidationError(written_meanwhile(organization))
    version = LetterVersion(
        organization=organization, number=latest + 1, title=title, body=body, written_by_id=by.user_id
    )
    version.save(force_insert=True)
    return version


def latest_number(organization: Organization, *, lock: bool = False) -> int:
    """The number of the organization's own latest version, 0 where it wrote none; with `lock` it stays the latest until
    this transaction ends, so two writers come one after the other."""
    if lock:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(7311, hashtext(%s))", [str(organization.pk)])
    return LetterVersion.objects.filter(organization=organization).aggregate(n=Max("number"))["n"] or 0


def written_meanwhile(organization: Organization) -> str:
    return _("%(organization)s has a newer version of the letter. Please open it, and write yours from that one.") % {
        "organization": organization
    }


@transaction.atomic
def store_drawing(*, street: Organization, content: bytes, by: access.Actor) -> StandardDrawing:
    """Keep an uploaded picture as the street's drawing, in place of an earlier one.

    Raises ValidationError for what is no fit picture or no street, PermissionDenied without the right.
    """
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, street)
    if street.kind != OrganizationKind.STREET:
        raise ValidationError(_("A drawing is uploaded by the street; its communities use it, too."))
    drawing = read_drawing(content)
    row, _is_new = StandardDrawing.objects.update_or_create(
        organization=street,
        defaults={
            "png": drawing.png, "width": drawing.width, "height": drawing.height, "small": small_copy(drawing),
            "stored_at": timezone.now(), "stored_by_id": by.user_id,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def remove_drawing(*, street: Organization, by: access.Actor) -> None:
    """Print without a drawing from now on. Again: no change. Raises PermissionDenied without the right."""
    access.must_act(by)
    access.require(Right.RUN_CHECKIN, street)
    StandardDrawing.objects.filter(organization=street).delete()


def drawing_at_head() -> StandardDrawing | None:
    """The drawing of the street in which all that the actor was granted lies; None for work in several streets."""
    nodes = {node for right in (Right.VIEW_MEMBERS, Right.RUN_CHECKIN) for node in access.granted_nodes(right)}
    paths = Organization.objects.filter(pk__in=nodes).values_list("path", flat=True)
    drawings = StandardDrawing.objects.all()  # of the own street or above it: wall two judges
    for path in paths:
        drawings = drawings.filter(organization__path__ancestors=path)
    return drawings.order_by("-organization__path").first() if nodes else None
