"""Merging organizations: who may, what moves along, what stands in the way, and that nothing is half done."""

import datetime as dt
import random
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from checkin.codes import make_code
from contacts.models import ContactPolicy
from members.models import Member, Movement
from portal.administration import merging, services
from portal.models import AuditEntry, Organization, OrganizationGrant, OrganizationKind
from portal.organizations import load_organizations
from tests import world as the_world

DISTRICT, STREET = "district_admin@D1", "street_admin@S11"
COMMITS = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def address(name, *args):
    return reverse(f"administration:{name}", args=args)


def node(key, world):
    return Organization.objects.get(pk=world.organization(key).pk)


def merge_by(acting, who, world, gone, kept):
    with acting(who):
        merging.merge(node(gone, world), node(kept, world))


def placements(owner):
    """(organization, member) as stored, and as a naive walk over members, open movements and parents finds them."""
    parent = dict(owner.execute("select id, parent_id from portal_organization").fetchall())
    sides = owner.execute(
        "select id, organization_id from members_member union select member_id, home_organization_id from"
        " members_movement where ended_on = '' union select member_id, host_organization_id from members_movement"
        " where ended_on = ''"
    ).fetchall()
    wanted = set()
    for member, place in sides:
        while place is not None:
            wanted.add((place, member))
            place = parent[place]
    return set(owner.execute("select organization_id, member_id from members_placement").fetchall()), wanted


# --- who may ---------------------------------------------------------------------------------------------------------


def test_confirmation_names_both_ends_and_counts_who_is_affected(login, world):
    district, gone, kept = login(DISTRICT), world.organization("C111"), world.organization("C112")
    assert address("choose_kept", gone.pk) in district.get(address("node", gone.pk)).content.decode()
    choice = district.get(address("choose_kept", gone.pk)).content.decode()
    assert address("merge", gone.pk, kept.pk) in choice
    assert "样例C121" not in choice  # another street's: found by a search
    found = district.get(address("choose_kept", gone.pk), {"q": "C121"}).content.decode()
    assert address("merge", gone.pk, world.organization("C121").pk) in found
    with_lines = district.get(address("merge", gone.pk, world.organization("C121").pk))
    text = with_lines.content.decode()
    for needed in ("样例C111", "样例C121", "样例S11", "样例S12"):
        assert needed in text
    lines = "".join(with_lines.context["lines"])
    assert "1" in with_lines.context["lines"][1]  # one member
    assert "4" in with_lines.context["lines"][2]  # clerk, liaison, visitor, the branch's secretary
    assert "样例C121" in lines


@pytest.mark.parametrize(("gone", "kept"), [("C111", "C211"), ("C211", "C111"), ("S11", "S21")])
def test_node_outside_the_subtree_is_absent(login, world, gone, kept):
    district, page = login(DISTRICT), address("merge", world.organization(gone).pk, world.organization(kept).pk)
    assert district.get(page).status_code == 404
    assert district.post(page).status_code == 404
    assert node(gone, world).merged_into_id is None


@pytest.mark.parametrize(("who", "gone", "kept"), [(STREET, "C111", "S11"), (DISTRICT, "C111", "C111"),
                                                   (DISTRICT, "S11", "C121"), (DISTRICT, "C111", "B111")])  # fmt: skip
def test_unfit_pair_is_refused_in_words_and_by_the_database(login, acting, world, who, gone, kept):
    page = address("merge", world.organization(gone).pk, world.organization(kept).pk)
    client = login(who)
    assert "office-refusal" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    with acting(who), pytest.raises(DatabaseError, match="merge_unfit|refused"), transaction.atomic():
        connection.cursor().execute(
            "select portal.merge_organizations(%s, %s)", [world.organization(gone).pk, world.organization(kept).pk]
        )
    assert node(gone, world).merged_into_id is None


@COMMITS
def test_own_top_is_not_merged_away_by_its_administrator(login, acting, world, owner):
    owner.execute(  # the same person administers two streets, and no district
        "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at, reason)"
        " select gen_random_uuid(), user_id, permission_id, %s, now(), '' from portal_organizationgrant g"
        " join portal_user u on u.id = user_id where u.username = %s",
        [world.organization("S12").pk, STREET],
    )
    gone, kept = world.organization("S11"), world.organization("S12")
    page = address("merge", gone.pk, kept.pk)
    assert "office-refusal" in login(STREET).get(page).content.decode()
    with acting(STREET), pytest.raises(ValidationError):
        merging.merge(node("S11", world), node("S12", world))
    with acting(STREET), pytest.raises(PermissionDenied):
        merging.preview(gone, kept)


# --- what moves along ------------------------------------------------------------------------------------------------


def two_sided(world, owner):
    """The member of C111 has the other side in C112, the member of C121 in C111; one more side is in branch B111."""
    for managed, home in (("C111", "C112"), ("C121", "C111"), ("C112", "B111")):
        owner.execute(
            "update members_movement set home_organization_id = %s where member_id = (select id from members_member"
            " where organization_id = %s)",
            [world.organization(home).pk, world.organization(managed).pk],
        )


@COMMITS
@pytest.mark.parametrize(("gone", "kept"), [("C111", "C112"), ("C112", "C111"), ("S11", "S12")])
def test_everything_moves_and_the_old_name_stays(acting, world, owner, gone, kept):
    two_sided(world, owner)
    old, new = world.organization(gone), world.organization(kept)
    merge_by(acting, DISTRICT, world, gone, kept)
    left = node(gone, world)
    assert (left.merged_into_id, left.is_active, left.parent_id) == (new.pk, False, new.pk)
    stored, wanted = placements(owner)
    assert stored == wanted
    columns = owner.execute(
        "select table_name::text, attname from portal.references_to('portal_organization')"
    ).fetchall()
    assert len(columns) > 15
    assert ("contacts_contactobligation", "organization_id") in columns  # without a constraint
    for table, column in columns:
        if table in ("portal_auditentry", "checkin_letterversion"):  # they name the office that wrote them
            continue
        rest = owner.execute(f"select count(*) from {table} where {column} = %s", [old.pk]).fetchone()  # noqa: S608
        assert rest == (0,), (table, column)
    assert not OrganizationGrant.objects.using("owner").filter(content_object=old).exists()


@COMMITS
def test_people_of_both_work_on_together(acting, world, owner, login):
    two_sided(world, owner)
    merge_by(acting, STREET, world, "C111", "C112")
    for who in ("community_clerk@C111", "community_clerk@C112"):
        with acting(who):
            assert set(Member.objects.values_list("name", flat=True)) == {"秘C111秘", "秘C112秘", "秘C121秘"}
    with acting("branch_secretary@B111"):  # the branch went along; its own member is still its own only
        assert list(Member.objects.values_list("name", flat=True)) == ["秘C112秘"]
    duties = owner.execute(
        "select m.name, o.side, o.organization_id from contacts_contactobligation o join members_member m"
        " on m.id = o.member_id where o.ended_on is null and o.standing = 'active' and o.side <> 'member'"
        " and m.name = '秘C111秘'"
    ).fetchall()
    assert duties == [("秘C111秘", "host", world.organization("C112").pk)]  # one organization, one duty


@COMMITS
def test_work_links_posters_and_report_ins_keep_working(acting, world, owner, login):
    link = owner.execute("select id from portal_worklink where organization_id = %s",
                         [world.organization("C111").pk]).fetchone()[0]  # fmt: skip
    owner.execute("update portal_worklink set device_digest = '\\x01' where id = %s", [link])
    code = owner.execute(
        "select c.id from checkin_checkincode c join checkin_checkinpoint p on p.id = c.point_id"
        " where p.organization_id = %s", [world.organization("C111").pk]).fetchone()[0]  # fmt: skip
    before = Client().get(f"/c/{make_code(code)}").content.decode()
    assert "样例C111" in before
    merge_by(acting, STREET, world, "C111", "C112")
    after = Client().get(f"/c/{make_code(code)}")
    assert after.status_code == 200
    assert "报到点秘C111秘" in after.content.decode()
    from portal import access

    with access.acting_as(access.link_actor(link)):
        assert list(Member.objects.values_list("name", flat=True)) == ["秘C111秘"]
    queue = login("community_clerk@C112").get("/admin/checkin/reportin/").content.decode()
    assert "报秘C111秘" in queue
    assert "报秘C112秘" in queue


def test_liaison_who_changes_the_organization_otherwise_still_loses_the_link(acting, world, owner):
    with acting("street_clerk@S11"), connection.cursor() as cursor:
        cursor.execute("update contacts_liaison set organization_id = %s where organization_id = %s",
                       [world.organization("C112").pk, world.organization("C111").pk])  # fmt: skip
        cursor.execute("select closed_reason from portal_worklink where organization_id = %s",
                       [world.organization("C111").pk])  # fmt: skip
        assert cursor.fetchall() == [("left",)]


@COMMITS
@pytest.mark.parametrize(("ends", "later"), [((None, "2030-01-01"), None), (("2030-01-01", "2031-01-01"), "2031-01-01"),
                                             (("2031-01-01", "2030-01-01"), "2031-01-01")])  # fmt: skip
def test_same_role_on_both_is_held_once_until_the_later_end(acting, world, owner, ends, later):
    clerk = world.user("community_clerk@C111")
    for key, until in zip(("C111", "C112"), ends, strict=True):
        owner.execute(
            "insert into portal_organizationgrant (id, user_id, permission_id, content_object_id, granted_at, until,"
            " reason) select gen_random_uuid(), %s, p.id, %s, now(), %s, '' from auth_permission p"
            " where p.codename = 'role_community_clerk'"
            " on conflict (user_id, permission_id, content_object_id) do update set until = excluded.until",
            [clerk.pk, world.organization(key).pk, until],
        )
    merge_by(acting, STREET, world, "C111", "C112")
    held = OrganizationGrant.objects.using("owner").filter(user=clerk).values_list("content_object_id", "until")
    assert list(held) == [(world.organization("C112").pk, later and dt.date.fromisoformat(later))]


@COMMITS
@pytest.mark.parametrize(("own", "days"), [(True, 60), (False, 30)])
def test_interval_of_the_kept_one_counts(acting, world, owner, own, days):
    with acting("street_clerk@S11"):
        ContactPolicy.objects.create(organization=world.organization("C111"), target_days=30)
        if own:
            ContactPolicy.objects.create(organization=world.organization("C112"), target_days=60)
    merge_by(acting, STREET, world, "C111", "C112")
    assert owner.execute("select organization_id, target_days from contacts_contactpolicy").fetchall() == [
        (world.organization("C112").pk, days)
    ]
    duties = owner.execute("select distinct target_days from contacts_contactobligation o where o.organization_id = %s"
                           " and o.ended_on is null and o.side <> 'member'",
                           [world.organization("C112").pk]).fetchall()  # fmt: skip
    assert duties == [(days,)]


# --- what stands in the way ------------------------------------------------------------------------------------------


@COMMITS
def test_same_person_in_both_refuses_the_merge_with_the_count(acting, world, owner, login):
    with acting("street_clerk@S11"):
        twin = Member(organization=world.organization("C112"), birth_date="1970-01-01")
        twin.set_name("同一人")
        twin.id_number = the_world.id_number("C111")
        twin.save(force_insert=True)
    page = address("merge", world.organization("C111").pk, world.organization("C112").pk)
    street = login(STREET)
    told = street.get(page)
    assert merging.refusal_of_files(1) in told.content.decode().replace("&#x27;", "'")
    assert "1" in merging.refusal_of_files(1)
    assert street.post(page).status_code == 302
    assert node("C111", world).merged_into_id is None
    with acting("community_clerk@C111"):
        assert Member.objects.count() == 1
    with acting(STREET), pytest.raises(DatabaseError, match="merge_files_in_both"), transaction.atomic():
        connection.cursor().execute(
            "select portal.merge_organizations(%s, %s)",
            [world.organization("C111").pk, world.organization("C112").pk],
        )


@COMMITS
def test_table_of_tomorrow_is_carried_along_or_refuses_the_whole(acting, world, owner):
    owner.execute(
        "create table stall (organization_id uuid references portal_organization, stand int unique, note text)"
    )
    owner.execute("insert into stall values (%s, 1, 'a')", [world.organization("C111").pk])
    merge_by(acting, STREET, world, "C111", "C112")
    assert owner.execute("select organization_id from stall").fetchall() == [(world.organization("C112").pk,)]
    owner.execute("create unique index on stall (organization_id)")
    owner.execute("insert into stall values (%s, 2, 'b')", [world.organization("C121").pk])
    with pytest.raises(ValidationError):
        merge_by(acting, DISTRICT, world, "C121", "C112")
    assert node("C121", world).is_active
    with acting("community_clerk@C121"):
        assert Member.objects.count() == 1


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_merge_sent_twice_is_done_and_noted_once(login, world, acting):
    street, page = login(STREET), address("merge", world.organization("C111").pk, world.organization("C112").pk)
    for _twice in range(2):
        assert street.post(page)["Location"] == address("node", world.organization("C112").pk)
    with acting("auditor@S11"):
        assert AuditEntry.objects.filter(action="merge_organizations").count() == 1
        # what was written under the old name is still read
        assert AuditEntry.objects.filter(action="world", organization=world.organization("C111")).count() == 1
    assert "样例C112" in street.get(address("node", world.organization("C111").pk)).content.decode()


def test_what_was_merged_is_not_changed_any_more(login, world, acting):
    merge_by(acting, STREET, world, "C111", "C112")
    street, gone = login(STREET), world.organization("C111").pk
    form = {"short_name": "甲", "party_name": ""}
    form["shown_version"] = street.get(address("rename", gone)).context["form"]["shown_version"].value()
    assert street.post(address("rename", gone), form).status_code == 403
    assert street.post(address("branch", gone), {"pk": str(uuid.uuid4()), "name": "乙"}).status_code == 403
    street.post(address("in_use", gone), {"wanted": "yes"})
    left = node("C111", world)
    assert (left.is_active, left.short_name) == (False, "样例C111")
    with acting(DISTRICT), pytest.raises(ValidationError):
        services.move(left, node("S12", world))
    with acting(STREET), connection.cursor() as cursor:
        cursor.execute("update portal_organization set is_active = true where id = %s", [gone])
        assert cursor.rowcount == 0
        with pytest.raises(DatabaseError, match="row-level security|permission denied"), transaction.atomic():
            cursor.execute("update portal_organization set merged_into_id = %s where id = %s",
                           [world.organization("S11").pk, world.organization("C112").pk])  # fmt: skip


@COMMITS
def test_file_of_divisions_from_before_the_merge_brings_nothing_back(acting, world):
    merge_by(acting, STREET, world, "C111", "C112")
    gone, street = world.organization("C111"), world.organization("S11")
    loaded = load_organizations(["code,name,kind,parent_code", f"{gone.code},老名字,community,{street.code}",
                                 f"N-1,新支部,branch,{gone.code}"])  # fmt: skip
    assert (loaded.created, loaded.unchanged) == (1, 1)
    assert node("C111", world).name != "老名字"
    assert Organization.objects.get(code="N-1").parent_id == world.organization("C112").pk


@COMMITS
@pytest.mark.parametrize("seed", range(3))
def test_placements_equal_a_naive_walk_after_random_merges_and_moves(acting, world, owner, seed):
    chance = random.Random(seed)
    codes = [the_world.CODES[key] for key in the_world.COMMUNITIES if key.startswith("C1")]
    communities = list(Organization.objects.using("owner").filter(code__in=codes))
    grown = []
    for number in range(8):
        above = chance.choice(communities)
        branch = Organization(code=f"R-{number}", name=f"支部{number}", kind=OrganizationKind.BRANCH, parent=above)
        branch.save(using="owner", force_insert=True)
        grown.append(branch)
    sides = [*communities, *grown, None]
    for number in range(25):
        member = Member(organization=chance.choice([*communities, *grown]), birth_date="1980")
        member.set_name(f"测{number}")
        member.save(using="owner", force_insert=True)
        Movement(member=member, direction=chance.choice(["inflow", "outflow"]), started_on="2025",
                 home_organization=chance.choice(sides), host_organization=chance.choice(sides)
                 ).save(using="owner", force_insert=True)  # fmt: skip
    with acting(DISTRICT):
        for _step in range(12):
            standing = list(Organization.objects.filter(is_active=True).below(node("D1", world)))
            one, other = chance.choice(standing), chance.choice(standing)
            done = merging.merge if one.kind == other.kind else services.move
            try:
                done(one, other)
            except (ValidationError, PermissionDenied):
                continue
    stored, wanted = placements(owner)
    assert stored == wanted
    assert Organization.objects.exclude(merged_into=None).exists()
