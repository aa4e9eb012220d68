"""Needs: the board, the list, and the page of one need."""

from tests.matrix.cells import Row, cells, inside

WHO_READS = cells(403, clerks=200, district_admin=200, branch_secretary=200, liaison=200)
# `both` is the home side's need: neither the host nor the liaison of another member finds it
ONE = cells(404, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200), liaison=inside(200))
TO_ONE = cells(404, clerks=inside(302), district_admin=inside(302), branch_secretary=inside(302), liaison=inside(302))
TOTALS = cells(403, clerks=200, city_admin=200, district_admin=200, viewers=200, branch_secretary=200)
NEVER = cells(404)
SHORT = cells(302)

ROWS = [
    Row("/admin/contacts/needs/", get=WHO_READS, post=cells(405)),
    # a POST without a day is sent back; whoever only reads needs may not work on them
    # totals, for whoever may see any: above the street without small numbers
    Row("/admin/contacts/needs/analysis/", get=TOTALS, post=cells(405)),
    Row("/admin/contacts/needs/analysis/file/", get=TOTALS, post=cells(405)),
    Row("/admin/contacts/needs/{contacts_need}/", get=ONE,
        post=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403),
                   liaison=inside(403))),
    Row("/admin/contacts/need/", get=WHO_READS, post=WHO_READS),
    Row("/admin/contacts/need/add/", get=cells(403), post=cells(403)),
    Row("/admin/contacts/need/{contacts_need}/change/", get=TO_ONE, post=TO_ONE),
    Row("/admin/contacts/need/{contacts_need}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/need/{contacts_need}/delete/", get=NEVER, post=NEVER, form={"post": "yes"}),
    Row("/admin/contacts/need/{contacts_need}/", get=SHORT, post=SHORT),
]  # fmt: skip
