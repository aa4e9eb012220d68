"""Codes and tickets of a desk: what this portal signed, in its time and for its use, and nothing else."""

import dataclasses
import random
import secrets
import uuid
from typing import Any

import pytest

from checkin.arrivals.codes import (
    CODE_BYTES,
    MARGIN_SECONDS,
    SPAN_SECONDS,
    TICKET_SECONDS,
    USES,
    DeskCode,
    is_ticket,
    make_code,
    make_ticket,
    read_code,
    screen_code,
)
from checkin.arrivals.enums import Assurance
from checkin.codes import make_code as make_point_code
from checkin.models import random_code_id
from checkin.signing import to_text
from portal import keys

DESK = random_code_id()
NOW = 1_763_800_000.0 // SPAN_SECONDS * SPAN_SECONDS + MARGIN_SECONDS + 2.0  # in its span, past the margin


def _opens(code: str, now: float = NOW) -> bool:
    read = read_code(code)
    return read is not None and read.desk_id == DESK and read.is_in_time(now)


def _bits_flipped(text: str, count: int) -> list[str]:
    from base64 import urlsafe_b64decode

    draw = random.Random(11)
    packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    found = []
    for _ in range(count):
        spoilt = bytearray(packed)
        spoilt[draw.randrange(len(spoilt))] ^= 1 << draw.randrange(8)
        found.append(to_text(bytes(spoilt)))
    return found


def test_code_of_the_screen_opens_in_its_span_and_for_five_seconds_more() -> None:
    begins = NOW // SPAN_SECONDS * SPAN_SECONDS
    code = screen_code(DESK, begins)
    inside = [begins, begins + 7, begins + 14.9, begins + 15, begins + 19.9]
    outside = [begins - 0.1, begins - 15, begins + 20, begins + 20.1, begins + 30, begins + 300, begins - 300]
    assert [_opens(code, now) for now in inside] == [True] * len(inside)
    assert [_opens(code, now) for now in outside] == [False] * len(outside)


def test_code_of_another_span_or_of_a_clock_five_minutes_off_is_refused() -> None:
    span = int(NOW // SPAN_SECONDS)
    others = [make_code(DESK, Assurance.SCREEN, span + step) for step in (-3, -2, -1, 1, 2, 3)]
    moved = [screen_code(DESK, NOW + step) for step in (-300, 300)]
    assert [_opens(code) for code in others + moved] == [False] * 8
    assert _opens(make_code(DESK, Assurance.SCREEN, span))


def test_random_text_is_never_a_code() -> None:
    texts = (to_text(secrets.token_bytes(CODE_BYTES)) for _ in range(100_000))
    assert sum(read_code(text) is not None for text in texts) == 0


def test_code_with_a_flipped_bit_is_refused() -> None:
    for code in (screen_code(DESK, NOW), make_code(DESK, Assurance.POSTER, 1)):
        spoilt = _bits_flipped(code, 10_000)
        assert len(spoilt[0]) == len(code)
        assert sum(read_code(text) is not None for text in spoilt) == 0


@pytest.mark.parametrize("text", ["", "A" * 51, "é" * 51, "a" * 52, "CODE\n", "../admin", "=" * 51])
def test_text_of_another_shape_is_no_code(text: str) -> None:
    assert read_code(text.replace("CODE", screen_code(DESK, NOW))) is None


def test_spelling_with_spare_bits_is_refused() -> None:
    code = make_code(DESK, Assurance.POSTER, 1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [read_code(code[:-1] + last) for last in alphabet if last != code[-1]] == [None] * 63


def test_poster_and_screen_are_not_taken_for_each_other() -> None:
    span = int(NOW // SPAN_SECONDS)
    assert read_code(make_code(DESK, Assurance.POSTER, span)) == DeskCode(DESK, Assurance.POSTER, span)
    assert read_code(make_code(DESK, Assurance.SCREEN, span)) == DeskCode(DESK, Assurance.SCREEN, span)


def test_code_of_another_desk_or_of_a_point_opens_nothing_here() -> None:
    assert not _opens(screen_code(random_code_id(), NOW))
    assert read_code(make_point_code(DESK)) is None


def test_code_holds_no_name_of_its_use_and_is_short() -> None:
    assert len(screen_code(DESK, NOW)) == 51
    assert all(use.encode() not in make_code(DESK, kind, 1).encode() for kind, use in USES.items())


@pytest.fixture
def rotated(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`rotated()`: a new key is in the file; `rotated(drop=True)`: and the former is not any more."""

    def rotate(*, drop: bool = False) -> None:
        now = keys.load()
        newest = max(now.code_keys)
        kept = {} if drop else {newest: now.code_keys[newest]}
        fresh = dataclasses.replace(now, code_keys=kept | {newest + 1: secrets.token_bytes(32)})
        monkeypatch.setattr(keys, "load", lambda: fresh)

    return rotate


def test_old_key_opens_no_screen_and_its_posters_until_it_is_dropped(rotated: Any) -> None:
    screen, poster, point = screen_code(DESK, NOW), make_code(DESK, Assurance.POSTER, 1), make_point_code(DESK)
    ticket = make_ticket(screen, DESK, NOW)
    rotated()
    assert (_opens(screen), _opens(poster), is_ticket(ticket, screen, DESK, NOW)) == (False, True, False)
    assert make_code(DESK, Assurance.POSTER, 1) != poster
    assert _opens(screen_code(DESK, NOW))
    rotated(drop=True)
    from checkin.codes import read_code as read_point_code

    assert (_opens(poster), read_point_code(point)) == (False, None)


def test_key_of_codes_is_rotated_in_the_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_KEY_FILE", str(tmp_path / "keys.json"))
    keys.load.cache_clear()
    try:
        path = keys.ensure_key_file()
        first = keys.load()
        assert (first.code_keys, keys.add_code_key()) == ({1: first.codes}, 2)
        second = keys.load()
        assert (second.code_keys[1], second.codes, second.index) == (first.codes, first.codes, first.index)
        assert keys.add_code_key() == 3
        assert set(keys.load().code_keys) == {2, 3}
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]
    finally:
        monkeypatch.undo()
        keys.load.cache_clear()


def test_ticket_is_for_one_form_of_one_code_for_ten_minutes() -> None:
    code, form = screen_code(DESK, NOW), uuid.uuid4()
    ticket = make_ticket(code, form, NOW)
    assert is_ticket(ticket, code, form, NOW + TICKET_SECONDS - 1)
    assert not is_ticket(ticket, code, form, NOW + TICKET_SECONDS + 1)
    assert not is_ticket(ticket, code, form, NOW - 300)
    assert not is_ticket(ticket, code, uuid.uuid4(), NOW)
    assert not is_ticket(ticket, screen_code(DESK, NOW + 15), form, NOW)
    assert not is_ticket("", code, form, NOW)
    assert not is_ticket(code, code, form, NOW)
    assert sum(is_ticket(text, code, form, NOW) for text in _bits_flipped(ticket, 2_000)) == 0
