"""Chat groups, and visits of care."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)
NEVER = cells(404)
SHORT = cells(302)

ROWS = [
    Row("/admin/contacts/wechatgroup/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/contacts/wechatgroup/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/wechatgroup/{contacts_wechatgroup}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(403, clerks=inside(200))),
    Row("/admin/contacts/wechatgroup/{contacts_wechatgroup}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/wechatgroup/{contacts_wechatgroup}/delete/", get=NEVER, post=NEVER, form={"post": "yes"}),
    Row("/admin/contacts/wechatgroup/{contacts_wechatgroup}/", get=SHORT, post=SHORT),
    # a POST without a day changes nothing and leads back
    Row("/admin/contacts/groups/{contacts_wechatgroup}/",
        get=cells(404, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(404, clerks=inside(302), district_admin=inside(403), branch_secretary=inside(403))),
    # the own visits; a POST without a tick changes nothing and leads back
    Row("/admin/contacts/care/", get=CLERKS_ONLY, post=cells(403, clerks=302)),
    # a POST without a wish is none of ours; the own wishes
    Row("/admin/contacts/wishes/", get=WHO_VIEWS, post=cells(403, clerks=404)),
    # a POST without a key is none of ours; who sees the member only is refused
    Row("/admin/contacts/wishes/{members_member}/",
        get=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403),
                  host_clerk=inside(200, both=403)),
        post=cells(404, clerks=inside(404), district_admin=inside(403), branch_secretary=inside(403),
                   host_clerk=inside(404, both=403))),
]  # fmt: skip
