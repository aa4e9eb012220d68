"""The permission matrix: what every route answers to whom, written by hand from the rules of access.

The rules: out of scope answers as absent (404); 403 only where the whole screen is closed or a visible row may not be
changed; whoever holds no grant is sent to the login page (302). A row that is derived from the code proves nothing.

Columns of a cell, in this order (`ACTORS`; the last one stands for everybody outside: no grant, switched off, not
logged in). One status stands for every position of the object; otherwise five, in the order of `POSITIONS`.
"""

from dataclasses import dataclass, field

ACTORS = ("street_clerk@S11", "community_clerk@C111", "district_admin@D1", "city_viewer@X", "liaison@C111",
          "operator@X", "auditor@S11", "outside")  # fmt: skip
OUTSIDE = ("stranger", "inactive", "anonymous")
POSITIONS = ("C111", "C112", "C121", "C211", "absent")  # own, sibling, other street, other district, no such row
# The communities whose texts an actor may read.
READS = {
    "street_clerk@S11": ("C111", "C112"),
    "community_clerk@C111": ("C111",),
    "district_admin@D1": ("C111", "C112", "C121", "C122"),
    "liaison@C111": ("C111",),
}


def street(status: int) -> str:
    """This status for the two communities of the clerk's street, absent otherwise."""
    return f"{status} {status} 404 404 404"


def community(status: int) -> str:
    return f"{status} 404 404 404 404"


def district(status: int) -> str:
    return f"{status} {status} {status} 404 404"


@dataclass(frozen=True)
class Row:
    """`path` with {object} names the row in the address; `get` and `post` are cells; `form` is what the POST sends.

    `is_public` marks pages that show a point's texts to anybody who holds its code.
    """

    path: str
    get: tuple[object, ...]
    post: tuple[object, ...]
    form: dict[str, str] = field(default_factory=dict)
    is_public: bool = False


def closed(inside: int = 403) -> tuple[object, ...]:
    """The same for everybody with a grant; the login page for the others."""
    return (inside,) * 7 + (302,)


def everybody(status: int) -> tuple[object, ...]:
    return (status,) * 8


CLERKS_ONLY = (200, 200, 403, 403, 403, 403, 403, 302)
OPERATOR_ONLY = (404, 404, 404, 404, 404, 200, 404, 302)
CLERKS_AND_DISTRICT = (200, 200, 200, 403, 403, 403, 403, 302)

FRAME = [
    Row("/", everybody(302), everybody(302)),
    Row("/healthz", everybody(200), everybody(405)),
    Row("/readyz", everybody(503), everybody(405)),  # no worker runs beside the tests
    Row("/c/{checkin_checkincode}", ("200 200 200 200 404",) * 8, ("200 200 200 200 404",) * 8, is_public=True),
    # work links: one neutral page for everybody who does not come with the device's own cookie
    Row("/w/no-such-link/", everybody(404), everybody(404)),
    Row("/w/no-such-link/{members_member}/", everybody(404), everybody(404)),
    Row("/admin/", closed(200), closed(200)),
    Row("/admin/search/?s=C", closed(404), closed(404)),
    Row("/admin/login/", (302,) * 7 + (200,), everybody(200)),
    Row("/admin/logout/", closed(405), closed(200)),
    Row("/admin/password_change/", closed(200), closed(200)),
    Row("/admin/password_change/done/", closed(200), closed(405)),
    Row("/admin/autocomplete/?app_label=contacts&model_name=liaisonassignment&field_name=member&term=C",
        CLERKS_AND_DISTRICT, closed(405)),  # members in reach; the answer is scanned for others
    Row("/admin/jsi18n/", closed(200), closed(405)),
    Row("/admin/r/{member_type}/{members_member}/", closed(404), closed(404)),
    Row("/admin/demo/mails/", closed(404), closed(405)),
    Row("/admin/status/", OPERATOR_ONLY, closed(405)),
    Row("/admin/members/", (200, 200, 200, 404, 404, 404, 404, 302), (200, 200, 200, 404, 404, 404, 404, 302)),
    Row("/admin/no-such-page", closed(404), closed(404)),
]  # fmt: skip

MEMBERS = [
    Row("/admin/members/member/", CLERKS_AND_DISTRICT, CLERKS_AND_DISTRICT),
    Row("/admin/members/member/add/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/members/member/{members_member}/change/",
        (street(200), community(200), district(302), 404, 404, 404, 404, 302),
        (street(200), community(200), district(403), 404, 404, 404, 404, 302)),
    Row("/admin/members/member/{members_member}/card/",
        (street(200), community(200), district(200), 404, 404, 404, 404, 302),
        (street(200), community(200), district(200), 404, 404, 404, 404, 302)),
    Row("/admin/members/member/{members_member}/reveal/",  # a liaison calls from the log page
        closed(405), (street(200), community(200), district(403), 404, 404, 404, 404, 302),
        {"field": "mobile", "reason": "check", "key": "00000000-0000-4000-8000-000000000001"}),
    Row("/admin/members/member/{members_member}/history/", closed(404), closed(404)),
    Row("/admin/members/member/{members_member}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/members/member/{members_member}/", everybody(302), everybody(302)),
    Row("/admin/members/ledgerimport/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/members/ledgerimport/export/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/members/ledgerimport/add/", closed(302), closed(302)),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/change/",
        (street(200), community(200), 404, 404, 404, 404, 404, 302),
        (street(302), community(302), 404, 404, 404, 404, 404, 302)),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/history/", closed(404), closed(404)),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/", everybody(302), everybody(302)),
]  # fmt: skip

LIAISON_TOO = (200, 200, 200, 403, 200, 403, 403, 302)
DUTY = (street(302), community(302), district(302), 404, community(302), 404, 404, 302)

CONTACTS = [
    Row("/admin/contacts/log/{members_member}/",
        (street(200), community(200), district(403), 404, community(200), 404, 404, 302),
        (street(200), community(200), district(403), 404, community(200), 404, 404, 302)),
    Row("/admin/contacts/contactobligation/", LIAISON_TOO, LIAISON_TOO),
    Row("/admin/contacts/contactobligation/add/", closed(), closed()),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/change/", DUTY, DUTY),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/history/", closed(404), closed(404)),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/delete/",
        closed(404), closed(404), {"post": "yes"}),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/", everybody(302), everybody(302)),
    Row("/admin/contacts/contactlog/", LIAISON_TOO, LIAISON_TOO),
    Row("/admin/contacts/contactlog/add/", closed(), closed()),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/change/",
        (street(200), community(200), district(200), 403, community(200), 403, 403, 302), closed()),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/history/", closed(404), closed(404)),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/", everybody(302), everybody(302)),
    Row("/admin/contacts/liaison/", CLERKS_AND_DISTRICT, CLERKS_AND_DISTRICT),
    Row("/admin/contacts/liaison/add/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/contacts/liaison/{contacts_liaison}/change/",
        (street(200), community(200), district(200), 403, 403, 403, 403, 302),
        (street(200), community(200), 403, 403, 403, 403, 403, 302)),
    Row("/admin/contacts/liaison/{contacts_liaison}/work-link/",
        (street(200), community(200), district(403), 404, 404, 404, 404, 302),
        (street(200), community(200), district(403), 404, 404, 404, 404, 302), {"action": "issue"}),
    Row("/admin/contacts/liaison/{contacts_liaison}/history/", closed(404), closed(404)),
    Row("/admin/contacts/liaison/{contacts_liaison}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/contacts/liaison/{contacts_liaison}/", everybody(302), everybody(302)),
    Row("/admin/contacts/contactpolicy/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/contacts/contactpolicy/add/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/change/",
        (street(200), community(200), 403, 403, 403, 403, 403, 302),
        (street(200), community(200), 403, 403, 403, 403, 403, 302)),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/history/", closed(404), closed(404)),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/delete/",
        (street(200), community(200), 403, 403, 403, 403, 403, 302),
        (street(302), community(302), 403, 403, 403, 403, 403, 302), {"post": "yes"}),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/", everybody(302), everybody(302)),
    Row("/admin/contacts/outboundmessage/", CLERKS_AND_DISTRICT, CLERKS_AND_DISTRICT),
    Row("/admin/contacts/outboundmessage/add/", closed(), closed()),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/change/",
        (street(200), community(200), district(200), 403, 403, 403, 403, 302), closed()),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/history/", closed(404), closed(404)),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/delete/",
        closed(404), closed(404), {"post": "yes"}),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/", everybody(302), everybody(302)),
]  # fmt: skip

ACTIVITIES = [
    Row("/admin/activities/activity/", CLERKS_AND_DISTRICT, CLERKS_AND_DISTRICT),
    Row("/admin/activities/activity/add/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/activities/activity/{activities_activity}/change/",
        (street(200), community(200), district(200), 403, 403, 403, 403, 302),
        (street(200), community(200), 403, 403, 403, 403, 403, 302)),
    Row("/admin/activities/activity/{activities_activity}/attendance/",
        (street(200), community(200), district(200), 404, 404, 404, 404, 302),
        (street(302), community(302), district(403), 404, 404, 404, 404, 302)),
    Row("/admin/activities/activity/{activities_activity}/history/", closed(404), closed(404)),
    Row("/admin/activities/activity/{activities_activity}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/activities/activity/{activities_activity}/", everybody(302), everybody(302)),
]  # fmt: skip

POINT_CHANGE = (street(200), community(200), district(403), 404, 404, 404, 404, 302)
POINT_DECIDE = (street(302), community(302), district(403), 404, 404, 404, 404, 302)

CHECKIN = [
    Row("/admin/checkin/points/{checkin_checkinpoint}/poster",
        (street(200), community(200), district(200), 404, 404, 404, 404, 302), closed(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/poster.svg",
        (street(200), community(200), district(200), 404, 404, 404, 404, 302), closed(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/renew", POINT_CHANGE, POINT_DECIDE),
    Row("/admin/checkin/points/{checkin_checkinpoint}/revoke", POINT_CHANGE, POINT_DECIDE),
    Row("/admin/checkin/checkinpoint/", CLERKS_AND_DISTRICT, CLERKS_AND_DISTRICT),
    Row("/admin/checkin/checkinpoint/add/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/change/",
        (street(200), community(200), district(200), 403, 403, 403, 403, 302),
        (street(200), community(200), 403, 403, 403, 403, 403, 302)),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/history/", closed(404), closed(404)),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/", everybody(302), everybody(302)),
    Row("/admin/checkin/reportin/", CLERKS_ONLY, CLERKS_ONLY),
    Row("/admin/checkin/reportin/add/", closed(), closed()),
    Row("/admin/checkin/reportin/{checkin_reportin}/change/",
        (street(200), community(200), 404, 404, 404, 404, 404, 302),
        (street(200), community(200), 404, 404, 404, 404, 404, 302)),
    Row("/admin/checkin/reportin/{checkin_reportin}/history/", closed(404), closed(404)),
    Row("/admin/checkin/reportin/{checkin_reportin}/delete/", closed(404), closed(404), {"post": "yes"}),
    Row("/admin/checkin/reportin/{checkin_reportin}/", everybody(302), everybody(302)),
]  # fmt: skip

# Of the actors here the district's administrator alone may give access; whoever may not finds no such pages.
ADMINISTRATORS_ONLY = (404, 404, 200, 404, 404, 404, 404, 302)
NODE = (404, 404, district(200), 404, 404, 404, 404, 302)
NODE_DONE = (404, 404, district(302), 404, 404, 404, 404, 302)

ADMINISTRATION = [
    Row("/admin/organizations/", ADMINISTRATORS_ONLY, ADMINISTRATORS_ONLY),
    Row("/admin/organizations/{portal_organization}/", NODE, NODE),
    Row("/admin/organizations/{portal_organization}/children/", NODE, NODE),
    Row("/admin/organizations/{portal_organization}/names/", NODE, NODE_DONE, {"short_name": "x"}),
    Row("/admin/organizations/{portal_organization}/branch/", NODE, NODE),
    Row("/admin/organizations/{portal_organization}/move/", NODE, NODE),
    Row("/admin/organizations/{portal_organization}/move/{portal_organization}/", NODE, NODE_DONE),
    Row("/admin/organizations/{portal_organization}/use/", NODE, NODE_DONE, {"wanted": "no"}),
    Row("/admin/organizations/{portal_organization}/give/", NODE, NODE),
    Row("/admin/grants/{portal_organizationgrant}/renew/",  # a liaison's role: it holds no right on nodes
        NODE, NODE_DONE, {"reason": "x"}),
    Row("/admin/grants/{portal_organizationgrant}/end/", NODE, NODE_DONE),
    Row("/admin/staff/", ADMINISTRATORS_ONLY, (404, 404, 302, 404, 404, 404, 404, 302)),
    Row("/admin/staff/reports/", ADMINISTRATORS_ONLY, ADMINISTRATORS_ONLY),
    Row("/admin/staff/{portal_user}/", NODE, NODE),
    Row("/admin/staff/{portal_user}/password/", NODE, NODE),
    Row("/admin/staff/{portal_user}/switch/", NODE, NODE_DONE, {"wanted": "no"}),
    Row("/admin/staff/{portal_user}/leave/", NODE, NODE_DONE),
]  # fmt: skip

TABLE = ADMINISTRATION + FRAME + MEMBERS + CONTACTS + ACTIVITIES + CHECKIN
