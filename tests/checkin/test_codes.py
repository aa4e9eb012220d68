"""Codes: what the portal signed is read, everything else is nothing."""

import random
import uuid

import pytest

from checkin.codes import make_code, read_code, receipt_number
from checkin.models import random_code_id

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_code_read_back_is_short_and_holds_only_the_id() -> None:
    code_id = random_code_id()
    code = make_code(code_id)
    assert len(code) <= 48
    assert read_code(code) == code_id
    assert make_code(code_id) == code


def test_code_of_another_purpose_is_refused() -> None:
    code_id = random_code_id()
    assert read_code(make_code(code_id, purpose="activity")) is None
    assert read_code(make_code(code_id), purpose="activity") is None


def test_code_with_any_changed_character_is_refused() -> None:
    draw = random.Random(7)
    code = make_code(random_code_id())
    accepted = 0
    for _ in range(100_000):
        at = draw.randrange(len(code))
        other = draw.choice(ALPHABET.replace(code[at], ""))
        accepted += read_code(code[:at] + other + code[at + 1 :]) is not None
    assert accepted == 0


def test_code_cut_short_or_made_up_is_refused() -> None:
    draw = random.Random(8)
    code = make_code(random_code_id())
    assert [read_code(code[:length]) for length in range(len(code))] == [None] * len(code)
    assert all(read_code("".join(draw.choices(ALPHABET, k=46))) is None for _ in range(100_000))


@pytest.mark.parametrize("text", ["", "A" * 46, "é" * 46, "a" * 47, make_code(uuid.UUID(int=0)) + "\n", "../admin"])
def test_code_of_another_shape_is_refused(text: str) -> None:
    assert read_code(text) is None


def test_receipt_of_one_form_is_stable_and_of_two_differs() -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    assert receipt_number(first) == receipt_number(first)
    assert receipt_number(first) != receipt_number(second)
    assert len(receipt_number(first)) == 8
    assert receipt_number(first).isdecimal()
