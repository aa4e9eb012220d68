"""Check-in at activities: the phone pages, and the staff's pages of a desk."""

from tests.matrix.cells import Row, cells, inside

CLERKS_ONLY = cells(403, clerks=200)
DESK = cells(404, clerks=inside(200))
LIST = cells(404, clerks=inside(302))
# The desks of the world have closed: their codes lead anybody to a page that says so.
CODE = cells(everybody=inside(410, otherwise=410, both=404, absent=404))

ROWS = [
    Row("/a/", get=cells(everybody=200), post=cells(everybody=200)),
    Row("/a/{desk_code}", get=CODE, post=CODE, is_public=True),
    Row("/admin/checkin/desks/", get=CLERKS_ONLY, post=cells(405)),
    Row("/admin/checkin/desks/of/{activities_activity}/", get=DESK, post=DESK),
    Row("/admin/checkin/desks/{checkin_desk}/", get=DESK, post=LIST),
    Row("/admin/checkin/desks/{checkin_desk}/names/", get=DESK, post=DESK),
    Row("/admin/checkin/desks/{checkin_desk}/screen/", get=DESK, post=cells(405)),
    Row("/admin/checkin/desks/{checkin_desk}/screen/codes/", get=DESK, post=cells(405)),
    Row("/admin/checkin/desks/{checkin_desk}/poster/", get=DESK, post=cells(405)),
]
