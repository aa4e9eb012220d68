"""How a row of the permission matrix is written. Every expectation is a person's, never the code's.

The rules behind them: out of scope answers as absent (404); 403 only where the whole screen is closed or a visible row
may not be changed; whoever holds no grant in force is sent to the login page (302).

How to add a row
----------------
Put it into the module of its area in tests/matrix/table (a new area gets a file of its own with a list `ROWS`; nothing
else names it):

    Row("/admin/members/member/{members_member}/change/",
        get=cells(404, clerks=inside(200), district_admin=inside(302)),
        post=cells(404, clerks=inside(200), district_admin=inside(403)), form={"name": "x"})

`{table}` stands for the key of that table's row at the position asked: see `keys_by_table` in
tests/security/canaries.py and tests/matrix/conftest.py, where a new table is named. The rows themselves are built in
tests/world.py (`build_rows`); a table without a row at a position is an error (`both` alone is left out then).

A **cell** is one status for every position, or `inside(200)`: 200 for the positions that the actor's office is in
charge of (`REACH`), 404 elsewhere; `inside(200, otherwise=403)` for another answer elsewhere; single positions are
overridden by name: `inside(200, parent=403)`.

**cells(rest, …)** gives `rest` to everybody who may enter the staff pages, then what is written by group (`GROUPS`),
then what is written by single actor (the name of the role; `host_clerk` is the clerk of C121, on the other side of
`both`). `link` (a phone with a bound work link), `member` (one with a bound own page) and `outside` (no grant, ended,
switched off, not logged in) are sent to the login page unless the row says otherwise; `everybody=` is all of them.
Rows without a placeholder are asked once.

All cases of some rows: `PORTAL_MATRIX_ONLY=/reveal/ pytest -m matrix tests/matrix` (a part of the path).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests import world
from tests.security.canaries import accounts_of, names_of

POSITIONS = ("own", "below", "sibling", "parent", "street", "district", "city", "both", "absent")
# Where the row of each position lives: the community itself, the branch below it, its neighbour, the street above,
# other street, other district, other city; `both` is the member with home C111 and host C121, and what C111 wrote.
PLACES = {"own": "C111", "below": "B111", "sibling": "C112", "parent": "S11", "street": "C121", "district": "C211",
          "city": "C311", "both": "both"}  # fmt: skip

# name in a row → the user of the world
STAFF = {
    "city_admin": "city_admin@X",
    "city_viewer": "city_viewer@X",
    "operator": "operator@X",
    "district_admin": "district_admin@D1",
    "district_viewer": "district_viewer@D1",
    "street_admin": "street_admin@S11",
    "street_clerk": "street_clerk@S11",
    "community_clerk": "community_clerk@C111",
    "host_clerk": "community_clerk@C121",
    "branch_secretary": "branch_secretary@B111",
    "liaison": "liaison@C111",
    "visitor": "visitor@C111",
    "auditor": "auditor@S11",
}
OUTSIDE = ("stranger", "inactive", "expired", "anonymous")
ACTORS = (*STAFF, "link", "member", *OUTSIDE)
GROUPS = {
    "clerks": ("street_admin", "street_clerk", "community_clerk", "host_clerk"),
    "administrators": ("city_admin", "district_admin", "street_admin"),
    "viewers": ("city_viewer", "district_viewer"),
    "outside": OUTSIDE,
}

_STREET = ("own", "below", "sibling", "parent", "both")
# What the office of an actor is in charge of; a liaison and a link: the assigned member; a member: the own file.
REACH: dict[str, tuple[str, ...]] = {
    "city_admin": (*_STREET, "street", "district"),
    "city_viewer": (*_STREET, "street", "district"),
    "operator": (*_STREET, "street", "district"),
    "district_admin": (*_STREET, "street"),
    "district_viewer": (*_STREET, "street"),
    "street_admin": _STREET,
    "street_clerk": _STREET,
    "auditor": _STREET,
    "community_clerk": ("own", "below", "both"),
    "host_clerk": ("street",),
    "branch_secretary": ("below",),
    "liaison": ("own",),
    "visitor": (),
    "link": ("own",),
    "member": ("own",),
}

# Whose texts an actor may read: keys of tests/security/canaries.py, which bring the accounts' names along.
# `kept` is what of the member with two sides the managing side alone reads: the remark, further columns of the ledger,
# whom one knows over there.
_STREET_TEXTS = ("C111", "B111", "C112", "S11", "both", "kept", "home")
READS: dict[str, tuple[str, ...]] = {
    "city_admin": accounts_of(*(key for key in world.COMMUNITIES if key != "C311"), "S11", "B111"),
    "district_admin": (*_STREET_TEXTS, "host", "C121", "C122"),
    "street_admin": _STREET_TEXTS,
    "street_clerk": _STREET_TEXTS,
    "community_clerk": ("C111", "B111", "both", "kept", "home"),
    "host_clerk": ("C121", "both", "host"),
    "branch_secretary": ("B111",),
    "liaison": ("C111",),
    "visitor": (*accounts_of("C111"), *names_of("C111")),  # the own name, and whom to visit
    "auditor": accounts_of("S11"),
    "link": ("C111",),
    "member": ("C111",),
}


@dataclass(frozen=True)
class Inside:
    status: int
    otherwise: int
    positions: dict[str, int]

    def at(self, actor: str, position: str) -> int:
        if position in self.positions:
            return self.positions[position]
        return self.status if position in REACH.get(actor, ()) else self.otherwise


Cell = int | Inside
Cells = dict[str, Cell]


def inside(status: int, otherwise: int = 404, **positions: int) -> Inside:
    """This status where the actor's office is in charge; single positions by name."""
    assert positions.keys() <= set(POSITIONS), positions
    return Inside(status, otherwise, positions)


def cells(rest: Cell | None = None, *, everybody: Cell | None = None, **named: Cell) -> Cells:
    """The cell of every actor: `everybody`, or `rest` for the staff and the login page for others; groups; names."""
    assert named.keys() <= {*GROUPS, *ACTORS}, named
    start: Cells = dict.fromkeys(ACTORS, 302 if everybody is None else everybody)
    if rest is not None:
        start |= dict.fromkeys(STAFF, rest)
    for group in [name for name in GROUPS if name in named]:
        start |= dict.fromkeys(GROUPS[group], named[group])
    return start | {name: cell for name, cell in named.items() if name not in GROUPS}


@dataclass(frozen=True)
class Row:
    """`path` with {table} names the row in the address; `form` is what the POST sends.

    `is_public` marks pages that show a point's texts to anybody who holds its code; `is_versioned` those whose POST
    brings the version of the record that the page showed.
    """

    path: str
    get: Cells
    post: Cells
    form: dict[str, str] = field(default_factory=dict)
    is_public: bool = False
    is_versioned: bool = False


@dataclass(frozen=True)
class Case:
    row: Row
    method: str
    position: str
    status: int


def cases(rows: list[Row], actor: str) -> Iterator[Case]:
    """All cases of one actor, in the order of the rows."""
    for row in rows:
        for position in POSITIONS if "{" in row.path else ("own",):
            for method, column in (("get", row.get), ("post", row.post)):
                cell = column[actor]
                status = cell.at(actor, position) if isinstance(cell, Inside) else cell
                yield Case(row, method, position, status)
