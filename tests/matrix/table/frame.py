"""What every screen stands in: front page, login, search, neutral redirects."""

from tests.matrix.cells import Row, cells

ROWS = [
    Row("/", get=cells(302), post=cells(302)),
    Row("/healthz", get=cells(everybody=200), post=cells(everybody=405)),
    Row("/readyz", get=cells(everybody=503), post=cells(everybody=405)),  # no worker runs beside the tests
    Row("/admin/", get=cells(200), post=cells(200)),
    Row("/admin/search/?s=C", get=cells(404), post=cells(404)),
    Row("/admin/login/", get=cells(302, link=200, member=200, outside=200), post=cells(everybody=200)),
    Row("/admin/logout/", get=cells(405), post=cells(200)),
    Row("/admin/password_change/", get=cells(200), post=cells(200)),
    Row("/admin/password_change/done/", get=cells(200), post=cells(405)),
    # members in reach; the answer is scanned for others
    Row("/admin/autocomplete/?app_label=contacts&model_name=liaisonassignment&field_name=member&term=C",
        get=cells(403, clerks=200, district_admin=200, branch_secretary=200), post=cells(405)),
    Row("/admin/jsi18n/", get=cells(200), post=cells(405)),
    Row("/admin/r/{member_type}/{members_member}/", get=cells(404), post=cells(404)),
    Row("/admin/demo/mails/", get=cells(404), post=cells(405)),
    Row("/admin/status/", get=cells(404, operator=200), post=cells(405)),
    Row("/admin/members/", get=cells(404, clerks=200, district_admin=200, branch_secretary=200),
        post=cells(404, clerks=200, district_admin=200, branch_secretary=200)),
    Row("/admin/no-such-page", get=cells(404), post=cells(404)),
]  # fmt: skip
