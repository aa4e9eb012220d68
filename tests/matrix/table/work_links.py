"""The phone pages of a work link. C111's is bound to the phone of the actor `link`; all others wait for theirs."""

from tests.matrix.cells import Row, cells, inside

# Whoever has the address of a link that waits for its first phone is asked for the PIN, and told nothing else; a link
# that is bound to another phone is closed to them.
ASKED = inside(200, otherwise=200, own=404, both=404, absent=404)
LINK = cells(everybody=ASKED, link=inside(200, otherwise=200, both=404, absent=404))

ROWS = [
    Row("/w/{token}/", get=LINK, post=cells(everybody=ASKED, link=inside(302, otherwise=200, both=404, absent=404))),
    Row("/w/{own_token}/{members_member}/", get=cells(everybody=404, link=inside(200)),
        post=cells(everybody=404, link=inside(200))),
]  # fmt: skip
