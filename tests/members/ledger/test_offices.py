"""Whole ledgers made at random, in every format: read as the truth, or asked about. Never a wrong value that is ok."""

import pytest

from tests.members.ledger.office.judging import as_bytes, judge
from tests.members.ledger.office.layout import make
from tests.members.ledger.office.spreading import spread

SEEDS = 240
BLOCK = 40
ENCODINGS = ("gb18030", "utf-8-sig", "utf-8", "utf-16")


def failures(seeds: range, *, apart: bool = False) -> dict[int, list[str]]:
    found = {}
    for seed in seeds:
        ledger = make(seed) if seed % 2 else spread(seed, make(seed))
        wrong = judge(ledger, as_bytes(ledger, ENCODINGS[seed % 4]), apart=apart)
        if wrong:
            found[seed] = wrong
    return found


@pytest.mark.parametrize("start", range(0, SEEDS, BLOCK))
def test_ledger_is_the_truth_or_a_question(start: int) -> None:
    assert failures(range(start, start + BLOCK)) == {}


def test_reader_apart_gives_the_same() -> None:
    assert failures(range(SEEDS, SEEDS + 12), apart=True) == {}


@pytest.mark.matrix
@pytest.mark.parametrize("start", range(SEEDS, 4_000, 200))
def test_many_more_ledgers(start: int) -> None:
    assert failures(range(start, start + 200)) == {}
