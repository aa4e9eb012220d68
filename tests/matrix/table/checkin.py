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

# A page of the own waits for its first phone, and asks for figures; for every other phone than its own it is closed.
ASKED = inside(200, otherwise=200, own=404, absent=404)
PAGE = cells(everybody=404, member=inside(200))
OFFICE = cells(404, clerks=inside(200), host_clerk=inside(200, both=403), district_admin=inside(403),
               branch_secretary=inside(403))  # fmt: skip
SENT_IN = cells(404, clerks=inside(200))

ROWS = [
    Row("/m/", get=cells(everybody=404, member=303), post=cells(everybody=404, member=303)),
    # a card of nobody, and a question that the phone of a work link alone gets
    Row("/m/card/x", get=cells(everybody=404), post=cells(everybody=404)),
    Row("/m/card/", get=cells(everybody=404, link=200), post=cells(everybody=404, link=200)),
    Row("/m/{page_token}/", get=cells(everybody=ASKED, member=inside(200, otherwise=200, absent=404)),
        post=cells(everybody=ASKED, member=inside(303, otherwise=200, absent=404))),
    *(Row(f"/m/{{page_token}}/{name}/", get=PAGE, post=PAGE)
      for name in ("card", "need", "message", "change", "journey", "activities", "data")),
    Row("/m/{page_token}/stop/", get=PAGE, post=cells(everybody=404)),
    Row("/admin/checkin/own-page/{members_member}/", get=OFFICE, post=OFFICE),
    Row("/admin/checkin/sent-in/", get=CLERKS_ONLY, post=cells(405)),
    Row("/admin/checkin/sent-in/{checkin_memberrequest}/", get=SENT_IN, post=SENT_IN),
    Row("/c/{checkin_checkincode}", get=CODE, post=CODE, is_public=True),
    Row("/bd/{word}", get=CODE, post=CODE, is_public=True),
    Row("/bd/{word}/{community}", get=CODE, post=CODE, is_public=True),
    Row("/s/", get=cells(everybody=200), post=cells(everybody=200), is_public=True),
    Row("/s/{receipt}", get=CODE, post=CODE, is_public=True),
    Row("/s/{receipt}.png", get=CODE, post=CODE, is_public=True),
    Row("/admin/checkin/statistics", get=CLERKS_ONLY, post=cells(405)),
    Row("/admin/checkin/report-ins/new", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/report-ins/form.pdf", get=CLERKS_ONLY, post=cells(405)),
    Row("/admin/checkin/report-ins/{checkin_reportin}/form.pdf",
        get=cells(405), post=cells(404, clerks=inside(200))),
    Row("/admin/checkin/report-ins/{checkin_reportin}/photo",
        get=cells(405), post=cells(404, clerks=inside(302))),
    Row("/admin/checkin/report-ins/{checkin_reportin}/photo/{checkin_signedform}",
        get=cells(405), post=cells(404, clerks=inside(200))),
    Row("/admin/checkin/points/{checkin_checkinpoint}/history", get=POSTER, post=cells(405)),
    Row("/admin/checkin/points/{checkin_checkinpoint}/move-code", get=CHANGE, post=CHANGE),
    Row("/admin/checkin/reportinlink/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/reportinlink/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/checkin/reportinlink/{checkin_reportinlink}/change/",
        get=cells(403, clerks=inside(200)), post=cells(403, clerks=inside(200))),
    Row("/admin/checkin/reportinlink/{checkin_reportinlink}/history/", get=cells(404), post=cells(404)),
    Row("/admin/checkin/reportinlink/{checkin_reportinlink}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/checkin/reportinlink/{checkin_reportinlink}/", get=cells(302), post=cells(302)),
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
