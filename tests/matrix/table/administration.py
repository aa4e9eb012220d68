"""The tree, grants and staff accounts. Whoever may not give access finds no such pages."""

from tests.matrix.cells import Row, cells, inside

ADMINISTRATORS_ONLY = cells(404, administrators=200)
NODE = cells(404, administrators=inside(200))
NODE_DONE = cells(404, administrators=inside(302))

ROWS = [
    Row("/admin/organizations/", get=ADMINISTRATORS_ONLY, post=ADMINISTRATORS_ONLY),
    Row("/admin/organizations/{portal_organization}/", get=NODE, post=NODE),
    Row("/admin/organizations/{portal_organization}/children/", get=NODE, post=NODE),
    Row("/admin/organizations/{portal_organization}/names/", get=NODE, post=NODE_DONE, form={"short_name": "x"},
        is_versioned=True),
    Row("/admin/organizations/{portal_organization}/branch/", get=NODE, post=NODE),
    Row("/admin/organizations/{portal_organization}/move/", get=NODE, post=NODE),
    Row("/admin/organizations/{portal_organization}/move/{portal_organization}/", get=NODE, post=NODE_DONE),
    Row("/admin/organizations/{portal_organization}/merge/", get=NODE, post=NODE),
    Row("/admin/organizations/{portal_organization}/merge/{portal_organization}/", get=NODE, post=NODE_DONE),
    Row("/admin/organizations/{portal_organization}/use/", get=NODE, post=NODE_DONE, form={"wanted": "no"}),
    Row("/admin/organizations/{portal_organization}/give/", get=NODE, post=NODE),
    # a liaison's role holds no right on nodes, so every administrator above holds what is given again
    Row("/admin/grants/{portal_organizationgrant}/renew/", get=NODE, post=NODE_DONE, form={"reason": "x"},
        is_versioned=True),
    Row("/admin/grants/{portal_organizationgrant}/end/", get=NODE, post=NODE_DONE, is_versioned=True),
    Row("/admin/grants/waiting/", get=ADMINISTRATORS_ONLY, post=ADMINISTRATORS_ONLY),
    # decided already, so there is nothing to decide
    Row("/admin/grants/requests/{portal_grantrequest}/", get=cells(404), post=cells(404), form={"decision": "approve"}),
    Row("/admin/staff/", get=ADMINISTRATORS_ONLY, post=cells(404, administrators=302)),
    Row("/admin/staff/reports/", get=ADMINISTRATORS_ONLY, post=ADMINISTRATORS_ONLY),
    Row("/admin/staff/{portal_user}/", get=NODE, post=NODE),
    Row("/admin/staff/{portal_user}/password/", get=NODE, post=NODE),
    Row("/admin/staff/{portal_user}/switch/", get=NODE, post=NODE_DONE, form={"wanted": "no"}),
    Row("/admin/staff/{portal_user}/leave/", get=NODE, post=NODE_DONE),
]  # fmt: skip
