"""What a street answered about its ledgers: its communities read it, nobody else does, and they cannot change it."""

from typing import Any

import pytest

from members.models import LedgerAnswer

KEYS = ("C111", "C112", "C121", "S11", "S12", "D1", "D2")
SEEN = {
    "community_clerk@C111": {"C111", "S11", "D1"},
    "community_clerk@C121": {"C121", "S12", "D1"},
    "street_clerk@S11": {"C111", "C112", "S11", "D1"},
    "street_clerk@S12": {"C121", "S12", "D1"},
    "liaison@C111": set(),
    "auditor@S11": set(),
    "stranger": set(),
    "expired": set(),
}
WRITTEN = {"community_clerk@C111": {"C111"}, "street_clerk@S11": {"C111", "C112", "S11"}}


@pytest.fixture
def answers(transactional_db: None, owner: Any, world: Any) -> None:
    for key in KEYS:
        owner.execute(
            "insert into members_ledgeranswer (id, organization_id, kind, sheet, subject, value, answered_at)"
            " values (gen_random_uuid(), %s, 'column', '', '样例标题', %s, now())",
            [world.organization(key).pk, f"of {key}"],
        )


def _values() -> set[str]:
    found = LedgerAnswer.objects.filter(subject="样例标题").values_list("value", flat=True)
    return {value.removeprefix("of ") for value in found}


@pytest.mark.parametrize("name", SEEN)
def test_answers_are_read_from_below_and_from_nowhere_else(answers: None, acting: Any, name: str) -> None:
    with acting(name):
        assert _values() == SEEN[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_answers_above_are_neither_changed_nor_taken_back(answers: None, acting: Any, name: str) -> None:
    with acting(name):
        asked = LedgerAnswer.objects.filter(subject="样例标题")
        assert asked.update(value="of changed") == len(WRITTEN[name])
        assert asked.filter(value="of changed").delete()[0] == len(WRITTEN[name])
        assert _values() == SEEN[name] - WRITTEN[name]
