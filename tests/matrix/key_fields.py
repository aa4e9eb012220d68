"""The forms of the portal and the fields in them that hold keys of rows, written by hand.

A form of the portal that is missing here fails `test_every_form_is_known`; so does a field that introspection finds.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.helpers import AdminForm

APPS = ("portal", "members", "contacts", "activities", "checkin")

# Bases that every screen's form may get besides its own.
MACHINERY = ("portal.scoped_admin", "portal.shared_forms")

# Form → the fields with keys, and the actor whose pages must show it in the full run (none: no field to send a key in).
FORMS: dict[str, tuple[tuple[str, ...], str]] = {
    "members.forms.MemberForm": (("organization", "home_organization", "host_organization"), "street_clerk"),
    "members.forms._Inputs": ((), ""),  # the typed boxes of MemberForm
    "members.admin.card_pages.PhoneForm": ((), ""),
    "members.transfer_forms.MoveForm": (("organization",), "street_clerk"),
    "members.same_people.views.ReasonForm": ((), ""),
    "members.transfer_forms.ProposeForm": ((), ""),
    "members.transfer_forms.ReasonForm": ((), ""),
    "members.transfer_forms.EndForm": ((), ""),
    "members.transfer_forms.OutsideForm": ((), ""),
    "members.admin.reveal.RevealForm": ((), ""),
    "members.admin.ledger_forms.UploadForm": (("organization",), "street_clerk"),
    "members.admin.ledger_export.ExportForm": ((), ""),
    "members.admin.ledger_exports.DecisionForm": ((), ""),
    "contacts.forms.OneContactForm": ((), ""),  # what ContactForm and VisitForm have in common
    "contacts.forms.ContactForm": (("liaison",), "street_clerk"),
    "contacts.forms.BulkContactForm": ((), ""),  # the ticks are keys of duties: tests/contacts/test_bulk.py
    "contacts.forms.PasteForm": ((), ""),
    "contacts.arrange_forms.ArrangeForm": ((), ""),  # which row ends is a button: tests/contacts/test_arranging.py
    "contacts.outside_views.ExchangeForm": ((), ""),
    "contacts.forms.AssignForm": (("liaison",), "street_clerk"),
    "contacts.forms.LiaisonForm": (("organization",), "street_clerk"),
    "contacts.pillars.forms.PartForm": ((), ""),
    "contacts.policy_forms.PolicyForm": (("organization",), "street_clerk"),
    "contacts.forms.VisitsForm": (("visitor",), "street_clerk"),
    "contacts.forms.OneMemberForm": (("liaison", "deputies", "visitors"), "street_clerk"),
    "contacts.lost.forms.DecideForm": ((), ""),
    "contacts.lost.report_views.OldCasesForm": ((), ""),
    "contacts.needs.forms.NeedPart": ((), ""),
    "contacts.needs.forms.NeedForm": ((), ""),
    "contacts.work_forms.VisitForm": ((), ""),
    "contacts.work_forms.WorkContactForm": (("together",), ""),  # of the own members: tests/contacts/test_work_pages.py
    "contacts.log_parts.PartsMixin": ((), ""),
    "activities.parcels.sending.SendForm": (("key",), ""),  # mixed with the member's: tests/activities/parcels
    "activities.forms.AttendanceForm": (("came",), "street_clerk"),
    "checkin.queue.forms.DecisionForm": (("target", "organization"), "street_clerk"),
    "checkin.queue.forms.BatchForm": (("organization",), ""),  # behind ticks of a list: tests/checkin/queue
    "checkin.queue.forms.JoinForm": (("branch",), ""),  # of a confirmed one: tests/checkin/queue
    "checkin.queue.forms.CounterForm": (("organization",), "street_clerk"),
    "checkin.queue.forms.PhotoForm": ((), ""),
    "checkin.queue.point_views.MoveCodeForm": (("point",), "street_clerk"),
    "checkin.forms.PersonFields": ((), ""),
    "checkin.forms.ReceiptForm": ((), ""),
    "checkin.own_page.forms.OwnForm": ((), ""),  # their keys are mixed with the link's: tests/checkin/own_page
    "checkin.own_page.forms.HelpForm": ((), ""),
    "checkin.own_page.forms.MessageForm": ((), ""),
    "checkin.own_page.forms.ChangeForm": ((), ""),
    "checkin.own_page.forms.JourneyForm": ((), ""),
    "checkin.letters.forms.LetterForm": (("organization",), "street_clerk"),
    "checkin.letters.forms.DrawingForm": (("organization",), "street_clerk"),
    "checkin.letters.forms.PrintForm": (("organization",), "street_clerk"),
    "checkin.forms.ReportInForm": ((), ""),  # its key meets a unique index of the point: tests/checkin
    "checkin.arrivals.forms.TypedCodeForm": ((), ""),
    "checkin.arrivals.staff_forms.HoursForm": ((), ""),
    "checkin.arrivals.staff_forms.HoursSpentForm": ((), ""),
    "checkin.arrivals.staff_forms.NamesForm": ((), ""),
    "checkin.arrivals.staff_forms.ReasonForm": ((), ""),
    "portal.administration.forms.GrantForm": (("pk",), "street_admin"),
    "portal.administration.forms.BranchForm": (("pk",), "street_admin"),
    "portal.administration.forms.TermForm": ((), ""),
    "portal.administration.forms.DecideForm": ((), ""),
    "portal.administration.forms.GrantRecordForm": ((), ""),
    "portal.administration.forms.RenewForm": ((), ""),
    "portal.administration.forms.EndForm": ((), ""),
    "portal.administration.forms.RenameForm": ((), ""),
    "portal.site.StaffLoginForm": ((), ""),
    # made by the admin from a screen's fields
    "admin.ActivityForm": (("organization",), "street_clerk"),
    "contacts.channels.forms.AccountForm": (("organization",), "street_clerk"),
    "admin.WechatGroupForm": (("organization", "owner"), "street_clerk"),
    "admin.CheckinPointForm": (("organization",), "street_clerk"),
}
# The rows that a field takes keys of, where that is not the table of its choices (tests/matrix/conftest.py); for keys
# that a page makes, the table that they could hit.
TABLES = {
    ("DecisionForm", "target"): "members_member",
    ("AttendanceForm", "came"): "members_member",
    ("GrantForm", "pk"): "portal_user",
    ("BranchForm", "pk"): "portal_organization",
    ("VisitsForm", "visitor"): "visiting workers",
    ("WorkContactForm", "together"): "members_member",
    ("OneMemberForm", "visitors"): "visiting workers",
}
# Of these, the keys that the page itself made: a new one is right.
MADE_BY_PAGE = {("GrantForm", "pk"), ("BranchForm", "pk")}
# Keys of which a row's key is made only together with who sends it and for whom: no row of another can be hit. A
# renewal's becomes that of a request where two persons decide, and is not looked at for a liaison's role.
MIXED = {
    ("ContactForm", "key"),
    ("ExchangeForm", "key"),
    ("WorkContactForm", "key"),
    ("VisitForm", "key"),
    ("RenewForm", "pk"),
    ("ExportForm", "key"),
    ("CounterForm", "client_key"),
    ("SendForm", "key"),
}
# Offices are public where a report-in is referred: to any of the own district, and to none elsewhere.
OFFERED = {("DecisionForm", "organization"): ("C111", "B111", "C112", "S11", "C121", "C122", "S12")}
# The place whose key is right there, where it is not the actor's own.
RIGHT = {
    ("DecisionForm", "organization"): "C112",
    ("MoveForm", "organization"): "C112",
    ("MoveCodeForm", "point"): "C112",  # a code is moved to another point
    ("OneMemberForm", "deputies"): "C112",  # the own one is the liaison already
    ("DrawingForm", "organization"): "S11",  # streets alone have drawings
}
# What has to be typed for a form to be the one that stores something.
TYPED = {
    ("DecisionForm", "target"): {"decision": "confirm", "proof": "letter"},
    ("DecisionForm", "organization"): {"decision": "refer"},
    ("UploadForm", "organization"): {"file": ""},  # a ledger is sent instead
    ("DrawingForm", "organization"): {"remove": "1"},
    ("CounterForm", "organization"): {"name": "孙到访", "mobile": "13911112222"},
    ("GrantForm", "pk"): {"role": "visitor", "who": "new", "username": "new.person", "name": "新来的"},
}
DAYS = ("held_on", "contacted_on", "go_live_on", "opened_on")


def known_forms() -> set[str]:
    """Every form class of the portal's own modules."""
    kinds = (form for form in _subclasses(forms.BaseForm) if form.__module__ not in MACHINERY)
    return {label(form) for form in kinds if form.__module__.split(".")[0] in APPS}


def _subclasses(kind: Any) -> Iterator[Any]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def label(form: Any) -> str:
    """The class that was written down, of which the admin derives others; `admin.` for forms made from a screen."""
    kind = form if isinstance(form, type) else type(form)
    for one in kind.__mro__:
        if one.__module__.split(".")[0] in APPS and one.__module__ not in MACHINERY:
            return f"{one.__module__}.{one.__name__}"
    return f"admin.{kind.__name__}"


def forms_of(response: Any) -> list[Any]:
    """The forms that a page was made with; those of form sets too."""
    found: dict[int, Any] = {}
    for layer in response.context or ():
        for value in list(layer.flatten().values()) if hasattr(layer, "flatten") else list(layer.values()):
            for form in _unpacked(value):
                found[id(form)] = form
    return list({label(form): form for form in found.values()}.values())


def _unpacked(value: Any) -> list[Any]:
    if isinstance(value, AdminForm):
        return [value.form]
    if isinstance(value, forms.BoundField):
        return [value.form]
    if isinstance(value, forms.BaseForm):
        return [value]
    if isinstance(value, forms.BaseFormSet):
        return [*value.forms, value.empty_form]
    if getattr(value, "formset", None):
        return [*value.formset.forms, value.formset.empty_form]
    return []


def key_fields(form: Any) -> dict[str, str]:
    """{field: table of the rows whose keys it takes}; what introspection finds and nobody wrote down is an error."""
    found = {}
    for name, field in form.fields.items():
        if (type(form).__name__, name) in TABLES:
            found[name] = TABLES[type(form).__name__, name]
        elif isinstance(field, forms.ModelChoiceField):
            found[name] = field.queryset.model._meta.db_table
        elif isinstance(field, forms.UUIDField) or any(_is_key(value) for value, _label in _choices(field)):
            assert (type(form).__name__, name) in MIXED, f"{label(form)}.{name} takes a key"
    return found


def _choices(field: Any) -> list[Any]:
    return [choice for choice in getattr(field, "choices", ()) if not isinstance(choice[1], list | tuple)]


def _is_key(value: Any) -> bool:
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False


def filled(form: Any, own: dict[str, str]) -> dict[str, Any]:
    """What a browser would send: initial values, `own` keys in the key fields, something in what is required."""
    given: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = own.get(name) or form[name].initial
        value = getattr(value, "pk", value)
        if value in (None, "", []) and field.required:
            value = "2026-11-01" if name in DAYS else _first(field)
        if value not in (None, "", False, []):
            given[form.add_prefix(name)] = "on" if value is True else value
    return given


def _first(field: Any) -> Any:
    values = [value for value, _label in _choices(field) if value not in ("", None)]
    return str(values[0]) if values else "12"
