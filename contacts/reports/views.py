"""The page 联系服务统计, the list behind each of its numbers, and the file."""

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from contacts.enums import Side
from contacts.models import ContactObligation, Liaison
from contacts.reports import figures
from contacts.reports.choosing import asked, tools
from contacts.reports.exporting import export_report
from portal import access
from portal.downloads import file_response
from portal.models import Organization
from portal.roles import Right

ON_A_PAGE = 50


@dataclass(frozen=True)
class Cell:
    """A number with its share in per cent, and the list behind it ("" where the reader sees no members)."""

    number: int
    share: int | None
    url: str


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The numbers of one organization; POST sends them as a file (`kind`). In organization order, nobody is ranked."""
    node, period = asked(request)
    found = figures.contact_report(node, period)
    if request.method == "POST":
        return _file(request, found)
    query = {"organization": node.code, "period": period.name}
    lines = [(line, _cells(line, figures.FIGURES, query)) for line in found.lines]
    context = _frame(request) | tools(node, period) | {
        "title": gettext("Contact report"),
        "heads": figures.FIGURES,
        "sides": [Side.HOME, Side.HOST],
        "lines": lines,
        "total": _cells(found.total, figures.FIGURES, {}),
        "liaison_heads": figures.OF_LIAISON,
        "liaisons": [(line, _cells(line, figures.OF_LIAISON, query)) for line in found.liaisons],
        "unaccounted": found.total.counts.get(("unaccounted", ""), 0),
    }  # fmt: skip
    return TemplateResponse(request, "contacts/report.html", context)


@require_http_methods(["GET", "HEAD"])
def behind(request: HttpRequest) -> HttpResponse:
    """The people whom one number of the report counts. 404 where the reader sees no members."""
    node, period = asked(request)
    wish = _wish(request, node)
    page = _page_number(request)
    count, rows = figures.rows_behind(node, period, wish, (page - 1) * ON_A_PAGE, ON_A_PAGE)
    if page > 1 and not rows:
        raise Http404
    kept = request.GET.copy()
    kept.pop("page", None)
    figure = next(one for one in (*figures.FIGURES, *figures.OF_LIAISON) if one.key == (wish.figure, wish.side))
    context = _frame(request) | {
        "title": gettext("Contact report"),
        "node": node,
        "period": period,
        "figure": figure,
        "side": Side(wish.side).label if wish.side else "",
        "place": wish.liaison or wish.part,
        "rows": rows,
        "count": count,
        "page": Paginator(range(count), ON_A_PAGE).get_page(page),
        "query": kept.urlencode(),
        "back": f"{reverse('contacts:report')}?{urlencode({'organization': node.code, 'period': period.name})}",
    }
    return TemplateResponse(request, "contacts/report_rows.html", context)


def _wish(request: HttpRequest, node: Organization) -> figures.Wish:
    """The number in the address. Raises Http404 for none of the report's, or where the reader sees no members."""
    figure, side = request.GET.get("figure", ""), request.GET.get("side", "")
    seen = access.organizations(Right.VIEW_MEMBERS)
    if (figure, side) not in figures.KEYS:
        raise Http404
    if "liaison" in request.GET:
        try:
            liaison = Liaison.objects.visible_to(access.actor()).get(pk=uuid.UUID(request.GET["liaison"]))
        except (Liaison.DoesNotExist, ValueError):
            raise Http404 from None
        if (figure, side) not in {one.key for one in figures.OF_LIAISON} or not seen.filter(pk=node.pk).exists():
            raise Http404
        return figures.Wish(figure, side, liaison=liaison)
    part = request.GET.get("part", "")
    found = seen.filter(code=part).first() if "\0" not in part else None
    if found is None or (found.pk != node.pk and found.parent_id != node.pk):
        raise Http404
    return figures.Wish(figure, side, part=found)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 100_000):
        raise Http404
    return int(text[:6])


def _cells(line: figures.Line, of: tuple[figures.Figure, ...], query: dict[str, str]) -> list[Cell]:
    cells = []
    for figure in of:
        number, url = line.counts.get(figure.key, 0), ""
        if line.may_see and number:
            place = {"liaison": str(line.liaison.pk)} if line.liaison else {"part": line.organization.code}
            behind_it = query | place | {"figure": figure.name, "side": figure.side}
            url = f"{reverse('contacts:report_rows')}?{urlencode(behind_it)}"
        cells.append(Cell(number, line.share(figure), url))
    return cells


def _file(request: HttpRequest, found: figures.Report) -> HttpResponse:
    try:
        name, content = export_report(found, by=access.actor(), kind=request.POST.get("kind", "xlsx"))
    except KeyError:
        raise Http404 from None
    return file_response(name, content)


def _frame(request: HttpRequest) -> dict[str, Any]:
    options = ContactObligation._meta
    return admin.site.each_context(request) | {"opts": options, "app_label": options.app_label}
