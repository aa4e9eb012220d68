"""Work links: made by clerks in their own organization, bound to one device, ended for good; SQL decides."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from portal import access, links
from portal.models import AuditEntry, LinkEnd, WorkLink
from tests.world import link_pin, link_token

TOKEN, PIN = link_token("C111"), link_pin("C111")


def ask(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def change(owner, assignment, key="C111"):
    """Change a link behind the wall; the test's own transaction must not hold it."""
    owner.execute(
        f"update portal_worklink set {assignment} where organization_id ="  # noqa: S608
        " (select id from portal_organization where short_name = %s)",
        [f"样例{key}"],
    )


@pytest.fixture
def subject(world, acting):
    with acting("community_clerk@C111"):
        return WorkLink.objects.get().subject_id


def issued(world, by, subject, key="C111"):
    return links.issue(organization=world.organization(key), kind="liaison", subject_id=subject, by=by)


def test_find_tells_unbound_own_and_foreign_device_apart(world):
    assert links.find(TOKEN, "") == links.find(TOKEN, "whatever")
    waiting = links.find(TOKEN, "")
    assert waiting is not None
    assert not waiting.is_bound
    bound = links.try_pin(TOKEN, PIN)
    assert bound is not None
    assert bound.link_id == waiting.link_id
    assert links.find(TOKEN, bound.device) == links.Found(waiting.link_id, True)
    for device in ("", "x", bound.device + "x"):
        assert links.find(TOKEN, device) is None
    assert links.find("forged" + TOKEN, bound.device) is None
    assert links.find(link_token("C112"), bound.device) == links.find(link_token("C112"), "")


def test_pin_of_another_link_is_wrong(world):
    tried = links.try_pin(TOKEN, link_pin("C112"))
    assert tried == links.Tried(None, "", 4)


def test_five_wrong_pins_close_the_link_for_the_right_one_too(world, acting):
    left = [links.try_pin(TOKEN, f"{number:06d}").tries_left for number in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert links.try_pin(TOKEN, PIN) is None
    assert links.find(TOKEN, "") is None
    with acting("community_clerk@C111"):
        link = WorkLink.objects.get()
    assert (link.closed_reason, link.device_digest) == (LinkEnd.WRONG_PIN, None)


def test_second_device_cannot_be_bound(world):
    assert links.try_pin(TOKEN, PIN).link_id
    assert links.try_pin(TOKEN, PIN) is None


def test_right_pin_forgets_wrong_tries(world, acting):
    for _ in range(4):
        links.try_pin(TOKEN, "000000")
    assert links.try_pin(TOKEN, PIN).link_id
    with acting("community_clerk@C111"):
        assert WorkLink.objects.get().wrong_tries == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("assignment", ["expires_at = now()", "closed_at = now()", "token_digest = 'x'"])
def test_link_that_is_not_in_force_is_not_found_and_reaches_nothing(world, owner, assignment):
    bound = links.try_pin(TOKEN, PIN)
    actor = access.link_actor(bound.link_id)
    with access.acting_as(actor):
        assert ask("select cardinality(portal.assigned_member_ids())") == 1
    change(owner, assignment)
    assert links.find(TOKEN, bound.device) is None
    assert links.try_pin(TOKEN, PIN) is None
    if assignment != "token_digest = 'x'":
        with access.acting_as(actor):
            assert ask("select portal.assigned_member_ids()") == []
            assert ask("select count(*) from members_member") == 0


def test_link_without_a_device_is_no_actor(world):
    with access.acting_as(access.link_actor(links.find(TOKEN, "").link_id)):
        assert ask("select portal.actor_link()") is None
        assert ask("select portal.assigned_member_ids()") == []


def test_forged_link_actor_reaches_nothing(world):
    with access.acting_as(access.link_actor(uuid.uuid4())):
        assert ask("select portal.assigned_member_ids()") == []
        assert ask("select count(*) from members_member") == 0


def test_unsigned_link_actor_reaches_nothing(world):
    link_id = links.try_pin(TOKEN, PIN).link_id
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.actor', 'link.' || %s || '.1.9999999999.00', true)", [str(link_id)])
    assert ask("select portal.assigned_member_ids()") == []


def test_link_actor_holds_no_right_and_sees_own_rows_only(world):
    with access.acting_as(access.link_actor(links.try_pin(TOKEN, PIN).link_id)):
        assert ask("select count(*) from portal.held_rights()") == 0
        assert not ask("select portal.has_grant()")
        for table, rows in {
            "members_member": 1, "contacts_liaison": 1, "contacts_liaisonassignment": 1, "contacts_contactlog": 1,
            "contacts_contactobligation": 3, "members_placement": 0, "portal_worklink": 0, "portal_auditentry": 0,
            "activities_activity": 0, "checkin_reportin": 0, "members_ledgerimport": 0, "contacts_outboundmessage": 0,
        }.items():  # fmt: skip
            assert ask(f"select count(*) from {table}") == rows, table  # noqa: S608
        assert ask("select organization_id from members_member") == world.organization("C111").pk


@pytest.mark.django_db(transaction=True)
def test_link_made_for_a_foreign_liaison_reaches_nothing(world, acting, owner):
    foreign = owner.execute(
        "select l.id from contacts_liaison l join portal_organization o on o.id = l.organization_id"
        " where o.short_name = '样例C121'"
    ).fetchone()[0]
    with acting("community_clerk@C111") as clerk:
        made = issued(world, clerk, foreign)
    bound = links.try_pin(made.token, made.pin)
    with access.acting_as(access.link_actor(bound.link_id)):
        assert ask("select portal.acting_liaison()") is None
        assert ask("select count(*) from members_member") == 0


def test_issue_replaces_the_former_link_and_is_written_down(world, acting, subject):
    with acting("community_clerk@C111") as clerk:
        made = issued(world, clerk, subject)
        states = dict(WorkLink.objects.values_list("pk", "closed_reason"))
        assert sorted(states.values()) == ["", "replaced"]
        assert states[made.link.pk] == ""
    assert links.find(TOKEN, "") is None
    assert len(made.token) >= 22  # 128 bits and more
    assert made.link.expires_at - made.link.created_at == pytest.approx(
        dt.timedelta(days=90), abs=dt.timedelta(minutes=1)
    )
    with acting("street_admin@S11"):
        entries = AuditEntry.objects.filter(object_type="portal.worklink").order_by("at")
        assert [entry.action for entry in entries] == ["work_link_closed", "work_link_issued"]
        assert not any(made.token in str(entry.detail) or made.pin in str(entry.detail) for entry in entries)


def test_token_pin_and_device_are_stored_nowhere(world, acting, subject):
    with acting("community_clerk@C111") as clerk:
        made = issued(world, clerk, subject)
    bound = links.try_pin(made.token, made.pin)
    with acting("community_clerk@C111"):
        row = ask("select to_jsonb(k)::text from portal_worklink k where id = %s", made.link.pk)
    for secret in (made.token, made.pin, bound.device):
        assert secret not in row
        assert secret.encode().hex() not in row


def test_closed_link_stops_at_the_next_request(world, acting):
    bound = links.try_pin(TOKEN, PIN)
    with acting("community_clerk@C111") as clerk:
        links.close(link=WorkLink.objects.get(), by=clerk)
    assert links.find(TOKEN, bound.device) is None
    with access.acting_as(access.link_actor(bound.link_id)):
        assert ask("select count(*) from members_member") == 0


@pytest.mark.parametrize("who", ["community_clerk@C112", "district_admin@D1", "liaison@C111", "branch_secretary@B111"])
def test_issue_and_close_are_refused_without_the_right(world, acting, subject, who):
    with acting("community_clerk@C111"):
        link = WorkLink.objects.select_related("organization").get()
    with acting(who) as actor:
        assert WorkLink.objects.filter(pk=link.pk).count() == 0
        with pytest.raises(PermissionDenied):
            issued(world, actor, subject)
        with pytest.raises(PermissionDenied):
            links.close(link=link, by=actor)
        with connection.cursor() as cursor:
            cursor.execute("update portal_worklink set closed_at = now()")
            assert cursor.rowcount == 0 if who != "community_clerk@C112" else cursor.rowcount == 1
    assert links.find(TOKEN, "") is not None


@pytest.mark.parametrize("column", ["device_digest", "expires_at", "pin_digest", "wrong_tries", "subject_id"])
def test_clerk_cannot_rewrite_a_link(world, acting, column):
    with acting("community_clerk@C111"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            ask(f"update portal_worklink set {column} = null returning 1")  # noqa: S608
        with pytest.raises(ProgrammingError), transaction.atomic():
            ask("delete from portal_worklink returning 1")


def test_form_mark_belongs_to_link_and_device():
    mark = links.form_mark("token", "device")
    assert links.is_own_form("token", "device", mark)
    assert not links.is_own_form("token", "other", mark)
    assert not links.is_own_form("other", "device", mark)
    assert not links.is_own_form("token", "device", "ä")
