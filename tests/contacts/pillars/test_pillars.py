"""三联三帮三促: shares from work already done, pillars set without code, nothing told above the street that is few."""

from io import BytesIO

import openpyxl
import pytest
from django.db import connection

from activities.models import Activity, Attendance
from contacts.care.models import CareVisit
from contacts.pillars.metrics import Metric
from contacts.pillars.models import PillarMetric
from contacts.pillars.services import Part, scheme_of, set_scheme
from contacts.services import assign_many, create_liaison
from contacts.wishes.models import Wish
from portal.models import AuditEntry
from tests.contacts.conftest import log
from tests.contacts.test_report import TODAY

CLERK, ADMIN, CITY = "street_clerk@S11", "street_admin@S11", "city_admin@X"
PAGE, SETTINGS = "/admin/contacts/pillars/", "/admin/contacts/pillars/settings/"

pytestmark = pytest.mark.django_db


def set_parts(node, by, *parts):
    """Own pillars of an office: (pillar, metric, weight) each."""
    lines = [(pillar, Part(metric, "", weight)) for pillar, metric, weight in parts]
    set_scheme(node, lines, shown=scheme_of(node).version, by=by)


@pytest.fixture
def work(acting, make_member, world, live_since, owner):
    """Ten people in C112 of whom few are reached; every number below is one of these."""
    with acting(ADMIN):
        PillarMetric.objects.all().delete()  # the world's own
    with acting(CLERK) as actor:
        live_since(TODAY.replace(year=TODAY.year - 1))
        people = [make_member("C112", name=f"人{number}") for number in range(9)]
        liaison = create_liaison(organization=world.organization("C112"), name="甲", by=actor)
        assign_many(members=people[:6], liaison=liaison, by=actor)
        for member in people[:3]:
            log(member, TODAY)
        log(people[3], TODAY, direction="from_member")
        log(people[4], TODAY, outcome="no_answer")
        place = world.organization("C112")
        for kind, called_off, came in (("lesson", False, people[:2]), ("volunteer", False, people[1:5]),
                                       ("lecture", True, people)):  # fmt: skip
            activity = Activity.objects.create(organization=place, title="活动", kind=kind, held_on=TODAY,
                                               is_cancelled=called_off)  # fmt: skip
            Attendance.objects.bulk_create(Attendance(activity=activity, member=member) for member in came)
        CareVisit.objects.create(member=people[8], organization=place, festival="spring", year=TODAY.year,
                                 planned_for=TODAY, visited_on=TODAY)  # fmt: skip
    return people


def shares(login, who, code, period="month"):
    """(pillar, name of the part) → share of an organization's line, and its means."""
    report = login(who).get(PAGE, {"organization": code, "period": period}).context["report"]
    line = report.lines[-1]
    pairs = zip(report.scheme.pillars, line.cells, strict=True)
    return {
        part.metric: share for pillar, cells in pairs for part, share in zip(pillar.parts, cells.shares, strict=True)
    }


def test_shares_come_from_work_already_done(work, login, world):
    own = 1  # the world's own member of C112, who came to its theme day
    found = shares(login, CLERK, world.organization("C112").code)
    numbers = {metric: (share.number, share.whole) for metric, share in found.items()}
    everybody = len(work) + own
    assert numbers[Metric.MEMBER_CONTACTED] == (1, everybody)
    assert numbers[Metric.SERVED] == (4, everybody)
    assert numbers[Metric.STUDIED] == (2 + own, everybody)
    assert numbers[Metric.TOOK_PART] == (5 + own, everybody)
    assert numbers[Metric.VISITED] == (1, everybody)
    assert numbers[Metric.WITH_LIAISON] == (6 + own, everybody)
    assert numbers[Metric.HOME_CONTACTED] == (
        5,
        len(work),
    )  # four by call, one more came; the world's own is of the host's
    assert found[Metric.STUDIED].percent == 30
    assert (found[Metric.HOST_CONTACTED].percent, found[Metric.HOST_CONTACTED].whole) == (0, own)


def test_needs_and_wishes_count_from_the_day_they_were_raised(work, login, acting, world, owner):
    """One of the need's two answered, one of the wish's two fulfilled; one that was withdrawn is none."""
    with acting(ADMIN) as actor:
        set_parts(world.organization("C112"), actor, ("帮", "needs_answered", 1), ("帮", "wishes_fulfilled", 1))
    with acting(CLERK):
        before = login(CLERK).get(PAGE, {"organization": world.organization("C112").code}).context["report"].lines[-1]
        with connection.cursor() as cursor:
            cursor.execute(
                "update contacts_need set state = 'answered', outcome = 'met', answered_on = portal.today()"
                " where organization_id = %s", [world.organization("C112").pk])  # fmt: skip
            changed = cursor.rowcount
        for state in ("fulfilled", "withdrawn"):
            wish = Wish(member=work[0], organization=work[0].organization, posted_on=TODAY)
            wish.text = "愿"
            wish.save()
            claimed = {"claimant": "甲单位", "claimed_on": TODAY} if state == "fulfilled" else {}
            Wish.objects.filter(pk=wish.pk).update(state=state, closed_on=TODAY, **claimed)
    (cells,) = (
        login(CLERK).get(PAGE, {"organization": world.organization("C112").code}).context["report"].lines[-1].cells
    )
    needs, wishes = cells.shares
    assert (changed, before.cells[0].shares[0].number) == (1, 0)
    assert (needs.number, needs.whole) == (1, 1)
    assert (wishes.number, wishes.whole) == (1, 2)  # the world's own is open
    assert cells.mean == 75


def test_shipped_pillars_are_three_times_three(work, login):
    report = login(CLERK).get(PAGE).context["report"]
    assert report.scheme.set_by is None
    assert [len(pillar.parts) for pillar in report.scheme.pillars] == [3, 3, 3]
    assert [part.weight for pillar in report.scheme.pillars for part in pillar.parts].count(0) == 1


def lines_of(page, **changed):
    """What the page's form would send."""
    forms = page.context["lines"]
    sent = {"shown": page.context["scheme"].version, "form-TOTAL_FORMS": forms.total_form_count(),
            "form-INITIAL_FORMS": forms.initial_form_count()}  # fmt: skip
    for number, form in enumerate(forms):
        for name in form.fields:
            value = form[name].value()
            sent[f"form-{number}-{name}"] = "" if value is None or value is False else str(value)
    return sent | changed


def test_a_city_renames_and_weighs_and_all_below_follow(work, login, world):
    """Named anew and weighed by the city: the street reads it, until it sets its own and takes it back."""
    client, city = login(CITY), {"organization": world.organization("X").code}
    page = client.get(SETTINGS, city)
    changed = {"form-0-pillar": "联系面", "form-0-title": "老家联系", "form-0-weight": "3", "form-8-DELETE": "on",
               "form-9-pillar": "新增", "form-9-metric": "on_time", "form-9-ORDER": "1"}  # fmt: skip
    answer = client.post(f"{SETTINGS}?organization={city['organization']}", lines_of(page, **changed))
    assert answer.status_code == 302, answer.context["lines"].errors
    seen = login(CLERK).get(PAGE).context["report"].scheme
    assert seen.set_by == world.organization("X")
    assert [pillar.title for pillar in seen.pillars][:2] == ["联系面", "新增"]  # in the order given
    assert seen.pillars[0].parts == (Part("home_contacted", "老家联系", 3),)
    assert sum(len(pillar.parts) for pillar in seen.pillars) == 9

    street = {"organization": world.organization("S11").code}
    page = login(ADMIN).get(SETTINGS, street)
    login(ADMIN).post(f"{SETTINGS}?organization={street['organization']}", lines_of(page, **{"form-0-weight": "5"}))
    assert login(CLERK).get(PAGE).context["report"].scheme.set_by == world.organization("S11")
    page = login(ADMIN).get(SETTINGS, street)
    login(ADMIN).post(f"{SETTINGS}?organization={street['organization']}", lines_of(page) | {"reset": "1"})
    assert login(CLERK).get(PAGE).context["report"].scheme.set_by == world.organization("X")


def test_means_go_by_weight_and_leave_out_what_there_is_no_occasion_for(work, acting, login, world):
    with acting(ADMIN) as actor:
        node = world.organization("C112")
        Wish.objects.update(state="withdrawn", closed_on=TODAY)
        set_parts(node, actor, ("甲", Metric.SERVED, 3), ("甲", Metric.VISITED, 1), ("甲", Metric.WISHES_FULFILLED, 9),
                  ("乙", Metric.TOOK_PART, 0))  # fmt: skip
    first, second = login(CLERK).get(PAGE, {"organization": node.code}).context["report"].lines[-1].cells
    assert first.mean == round((3 * 40 + 10) / 4)
    assert (second.shares[0].percent, second.mean) == (60, None)


def test_the_second_of_two_who_save_is_told(work, login, acting, world):
    client, street = login(ADMIN), f"{SETTINGS}?organization={world.organization('S11').code}"
    page = client.get(street)
    assert client.post(street, lines_of(page, **{"form-0-weight": "7"})).status_code == 302
    late = client.post(street, lines_of(page, **{"form-0-weight": "2"}))
    assert late.status_code == 200
    assert late.context["lines"].forms[0]["weight"].value() == "2"  # the own entry stays
    assert late.context["meanwhile"][0].parts[0].weight == 7
    with acting("auditor@S11"):
        assert [row.detail["pillars"][0][2] for row in AuditEntry.objects.filter(action="set_pillars")] == [7]
    assert client.post(street, lines_of(late)).status_code == 302  # saved again, knowing it
    assert login(CLERK).get(PAGE).context["report"].scheme.pillars[0].parts[0].weight == 2


@pytest.mark.parametrize(
    "broken",
    [{"form-0-weight": "101"}, {"form-0-weight": "-1"}, {"form-0-metric": "salary"}, {"form-0-pillar": ""},
     {"form-1-metric": "home_contacted"}, {"form-TOTAL_FORMS": "4000"}, {"form-0-pillar": "长" * 21},
     {"form-TOTAL_FORMS": "x"}, {f"form-{number}-DELETE": "on" for number in range(9)}],
)  # fmt: skip
def test_a_broken_table_stores_nothing_and_says_why(work, login, world, broken):
    client, street = login(ADMIN), f"{SETTINGS}?organization={world.organization('S11').code}"
    answer = client.post(street, lines_of(client.get(street), **broken))
    lines = answer.context["lines"]
    assert answer.status_code == 200
    assert lines.non_form_errors() or any(lines.errors)
    assert login(CLERK).get(PAGE).context["report"].scheme.set_by is None


@pytest.mark.parametrize("who", [CLERK, "community_clerk@C111", "city_viewer@X", "auditor@S11", "liaison@C111"])
def test_others_set_no_pillars(work, login, acting, world, who):
    code = world.organization("S11").code
    assert login(who).get(f"{SETTINGS}?organization={code}").status_code == 403
    assert login(who).post(f"{SETTINGS}?organization={code}", {}).status_code == 403
    with acting(who), connection.cursor() as cursor:
        cursor.execute("update contacts_pillarmetric set weight = 9")
        assert cursor.rowcount == 0


def test_foreign_and_unknown_organizations_are_absent(work, login, world):
    for code in (world.organization("S12").code, "nowhere", "\0"):
        assert login(ADMIN).get(SETTINGS, {"organization": code}).status_code == 404
        assert login(ADMIN).get(PAGE, {"organization": code}).status_code == 404
    assert login(ADMIN).get(PAGE, {"period": "century"}).status_code == 404


def test_above_the_street_there_are_shares_alone_and_none_of_few(work, login, world):
    """C112 has ten people: its shares are told without their numbers. C111 has one: nothing is."""
    code = world.organization("S11").code
    seen = {
        line.organization: line
        for line in login("city_viewer@X").get(PAGE, {"organization": code}).context["report"].lines
    }
    many = [share for cells in seen[world.organization("C112")].cells for share in cells.shares]
    few = [share for cells in seen[world.organization("C111")].cells for share in cells.shares]
    assert any(share.percent is not None for share in many)
    assert all(share.number is None and share.whole is None for share in many)
    assert all(share.percent is None for share in few)
    own = login(CLERK).get(PAGE, {"organization": code}).context["report"].lines[0]
    assert any(share.whole for cells in own.cells for share in cells.shares)


def test_file_says_what_the_page_says_and_is_recorded(work, login, acting, world):
    client, query = login(CLERK), f"?organization={world.organization('C112').code}"
    page = client.get(PAGE + query)
    book = openpyxl.load_workbook(BytesIO(client.post(PAGE + query).content))
    texts = {str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value is not None}
    assert "40（4/10）" in texts
    assert "<td>40%<small>4/10</small></td>" in page.content.decode()
    with acting("auditor@S11"):
        assert AuditEntry.objects.filter(action="export_pillars").count() == 1
