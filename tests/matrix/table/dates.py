"""Days off, rules of date reminders, and what they bring."""

from tests.matrix.cells import Row, cells, inside

LIAISON_TOO = cells(403, clerks=200, district_admin=200, branch_secretary=200, liaison=200)
CLERKS_ONLY = cells(403, clerks=200)
NEVER = cells(404)

ROWS = [
    # a POST without a button changes nothing and leads back; one without a kind is none of the page's
    Row("/admin/contacts/calendar/", get=CLERKS_ONLY, post=cells(403, clerks=302)),
    Row("/admin/contacts/date-rules/", get=CLERKS_ONLY, post=cells(403, clerks=404)),
    Row("/admin/contacts/date-rules/birthday/", get=CLERKS_ONLY, post=cells(405)),
    Row("/admin/contacts/datereminder/", get=LIAISON_TOO, post=LIAISON_TOO),
    Row("/admin/contacts/datereminder/add/", get=cells(403), post=cells(403)),
    Row("/admin/contacts/datereminder/{contacts_datereminder}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200),
                  liaison=inside(200)),
        post=cells(403)),
    Row("/admin/contacts/datereminder/{contacts_datereminder}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/datereminder/{contacts_datereminder}/delete/", get=NEVER, post=NEVER, form={"post": "yes"}),
    Row("/admin/contacts/datereminder/{contacts_datereminder}/", get=cells(302), post=cells(302)),
]  # fmt: skip
