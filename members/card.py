"""The one-page card of a member: what stands on it, and what is missing. A list of facts, never a score.

Other apps add sections (contacts its liaison and lamps, activities its attendance) by appending to `sections`, in
their admin module:

    from members import card
    card.sections.append(lambda member: card.Section(_("Liaison"), "admin/contacts/on_card.html", {...}))
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members import verifying
from members.enums import MemberState
from members.file_fields import BY_KEY, FIELDS, PART_LABELS, FileField, Part, Store
from members.forms import input_of
from members.models import Member, Movement
from members.revealing import Facts
from members.same_people.services import case_of
from members.services import ENDED_STATES, find_duplicate
from members.timeline import timeline
from portal import access
from portal.models import OrganizationKind
from portal.roles import Right


@dataclass
class Section:
    """A part of the card: heading, template, and what the template gets (besides `member`). Small orders come first.

    Own parts: identity 10, work 30, timeline 90.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    paper: list[tuple[str, str]] = field(default_factory=list)  # (label, text) for the PDF; own sections': their facts


ON_PAPER = 6  # changes in the PDF, as many as the style sheet prints
sections: list[Callable[[Member], Section | None]] = []
"""Called with the member (its organization loaded) under the reader's actor; None adds nothing."""

tools: list[Callable[[Member], tuple[str, str] | None]] = []
"""Hooks for buttons at the head of the card: (label, address), or None where the reader may not."""


@dataclass
class Rule:
    """One thing that a complete file has: label, the form field that fills it, whether it is there."""

    label: str
    field: str
    is_met: bool


def build(member: Member, request: HttpRequest, shown: Any = None) -> dict[str, Any]:
    """What the card's template needs: facts, completeness, and the sections in order, rendered with `request`.

    `shown`: the one value that was asked for in full, as members.revealing.Facts takes it.
    """
    facts = Facts(member, access.actor(), shown)
    files = {file.pk: file for file in (member, *member.linked_files)}  # linked ones of the reader's own side
    sides = Movement.objects.filter(member__in=list(files)).select_related("home_organization", "host_organization")
    movements = list(sides.order_by("ended_on", "-started_on"))
    for movement in movements:
        movement.member = files[movement.member_id]  # its key opens the movement's texts
    is_managing = access.may(Right.VIEW_MEMBERS, member.organization)
    current = [row for row in movements if not row.ended_on and row.member_id == member.pk]
    rules = completeness(member, current) if is_managing else []
    twin = find_duplicate(member)
    added = [section for section in (make(member) for make in sections) if section is not None]
    checks = verifying.checks_of(member) if is_managing else {}
    away = [(row, _movement(row, facts, is_managing or row.member_id != member.pk)) for row in movements]
    own = [
        Section(
            _("Movement"),
            "admin/members/member/card_movements.html",
            {"movements": away, "check": checks.get(Part.MOVEMENT)},
            20,
            [fact for _row, known in away for fact in known],
        ),
        _facts(Part.WORK, _work(member, facts, is_managing), checks, 30),
        _changes(member, is_managing),
    ]
    if is_managing:
        own += [_facts(Part.CONTACT, _contact(member, facts), checks, 26), _facts(Part.CARE, _care(facts), checks, 35)]
    parts = sorted([*own, *added], key=lambda section: section.order)
    return {
        "identity_check": checks.get(Part.IDENTITY),
        "paper": [(section.title, section.paper) for section in parts if section.paper],
        "identity": _identity(member, facts, is_managing),
        "linked_with": [file.organization for file in member.linked_files],
        "twin": twin,
        "twin_case": case_of(member, twin) if twin else None,
        "rules_met": sum(rule.is_met for rule in rules),
        "rules": rules,
        "is_managing": is_managing,
        "missing": [rule for rule in rules if not rule.is_met],
        "sections": [
            (section.title, render_to_string(section.template, {"member": member, **section.context}, request))
            for section in parts
        ],
        "tools": [tool for tool in (make(member) for make in tools) if tool is not None],
        "printed_at": timezone.now(),
        "is_open": shown is not None,
    }


def completeness(member: Member, open_movements: list[Movement]) -> list[Rule]:
    """The rules of a complete file, out of the table of fields: the same for everybody who is in the same state.

    Of somebody who is no longer away nothing is asked about a movement.
    """
    movement = open_movements[0] if open_movements else None
    is_away = member.state not in (*ENDED_STATES, MemberState.ARCHIVED)
    rules = [Rule(_("Community"), "organization", member.organization.kind != OrganizationKind.STREET)]
    for field_ in FIELDS:
        if field_.is_needed and (is_away or not field_.of_movement):
            ways = [field_, *([BY_KEY[field_.or_else]] if field_.or_else else [])]
            label = _(" or ").join(str(way.label) for way in ways)
            is_met = any(_is_filled(way, movement if way.of_movement else member) for way in ways)
            rules.append(Rule(capfirst(label), input_of(field_.key), is_met))
    return rules


def _is_filled(field_: FileField, holder: Member | Movement | None) -> bool:
    """Whether a field holds something, without opening what is sealed in a column of its own."""
    if holder is None:
        return False
    if field_.key in ("home", "host"):
        return bool(getattr(holder, f"{field_.key}_organization_id") or getattr(holder, f"{field_.key}_text"))
    if field_.store in (Store.SEALED, Store.MOVEMENT_SEALED):
        return getattr(holder, f"{field_.key}_digest") is not None
    return bool(getattr(holder, field_.key))


_ALWAYS = ("name", "gender", "ethnicity", "birth_date", "id_number", "member_type", "join_date", "full_member_date")


def _identity(member: Member, facts: Facts, is_managing: bool) -> list[tuple[str, str]]:
    return [
        (_("Gender"), member.get_gender_display()),
        (_("Ethnic group"), member.ethnicity),
        facts.show("birth_date"),
        facts.show("id_number"),
        facts.show("mobile"),
        (_("Member type"), member.get_member_type_display()),
        (_("Date of joining"), member.join_date),
        (_("Date of full membership"), member.full_member_date),
        *(_stored(facts, Part.IDENTITY, _ALWAYS) if is_managing else []),
    ]


def _facts(part: Part, facts: list[tuple[str, str]], checks: dict[Part, verifying.PartCheck], order: int) -> Section:
    template = "admin/members/member/card_facts.html"
    return Section(str(PART_LABELS[part]) if part != Part.CONTACT else _("Ways to reach"), template,
                   {"facts": facts, "check": checks.get(part)}, order, facts)  # fmt: skip


def _stored(facts: Facts, part: Part, but: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """The facts of a section that are there: masked ones with their small form."""
    found = []
    for field_ in FIELDS:
        if field_.part == part and not field_.of_movement and field_.key not in but:
            plain = (capfirst(str(field_.label)), str(getattr(facts.member, field_.key) or ""))
            found.append(facts.show(field_.key) if field_.is_masked else plain)
    return [fact for fact in found if fact[1]]


def _contact(member: Member, facts: Facts) -> list[tuple[str, str]]:
    phones = []
    for phone in member.phones.all():
        phone.member = member  # its key opens the number
        _label, shown = facts.show("number", phone)
        until = f" {_('until')} {phone.until_on}" if phone.until_on else ""
        phones.append((f"{_('Phone')} ({phone.get_use_display()}{until})", shown))
    return [*phones, *_stored(facts, Part.CONTACT, ("mobile",))]


def _care(facts: Facts) -> list[tuple[str, str]]:
    return _stored(facts, Part.CARE)


def _changes(member: Member, is_managing: bool) -> Section:
    """The history in detail for the managing side; the other one reads when the file was changed, and no more."""
    if is_managing or member.linked_files:  # of a linked file its own side reads its own
        entries = timeline(member)
        paper = [(date_format(timezone.localtime(one.at), "Y-m-d H:i"), f"{one.what} · {one.who}") for one in entries]
        template = "admin/members/member/card_timeline.html"
        return Section(_("What was changed"), template, {"entries": entries}, 90, paper[:ON_PAPER])
    with connection.cursor() as cursor:
        cursor.execute("select portal.member_changed_at(%s)", [member.pk])
        at = cursor.fetchone()[0]
    facts = {"facts": [(_("Last changed on"), at and date_format(timezone.localtime(at), "Y-m-d"))]}
    return Section(_("What was changed"), "admin/members/member/card_facts.html", facts, 90)


def _work(member: Member, facts: Facts, is_managing: bool) -> list[tuple[str, str]]:
    known = [
        (_("Education"), member.education),
        (_("Occupation"), member.occupation),
        facts.show("employer"),
        facts.show("current_address"),
    ]
    shown = ("education", "occupation", "employer", "current_address")
    return [*known, *_stored(facts, Part.WORK, shown)] if is_managing else known


def _movement(movement: Movement, facts: Facts, is_managing: bool) -> list[tuple[str, str]]:
    home, host = movement.home_organization, movement.host_organization
    known = [
        (_("Direction"), movement.direction_label(is_managing)),
        (_("Started on"), movement.started_on),
        (_("Expected end"), movement.expected_end_on),
        (_("Ended on"), movement.ended_on),
        (_("Home organization"), home.formal_name if home else movement.home_text),
        (_("Host organization"), host.formal_name if host else movement.host_text),
        facts.show("destination", movement),
        (_("Reason for moving"), movement.reason),
    ]
    if not is_managing:  # whom the managing side knows over there is its own note
        return known
    return [
        *known,
        *filter(
            lambda fact: fact[1],
            [
                (_("Range of the movement"), movement.scope),
                (_("Kind of destination"), movement.destination_kind),
                (_("Joined the host branch on"), movement.joined_host_on),
            ],
        ),
        facts.show("counterpart_contact", movement),
        facts.show("counterpart_phone", movement),
    ]
