"""One person with two files: outgoing from C111, incoming at C121 (another street of the district D1)."""

from collections.abc import Iterable
from typing import Any

from members.models import Member, Movement, SamePersonCase
from members.same_people import services
from members.services import create_member
from portal import access

NUMBER = "11010519491231002X"
HOME, HOST, SUPERIOR = "community_clerk@C111", "community_clerk@C121", "district_admin@D1"


def as_user(world: Any, name: str) -> Any:
    return access.acting_as(access.user_actor(world.user(name)))


def file(world: Any, key: str, direction: str | None, who: str = "", **values: Any) -> Member:
    """A file with the ID number, and an open movement in the direction (None: nobody is away)."""
    clerks = {"C111": HOME, "C112": "community_clerk@C112", "C121": HOST, "C211": "street_clerk@S21"}
    away = {"direction": direction, "started_on": "2026-01", "reason": f"事由{key}"} if direction else None
    given = {"name": f"双{key}", "id_number": NUMBER, "mobile": "13800138001", "remark": f"密{key}密"} | values
    with as_user(world, who or clerks[key]) as by:
        return create_member(organization=world.organization(key), values=given, by=by, movement=away)


def pair(world: Any, home: str | None = "outflow", host: str | None = "inflow") -> tuple[Member, Member]:
    return file(world, "C111", home), file(world, "C121", host)


def found(world: Any, who: str = SUPERIOR) -> SamePersonCase:
    """The one case after the job has run."""
    services.find_same_people()
    with as_user(world, who) as by:
        return services.cases(by).get()


def step(world: Any, name: str, case: SamePersonCase, who: str = SUPERIOR, **values: Any) -> str:
    """Take a step as the superior."""
    with as_user(world, who) as by:
        return getattr(services, name)(case=case, by=by, **values)


def picture(owner: Any, *files: Member) -> dict[str, Any]:
    """What an undo has to bring back: placements, movements, open duties, the link itself."""
    ids = [one.pk for one in files]
    asked = {
        "placements": "select organization_id, member_id, name_pinyin from members_placement where member_id = any(%s)",
        "movements": "select * from members_movement where member_id = any(%s)",
        "duties": "select * from contacts_contactobligation where member_id = any(%s) and ended_on is null",
        "assignments": "select * from contacts_liaisonassignment where member_id = any(%s)",
        "links": "select id, same_as_id, organization_id, state from members_member where id = any(%s)",
    }
    return {name: sorted(owner.execute(text, [ids]).fetchall(), key=str) for name, text in asked.items()}


def movement(member: Member) -> Movement:
    return Movement.objects.get(member=member)


def add_cases(owner: Any, world: Any, keys: Iterable[str]) -> dict[str, str]:
    """{key: id} of a case of each community's member and a far one's, at the community itself, both sides asked."""
    made = {}
    for key in keys:
        node = world.organization(key).pk
        made[key] = str(owner.execute(
            "insert into members_samepersoncase (id, organization_id, first_id, second_id, state, first_answer,"
            " second_answer, reason, found_at, changed_at)"
            " select gen_random_uuid(), %s, least(a.id, b.id), greatest(a.id, b.id), 'asked', '', '', '', now(), now()"
            " from members_member a, members_member b where a.organization_id = %s and b.organization_id = %s"
            " returning id", [node, node, world.organization("C222").pk],
        ).fetchone()[0])  # fmt: skip
    return made
