"""Transfers: offers of the world go to a community without clerks, so nobody here may answer them."""

from tests.matrix.cells import Row, cells, inside

CLERKS_ONLY = cells(403, clerks=200)
ANSWER = cells(404, clerks=inside(403))
# who reads a member and may not hand it on gets 403, the other side included
OF_MEMBER = cells(404, clerks=inside(200), host_clerk=inside(200, both=403), district_admin=inside(403),
                  branch_secretary=inside(403))  # fmt: skip
NO_TARGET = cells(404, host_clerk=inside(404, both=403), district_admin=inside(403), branch_secretary=inside(403))
# no second side in these movements: back to the list
END = cells(404, clerks=inside(302), district_admin=inside(403), branch_secretary=inside(403))

ROWS = [
    Row("/admin/members/transfer/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/members/transfer/add/", get=cells(403), post=cells(403)),
    Row("/admin/members/transfer/{members_transfer}/change/", get=cells(404), post=cells(404)),
    Row("/admin/members/transfer/{members_transfer}/history/", get=cells(404), post=cells(404)),
    Row("/admin/members/transfer/{members_transfer}/delete/", get=cells(404), post=cells(404), form={"post": "yes"}),
    Row("/admin/members/transfer/{members_transfer}/", get=cells(302), post=cells(302)),
    Row("/admin/members/transfer/{members_transfer}/accept/", get=ANSWER, post=ANSWER),
    Row("/admin/members/transfer/{members_transfer}/return/", get=ANSWER, post=ANSWER, form={"reason": "x"}),
    Row("/admin/members/transfer/{members_transfer}/withdraw/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(302))),
    Row("/admin/members/transfer/of/{members_member}/", get=OF_MEMBER, post=OF_MEMBER),
    Row("/admin/members/transfer/of/{members_member}/move/", get=OF_MEMBER, post=OF_MEMBER),
    Row("/admin/members/transfer/of/{members_member}/manage/", get=OF_MEMBER, post=OF_MEMBER),
    Row("/admin/members/transfer/of/{members_member}/manage/outside/", get=OF_MEMBER, post=OF_MEMBER, form={"to": "x"}),
    Row("/admin/members/transfer/of/{members_member}/manage/to/00000000-0000-4000-8000-000000000001/",
        get=NO_TARGET, post=NO_TARGET, form={"note": "x"}),
    Row("/admin/members/transfer/end/{members_movement}/", get=END, post=END, form={"reason": "x"}),
]  # fmt: skip
