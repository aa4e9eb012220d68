"""The command over every sample ledger, on the real tree, as the role that the sample names."""

import json
import stat
from pathlib import Path

import pytest

from members.models import Member
from tests.members.ledger.making import DATA, HEADER, person, xlsx
from tests.members.ledgers import (
    COMMUNITY,
    REFUSED,
    SAMPLES,
    STREET,
    acting,
    batches,
    build_offices,
    expected_of,
    importer,
    members,
    run,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
FIELD = {
    "phone": "mobile",
    "flow_date": "started_on",
    "out_org": "home_organization",
    "address": "current_address",
    "out_contact": "counterpart_contact_name",
    "out_phone": "counterpart_contact_phone",
}
WORDS = {"new": "import", "changed": "import", "ask": "conflict", "error": "reject", "skipped": "skip"}


@pytest.fixture(autouse=True)
def offices() -> None:
    build_offices()


def outcome_of(row: dict) -> str:
    outcome = WORDS.get(row["outcome"], row["outcome"])
    asked = any(item["severity"] == "ask" for item in [*row["problems"], *row["cells"].values()])
    return "import_flag" if outcome == "import" and asked else outcome


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in REFUSED])
def test_sample_is_imported_as_described(name, tmp_path):
    expected = expected_of(name)
    user, code = importer(expected)
    report = run(DATA / name, tmp_path / "r.json", user=user, code=code, apply=True, unmasked=True)
    assert report["status"] == "applied"
    assert report["file"] == name
    found = {(row["sheet"], row["row"]): row for row in report["rows"]}
    stored = {str(member.pk): member for member in members()}
    for line in expected["rows"]:
        row = found.pop((line.get("sheet") or report["sheets"][0]["name"], line["row"]))
        assert outcome_of(row) in [line["outcome"], *line.get("also_acceptable", [])], (line, row["problems"])
        if outcome_of(row) not in ("import", "import_flag"):
            assert row["member"] is None
            continue
        member = stored.pop(row["member"])
        _is_stored(member, line, row)
    assert not found, "every row is described"
    assert not stored, "nobody else is stored"


def _is_stored(member: Member, line: dict, row: dict) -> None:
    for key, value in line.get("expect", {}).items():
        field = FIELD.get(key, key)
        if key.endswith("_if_stored"):
            assert row["cells"][key.removesuffix("_if_stored")]["value"] in (None, value)
        elif key == "community_code":
            assert member.organization.code == row["cells"]["community"]["value"] == value
        elif key != "community_name":
            assert row["cells"].get(field, {"value": None})["value"] == value, (line, key)
            if field in ("id_number", "mobile", "join_date", "birth_date", "current_address", "ethnicity"):
                assert getattr(member, field) == (value or "")
            if field == "started_on":
                with acting("street"):
                    assert member.movements.get().started_on == value


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in REFUSED])
def test_sample_again_changes_nothing(name, tmp_path):
    user, code = importer(expected_of(name))
    first = run(DATA / name, tmp_path / "1.json", user=user, code=code, apply=True)
    with acting("street"):
        rows = Member.objects.order_by("pk").values_list("pk", "updated_at", "id_number_sealed", "mobile_sealed")
        before = list(rows.all())
        again = run(DATA / name, tmp_path / "2.json", user=user, code=code, apply=True)
        assert list(rows.all()) == before
    counts = again["counts"]
    assert (counts["new"], counts["changed"]) == (0, 0)
    assert counts["unchanged"] == first["counts"]["new"] + first["counts"]["unchanged"]
    assert all(counts[name] == first["counts"][name] for name in ("ask", "error", "skipped"))


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_refused_file_leaves_nothing_behind(name, code, tmp_path, capsys):
    out = tmp_path / "r.json"
    before = sorted(Path("/tmp").glob("tmp*"))
    with pytest.raises(SystemExit) as ended:
        run(DATA / name, out, apply=True)
    assert ended.value.code == 2
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (report["status"], report["refusal"]["code"], report["batch"]) == ("refused", code, None)
    assert report["refusal"]["message"]
    assert not report["rows"]
    assert not members()
    assert not batches()
    assert sorted(Path("/tmp").glob("tmp*")) == before


def test_header_without_people_is_refused(tmp_path):
    source, out = tmp_path / "blank.csv", tmp_path / "r.json"
    source.write_text("姓名,手机号,身份证号\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        run(source, out, apply=True)
    assert ended.value.code == 2
    assert json.loads(out.read_text(encoding="utf-8"))["refusal"]["code"] == "no_people"
    assert not batches()


@pytest.mark.parametrize(
    ("user", "code"),
    [("nobody", STREET), ("viewer", STREET), ("elsewhere", STREET), ("community", STREET), ("street", "999999")],
)
def test_not_permitted_is_one_answer(user, code, tmp_path):
    with pytest.raises(SystemExit) as ended:
        run(DATA / "clean.xlsx", tmp_path / "r.json", user=user, code=code)
    assert ended.value.code == 3
    assert not (tmp_path / "r.json").exists()


def test_preview_stores_no_member(tmp_path):
    report = run(DATA / "clean.xlsx", tmp_path / "r.json")
    assert (report["status"], report["counts"]["new"]) == ("previewed", 12)
    assert [str(batch.pk) for batch in batches()] == [report["batch"]]
    assert not members()


def test_report_is_masked_and_private(tmp_path):
    out = tmp_path / "r.json"
    out.write_text("x")
    out.chmod(0o644)
    report = run(DATA / "clean.xlsx", out, apply=True)
    text = out.read_text(encoding="utf-8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    for member in members():
        assert member.id_number not in text
        assert member.mobile not in text
    assert report["rows"][0]["cells"]["mobile"]["value"] == "136****4727"
    full = run(DATA / "clean.xlsx", out, unmasked=True)
    assert full["rows"][0]["cells"]["mobile"]["value"] == "13600004727"


def test_community_elsewhere_reads_like_none(tmp_path):
    rows = [person(1, 所属社区="德望社区"), person(2, 所属社区="林店社区"), person(3, 所属社区="幸福里社区")]
    path = tmp_path / "l.xlsx"
    path.write_bytes(xlsx({"Sheet1": [HEADER, *rows]}))
    report = run(path, tmp_path / "r.json", user="community", code=COMMUNITY, apply=True)
    told = [(row["outcome"], row["cells"]["community"]["rule"], row["problems"]) for row in report["rows"]]
    assert told[0] == told[1] == told[2]
    assert told[0][0] == "error"


def test_contradictory_direction_waits(tmp_path):
    path = tmp_path / "l.xlsx"
    path.write_bytes(xlsx({"流出党员": [HEADER, person(1)]}))
    report = run(path, tmp_path / "r.json", direction="inflow", apply=True)
    assert report["rows"][0]["outcome"] == "ask"
    assert "direction_conflict" in {problem["code"] for problem in report["rows"][0]["problems"]}
    assert not members()
    report = run(path, tmp_path / "r.json", direction="outflow", apply=True)
    assert report["counts"]["new"] == 1
