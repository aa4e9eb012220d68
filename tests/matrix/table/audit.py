"""The audit log: read by auditors, and by street administrators in their own street; changed by nobody."""

from tests.matrix.cells import Row, cells, inside

READERS = cells(403, street_admin=200, auditor=200)
ENTRY = "/admin/portal/auditentry/{portal_auditentry}/"

ROWS = [
    Row("/admin/portal/auditentry/", get=READERS, post=READERS),
    Row("/admin/portal/auditentry/add/", get=cells(403), post=cells(403)),
    Row(f"{ENTRY}change/", get=cells(403, street_admin=inside(200), auditor=inside(200)), post=cells(403)),
    Row(f"{ENTRY}history/", get=cells(404), post=cells(404)),
    Row(f"{ENTRY}delete/", get=cells(404), post=cells(404), form={"post": "yes"}),
    Row(ENTRY, get=cells(302), post=cells(302)),
]
