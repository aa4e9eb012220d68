"""Member files, their cards, and ledgers."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)
# The other side of a member reads the file and may not change it.
HOST = {"host_clerk": inside(200, both=302)}
HOST_POST = {"host_clerk": inside(200, both=403)}
CARD = cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(200),
             branch_secretary=inside(200))  # fmt: skip

ROWS = [
    Row("/admin/members/member/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/members/member/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/members/member/{members_member}/change/",
        get=cells(404, clerks=inside(200), district_admin=inside(302), branch_secretary=inside(302), **HOST),
        post=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403), **HOST_POST)),
    Row("/admin/members/member/{members_member}/card/", get=CARD, post=CARD),
    # a mobile number, which the secretary and the other side may call; a liaison calls from the log page
    Row("/admin/members/member/{members_member}/reveal/", get=cells(405),
        post=cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(403),
                   branch_secretary=inside(200)),
        form={"field": "mobile", "reason": "check", "key": "00000000-0000-4000-8000-000000000001"}),
    Row("/admin/members/member/{members_member}/verify/", get=cells(405),
        post=cells(404, clerks=inside(302), host_clerk=inside(302, both=403), district_admin=inside(403),
                   branch_secretary=inside(403)), form={"part": "identity"}),
    Row("/admin/members/member/{members_member}/pdf/", get=CARD, post=cells(405)),
    Row("/admin/members/member/{members_member}/phones/",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=403)),
        post=cells(404, clerks=inside(200), host_clerk=inside(200, both=403))),
    # twice the same file: never two of one reach, so that nobody finds it
    Row("/admin/members/member/{members_member}/merge/{members_member}/", get=cells(404), post=cells(404)),
    Row("/admin/members/member/{members_member}/history/", get=cells(404), post=cells(404)),
    Row("/admin/members/member/{members_member}/delete/", get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/members/member/{members_member}/", get=cells(302), post=cells(302)),
    Row("/admin/members/ledgerimport/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/members/ledgerimport/export/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    # what waits for a second person; the file is for who asked, so that others are sent back to the page
    Row("/admin/members/ledgerexport/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/members/ledgerexport/add/", get=cells(302), post=cells(302)),
    Row("/admin/members/ledgerexport/{members_ledgerexport}/change/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(302)), form={"decision": "approve"}),
    Row("/admin/members/ledgerexport/{members_ledgerexport}/file/",
        get=cells(405), post=cells(404, clerks=inside(302))),
    Row("/admin/members/ledgerexport/{members_ledgerexport}/history/", get=cells(404), post=cells(404)),
    Row("/admin/members/ledgerexport/{members_ledgerexport}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/members/ledgerexport/{members_ledgerexport}/", get=cells(302), post=cells(302)),
    Row("/admin/members/ledgerimport/template/", get=CLERKS_ONLY, post=cells(405)),
    # only whoever uploaded it, which nobody did with the imports of the world
    Row("/admin/members/ledgerimport/{members_ledgerimport}/result/", get=cells(404), post=cells(405)),
    Row("/admin/members/ledgerimport/add/", get=cells(302), post=cells(302)),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/change/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(302))),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/undo/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(200))),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/history/", get=cells(404), post=cells(404)),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/members/ledgerimport/{members_ledgerimport}/", get=cells(302), post=cells(302)),
]  # fmt: skip
