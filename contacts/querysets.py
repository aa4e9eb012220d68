"""Wall one for contacts: what an actor reaches, by a right on a node or by being the member's liaison."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, Func, IntegerField, OuterRef, Q, Value, When

from contacts.enums import VISITING, ObligationState, Side, Source, Standing
from members.models import Member, Placement
from portal import access, links
from portal.models import LinkSubject
from portal.roles import Right


def acts_as_liaison(actor: access.Actor) -> bool:
    """Whether the actor is of a kind that can be a liaison: a user, or whoever holds a work link."""
    return actor.kind in ("user", "link")


def is_acting(actor: access.Actor, path: str = "") -> Q:
    """Condition on liaisons (at `path`): the one that the acting user is, or that the acting work link was made for."""
    if actor.kind == "link":
        return Q(**{f"{path}pk": links.acting_subject(LinkSubject.LIAISON.value)})
    return Q(**{f"{path}user_id": actor.user_id}) if actor.user_id else Q(**{f"{path}pk__in": []})


def assigned_to(actor: access.Actor) -> Any:
    """Ids of the members that the acting liaison looks after now (a subquery); nobody's for a visiting worker."""
    from contacts.models import LiaisonAssignment

    mine = LiaisonAssignment.objects.filter(is_acting(actor, "liaison__"), liaison__is_active=True, ended_on=None)
    return mine.exclude(liaison__kind__in=VISITING).values("member_id")


class OfMemberQuerySet(models.QuerySet[Any]):
    """Rows that belong to a member: reached with the member."""

    def visible_to(self, actor: access.Actor, right: str = "view_members") -> Any:
        """Rows of members placed below a node on which the actor holds the right, or whose liaison the actor is."""
        access.must_act(actor)
        placed = Exists(
            Placement.objects.filter(member=OuterRef("member_id"), organization__in=access.granted_nodes(right))
        )
        if not acts_as_liaison(actor):
            return self.filter(placed)
        return self.filter(placed | Q(member__in=assigned_to(actor)))


class OfOrganizationQuerySet(models.QuerySet[Any]):
    """Rows that belong to an organization."""

    def visible_to(self, actor: access.Actor, right: str = "view_members") -> Any:
        """Rows of the organizations on which the actor holds the right, subtrees included."""
        access.must_act(actor)
        return self.filter(organization__in=access.organization_ids(right))


class LiaisonQuerySet(OfOrganizationQuerySet):
    def active(self) -> "LiaisonQuerySet":
        return self.filter(is_active=True)

    def looking_after(self) -> "LiaisonQuerySet":
        """Those who look after members; the others visit."""
        return self.exclude(kind__in=VISITING)

    def visiting(self) -> "LiaisonQuerySet":
        return self.filter(kind__in=VISITING)

    def with_load(self) -> "LiaisonQuerySet":
        """Annotate `load`, the members whose primary liaison somebody is, and `capacity`, how many the rules of the
        own organization allow. More than that is warned about and never refused: an office may have too few people."""
        current = Q(assignments__ended_on=None, assignments__is_primary=True, assignments__isnull=False)
        capacity = Func(F("organization_id"), function="portal.liaison_capacity", output_field=IntegerField())
        return self.annotate(load=Count("assignments", filter=current), capacity=capacity)


class LiaisonAssignmentQuerySet(OfMemberQuerySet):
    def open(self) -> "LiaisonAssignmentQuerySet":
        return self.filter(ended_on=None)


def _of_linked_file(actor: access.Actor) -> Exists:
    """Condition on duties: of the side whose file, linked to this member's, the acting liaison looks after."""
    linked = Member.objects.filter(same_as=OuterRef("member_id"), organization=OuterRef("organization_id"))
    return Exists(linked.filter(pk__in=assigned_to(actor)))


class ContactObligationQuerySet(OfMemberQuerySet):
    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "ContactObligationQuerySet":
        """As for other rows of members; a liaison whose member's file was linked to another one reaches the duty of
        the own side."""
        rows: ContactObligationQuerySet = super().visible_to(actor, right)
        if not acts_as_liaison(actor):
            return rows
        return rows | self.filter(_of_linked_file(actor))

    def current(self) -> "ContactObligationQuerySet":
        """What has not ended (the member has not returned, left or been transferred): one row for each side, the
        member's own and those outside the portal too."""
        return self.filter(ended_on=None)

    def open(self) -> "ContactObligationQuerySet":
        """Of these, what an organization on the portal has to do."""
        return self.current().filter(standing=Standing.ACTIVE).exclude(side=Side.MEMBER)

    def of_own_side(self, actor: access.Actor, right: str = "view_members") -> "ContactObligationQuerySet":
        """Duties of the organizations on which the actor holds the right; a liaison's are those of the managing side.
        The other side of a member has duties of its own, which are nobody else's work."""
        access.must_act(actor)
        own = Q(organization__in=access.organization_ids(right))
        if acts_as_liaison(actor):
            own |= Q(member__in=assigned_to(actor), organization=F("member__organization"))
            own |= Q(_of_linked_file(actor))
        return self.filter(own)

    def with_state(self, on: date) -> "ContactObligationQuerySet":
        """Annotate `state`, an ObligationState, as of that day: normal < due_on <= due < limit_on <= overdue; paused
        up to and with paused_until."""
        return self.annotate(
            state=Case(
                When(standing=Standing.OUTSIDE, then=Value(ObligationState.OUTSIDE.value)),
                When(standing=Standing.EXEMPT, then=Value(ObligationState.EXEMPT.value)),
                When(paused_until__gte=on, then=Value(ObligationState.PAUSED.value)),
                When(limit_on__lte=on, then=Value(ObligationState.OVERDUE.value)),
                When(due_on__lte=on, then=Value(ObligationState.DUE.value)),
                default=Value(ObligationState.NORMAL.value),
                output_field=models.CharField(choices=ObligationState),
            )
        )


class DutyDecisionQuerySet(OfOrganizationQuerySet):
    def open(self) -> "DutyDecisionQuerySet":
        """Those that nobody has ended; a pause among them may be over by its date."""
        return self.filter(ended_on=None)


class ContactLogQuerySet(models.QuerySet[Any]):
    def current(self) -> "ContactLogQuerySet":
        """Without those that a later record corrects."""
        return self.filter(amended_by=None)

    def latest_of(self, member: Any, organization: Any) -> "ContactLogQuerySet":
        """What one organization logged of one member, the last first: of it the next step is the one that is open."""
        rows = self.current().exclude(source=Source.EXCHANGE)
        own: ContactLogQuerySet = rows.filter(member=member, organization=organization)
        return own.order_by("-contacted_on", "-recorded_at")

    def with_open_step(self) -> "ContactLogQuerySet":
        """Those that name a day for the next step, and that no later contact of the same side has followed."""
        later = self.model._default_manager.filter(
            member=OuterRef("member_id"), organization=OuterRef("organization_id"), amended_by=None
        ).filter(
            Q(contacted_on__gt=OuterRef("contacted_on"))
            | Q(contacted_on=OuterRef("contacted_on"), recorded_at__gt=OuterRef("recorded_at"))
        )
        return self.current().filter(~Exists(later), next_on__isnull=False)

    def visible_to(self, actor: access.Actor, right: str = "view_members") -> "ContactLogQuerySet":
        """Contacts that the actor's side made; a liaison sees what the managing side wrote about the own members."""
        access.must_act(actor)
        own = Q(organization__in=access.organization_ids(right))
        if acts_as_liaison(actor):
            own |= Q(member__in=assigned_to(actor), organization=F("member__organization"))
        return self.filter(own)


class ThoughtNoteQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: access.Actor) -> "ThoughtNoteQuerySet":
        """Notes of the own line for those with the right to read them; a liaison's on the own members, of the managing
        side; and what one wrote oneself, while one still logs contacts there."""
        access.must_act(actor)
        own = Q(organization__in=access.organization_ids(Right.VIEW_THOUGHTS))
        if acts_as_liaison(actor):
            own |= Q(member__in=assigned_to(actor), organization=F("member__organization"))
        if actor.user_id:
            own |= Q(recorded_by=actor.user_id, organization__in=access.organization_ids(Right.LOG_CONTACTS))
        return self.filter(own)


class DigestQuerySet(models.QuerySet[Any]):
    def inbox_of(self, actor: access.Actor) -> "DigestQuerySet":
        """What the acting person was told, the latest first; nobody else's, and not what came to nothing."""
        access.must_act(actor)
        own = self.filter(reader_id=actor.user_id) if actor.user_id else self.none()
        return own.exclude(state="cancelled").order_by("-for_on", "pk")

    def unread(self) -> "DigestQuerySet":
        return self.filter(read_at=None)


class OutboundMessageQuerySet(OfOrganizationQuerySet):
    pass
