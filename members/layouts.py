"""In which columns a ledger goes out: as it last came in, as it came in from a named file, or in a fixed form."""

from typing import Any

from django.utils.translation import gettext as _

from members.enums import ImportState
from members.file_fields import FIELDS, Sensitivity
from members.layout_columns import LayoutColumn, layout_in
from members.models import LedgerImport
from members.resources import HEADERS, USUAL_LAYOUT
from portal.models import Organization

OWN, STANDARD, COMPLETE = "own", "standard", "complete"
MOST_NAMED = 5
# 党员基本信息汇总表, annex 4 of the national collection: what a superior office asks for most.
_NATIONAL = (
    "序号:seq 姓名:name 所在党支部:home_organization 公民身份证号:id_number 性别:gender 民族:ethnicity "
    "出生日期:birth_date 学历:education 人员类别:member_type 加入党组织日期:join_date "
    "转为正式党员日期:full_member_date 工作岗位:occupation 手机号:mobile 家庭住址:current_address"
)
_PAIRS = (part.split(":") for part in _NATIONAL.split())
FORMS = {"national": [LayoutColumn(header, name) for header, name in _PAIRS]}


class UnknownLayout(Exception):
    """There is no layout of this name; `known` are the names that there are."""

    def __init__(self, known: list[str]) -> None:
        super().__init__()
        self.known = known


def layout_choices(organization: Organization) -> list[tuple[str, str]]:
    """(name, label) of every layout for an organization, the one to be expected first."""
    names = _file_names(organization)
    own = [(OWN, _("as in the last import: %(file)s") % {"file": names[0]})] if names else []
    if not own and latest_layout(organization):
        own = [(OWN, _("as in the last import"))]
    fixed = [(STANDARD, _("standard columns")), (COMPLETE, _("all columns of the member file"))]
    named = [(name, _("as in %(file)s") % {"file": name}) for name in names[1:]]
    return [*own, *fixed, ("national", _("summary form of basic information (annex 4)")), *named]


def find_layout(organization: Organization, name: str) -> list[LayoutColumn]:
    """The layout of this name ("" = as in the last import, else the standard one). Raises UnknownLayout."""
    if name == STANDARD:
        return USUAL_LAYOUT
    if name == COMPLETE:
        return complete_layout()
    if name in FORMS:
        return FORMS[name]
    if name in ("", OWN):
        return latest_layout(organization) or USUAL_LAYOUT
    batch = _imports().filter(organization__in=_near(organization), file_name=name).first()
    layout = layout_in(batch.columns) if batch is not None else []
    if not layout:
        raise UnknownLayout([choice for choice, _label in layout_choices(organization)])
    return layout


def complete_layout() -> list[LayoutColumn]:
    """Every field that a ledger can hold, the usual ones first; no notes on needs or thoughts, and no age."""
    left_out = {column.field for column in USUAL_LAYOUT} | {"age", "party_age"}
    left_out |= {field.in_ledger for field in FIELDS if field.sensitivity >= Sensitivity.GRAVE}
    rest = (LayoutColumn(header, name) for name, header in HEADERS.items() if name not in left_out)
    return [*USUAL_LAYOUT, *rest]


def latest_layout(organization: Organization) -> list[LayoutColumn]:
    """Columns of the last applied import of an organization, else of one above or below it; empty for none."""
    above = Organization.objects.above(organization).values_list("pk", flat=True)
    below = Organization.objects.below(organization).values_list("pk", flat=True)
    for nodes in ([organization.pk], list(above), list(below)):
        batch = _imports().filter(organization__in=nodes).first()
        if batch is not None:
            return layout_in(batch.columns)
    return []


def _imports() -> Any:
    return LedgerImport.objects.filter(state=ImportState.APPLIED).defer("report_sealed").order_by("-applied_at")


def _near(organization: Organization) -> list[Any]:
    return [*Organization.objects.above(organization), *Organization.objects.below(organization)]


def _file_names(organization: Organization) -> list[str]:
    names = _imports().filter(organization__in=_near(organization)).values_list("file_name", flat=True)
    return list(dict.fromkeys(names[:50]))[:MOST_NAMED]
