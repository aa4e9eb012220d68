"""A small committed world with data that could leak.

Organizations by short keys: city `X`; districts `D1`, `D2`; streets `S11`, `S12`, `S21`, `S22`; communities `C111`,
`C112`, … (`C` + street digits + 1|2); one branch `B111` below C111. A second city `Y` with `D3`, `S31`, `C311`.
Users: `role@key`, e.g. `street_clerk@S11`, plus `stranger` (no grant), `inactive` (a clerk's grant, switched off) and
`expired` (a street clerk's grant on S11 that ended yesterday).
Per community: one member, movement, transfer, liaison with assignment and work link, contact, reminder, check-in
point with code, report-in, activity with attendance, ledger import, refused grant request, audit entry. Every text
holds `canary(key)`, unique to its community. More rows, which would change what the others count, are in
tests/wide_world.py.
"""

import base64
import datetime as dt
import json
import uuid
from functools import cached_property

from django.contrib.auth.models import Permission
from django.utils import timezone

from activities.models import Activity, Attendance, Parcel
from checkin import devices
from checkin.models import (
    Arrival,
    CheckinCode,
    CheckinPoint,
    Desk,
    LetterVersion,
    MemberDevice,
    MemberRequest,
    ReportIn,
    ReportInLink,
    Scan,
    SignedForm,
    StandardDrawing,
)
from checkin.queue import photos
from contacts.models import (
    CalendarDay,
    CareVisit,
    ChannelAccount,
    ContactLog,
    ContactObligation,
    DateReminder,
    DateRule,
    GroupMembership,
    Liaison,
    LiaisonAssignment,
    LostCase,
    LostReport,
    Need,
    NeedAction,
    OutboundMessage,
    PillarMetric,
    ThoughtNote,
    TransferAdvice,
    WechatGroup,
    Wish,
)
from members.models import (
    ExportFile,
    ImportedRow,
    LedgerAnswer,
    LedgerExport,
    LedgerImport,
    LedgerSource,
    Member,
    Movement,
    Phone,
    StaleFile,
    Transfer,
    Verification,
)
from portal import crypto, links
from portal.fields import plain_data_key
from portal.models import AuditEntry, GrantRequest, Organization, OrganizationGrant, User, WorkLink
from portal.roles import Role, permission_codename

COMMUNITIES = [f"C{district}{street}{community}" for district in "12" for street in "12" for community in "12"] + [
    "C311"
]
CODES = {"X": "9901", "Y": "9902", "D1": "990101", "D2": "990102", "D3": "990201"} | {
    f"S{d}{s}": f"99010{d}00{s}" for d in "12" for s in "12"
} | {"S31": "990201001"} | {key: f"99010{key[1]}00{key[2]}00{key[3]}" for key in COMMUNITIES} | {
    "C311": "990201001001", "B111": "B-990101001001-1"}  # fmt: skip

GRANTS = (
    [(Role.CITY_ADMIN, "X"), (Role.CITY_VIEWER, "X"), (Role.OPERATOR, "X")]
    + [(role, key) for role in (Role.DISTRICT_ADMIN, Role.DISTRICT_VIEWER) for key in ("D1", "D2")]
    + [(role, key) for role in (Role.STREET_ADMIN, Role.STREET_CLERK, Role.AUDITOR) for key in ("S11", "S12", "S21")]
    + [(role, key) for role in (Role.COMMUNITY_CLERK, Role.LIAISON, Role.VISITOR) for key in ("C111", "C112", "C121")]
    + [(Role.LIAISON, "C211"), (Role.LIAISON, "C311"), (Role.COMMUNITY_CLERK, "C311"), (Role.BRANCH_SECRETARY, "B111")]
)
TODAY = dt.date(2026, 11, 20)
# A grey square of two by two pixels.
DRAWING = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNsYGBiYAAAApIAhPd8o1gAAAAASUVORK5CYII="
)


def canary(key: str) -> str:
    """The string that every text of this community contains."""
    return f"秘{key}秘"


def id_number(key: str) -> str:
    """A synthetic number with a valid check character (GB 11643, ISO 7064 MOD 11-2); sequence code 99x."""
    one, two, three = _digits(key)
    day = {"C": 10, "S": 10, "B": 20}[key[0]] + int(three)
    body = f"34010319{70 + int(one)}0{two}{day}99{three}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def mobile(key: str) -> str:
    """The last four figures, which a mask leaves readable, are the community's alone."""
    return f"1380000{_digits(key)}{'CSB'.index(key[0])}"


def waiting_mobile(key: str) -> str:
    """The phone of the report-in that waits at a community."""
    return f"1390000{_digits(key)}{5 + 'CSB'.index(key[0])}"


def family_mobile(key: str) -> str:
    """A further number in the member's file."""
    return f"1370000{_digits(key)}{'CSB'.index(key[0])}"


def _digits(key: str) -> str:
    """Three figures: a street's own rows are counted as 0."""
    return f"{key[1:]:0<3}"


class World:
    """Rows of the world, by key. Organizations and users are readable to all; the rest needs an actor."""

    @cached_property
    def _organizations(self) -> dict[str, Organization]:
        by_code = {organization.code: organization for organization in Organization.objects.all()}
        return {key: by_code[code] for key, code in CODES.items()}

    @cached_property
    def _users(self) -> dict[str, User]:
        return {user.username: user for user in User.objects.all()}

    def organization(self, key: str) -> Organization:
        return self._organizations[key]

    def user(self, name: str) -> User:
        return self._users[name]

    def member(self, key: str) -> Member:
        """The member of a community, as the current actor may see it (raises Member.DoesNotExist otherwise)."""
        return Member.objects.get(organization=self.organization(key))


def build() -> None:
    """Write the world as the owner. Called once, into the template database."""
    organizations = _build_tree()
    users = _build_users(organizations)
    for key in ("X", "Y"):  # tests count days and run on any day, a Sunday too; days off have tests of their own
        DateRule(organization=organizations[key], kind="workdays", is_on=False).save(using="owner", force_insert=True)
    for number, key in enumerate(COMMUNITIES):
        build_rows(key, organizations[key], users, number)


def _build_tree() -> dict[str, Organization]:
    made: dict[str, Organization] = {}
    kinds = {"X": "city", "Y": "city", "D": "district", "S": "street", "C": "community", "B": "branch"}
    parents = {"D": lambda key: "Y" if key == "D3" else "X", "S": lambda key: f"D{key[1]}",
               "C": lambda key: f"S{key[1:3]}", "B": lambda key: f"C{key[1:]}"}  # fmt: skip
    for key, code in CODES.items():
        up = parents.get(key[0])
        made[key] = Organization(
            code=code, name=f"样例{key}居委会", short_name=f"样例{key}", party_name=f"样例{key}党委",
            kind=kinds[key[0]], parent=made[up(key)] if up else None,
        )  # fmt: skip
        made[key].save(using="owner")
    return {o.short_name.removeprefix("样例"): o for o in Organization.objects.using("owner").all()}


def _build_users(organizations: dict[str, Organization]) -> dict[str, User]:
    users = {name: User(username=name, name=f"账号{name}") for name in ("stranger", "inactive", "expired")}
    users["inactive"].is_active = False
    grants = [("inactive", Role.STREET_CLERK, "S11"), ("expired", Role.STREET_CLERK, "S11")]
    for role, key in GRANTS:
        name = f"{role.value}@{key}"
        users[name] = User(username=name, name=f"账号{key}{role.value}", email=f"{role.value}.{key}@example.invalid")
        grants.append((name, role, key))
    for user in users.values():
        user.set_password("demo-password-1")
        user.save(using="owner")
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    for name, role, key in grants:
        give(users[name], role, organizations[key], until=yesterday if name == "expired" else None)
    return users


def give(user: User, role: Role, organization: Organization, until: dt.date | None = None) -> None:
    """A grant, written by the owner."""
    permissions = Permission.objects.using("owner").filter(content_type__app_label="portal")
    OrganizationGrant(
        user=user, permission=permissions.get(codename=permission_codename(role)), content_object=organization,
        until=until,
    ).save(using="owner")  # fmt: skip


def build_checks(member: Member) -> None:
    """A section that somebody verified long ago, and the mark that it was."""
    long_ago = TODAY - dt.timedelta(days=200)
    Verification(member=member, part="care", verified_on=long_ago, verified_by="system.world").save(using="owner")
    StaleFile(member=member, touched_on=long_ago).save(using="owner", force_insert=True)


def build_rows(key: str, community: Organization, users: dict[str, User], number: int) -> None:
    """One row of every scoped model, managed by an organization."""
    text = canary(key)
    member = Member(organization=community, ethnicity="汉族", gender="male", birth_date=f"197{number}-01-01",
                    join_date="2001-07", occupation=text, is_synthetic=True)  # fmt: skip
    member.set_name(f"秘{key}秘")
    member.id_number, member.mobile = id_number(key), mobile(key)
    member.employer = member.current_address = member.remark = text
    member.details = dict.fromkeys(("wechat_id", "family_contact", "skills", "thought_note"), text)
    member.save(using="owner", force_insert=True)
    phone = Phone(member=member, use="family")
    phone.number = family_mobile(key)
    phone.save(using="owner", force_insert=True)
    movement = Movement(member=member, direction="inflow", host_organization=community, home_text=text,
                        started_on="2025-03", reason=text)  # fmt: skip
    movement.save(using="owner", force_insert=True)
    _build_transfer(member, key)
    liaison = Liaison(organization=community, name=f"联{text}", user=users.get(f"liaison@{key}"),
                      email=f"liaison.{key}@example.invalid")  # fmt: skip
    liaison.mobile = mobile(key)
    liaison.save(using="owner", force_insert=True)
    LiaisonAssignment(member=member, liaison=liaison, started_on=TODAY).save(using="owner", force_insert=True)
    _build_link(liaison, key)
    log = ContactLog(member=member, organization=community, side="host", liaison=liaison,
                     contacted_on=TODAY - dt.timedelta(days=200))  # fmt: skip
    log.note = log.next_step = text
    log.save(using="owner", force_insert=True)
    thought = ThoughtNote(contact=log, member=member, organization=community)
    thought.note = f"思{text}"
    thought.save(using="owner", force_insert=True)
    case = LostCase(member=member, organization=community, opened_on=TODAY)
    case.note = text
    case.save(using="owner", force_insert=True)
    LostReport(member=member, sender=community, receiver_text=text, side="home", kind="facts", told_on=TODAY).save(
        using="owner", force_insert=True
    )
    TransferAdvice(member=member, movement=movement, organization=community, state="not_yet", reason=text).save(
        using="owner", force_insert=True
    )
    build_need(member, community, text)
    _build_company(member, liaison, text)
    _build_dates(member)
    _build_reminder(member, community, liaison)
    _build_checkin(member, text, key)
    activity = Activity(organization=community, title=f"活动{text}", held_on=TODAY, place=text, summary=text)
    activity.save(using="owner", force_insert=True)
    Attendance(activity=activity, member=member).save(using="owner", force_insert=True)
    parcel = Parcel(member=member, organization=community, content=f"寄{text}", tracking_number=text, sent_on=TODAY)
    parcel.address = f"址{text}"
    parcel.save(using="owner", force_insert=True)
    _build_desk(activity, member, key)
    batch = LedgerImport(organization=community, file_name=f"{text}.xlsx", columns=[text])
    batch.report = text
    batch.save(using="owner", force_insert=True)
    ImportedRow(batch=batch, member=member, sheet=text, row=2).save(using="owner", force_insert=True)
    build_checks(member)
    export = LedgerExport(organization=community, organizations=[community.pk], count=1, kind="xlsx", fields=["name"],
                          reason="other", text=text, answer=text, state="refused", expires_at=timezone.now(),
                          asked_by=User.objects.using("owner").get(username="inactive"))  # fmt: skip
    export.save(using="owner", force_insert=True)
    ExportFile(export=export, members=[member.pk], content_sealed=text.encode()).save(using="owner", force_insert=True)
    source = LedgerSource(batch=batch, kind="pasted", content_sealed=b"x")
    source.content_sealed = crypto.seal_bytes(
        plain_data_key(batch),
        json.dumps({"headers": None, "rows": [[text]]}).encode(),
        f"members_ledgersource|{source.pk}|content",
    )
    source.save(using="owner", force_insert=True)
    LedgerAnswer(organization=community, kind="organization", subject=text, value=text).save(using="owner")
    request = GrantRequest(organization=community, role=Role.LIAISON, reason=text, state="refused",
                           expires_at=timezone.now(), decided_at=timezone.now())  # fmt: skip
    people = {user.username: user for user in User.objects.using("owner").filter(username__in=("stranger", "inactive"))}
    request.user = request.decided_by = people["stranger"]
    request.asked_by = people["inactive"]
    request.save(using="owner", force_insert=True)
    AuditEntry(actor="system.world", action="world", organization=community, detail={"name": text}).save(
        using="owner", force_insert=True
    )


def build_need(member: Member, organization: Organization, text: str, pk: uuid.UUID | None = None) -> None:
    """What the member asked an organization for, and what that did about it."""
    need = Need(id=pk or uuid.uuid4(), member=member, organization=organization, category="work", raised_on=TODAY,
                due_on=TODAY + dt.timedelta(days=400))  # fmt: skip
    need.detail = text
    need.save(using="owner", force_insert=True)
    step = NeedAction(need=need, step="noted", done_on=TODAY)
    step.text = text
    step.save(using="owner", force_insert=True)


def _build_company(member: Member, liaison: Liaison, text: str) -> None:
    """A chat group with the member in it, a robot that is switched off, a visit of care, and a small wish."""
    robot = ChannelAccount(organization=member.organization, name=f"机器人{text}")
    robot.webhook = f"https://robot.example.invalid/send?key={text}"
    robot.save(using="owner", force_insert=True)
    group = WechatGroup(organization=member.organization, name=f"群{text}", owner=liaison, opened_on=TODAY)
    group.save(using="owner", force_insert=True)
    GroupMembership(group=group, member=member, joined_on=TODAY).save(using="owner", force_insert=True)
    visit = CareVisit(member=member, organization=member.organization, festival="spring", year=2027,
                      planned_for=dt.date(2027, 2, 1), visitor=liaison)  # fmt: skip
    visit.note = text
    visit.save(using="owner", force_insert=True)
    wish = Wish(member=member, organization=member.organization, posted_on=TODAY)
    wish.text = text
    wish.save(using="owner", force_insert=True)


def _build_dates(member: Member) -> None:
    """A day off of the office's own, its rule to send on days off, and a reminder that nobody hears of before 2030."""
    office = member.organization
    pillar = PillarMetric(organization=office, position=0, pillar="三联", metric="visited")
    pillar.save(using="owner", force_insert=True)
    CalendarDay(organization=office, day=dt.date(2030, 6, 4), is_workday=False).save(using="owner", force_insert=True)
    DateRule(organization=office, kind="workdays", is_on=False).save(using="owner", force_insert=True)
    DateReminder(
        organization=office, member=member, kind="birthday", day=dt.date(2031, 1, 1), announce_on=dt.date(2030, 12, 31)
    ).save(using="owner", force_insert=True)


def _build_transfer(member: Member, key: str) -> None:
    """The community asks one of a street without clerks to take the home side."""
    asked = Organization.objects.using("owner").get(code=CODES["C221" if key != "C221" else "C222"])
    offer = Transfer(member=member, kind="home", from_organization=member.organization, to_organization=asked)
    text = canary(key)
    facts = {"name": text, "gender": "male", "birth_year": "1970", "mobile_tail": "0000", "note": text}
    offer.handed_over = json.dumps(facts, ensure_ascii=False)
    offer.save(using="owner", force_insert=True)


def link_token(key: str) -> str:
    """The token of the community's work link; its PIN is `link_pin(key)`, and no device is bound yet."""
    return f"token-of-the-work-link-of-{key}"


def link_pin(key: str) -> str:
    return f"100{key[1:]}"


def _build_link(liaison: Liaison, key: str) -> None:
    token = link_token(key)
    WorkLink(
        organization=liaison.organization, subject_kind="liaison", subject_id=liaison.pk,
        token_digest=links._token_digest(token), pin_digest=links._pin_digest(token, link_pin(key)),
        expires_at=timezone.now() + links.LIFETIME,
    ).save(using="owner", force_insert=True)  # fmt: skip


def _build_reminder(member: Member, community: Organization, liaison: Liaison) -> None:
    obligation = ContactObligation.objects.using("owner").filter(member=member, side="host").first()
    if obligation is None:
        obligation = ContactObligation(
            member=member, side="host", organization=community, target_days=90, limit_days=120,
            due_on=TODAY - dt.timedelta(days=110), limit_on=TODAY - dt.timedelta(days=80),
        )  # fmt: skip
        obligation.save(using="owner", force_insert=True)
    OutboundMessage(
        obligation=obligation, organization=community, liaison=liaison, due_on=TODAY, step="target", state="sent",
        sent_at=timezone.now(),
    ).save(using="owner", force_insert=True)  # fmt: skip


def device_secret(key: str) -> str:
    """What the phone of the community's member holds in its cookie."""
    return f"secret-of-a-phone-{key}".ljust(32, "-")


def _build_desk(activity: Activity, member: Member, key: str) -> None:
    """A check-in desk whose time is over, one scan that nobody decided, and the phone of the member."""
    node, device = activity.organization, devices.digest(device_secret(key))
    opens = timezone.now() - dt.timedelta(days=2)
    desk = Desk(activity=activity, organization=node, opens_at=opens, closes_at=opens + dt.timedelta(hours=4),
                typed_code=f"9999{'CSB'.index(key[0])}{_digits(key)}", poster_number=1)  # fmt: skip
    desk.save(using="owner", force_insert=True)
    scan = Scan(desk=desk, organization=node, client_key=uuid.uuid4(), assurance="screen", scanned_at=opens)
    scan.name, scan.mobile, scan.device_digest = f"签{canary(key)}", waiting_mobile(key), device
    scan.save(using="owner", force_insert=True)
    Arrival(desk=desk, organization=node, scan=scan, arrived_at=opens).save(using="owner", force_insert=True)
    MemberDevice(member=member, organization=node, device_digest=device).save(using="owner", force_insert=True)


def _build_checkin(member: Member, text: str, key: str) -> None:
    community = member.organization
    point = CheckinPoint(organization=community, name=f"报到点{text}", address=text, contact_name=text)
    point.save(using="owner", force_insert=True)
    CheckinCode(point=point).save(using="owner", force_insert=True)
    sent = MemberRequest(member=member, kind="address")
    sent.text = text
    sent.save(using="owner", force_insert=True)
    LetterVersion(organization=community, number=1, title=f"信{text}", body=f"您好，{text}！\n{{报到码}}").save(
        using="owner", force_insert=True
    )
    StandardDrawing(organization=community, png=DRAWING, width=2, height=2).save(using="owner", force_insert=True)
    waiting = ReportIn(organization=community, point=point, receipt=f"R-{key}")
    waiting.name, waiting.mobile = f"报{text}", waiting_mobile(key)
    waiting.details = {"home": f"家{text}", "branch_contact": f"联{text}"}
    waiting.save(using="owner", force_insert=True)
    ReportInLink(organization=community, word=report_in_word(key), contact_phone=text).save(
        using="owner", force_insert=True
    )
    signed = SignedForm(report_in=waiting)
    signed.content = photos.seal(signed, text.encode())
    signed.save(using="owner", force_insert=True)


def report_in_word(key: str) -> str:
    """The last word of the community's address for reporting in without a poster."""
    return f"word{key.lower()}"
