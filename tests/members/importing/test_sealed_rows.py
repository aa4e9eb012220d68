"""Rows sealed for COPY hold what saving the models would store, to the last column."""

import datetime as dt
import time
import uuid

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from members.enums import MemberState
from members.importing.drafts import Draft, MovementDraft
from members.importing.sealed_rows import Sealer
from members.importing.values import MEMBER_FIELDS, MOVEMENT_FIELDS, dump_extra
from members.models import Member, Movement, Phone
from portal import crypto
from portal.fields import Sealed
from portal.models import Organization
from portal.new_rows import array_text, bytea_text, column_text, copy_lines, new_id

HOME = Organization(pk=uuid.uuid4(), code="990101", name="样例")
RANDOM = {"id", "data_key", "created_at", "updated_at", "member_id"}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
days = st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1)).map(dt.date.isoformat)
facts = {name: days if name == "last_contact_on" else texts for name in MEMBER_FIELDS if name != "name"}
people = st.fixed_dictionaries({"name": texts}, optional=facts)
episodes = st.fixed_dictionaries({}, optional=dict.fromkeys(MOVEMENT_FIELDS.values(), texts))


def columns(model, row):
    return {field.attname: value for field, value in zip(model._meta.concrete_fields, row, strict=True)}


def told(row):
    """What a row says: every column whose value is not drawn by lot, as text, and sealed texts opened."""
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.attname.endswith("_organization_id") or field.attname == "organization_id":
            value = value and uuid.UUID(str(value)).hex
        if field.attname not in RANDOM and not field.attname.endswith("_sealed"):
            found[field.attname] = column_text(value)
    sealed = {name: getattr(row, name) for name, one in vars(type(row)).items() if isinstance(one, Sealed)}
    return found | sealed


def movement_draft(values):
    draft = MovementDraft("outflow")
    for name, text in values.items():
        draft.set(name, text, HOME if name == "home" else None)
    return draft


@given(fields=people, extra=st.dictionaries(texts, texts, max_size=2), values=st.none() | episodes, number=texts)
@settings(max_examples=60, deadline=None)
def test_sealed_rows_are_what_the_models_would_store(fields, extra, values, number):
    movements = [movement_draft(values)] if values is not None else []
    draft = Draft(None, HOME, fields, extra, movements=movements, phones={number: "2020-01"})
    rows = Sealer().rows([draft])
    member = Member(organization=HOME)
    member.fill(fields)
    member.ledger_extra = dump_extra(extra)
    if movements and not movements[0].is_open:
        member.state = MemberState.RETURNED
    made = Member(**columns(Member, rows.members[0]))
    assert str(made.pk) == draft.pk
    assert told(made) == told(member)
    phone = Phone(member=member, until_on="2020-01")
    phone.number = number
    assert told(belonging(Phone, rows.phones[0], made)) == told(phone)
    for row, episode in zip(rows.movements, movements, strict=True):
        movement = Movement(member=member, direction="outflow")
        for name, value in episode.values.items():
            setattr(movement, name, value)
        assert told(belonging(Movement, row, made)) == told(movement)


def belonging(model, row, member):
    """A row of somebody, sealed by that person's key."""
    made = model(**columns(model, row))
    assert str(made.member_id) == str(member.pk)
    made.member = member
    return made


def test_every_value_has_a_nonce_of_its_own():
    cipher = crypto.RowCipher(b"k" * 32)
    sealed = [cipher.seal("", b"") for _ in range(100)]
    assert len({one[2:14] for one in sealed}) == 100


@pytest.mark.django_db
@given(given_texts=st.lists(texts, max_size=4), given_bytes=st.lists(st.binary(max_size=8), max_size=4))
@settings(max_examples=40, deadline=None)
def test_arrays_reach_the_database_as_they_are(given_texts, given_bytes):
    numbers = array_text([bytea_text(one) for one in given_bytes])
    with connection.cursor() as cursor:
        cursor.execute("select %s::text[], %s::bytea[]", [array_text(given_texts), numbers])
        assert cursor.fetchone() == (given_texts, given_bytes)


cells = st.tuples(st.none() | texts | st.just("\\."), st.none() | st.binary(max_size=8), st.lists(texts, max_size=3))


@pytest.mark.django_db
@given(rows=st.lists(cells, max_size=4))
@settings(max_examples=40, deadline=None)
def test_copied_lines_reach_the_database_as_they_are(rows):
    with connection.cursor() as cursor:
        cursor.execute("create temporary table copied (place serial, one text, two bytea, three text[])")
        with cursor.copy("copy copied (one, two, three) from stdin") as copy:
            copy.write(copy_lines(rows))
        cursor.execute("select one, two, three from copied order by place")
        assert cursor.fetchall() == rows
        cursor.execute("drop table copied")


def test_new_ids_are_uuids_in_the_order_of_time():
    first = new_id()
    time.sleep(0.002)
    found = {uuid.UUID(new_id()) for _ in range(200)}
    assert len(found) == 200
    assert {(one.version, one.variant) for one in found} == {(7, uuid.RFC_4122)}
    assert all(str(one) > first for one in found)
    assert all(str(uuid.UUID(text)) == text for text in (new_id() for _ in range(20)))
