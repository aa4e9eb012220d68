"""Activities and who came; parcels."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)

ROWS = [
    Row("/admin/activities/activity/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/activities/activity/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/activities/activity/{activities_activity}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(403, clerks=inside(200))),
    Row("/admin/activities/activity/{activities_activity}/attendance/",
        get=cells(404, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(404, clerks=inside(302), district_admin=inside(403), branch_secretary=inside(403))),
    Row("/admin/activities/activity/{activities_activity}/history/", get=cells(404), post=cells(404)),
    Row("/admin/activities/activity/{activities_activity}/delete/",
        get=cells(404), post=cells(404), form={"post": "yes"}),
    # a POST without a parcel is none of ours; the own parcels
    Row("/admin/activities/parcels/", get=WHO_VIEWS, post=cells(403, clerks=404)),
    Row("/admin/activities/parcels/labels/", get=cells(405), post=CLERKS_ONLY),
    Row("/admin/activities/activity/{activities_activity}/", get=cells(302), post=cells(302)),
]  # fmt: skip
