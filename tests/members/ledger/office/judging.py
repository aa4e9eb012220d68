"""Whether an importer's reading of a ledger agrees with the truth: wrong values, lost values, needless questions."""

import contextlib
import io

from members.ledger import child, reading
from members.ledger.cell import ASK, ERROR, FIXED, OK
from members.ledger.communities import CommunityMatcher, resolve_community
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import Interpretation, LedgerRow
from members.ledger.vocabulary import NULL_WORDS
from members.ledger.workbook import Limits, Workbook
from tests.members.ledger.making import TODAY, choices
from tests.members.ledger.office import files
from tests.members.ledger.office.layout import Ledger, Truth

MATCHER = CommunityMatcher(choices())


def as_bytes(ledger: Ledger, encoding: str = "") -> bytes:
    kind = ledger.kind
    if kind == "xlsx":
        return files.xlsx(ledger.grids)
    if kind == "xls":
        return files.xls(ledger.grids)
    if kind == "ods":
        return files.ods(ledger.grids)
    if kind == "html":
        return files.web(ledger.grids)
    return files.text(ledger.grids[0], "\t" if kind == "tsv" else ",", encoding or "gb18030")


def read_here(data: bytes) -> Workbook:
    """What the child process would read and send, without starting one."""
    book = child._read(data, Limits())
    child._check_size(book, Limits())
    sent = io.StringIO()
    with contextlib.redirect_stdout(sent):
        child._send(book)
    return reading._parse(sent.getvalue().encode("ascii"))


def judge(ledger: Ledger, data: bytes, *, apart: bool = True) -> list[str]:
    """Everything that is not right, in words that begin with WRONG, LOST, PHANTOM or ASKED."""
    result = interpret(read_workbook(data) if apart else read_here(data), Options(today=TODAY))
    rows = {(_name(ledger, row.sheet), row.row): row for row in result.rows}
    found: list[str] = []
    for truth in ledger.people:
        row = rows.pop((truth.sheet, truth.row), None)
        if row is None:
            found.append(f"LOST {truth.sheet}!{truth.row}: no row")
        elif row.kind == "skip":
            if not (truth.is_hidden and row.reason == "hidden_row"):
                found.append(f"LOST {truth.sheet}!{truth.row}: skipped as {row.reason}")
        else:
            found += _judge_row(ledger, truth, row, result)
    for place, row in rows.items():
        if row.kind == "data" and row.blocked != ERROR:
            found.append(f"PHANTOM {place}: {row.value('name')}")
    return found


def _name(ledger: Ledger, sheet: str) -> str:
    return sheet or ledger.grids[0].name


def _judge_row(ledger: Ledger, truth: Truth, row: LedgerRow, result: Interpretation) -> list[str]:
    where, found = f"{truth.sheet}!{truth.row}", []
    if truth.is_shifted:
        return [] if row.blocked else [f"WRONG {where}: shifted row is stored"]
    if row.blocked and all(must for _, must in truth.expected.values()):
        found.append(f"ASKED {where}: the whole row, {[problem.code for problem in row.problems]}")
    if row.blocked:
        return found
    for name, (expected, must) in truth.expected.items():
        cell = row.cells.get(name)
        if cell is None:
            found.append(f"LOST {where} {name}: no such column")
        elif cell.value is not None and cell.severity in (OK, FIXED):
            if cell.value != expected and name != "community" and not _same_word(name, cell.value, expected):
                found.append(f"WRONG {where} {name}: {cell.raw!r} became {cell.value!r}, is {expected!r}")
        elif cell.raw and cell.severity in (OK, FIXED) and not _means_nothing(cell.raw):
            found.append(f"LOST {where} {name}: {cell.raw!r}")
        elif must and expected:
            found.append(f"ASKED {where} {name}: {cell.raw!r} {cell.rule}")
        if cell is not None and cell.severity in (ASK, ERROR) and not any(p.field == name for p in row.problems):
            found.append(f"LOST {where} {name}: no problem is shown for {cell.rule}")
    place = resolve_community(row.community_hint, row.community_origin, MATCHER)
    right = MATCHER.match(truth.community).choice
    if place.choice is not None and place.choice != right:
        found.append(f"WRONG {where}: community {place.choice.name}, is {truth.community}")
    elif place.choice is None and truth.expected.get("community", ("", True))[1]:
        found.append(f"ASKED {where}: community {row.community_hint!r}")
    if row.direction not in (None, ledger.direction) and ledger.direction:
        found.append(f"WRONG {where}: direction {row.direction}, is {ledger.direction}")
    return found


def _same_word(name: str, value: str, expected: str) -> bool:
    return name == "remark" and expected == "" and _means_nothing(value)


def _means_nothing(raw: str) -> bool:
    text = raw.strip(" \u3000\xa0\u200b\ufeff\n")
    return not text or text.lower() in NULL_WORDS or not text.strip("0")
