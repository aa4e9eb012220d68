"""What a work group is told: how many people each liaison has to contact. Liaisons and numbers, never a member."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.mails import list_address
from contacts.models import OutboundMessage
from portal.models import Organization, OrganizationKind

# People whom a side on the portal has to contact by that day, below each place, by the liaison of that side's file.
_COUNTS = """
select place.key, coalesce(l.name, ''), count(distinct o.member_id),
       count(distinct o.member_id) filter (where o.limit_on <= place.today)
  from unnest(%s::uuid[], %s::uuid[], %s::date[]) as place (key, organization, today)
  join portal_organization own on own.id = place.organization
  join portal_organization node on node.path operator(public.<@) own.path
  join contacts_contactobligation o
    on o.organization_id = node.id and o.ended_on is null and o.standing = 'active' and o.side <> 'member'
   and o.due_on <= place.today and (o.paused_until is null or o.paused_until < place.today)
  left join (select coalesce(f.same_as_id, f.id) as person, f.organization_id as node, l.id, l.name
               from members_member f
               join contacts_liaisonassignment a on a.member_id = f.id and a.is_primary and a.ended_on is null
               join contacts_liaison l on l.id = a.liaison_id and l.is_active) l
    on l.person = o.member_id and l.node = o.organization_id
 group by place.key, l.id, l.name
 order by place.key, l.id is null, count(distinct o.member_id) desc, l.name, l.id
"""


@dataclass(frozen=True)
class GroupLine:
    """One liaison ("" for those who have none), the people to contact, and how many of them are overdue."""

    liaison: str
    people: int
    overdue: int

    def __str__(self) -> str:
        told = {"name": self.liaison or _("nobody assigned yet"), "count": self.people, "overdue": self.overdue}
        if self.overdue:
            return _("%(name)s: %(count)d, of these %(overdue)d overdue") % told
        return _("%(name)s: %(count)d") % told


@dataclass
class GroupLetter:
    """What the group of one office is told; `webhook` where a robot says it."""

    office: str
    webhook: str = ""
    lines: list[GroupLine] = field(default_factory=list)


def group_letters(messages: list[UUID]) -> dict[UUID, GroupLetter]:
    """The letters of these outbox rows of robots, by digest, as of the day each is for. What has nobody left to
    contact, or whose robot was switched off meanwhile, is cancelled and left out. Three statements."""
    rows = OutboundMessage.objects.filter(pk__in=messages, account__isnull=False)
    told = {row.digest_id: row for row in rows.select_related("account__organization__parent", "digest")}
    letters = {
        key: GroupLetter(office_name(row.account.organization), row.account.webhook)
        for key, row in told.items()
        if row.account.is_active
    }
    _fill(letters, [(key, told[key].account.organization_id, told[key].digest.for_on) for key in letters])
    spoken = {key: letter for key, letter in letters.items() if letter.lines}
    silent = OutboundMessage.objects.filter(pk__in=messages).exclude(digest__in=list(spoken))
    silent.update(state="cancelled", reason="not_due")
    return spoken


def group_letter(office: str, place: UUID, on: dt.date) -> GroupLetter:
    """The same for whoever copies it into a group by hand. The caller has checked the right on the place."""
    letter = GroupLetter(office)
    _fill({place: letter}, [(place, place, on)])
    return letter


def group_text(letter: GroupLetter, *, most_bytes: int = 0) -> str:
    """The text, in the language in force; with `most_bytes` the last liaisons are summed up so that it fits (UTF-8)."""
    people, overdue = sum(line.people for line in letter.lines), sum(line.overdue for line in letter.lines)
    told = {"office": letter.office, "count": people, "overdue": overdue}
    head = _("%(office)s: %(count)d people are to be contacted, of these %(overdue)d overdue.") % told
    end = _("Please contact them today and log it: %(link)s") % {"link": list_address()}
    lines, rest = [str(line) for line in letter.lines], 0
    while True:
        more = [_rest(letter.lines[len(lines) :])] if rest else []
        text = "\n".join([head, *lines, *more, end])
        if not most_bytes or len(text.encode()) <= most_bytes or not lines:
            return text
        lines, rest = lines[:-1], rest + 1


def _rest(lines: list[GroupLine]) -> str:
    told = {"liaisons": len(lines), "count": sum(line.people for line in lines)}
    return ngettext("%(liaisons)d more: %(count)d", "%(liaisons)d others together: %(count)d", len(lines)) % told


def office_name(organization: Organization) -> str:
    """How an organization names itself to people outside: a branch speaks for its community or street. A branch needs
    its parent loaded where many are named."""
    above = organization.parent if organization.kind == OrganizationKind.BRANCH else None
    spoken = above or organization
    return spoken.short_name or spoken.name


def _fill(letters: dict[UUID, GroupLetter], places: list[tuple[UUID, UUID, dt.date]]) -> None:
    """Put the lines into letters: (key of the letter, organization, day) of each. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [list(column) for column in zip(*places, strict=True)] or [[], [], []])
        for key, *line in cursor.fetchall():
            letters[key].lines.append(GroupLine(*line))
