"""The report as a file, in the offices' own form."""

from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.enums import Side
from contacts.reports.figures import FIGURES, OF_LIAISON, Figure, Line, Report
from portal import access
from portal.models import AuditEntry, User
from portal.sheets import Head, new_book


def export_report(report: Report, *, by: access.Actor, kind: str) -> tuple[str, bytes]:
    """File name and content, recorded in the operation log. Raises KeyError for an unknown kind."""
    access.must_act(by)
    person = User.objects.filter(pk=by.user_id).first() if by.user_id else None
    today = timezone.localdate()
    book = new_book(kind, Head(report.node.name, str(person or ""), today))
    title = f"{_('Contact report')} {report.period.first:%Y-%m-%d}–{report.period.last:%Y-%m-%d}"
    lines = [*report.lines, report.total]
    by_office = book.sheet(_("By organization"), title, [_("organization"), *_heads(FIGURES)], _widths(FIGURES))
    for line in lines:
        book.append(by_office, [line.title, *_cells(line, FIGURES)])
    if report.liaisons:
        heads = [_("liaison"), *_heads(OF_LIAISON)]
        by_liaison = book.sheet(_("By liaison"), title, heads, _widths(OF_LIAISON), mark=_("By liaison"))
        for line in report.liaisons:
            book.append(by_liaison, [f"{line.title}（{line.organization}）", *_cells(line, OF_LIAISON)])
    AuditEntry.objects.create(
        actor=str(by), action="export_report", organization=report.node, object_type="portal.organization",
        object_id=report.node.pk, detail={"count": len(lines) + len(report.liaisons), "format": kind},
    )  # fmt: skip
    return f"{report.node.name}{_('Contact report')}{today:%Y%m%d}.{kind}", book.content()


def _heads(figures: tuple[Figure, ...]) -> list[str]:
    heads = []
    for figure in figures:
        side = f"{Side(figure.side).label} · " if figure.side else ""
        heads.append(f"{side}{figure.title}")
        if figure.of:
            heads.append(f"{side}{figure.title} %")
    return heads


def _widths(figures: tuple[Figure, ...]) -> list[float]:
    return [24.0] + [10.0] * len(_heads(figures))


def _cells(line: Line, figures: tuple[Figure, ...]) -> list[str]:
    cells = []
    for figure in figures:
        cells.append(str(line.counts.get(figure.key, 0)))
        if figure.of:
            share = line.share(figure)
            cells.append("—" if share is None else str(share))
    return cells
