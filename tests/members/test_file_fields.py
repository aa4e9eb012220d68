"""The table of fields: every ledger field has a place, and every place keeps it sealed where it must be."""

import pytest

from members import services
from members.file_fields import BY_KEY, BY_LEDGER_KEY, DETAIL_KEYS, FIELDS, Kind, Store, keys_of
from members.ledger.aliases import ALIASES, DECIDED_BY_WORDS
from members.ledger.fields import NEVER_WITHOUT_CONSENT
from members.models import Member, Movement
from portal import access

NOT_OF_A_FILE = {"seq", "age", "party_age", "community", "floating", "lost_contact"}


def test_every_field_of_a_ledger_has_a_place_in_the_file():
    asked = {name for names in DECIDED_BY_WORDS.values() for name in names}
    assert (set(ALIASES.values()) | asked) - NOT_OF_A_FILE == set(BY_LEDGER_KEY)
    assert set(BY_LEDGER_KEY) >= NEVER_WITHOUT_CONSENT - NOT_OF_A_FILE


def test_no_relation_of_another_app_hides_a_field():
    names = {field.key for field in FIELDS}
    assert names & {relation.get_accessor_name() for relation in Member._meta.related_objects} == set()


def test_columns_exist_and_are_as_long_as_the_table_says():
    for field in FIELDS:
        model = Movement if field.of_movement else Member
        if field.store in (Store.COLUMN, Store.MOVEMENT) and field.key not in ("home", "host"):
            column = model._meta.get_field(field.key)
            assert column.max_length is None or field.kind in (Kind.DATE, Kind.CHOICE) or (
                column.max_length >= field.most), field.key  # fmt: skip
        elif field.store in (Store.SEALED, Store.MOVEMENT_SEALED):
            assert model._meta.get_field(f"{field.key}_sealed")


def test_everything_personal_but_the_birth_date_is_sealed():
    bare = {field.key for field in FIELDS if field.is_masked} & keys_of(Store.COLUMN, Store.MOVEMENT)
    assert bare == {"birth_date"}  # told apart by it in lists and statistics


def test_details_are_sealed_as_one_text_and_read_one_by_one(acting, world, owner):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        values = {"wechat_id": "wx-样例", "family_contact": "", "id_type": "护照", "reported_on": "2026-03"}
        services.change_member(member=member, values=values, by=actor)
        stored = Member.objects.get(pk=member.pk)
        assert (stored.wechat_id, stored.family_contact, stored.id_type) == ("wx-样例", "", "护照")
        assert stored.skills  # not named, so it stays
        sealed, digest = owner.execute(
            "select details_sealed, details_digest from members_member where id = %s", [member.pk]
        ).fetchone()
    assert "样例".encode() not in bytes(sealed)
    assert len(digest) == 32


def test_unchanged_details_keep_their_ciphertext(acting, world):
    with acting("community_clerk@C111") as actor:
        member = world.member("C111")
        before = bytes(member.details_sealed)
        services.change_member(member=member, values={"wechat_id": member.wechat_id}, by=actor)
        assert bytes(Member.objects.get(pk=member.pk).details_sealed) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [("id_type", "借书证"), ("reported_on", "2026-13"), ("wechat_id", "长" * 61), ("new_employment", "货" * 21)],
)
def test_text_that_a_field_does_not_take_is_refused(acting, world, name, text):
    with acting("community_clerk@C111"), pytest.raises(services.MemberRefused):
        services.change_member(member=world.member("C111"), values={name: text}, by=access.current())


def test_labels_and_headers_are_given_once():
    assert len({field.header for field in FIELDS}) == len(FIELDS) == len(BY_KEY)
    assert {"thought_note", "care_tags", "needs"} <= set(DETAIL_KEYS)
