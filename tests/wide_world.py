"""The world with what would change the counts of other tests: for the permission matrix and its relatives.

Besides tests/world.py: rows that a street itself (`S11`) and a branch (`B111`) manage, with a liaison's account each;
an interval, one for the member alone (of the usual days) and a visiting worker, who visits the member there, at each
of `KEYS` (with the login `visitor@KEY` where there is one); a destination and a phone in their movements; and one
member with two sides, home C111 and host C121, whose rows have the keys of `BOTH`.
Texts of that member: `canary("both")` in the file, `canary("kept")` in what of the file only the managing side reads,
`canary("home")`, `canary("host")` in what a side wrote.
Every member stands in a case of possibly one person with that of C222, at its own node (the one with two sides: at
D1), about which both sides are asked.
"""

import datetime as dt
import json
import uuid

from django.utils import timezone

from contacts.models import ContactLog, ContactObligation, ContactPolicy, DutyDecision, Liaison, LiaisonAssignment
from members.models import Member, Movement, Phone, SamePersonCase
from portal import links
from portal.models import Organization, User, WorkLink
from portal.roles import Role
from tests import world
from tests.world import TODAY, canary, mobile

KEYS = (*world.COMMUNITIES, "S11", "B111")
BOTH = {"members_member": uuid.UUID(int=0xB07), "contacts_contactlog": uuid.UUID(int=0xB0710),
        "contacts_need": uuid.UUID(int=0xB0712),
        "members_samepersoncase": uuid.UUID(int=0xB0711)}  # fmt: skip
VISITING = {key: uuid.uuid5(uuid.NAMESPACE_URL, key) for key in KEYS}  # a visiting worker at each
VISITS = {key: uuid.uuid5(uuid.NAMESPACE_URL, f"visits of {key}") for key in KEYS}  # and the assignment
BOTH_MOBILE = "13800007777"
BOTH_FAMILY = "13700007777"  # of the family: for the managing side alone


def build() -> None:
    """Add the rows as the owner, to a database that holds the world."""
    organizations = {key: Organization.objects.using("owner").get(code=code) for key, code in world.CODES.items()}
    for number, key in enumerate(("S11", "B111")):
        name = f"liaison@{key}"
        user = User(username=name, name=f"账号{key}liaison", email=f"liaison.{key}@example.invalid")
        user.set_password("demo-password-1")
        user.save(using="owner")
        world.give(user, Role.LIAISON, organizations[key])
        world.build_rows(key, organizations[key], {name: user}, number)
    for key in KEYS:
        _build_visits(key, organizations[key])
        _build_own_page(key, organizations[key])
        ContactPolicy(organization=organizations[key], go_live_on=TODAY).save(using="owner", force_insert=True)
    _build_two_sides(organizations["C111"], organizations["C121"])
    for member in Member.objects.using("owner").filter(stale=None):
        world.build_checks(member)
    far = Member.objects.using("owner").get(organization=organizations["C222"])
    for member in Member.objects.using("owner").exclude(pk=far.pk):
        first, second = sorted([member, far], key=lambda one: one.pk)
        case = SamePersonCase(organization_id=member.organization_id, first=first, second=second, state="asked")
        if member.pk == BOTH["members_member"]:
            case.pk, case.organization = BOTH["members_samepersoncase"], organizations["D1"]
        case.save(using="owner", force_insert=True)


def _build_visits(key: str, organization: Organization) -> None:
    login = User.objects.using("owner").filter(username=f"visitor@{key}").first()
    visiting = Liaison(
        id=VISITING[key], organization=organization, name=f"访{canary(key)}", kind="grid", user=login
    )  # fmt: skip
    visiting.save(using="owner", force_insert=True)
    member = Member.objects.using("owner").get(organization=organization)
    visit = LiaisonAssignment(id=VISITS[key], member=member, liaison=visiting, started_on=TODAY, is_primary=False)
    visit.save(using="owner", force_insert=True)
    arrangement = DutyDecision(
        member=member, organization=organization, side="host", kind="interval", reason="other", target_days=90,
        limit_days=120,
    )  # fmt: skip
    arrangement.note = canary(key)
    arrangement.save(using="owner", force_insert=True)
    movement = Movement.objects.using("owner").select_related("member").get(member=member)
    movement.destination, movement.counterpart_phone = canary(key), mobile(key)
    movement.save(using="owner")


def page_token(key: str) -> str:
    """The token of the personal link of the member at a place; it asks for the end of `mobile(key)`, and waits."""
    return f"token-of-the-own-page-at-{key}"


def _build_own_page(key: str, organization: Organization) -> None:
    token = page_token(key)
    member = Member.objects.using("owner").get(organization=organization)
    WorkLink(
        organization=organization, subject_kind="member", subject_id=member.pk, token_digest=links._token_digest(token),
        pin_digest=links._pin_digest(token, mobile(key)[-4:]), expires_at=timezone.now() + links.LIFETIME,
    ).save(using="owner", force_insert=True)  # fmt: skip


def _build_two_sides(home: Organization, host: Organization) -> None:
    member = Member(id=BOTH["members_member"], organization=home, ethnicity="汉族", gender="female",
                    birth_date="1969-09-09", join_date="2002-07", occupation=canary("both"),
                    is_synthetic=True)  # fmt: skip
    member.set_name(canary("both"))
    member.mobile = BOTH_MOBILE
    member.remark = canary("kept")
    member.details = {"thought_note": canary("kept")}
    member.ledger_extra = json.dumps({canary("kept"): canary("kept")}, ensure_ascii=False)
    member.save(using="owner", force_insert=True)
    phone = Phone(member=member, use="family")
    phone.number = BOTH_FAMILY
    phone.save(using="owner", force_insert=True)
    movement = Movement(member=member, direction="outflow", home_organization=home, host_organization=host,
                        started_on="2025-03", reason=canary("both"))  # fmt: skip
    movement.counterpart_contact = canary("kept")
    movement.save(using="owner", force_insert=True)
    for side, organization in (("home", home), ("host", host)):
        log = ContactLog(id=BOTH["contacts_contactlog"] if side == "home" else uuid.uuid4(), member=member, side=side,
                         organization=organization, contacted_on=TODAY - dt.timedelta(days=100))  # fmt: skip
        log.note = log.next_step = canary(side)
        log.save(using="owner", force_insert=True)
        world.build_need(member, organization, canary(side), BOTH["contacts_need"] if side == "home" else None)
    sides = ContactObligation.objects.using("owner").filter(member=member)
    assert {duty.side for duty in sides} == {"home", "host", "member"}
