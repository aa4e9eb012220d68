"""The pillars as a file, in the offices' own form."""

from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.pillars.figures import Line, Report, Share
from portal import access
from portal.models import AuditEntry, User
from portal.sheets import Head, new_book


def export_pillars(report: Report, *, by: access.Actor) -> tuple[str, bytes]:
    """File name and content (xlsx), recorded in the operation log."""
    access.must_act(by)
    person = User.objects.filter(pk=by.user_id).first() if by.user_id else None
    today = timezone.localdate()
    title = f"{_('Pillars of the work')} {report.period.first:%Y-%m-%d}–{report.period.last:%Y-%m-%d}"
    heads = [_("organization")]
    for pillar in report.scheme.pillars:
        heads += [f"{pillar.title} · {part.title} %" for part in pillar.parts] + [f"{pillar.title} %"]
    book = new_book("xlsx", Head(report.node.name, str(person or ""), today))
    sheet = book.sheet(_("By organization"), title, heads, [24.0] + [12.0] * (len(heads) - 1))
    for line in report.lines:
        book.append(sheet, [line.title, *_cells(line)])
    AuditEntry.objects.create(
        actor=str(by), action="export_pillars", organization=report.node, object_type="portal.organization",
        object_id=report.node.pk, detail={"count": len(report.lines), "format": "xlsx"},
    )  # fmt: skip
    return f"{report.node.name}{_('Pillars of the work')}{today:%Y%m%d}.xlsx", book.content()


def _cells(line: Line) -> list[str]:
    """“75 (3/4)”: the share, and its numbers where they may be read; “—” where there is none."""
    found = []
    for cells in line.cells:
        found += [_told(share) for share in cells.shares] + ["—" if cells.mean is None else str(cells.mean)]
    return found


def _told(share: Share) -> str:
    if share.percent is None:
        return "—"
    return str(share.percent) if share.whole is None else f"{share.percent}（{share.number}/{share.whole}）"
