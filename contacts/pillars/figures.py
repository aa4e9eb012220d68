"""The shares of every office under the pillars that hold at a node. The numbers come from the database, which asks the
right and hides small ones above the street (contacts/sql/pillars.sql)."""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.pillars.services import Part, Pillar, Scheme, scheme_of
from contacts.reports.figures import Period
from portal.asking import ask_rows
from portal.models import Organization


@dataclass(frozen=True)
class Share:
    """Per cent, and the numbers it comes from; None where there is nothing to count, or it is hidden."""

    percent: int | None = None
    number: int | None = None
    whole: int | None = None


@dataclass(frozen=True)
class Cells:
    """One pillar of one office: the share of each part, and their mean by weight (None: nothing that counts)."""

    shares: tuple[Share, ...]
    mean: int | None


@dataclass(frozen=True)
class Line:
    """One office right below the node, the node's own part, or all of it (the last line)."""

    title: str
    organization: Organization
    cells: tuple[Cells, ...]


@dataclass(frozen=True)
class Report:
    node: Organization
    period: Period
    scheme: Scheme
    lines: list[Line]


def pillar_report(node: Organization, period: Period) -> Report:
    """The shares of the organizations right below the node, in organization order, and of all of it as the last line.

    Raises PermissionDenied without the right to see totals.
    """
    found: dict[uuid.UUID | None, dict[str, Share]] = {}
    for place, metric, percent, number, whole in ask_rows("pillar_counts", node.pk, period.first, period.until):
        found.setdefault(place, {})[metric] = Share(percent, number, whole)
    scheme = scheme_of(node)
    children = [
        one
        for one in Organization.objects.filter(parent=node).order_by("code")
        if one.is_active or one.pk in found
    ]  # fmt: skip
    lines = [_line(str(child), child, scheme, found.get(child.pk, {})) for child in children]
    if children and node.pk in found:
        title = _("%(organization)s itself") % {"organization": node}
        lines.append(_line(title, node, scheme, found[node.pk]))
    lines.append(_line(_("All together") if children else str(node), node, scheme, found.get(None, {})))
    return Report(node, period, scheme, lines)


def _line(title: str, organization: Organization, scheme: Scheme, shares: dict[str, Share]) -> Line:
    return Line(title, organization, tuple(_cells(pillar, shares) for pillar in scheme.pillars))


def _cells(pillar: Pillar, shares: dict[str, Share]) -> Cells:
    found = tuple(shares.get(part.metric, Share()) for part in pillar.parts)
    return Cells(found, _mean(pillar.parts, found))


def _mean(parts: tuple[Part, ...], shares: tuple[Share, ...]) -> int | None:
    """By weight, of the parts that have a share; what nobody had occasion for weighs nothing."""
    counted = [(part.weight, share.percent) for part, share in zip(parts, shares, strict=True)
               if share.percent is not None and part.weight]  # fmt: skip
    weights = sum(weight for weight, _percent in counted)
    return round(sum(weight * percent for weight, percent in counted) / weights) if weights else None
