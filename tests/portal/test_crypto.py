"""Sealed values: what moves, changes or loses its key does not open."""

import pytest
from cryptography.exceptions import InvalidTag

from members.models import Member
from portal import crypto


def sealed_member(mobile="13800000001"):
    member = Member(name="样例")
    member.mobile = mobile
    return member


def test_value_opens_in_its_place_only():
    member = sealed_member()
    assert member.mobile == "13800000001"
    stranger = sealed_member("13800000002")
    stranger.mobile_sealed = member.mobile_sealed  # another row, another key
    with pytest.raises(InvalidTag):
        _ = stranger.mobile
    member.remark_sealed = member.mobile_sealed  # same row, another column
    with pytest.raises(InvalidTag):
        _ = member.remark


def test_unchanged_value_keeps_its_ciphertext():
    member = sealed_member()
    before = member.mobile_sealed
    member.mobile = " 13800000001 "
    assert member.mobile_sealed is before
    member.mobile = "13800000003"
    assert member.mobile_sealed != before
    assert member.mobile == "13800000003"


def test_emptied_value_leaves_nothing():
    member = sealed_member()
    member.mobile = ""
    assert (member.mobile_sealed, member.mobile_digest, member.mobile) == (None, None, "")


def test_digests_match_within_a_domain_only():
    assert Member.mobile.digest("13800000001") == sealed_member().mobile_digest
    assert crypto.digest("mobile", "1") != crypto.digest("id_number", "1")


def test_ciphertext_holds_no_plain_text():
    member = sealed_member()
    assert b"13800000001" not in member.mobile_sealed + member.mobile_digest + member.data_key


def test_destroyed_data_key_erases(monkeypatch):
    member = sealed_member()
    fresh = Member(pk=member.pk, mobile_sealed=member.mobile_sealed, mobile_digest=member.mobile_digest)
    with pytest.raises(InvalidTag):
        _ = fresh.mobile
