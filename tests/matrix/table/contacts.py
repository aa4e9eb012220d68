"""Contacts, duties, liaisons, intervals, reminders."""

from tests.matrix.cells import Row, cells, inside

WHO_VIEWS = cells(403, clerks=200, district_admin=200, branch_secretary=200)
LIAISON_TOO = cells(403, clerks=200, district_admin=200, branch_secretary=200, liaison=200)
TOTALS = cells(403, clerks=200, administrators=200, viewers=200, branch_secretary=200)
CLERKS_ONLY = cells(403, clerks=200)
SETS_PILLARS = cells(403, street_admin=200, administrators=200)
LOG = cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(403),
            branch_secretary=inside(200), liaison=inside(200))  # fmt: skip
# A duty leads to the contacts of its member. `both` is the host's duty: either side sees that and when.
# at `both` the duty is the host's: the home side finds its own one
DUTY = cells(404, clerks=inside(302, both=404), host_clerk=inside(302, both=302), district_admin=inside(302),
             branch_secretary=inside(302), liaison=inside(302))  # fmt: skip
# `both` was written by the home: not the host's
AMEND = cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(200), liaison=inside(200))
NEVER = cells(404)
SHORT = cells(302)
YES = {"post": "yes"}

ROWS = [
    # the own duties in one table; a POST without a tick stores nothing and says so
    Row("/admin/contacts/log/", get=cells(403, clerks=200, branch_secretary=200, liaison=200),
        post=cells(403, clerks=200, branch_secretary=200, liaison=200)),
    # a POST without a row tells what is missing
    Row("/admin/contacts/log/paste/", get=cells(403, clerks=200, branch_secretary=200, liaison=200),
        post=cells(403, clerks=200, branch_secretary=200, liaison=200)),
    Row("/admin/contacts/log/{members_member}/", get=LOG, post=LOG),
    # a correction is for whoever logs for the side that wrote the record; the world's records are the liaison's
    Row("/admin/contacts/contact/{contacts_contactlog}/amend/", get=AMEND, post=AMEND),
    # who looks after a member is the managing side's: the other side sees the file and may not assign
    Row("/admin/contacts/assign/{members_member}/",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=403), district_admin=inside(403),
                  branch_secretary=inside(403)),
        post=cells(404, clerks=inside(302), host_clerk=inside(302, both=403), district_admin=inside(403),
                   branch_secretary=inside(403))),
    # what others were sent is not the liaison's to read; the host sees the member of both and its own reminders
    Row("/admin/contacts/why/{members_member}/",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(200),
                  branch_secretary=inside(200)), post=cells(405)),
    # numbers for whoever reads totals
    Row("/admin/contacts/account/",
        get=cells(403, clerks=200, administrators=200, viewers=200, branch_secretary=200), post=cells(405)),
    # with the party organization outside the portal; the member of `both` has none, and the file's office prints
    Row("/admin/contacts/exchange/{members_member}/",
        get=cells(404, clerks=inside(200, both=403), host_clerk=inside(200, both=403), district_admin=inside(403),
                  branch_secretary=inside(200)),
        post=cells(404, clerks=inside(200, both=403), host_clerk=inside(200, both=403), district_admin=inside(403),
                   branch_secretary=inside(200))),
    Row("/admin/contacts/letter/{members_member}/help.pdf",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=403), district_admin=inside(403),
                  branch_secretary=inside(200)),
        post=cells(405)),
    # either side arranges its own contact; a branch's secretary pauses it
    Row("/admin/contacts/arrange/{members_member}/",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(403),
                  branch_secretary=inside(200)),
        post=cells(404, clerks=inside(200), host_clerk=inside(200, both=200), district_admin=inside(403),
                   branch_secretary=inside(200))),
    # a POST without a choice changes nothing and leads back
    Row("/admin/contacts/hand-over/", get=CLERKS_ONLY, post=cells(403, clerks=302)),
    Row("/admin/contacts/liaison/{contacts_liaison}/hand-over/",
        get=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403)),
        post=cells(404, clerks=inside(302), district_admin=inside(403), branch_secretary=inside(403))),
    # totals for whoever may see them; the rows behind a number are asked for by name, and these addresses name none
    Row("/admin/contacts/report/", get=TOTALS, post=TOTALS),
    Row("/admin/contacts/report/list/",
        get=cells(403, clerks=404, administrators=404, viewers=404, branch_secretary=404), post=cells(405)),
    Row("/admin/contacts/pillars/", get=TOTALS, post=TOTALS),
    # whoever administers an office sets its pillars; a POST without lines stores nothing and says so
    Row("/admin/contacts/pillars/settings/", get=SETS_PILLARS, post=SETS_PILLARS),
    # for the offices of the managing side; a POST without a word of the page's changes nothing and leads back
    Row("/admin/contacts/unreachable/", get=WHO_VIEWS, post=cells(405)),
    Row("/admin/contacts/unreachable/reports/", get=WHO_VIEWS, post=cells(405)),
    # the world's reports are told to organizations outside the portal: nobody else's; the letter is its sender's
    Row("/admin/contacts/unreachable/reports/{contacts_lostreport}.pdf",
        get=cells(404, clerks=inside(200), branch_secretary=inside(200), district_admin=inside(403)),
        post=cells(405)),
    Row("/admin/contacts/unreachable/earlier/", get=cells(403, street_admin=200, district_admin=200),
        post=cells(403, street_admin=200, district_admin=200)),
    Row("/admin/contacts/unreachable/{members_member}/",
        get=cells(404, clerks=inside(200), host_clerk=inside(200, both=403), district_admin=inside(200),
                  branch_secretary=inside(200)),
        post=cells(404, clerks=inside(302), host_clerk=inside(302, both=403), district_admin=inside(302),
                   branch_secretary=inside(302))),
    # a POST that names no movement changes nothing and leads back
    Row("/admin/contacts/transferable/", get=WHO_VIEWS, post=cells(403, clerks=302)),
    # a visiting worker's own list: the one member of the community
    Row("/admin/contacts/visits/", get=cells(404, visitor=200), post=cells(405)),
    Row("/admin/contacts/visits/{members_member}/",
        get=cells(404, visitor=inside(404, own=200)), post=cells(404, visitor=inside(404, own=200))),
    Row("/admin/contacts/contactobligation/", get=LIAISON_TOO, post=LIAISON_TOO),
    Row("/admin/contacts/contactobligation/add/", get=cells(403), post=cells(403)),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/change/", get=DUTY, post=DUTY),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/delete/", get=NEVER, post=NEVER, form=YES),
    Row("/admin/contacts/contactobligation/{contacts_contactobligation}/", get=SHORT, post=SHORT),
    Row("/admin/contacts/contactlog/", get=LIAISON_TOO, post=LIAISON_TOO),
    Row("/admin/contacts/contactlog/add/", get=cells(403), post=cells(403)),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/change/",  # `both` was written by the home: not the host's
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200),
                  liaison=inside(200)),
        post=cells(403)),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/delete/", get=NEVER, post=NEVER, form=YES),
    Row("/admin/contacts/contactlog/{contacts_contactlog}/", get=SHORT, post=SHORT),
    Row("/admin/contacts/liaison/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/contacts/liaison/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/liaison/{contacts_liaison}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)),
        post=cells(403, clerks=inside(200))),
    Row("/admin/contacts/liaison/{contacts_liaison}/work-link/",
        get=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403)),
        post=cells(404, clerks=inside(200), district_admin=inside(403), branch_secretary=inside(403)),
        form={"action": "issue"}),
    Row("/admin/contacts/liaison/{contacts_liaison}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/liaison/{contacts_liaison}/delete/", get=NEVER, post=NEVER, form=YES),
    Row("/admin/contacts/liaison/{contacts_liaison}/", get=SHORT, post=SHORT),
    Row("/admin/contacts/contactpolicy/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/contactpolicy/add/", get=CLERKS_ONLY, post=CLERKS_ONLY),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/change/",
        get=cells(403, clerks=inside(200)), post=cells(403, clerks=inside(200))),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/delete/",
        get=cells(403, clerks=inside(200)), post=cells(403, clerks=inside(302)), form=YES),
    Row("/admin/contacts/contactpolicy/{contacts_contactpolicy}/", get=SHORT, post=SHORT),
    Row("/admin/contacts/outboundmessage/", get=WHO_VIEWS, post=WHO_VIEWS),
    Row("/admin/contacts/outboundmessage/add/", get=cells(403), post=cells(403)),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/change/",
        get=cells(403, clerks=inside(200), district_admin=inside(200), branch_secretary=inside(200)), post=cells(403)),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/history/", get=NEVER, post=NEVER),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/delete/", get=NEVER, post=NEVER, form=YES),
    Row("/admin/contacts/outboundmessage/{contacts_outboundmessage}/", get=SHORT, post=SHORT),
]  # fmt: skip
