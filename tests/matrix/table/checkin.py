"""Check-in points, posters, the queue of report-ins, and the public page of a code."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)
# A code leads anybody to its point; two sides and nobody have none.
CODE = cells(everybody=inside(200, otherwise=200, both=404, absent=404))
POSTER = cells(404, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200))
CHANGE = cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403))
DECIDE = cells(404, clerks=inside(302), district_admin=inside(403), branch_secretary=inside(403))
# The drawing over all that one was granted; the portal's own sign, elsewhere, for whoever works above streets or not
# at check-in.
HEAD = cells(302, clerks=200, branch_secretary=200)

ROWS = [
    Row("/c/{checkin_checkincode}", get=CODE, post=CODE, is_public=True),
    Row("/admin/checkin/points/{checkin_checkinpoint}/poster", get=POSTER, post=cells(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/poster.svg", get=POSTER, post=cells(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/letter.pdf", get=POSTER, post=cells(405)),
    Row("/admin/checkin/print/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/checkin/drawing/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/drawing/head.png", get=HEAD, post=cells(405)),
    Row("/admin/checkin/drawing/{checkin_standarddrawing}.png", get=cells(404, clerks=inside(200)), post=cells(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/renew", get=CHANGE, post=DECIDE),
    Row("/admin/checkin/points/{checkin_checkinpoint}/revoke", get=CHANGE, post=DECIDE),
    Row("/admin/checkin/checkinpoint/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/checkin/checkinpoint/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(403, clerks=inside(200))),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/history/", get=cells(404), post=cells(404)),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/checkin/checkinpoint/{checkin_checkinpoint}/", get=cells(302), post=cells(302)),
    Row("/admin/checkin/letterversion/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/checkin/letterversion/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/letterversion/{checkin_letterversion}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)), post=cells(403)),
    Row("/admin/checkin/letterversion/{checkin_letterversion}/history/", get=cells(404), post=cells(404)),
    Row("/admin/checkin/letterversion/{checkin_letterversion}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/checkin/letterversion/{checkin_letterversion}/", get=cells(302), post=cells(302)),
    Row("/admin/checkin/reportin/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/reportin/add/", get=cells(403), post=cells(403)),
    Row("/admin/checkin/reportin/{checkin_reportin}/change/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(200))),
    Row("/admin/checkin/reportin/{checkin_reportin}/history/", get=cells(404), post=cells(404)),
    Row("/admin/checkin/reportin/{checkin_reportin}/delete/", get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/checkin/reportin/{checkin_reportin}/", get=cells(302), post=cells(302)),
]  # fmt: skip
