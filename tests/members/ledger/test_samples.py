"""Every sample ledger has the outcome that its description asks for, as far as the file alone decides it."""

import json
from typing import Any

import pytest

from members.ledger.communities import CommunityMatcher, resolve_community
from members.ledger.interpret import Options, interpret
from members.ledger.reading import read_workbook
from members.ledger.results import LedgerRow, Problem
from members.ledger.workbook import LedgerRefused
from tests.members.ledger.making import DATA, TODAY, choices

CASES = sorted(path.name.removesuffix(".expected.json") for path in DATA.glob("*.expected.json"))
FIELD = {
    "phone": "mobile",
    "flow_date": "started_on",
    "out_org": "home_organization",
    "address": "current_address",
    "out_contact": "counterpart_contact_name",
    "out_phone": "counterpart_contact_phone",
}
REFUSALS = {
    "empty.xlsx": "empty",
    "truncated.xlsx": "damaged",
    "password.xlsx": "password",
    "bomb-60MB.xlsx": "too_large",
}


def expected_of(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))


def settle(row: LedgerRow, expected: dict[str, Any]) -> str | None:
    """Resolve the community as the importer would, and return its code."""
    matcher = CommunityMatcher(choices(expected["importer"]["scope"]))
    target = expected["importer"].get("target_community")
    found = resolve_community(
        row.community_hint, row.community_origin, matcher, choices([target])[0] if target else None
    )
    if found.code:
        row.problems.append(Problem("community", found.code, found.severity))
    return found.choice.code if found.choice else None


def outcome_of(row: LedgerRow) -> str:
    if row.kind == "skip":
        return "skip"
    if row.blocked:
        return {"error": "reject", "ask": "conflict"}[row.blocked]
    return "import_flag" if any(problem.severity == "ask" for problem in row.problems) else "import"


@pytest.mark.parametrize("name", [case for case in CASES if case not in REFUSALS])
def test_sample_has_its_outcome(name: str) -> None:
    expected = expected_of(name)
    result = interpret(read_workbook(DATA / name), Options(today=TODAY))
    found = {(row.sheet, row.row): row for row in result.rows}
    for line in expected["rows"]:
        row = found.pop((line.get("sheet") or result.sheets[0].name, line["row"]))
        community = settle(row, expected) if row.kind == "data" else None
        assert outcome_of(row) in [line["outcome"], *line.get("also_acceptable", [])], (line, row.problems)
        codes = {problem.code for problem in row.problems}
        if line.get("reason") and not line["reason"].startswith("community"):
            assert line["reason"] in codes
        if outcome_of(row) in ("import", "import_flag"):
            for key, value in line.get("expect", {}).items():
                if key.endswith("_if_stored"):
                    assert row.value(key.removesuffix("_if_stored")) in (None, value)
                elif key == "community_code":
                    assert community == value
                elif key != "community_name":
                    assert row.value(FIELD.get(key, key)) == value, (line, key)
    assert not found, "every row is described"


@pytest.mark.parametrize(("name", "code"), REFUSALS.items())
def test_sample_is_refused(name: str, code: str) -> None:
    with pytest.raises(LedgerRefused) as refusal:
        read_workbook(DATA / name)
    assert refusal.value.code == code
    assert refusal.value.message


def test_samples_are_all_described() -> None:
    files = {path.name for path in DATA.iterdir() if path.suffix in (".xlsx", ".xls", ".csv")} - {"organizations.csv"}
    assert files == set(CASES)


def test_directions_come_from_titles_sheets_and_headers() -> None:
    directions = {}
    for name in ("clean.xlsx", "two-row-header.xlsx", "ids.xlsx"):
        result = interpret(read_workbook(DATA / name), Options(today=TODAY))
        directions[name] = {row.direction for row in result.rows}
    assert directions == {"clean.xlsx": {"inflow"}, "two-row-header.xlsx": {"inflow"}, "ids.xlsx": {None}}


def test_out_of_scope_names_get_one_and_the_same_message() -> None:
    """林店 exists in the street, 德望 elsewhere, 幸福里 nowhere: the words must not tell which."""
    expected = expected_of("out-of-scope.xlsx")
    result = interpret(read_workbook(DATA / "out-of-scope.xlsx"), Options(today=TODAY))
    messages = set()
    for row in result.rows:
        if row.row in (8, 9, 10, 11, 12, 13):
            assert settle(row, expected) is None
            messages |= {problem.message for problem in row.problems if problem.field == "community"}
    assert len(messages) == 1
