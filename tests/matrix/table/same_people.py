"""One person with two files. Each key of the wide world has a case of its own node, about which both sides are asked:
superiors alone have cases, who changes members has questions."""

from tests.matrix.cells import Row, cells, inside

CASES = cells(404, administrators=200)
QUESTIONS = cells(404, clerks=200)

ROWS = [
    Row("/admin/same-people/", get=CASES, post=CASES),
    Row("/admin/same-people/{members_samepersoncase}/",
        get=cells(404, administrators=inside(200), street_admin=inside(200, both=404)),
        post=cells(404, administrators=inside(302), street_admin=inside(302, both=404)), form={"step": "link"}),
    Row("/admin/same-people/questions/", get=QUESTIONS, post=QUESTIONS),
    Row("/admin/same-people/questions/{members_samepersoncase}/{members_member}/",
        get=cells(404, clerks=inside(200)), post=cells(404, clerks=inside(302)), form={"answer": "yes"}),
]  # fmt: skip
