"""Robots of work groups, texts to copy, and what one was told."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)
NEVER = cells(404)
SHORT = cells(302)

ROWS = [
    Row("/admin/contacts/channelaccount/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/channelaccount/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/channelaccount/{contacts_channelaccount}/change/",
        get=cells(403, clerks=inside(200)), post=cells(403, clerks=inside(200))),
    Row("/admin/contacts/channelaccount/{contacts_channelaccount}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/channelaccount/{contacts_channelaccount}/delete/", get=NEVER, post=NEVER,
        form={"post": "yes"}),
    Row("/admin/contacts/channelaccount/{contacts_channelaccount}/", get=SHORT, post=SHORT),
    # the addresses of the world's robots may not be asked: the page says so
    Row("/admin/contacts/robot/{contacts_channelaccount}/test/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(302))),
    # liaisons and numbers of the own office
    Row("/admin/contacts/group-texts/", get=WHO_VIEWS, post=cells(405)),
    # everybody's own, and nobody else's; a POST that names nothing marks nothing
    Row("/admin/contacts/inbox/", get=cells(200), post=cells(302)),
]  # fmt: skip
