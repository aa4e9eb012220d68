"""Questions answered in the preview: used at once, remembered for the street's next ledger, changed again."""

import re

import openpyxl
import pytest

from members.models import LedgerAnswer, Member
from tests.members.importing.pages import import_of, row, upload
from tests.members.ledger.making import HEADER, id_number, person, xlsx

CLERK = "street_clerk@S11"
ASKING = [*HEADER[:-1], "与党组织联系方式"]


def field_of(page, words):
    """The name of the form field of the question that has these words."""
    found = re.search(rf'for="(answer:[^"]*)">[^<]*{words}', page)
    assert found is not None
    return found[1]


def answer(client, url, *, remember=True, fixes=None, **given):
    posted = {"answer": "1", **({"remember": "1"} if remember else {})}
    if fixes is not None:
        posted |= {"fixes": "1", "fix": fixes}
    return client.post(url, posted | given.pop("answers", {}))


def test_meaning_of_a_column_is_asked_once(login, world, acting):
    client = login(CLERK)
    line = [*row(1)[:-1], "样例职业"]
    url = upload(client, world, line, header=ASKING).url
    page = client.get(url).content.decode()
    name = field_of(page, "与党组织联系方式")
    answer(client, url, answers={name: "occupation"})
    with acting(CLERK):
        assert LedgerAnswer.objects.get(kind="column", organization=world.organization("S11")).value == "occupation"
    client.post(url, {"confirm": "1"})
    with acting(CLERK):
        assert Member.objects.get(name=row(1)[1]).occupation == "样例职业"
    # the next ledger with these titles, in another order: no question, and the answer can be changed
    turned = [cells[::-1] for cells in (ASKING, [*row(2)[:-1], "另一职业"])]
    again = upload(client, world, turned[1], header=turned[0]).url
    page = client.get(again).content.decode()
    assert page.count("按上次的回答") + page.count("as answered last time") == 1
    with acting(CLERK):
        assert import_of(upload(client, world, turned[1], header=turned[0])).counts["new"] == 1
    answer(client, again, answers={name: ""})
    client.post(again, {"confirm": "1"})
    with acting(CLERK):
        member = Member.objects.get(name=row(2)[1])
        assert (member.occupation, "另一职业" in member.ledger_extra) == ("", True)
        assert LedgerAnswer.objects.get(kind="column", organization=world.organization("S11")).value == ""


def test_answer_for_this_time_only_is_not_remembered(login, world, acting):
    client = login(CLERK)
    url = upload(client, world, [*row(1)[:-1], "样例职业"], header=ASKING).url
    name = field_of(client.get(url).content.decode(), "与党组织联系方式")
    answer(client, url, remember=False, answers={name: "occupation"})
    with acting(CLERK):
        assert not LedgerAnswer.objects.filter(kind="column").exists()
    client.post(url, {"confirm": "1"})
    with acting(CLERK):
        assert Member.objects.get(name=row(1)[1]).occupation == "样例职业"


def test_unknown_community_is_named_and_remembered(login, world, acting):
    client = login(CLERK)
    lines = [person(number, 所属社区="样例老名字") for number in (1, 2)]
    first = upload(client, world, *lines)
    with acting(CLERK):
        assert import_of(first).counts["error"] == 2
    page = client.get(first.url).content.decode()
    name = field_of(page, "样例老名字")
    answer(client, first.url, answers={name: world.organization("C112").code})
    with acting(CLERK):
        assert import_of(first).counts["new"] == 2
    client.post(first.url, {"confirm": "1"})
    with acting(CLERK):
        assert {m.organization for m in Member.objects.filter(name__in=[lines[0][1], lines[1][1]])} == {
            world.organization("C112")
        }
        assert import_of(upload(client, world, person(3, 所属社区="样例老名字"))).counts["new"] == 1


@pytest.mark.parametrize("key", ["C121", "S12", "C999"])
def test_answer_that_was_not_offered_counts_for_nothing(login, world, acting, key):
    client = login(CLERK)
    first = upload(client, world, person(1, 所属社区="样例老名字"))
    code = "999999999999" if key == "C999" else world.organization(key).code
    name = field_of(client.get(first.url).content.decode(), "样例老名字")
    answer(client, first.url, answers={name: code, "answer:community::样例没问": world.organization("C111").code})
    with acting(CLERK):
        assert import_of(first).counts["error"] == 1
        assert not LedgerAnswer.objects.filter(kind="community").exists()


def test_answers_of_one_street_do_nothing_in_another(login, world, acting):
    line = [*row(1)[:-1], "样例职业"]
    client = login(CLERK)
    url = upload(client, world, line, header=ASKING).url
    answer(client, url, answers={field_of(client.get(url).content.decode(), "与党组织联系方式"): "occupation"})
    other = login("street_clerk@S12")
    page = other.get(upload(other, world, line, key="S12", header=ASKING).url).content.decode()
    assert "as answered last time" not in page
    assert "按上次的回答" not in page
    with acting("street_clerk@S12"):
        assert not LedgerAnswer.objects.filter(kind="column").exists()


def test_direction_is_asked_and_answered(login, world, acting):
    client = login(CLERK)
    header, line = [*HEADER[:-1], "流动时间"], [*row(1)[:-1], "2024-03"]
    first = upload(client, world, line, header=header)
    page = client.get(first.url).content.decode()
    name = next(part.split('"')[0] for part in page.split('name="') if part.startswith("answer:direction:"))
    answer(client, first.url, answers={name: "inflow"})
    client.post(first.url, {"confirm": "1"})
    with acting(CLERK):
        movement = Member.objects.get(name=row(1)[1]).movements.get()
        assert (movement.direction, movement.started_on) == ("inflow", "2024-03")


def hidden_book():
    import io  # noqa: PLC0415

    book = openpyxl.load_workbook(io.BytesIO(xlsx({"台账": [HEADER, row(1), row(2)], "旧表": [HEADER, row(3)]})))
    book["台账"].row_dimensions[3].hidden = True
    book["旧表"].sheet_state = "hidden"
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_hidden_rows_and_sheets_are_left_out_until_a_tick(login, world, acting):
    client = login(CLERK)
    first = upload(client, world, content=hidden_book())
    with acting(CLERK):
        assert import_of(first).counts["new"] == 1
    page = client.get(first.url).content.decode()
    names = {
        kind: next(part.split('"')[0] for part in page.split('name="') if part.startswith(f"answer:{kind}:"))
        for kind in ("hidden_rows", "hidden_sheet")
    }
    answer(client, first.url, remember=False, answers={names["hidden_rows"]: "yes"})
    with acting(CLERK):
        assert import_of(first).counts["new"] == 2
    answer(client, first.url, remember=False, answers={names["hidden_rows"]: "yes", names["hidden_sheet"]: "yes"})
    with acting(CLERK):
        assert import_of(first).counts["new"] == 3
    answer(client, first.url, remember=False, answers={names["hidden_rows"]: "", names["hidden_sheet"]: ""})
    with acting(CLERK):
        assert import_of(first).counts["new"] == 1


def test_corrections_are_grouped_and_a_group_can_be_declined(login, world, acting):
    client = login(CLERK)
    lines = [row(number, 联系电话=float(13800000000 + number), 性别="男性") for number in (1, 2)]
    first = upload(client, world, *lines)
    page = client.get(first.url).content.decode()
    assert 'value="mobile|mobile_number" checked' in page
    answer(client, first.url, fixes=["gender|word"])
    page = client.get(first.url).content.decode()
    assert 'value="mobile|mobile_number">' in page
    assert "13800000001" not in page
    client.post(first.url, {"confirm": "1"})
    with acting(CLERK):
        member = Member.objects.get(name=row(1)[1])
        assert (member.mobile, member.gender) == ("", "male")
    second = upload(client, world, *lines)
    client.post(second.url, {"confirm": "1"})
    with acting(CLERK):
        assert Member.objects.get(name=row(1)[1]).mobile == "13800000001"


def test_declined_correction_keeps_what_is_stored(login, world, acting):
    client = login(CLERK)
    client.post(upload(client, world, row(1)).url, {"confirm": "1"})
    first = upload(client, world, row(1, 联系电话=13911112222.0))
    answer(client, first.url, fixes=[])
    client.post(first.url, {"confirm": "1"})
    with acting(CLERK):
        member = Member.objects.get(id_number_digest=Member.id_number.digest(id_number(sequence="911")))
        assert member.mobile == "13800000001"


def test_answering_after_the_confirmation_changes_nothing(login, world, acting):
    client = login(CLERK)
    first = upload(client, world, person(1, 所属社区="样例老名字"), row(2))
    name = field_of(client.get(first.url).content.decode(), "样例老名字")
    client.post(first.url, {"confirm": "1"})
    answer(client, first.url, answers={name: world.organization("C112").code})
    with acting(CLERK):
        assert import_of(first).state == "applied"
        assert not LedgerAnswer.objects.filter(kind="community").exists()


def test_answer_of_the_street_is_used_by_its_communities_and_by_no_other(login, world, acting):
    client = login(CLERK)
    url = upload(client, world, [*row(1)[:-1], "样例职业"], header=ASKING).url
    answer(client, url, answers={field_of(client.get(url).content.decode(), "与党组织联系方式"): "occupation"})
    below = login("community_clerk@C111")
    used = upload(below, world, [*row(2)[:-1], "另一职业"], key="C111", header=ASKING)
    page = below.get(used.url).content.decode()
    assert page.count("按上次的回答") + page.count("as answered last time") == 1
    below.post(used.url, {"confirm": "1"})
    with acting(CLERK):
        assert Member.objects.get(name=row(2)[1]).occupation == "另一职业"
    other = login("community_clerk@C121")
    line = [*row(3, community="样例C121")[:-1], "第三职业"]
    page = other.get(upload(other, world, line, key="C121", header=ASKING).url).content.decode()
    assert page.count("按上次的回答") + page.count("as answered last time") == 0
    assert field_of(page, "与党组织联系方式")


def test_community_turns_down_an_answer_of_its_street_for_itself_alone(login, world, acting):
    client = login(CLERK)
    code = world.organization("C111").code
    url = upload(client, world, person(1, 所属社区="样例老名字")).url
    answer(client, url, answers={field_of(client.get(url).content.decode(), "样例老名字"): code})
    below = login("community_clerk@C111")
    line = person(2, 所属社区="样例老名字")
    first = upload(below, world, line, key="C111").url
    answer(below, first, answers={field_of(below.get(first).content.decode(), "样例老名字"): ""})
    with acting("community_clerk@C111"):
        assert import_of(upload(below, world, line, key="C111")).counts["error"] == 1
    with acting(CLERK):
        assert import_of(upload(client, world, line)).counts["new"] == 1


def test_rows_far_below_are_told_on_the_page(login, world):
    client = login(CLERK)
    url = upload(client, world, row(1), *[[None]] * 201, row(2), row(3)).url
    page = client.get(url).content.decode()
    assert re.search(r'<p class="ledger-refusal">[^<]*\b2\b[^<]*\b200\b', page)


def test_organizations_are_offered_in_order_of_likeness_and_never_taken(login, world, acting):
    client = login(CLERK)
    header, name = [*HEADER, "流动方向", "流出时间", "流入地党组织"], "样例C112流动第一支部"
    lines = [[*row(number), "流出", "2024-05", name] for number in (1, 2)]
    first = upload(client, world, lines[0], header=header).url
    page = client.get(first).content.decode()
    asked = field_of(page, f"[^<]*{name}")
    shown = page[page.index(f'<select id="{asked}"') :]
    offered = re.findall(r'<option value="([^"]*)"( selected)?>', shown[: shown.index("</select>")])
    code = world.organization("C112").code
    assert offered[0] == ("", " selected")
    assert offered[1] == (code, "")
    assert len({value for value, _selected in offered}) == len(offered)
    client.post(first, {"confirm": "1"})
    with acting(CLERK):
        movement = Member.objects.get(name=row(1)[1]).movements.get()
        assert (movement.host_organization, movement.host_text) == (None, name)
    second = upload(client, world, lines[1], header=header).url
    answer(client, second, answers={asked: code})
    client.post(second, {"confirm": "1"})
    with acting(CLERK):
        movement = Member.objects.get(name=row(2)[1]).movements.get()
        assert movement.host_organization == world.organization("C112")
        assert LedgerAnswer.objects.get(kind="organization", subject=name).value == code


def test_declined_name_makes_the_row_wait_and_declined_direction_is_not_stored(login, world, acting):
    """Without a name there is nobody, and a declined word may not turn a movement round."""
    header = [*HEADER[:-1], "流动方向"]
    client = login(CLERK)
    url = upload(client, world, [*row(1, 姓名="测 甲")[:-1], "外出"], [*row(2)[:-1], "外出"], header=header).url
    page = client.get(url).content.decode()
    assert 'value="name|name_cleaned" checked' in page
    assert 'value="direction|word" checked' in page
    answer(client, url, fixes=[])
    client.post(url, {"confirm": "1"})
    with acting(CLERK):
        assert not Member.objects.filter(name="测甲").exists()
        assert Member.objects.get(name=row(2)[1]).movements.count() == 0


def test_same_as_above_in_the_name_column_stops_its_row_only(login, world, acting):
    answered = upload(login(CLERK), world, row(1), row(2, 姓名="同上"), row(3))
    with acting(CLERK):
        counts = import_of(answered).counts
    assert (counts["new"], counts["error"]) == (2, 1)
