"""manage.py export_ledger: its own sentences and exit codes."""

import io
import os
import stat

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.exporting import ExportWish, decide_export, export_members
from members.importing import services
from members.models import LedgerExport, Member
from portal.models import AuditEntry
from tests.members.test_export import texts_of
from tests.world import canary, id_number, mobile

CLERK, SECOND = "street_clerk@S11", "street_admin@S11"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(world, tmp_path):
    def run(*, key="S11", who=CLERK, out="台账.xlsx", **options):
        """(exit code, what was said, path of the file)."""
        said, path = io.StringIO(), tmp_path / out
        code = world.organization(key).code if key else "0000"
        arguments = ["--organization", code, "--as", who, "--out", str(path)]
        for name, value in options.items():
            arguments += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        try:
            call_command("export_ledger", *arguments, stdout=said, stderr=said)
        except SystemExit as ended:
            return ended.code, said.getvalue(), path
        return 0, said.getvalue(), path

    return run


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_file_is_written_masked_and_private(run, kind):
    code, _said, path = run(out=f"l.{kind}")
    assert code == 0
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    content = path.read_bytes()
    assert content[:2] == (b"PK" if kind != "csv" else b"\xef\xbb")
    assert mobile("C111").encode() not in content
    if kind == "xlsx":
        text = str(texts_of(content))
        assert canary("C111") in text
        assert mobile("C111") not in text
        assert canary("C121") not in text


def test_one_community_alone(run):
    _code, _said, path = run(key="C112")
    text = str(texts_of(path.read_bytes()))
    assert canary("C112") in text
    assert canary("C111") not in text


def test_full_numbers_need_a_reason_of_the_list(run, acting):
    assert run(unmasked=True)[0] == 2
    assert run(unmasked=True, reason="other")[0] == 2
    assert run(unmasked=True, reason="other", reason_text="给 13800001110 看")[0] == 2
    code, _said, path = run(unmasked=True, reason="other", reason_text="交给区里")
    assert code == 0
    rows = texts_of(path.read_bytes())
    assert "含完整号码" in rows[0][0]
    assert "账号S11street_clerk" in rows[0][0]
    assert id_number("C111") in str(rows)
    with acting("auditor@S11"):
        entry = AuditEntry.objects.get(action="export_ledger")
        assert (entry.detail["text"], entry.detail["count"], entry.detail["format"]) == ("交给区里", 2, "xlsx")


@pytest.mark.parametrize(
    ("key", "who"),
    [("S12", CLERK), ("S11", "auditor@S11"), ("S11", "nobody"), ("S11", "inactive"), ("S11", "expired"), ("", CLERK),
     ("D1", CLERK), ("S11", "community_clerk@C111"), ("D1", "district_admin@D1")],
)  # fmt: skip
def test_not_permitted(run, key, who):
    code, said, path = run(key=key, who=who)
    assert code == 3
    assert said.strip()
    assert not path.exists()


def test_what_cannot_be_made_is_refused(run, tmp_path):
    assert run(out="l.xls")[0] == 2
    code, said, _path = run(layout="没有的")
    assert code == 2
    assert "standard" in said
    assert run(out="no/such/folder.xlsx")[0] == 2


def test_layouts_by_name(run, acting, world):
    line = "手机,备注,姓名,所属社区\n13800138000,=1+1,测甲乙,样例C111居委会\n".encode()
    with acting(CLERK) as actor:
        batch = services.preview_ledger(data=line, name="二季度.csv", organization=world.organization("S11"), by=actor)
        services.apply_ledger(batch=batch, by=actor)
    headers = {
        name: texts_of(run(layout=name)[2].read_bytes())[2]
        for name in ("own", "standard", "complete", "national", "二季度.csv")
    }
    assert headers["own"] == headers["二季度.csv"] == ["手机", "备注", "姓名", "所属社区"]
    assert headers["standard"][:3] == headers["complete"][:3] == ["序号", "姓名", "性别"]
    assert len(headers["complete"]) > len(headers["standard"])
    assert not {"思想状况", "困难需求", "关爱类别"} & set(headers["complete"])
    assert headers["national"][3] == "公民身份证号"
    assert texts_of(run(key="C111")[2].read_bytes())[2] == headers["own"]  # the street's, for its communities too


def test_much_waits_for_a_second_person(run, acting, settings):
    settings.EXPORT_ALONE_MASKED_ROWS = 1
    code, said, path = run()
    assert code == 4
    assert not path.exists()
    with acting(SECOND):
        pk = LedgerExport.objects.get(state="waiting").pk
        assert str(pk) in said
    assert run(fetch=pk)[0] == 3
    with acting(SECOND):
        decide_export(pk, approve=True)
    assert run(fetch=pk, out="no/such/folder.xlsx")[0] == 2  # nothing is used up by a mistake
    assert run(fetch=pk, out="l.csv")[0] == 3
    assert run(fetch=pk)[0] == 0
    assert canary("C111") in str(texts_of(path.read_bytes()))
    assert run(fetch=pk)[0] == 3


def test_as_many_queries_for_2000_members_as_for_200(acting, world, settings):
    settings.EXPORT_ALONE_MASKED_ROWS = 5_000
    place, counted = world.organization("S11"), []
    with acting(CLERK) as actor:
        for first, last in ((0, 198), (198, 1_998)):  # and the two of the world
            lines = [f"测{chr(0x4E00 + n)}甲,1380{n:07},样例C111居委会,2024.05" for n in range(first, last)]
            text = "\n".join(["姓名,手机,所属社区,流入时间", *lines]).encode()
            batch = services.preview_ledger(data=text, name="l.csv", organization=place, by=actor)
            services.apply_ledger(batch=batch, by=actor)
            with CaptureQueriesContext(connection) as queries:
                made = export_members(members=Member.objects.all(), by=actor, wish=ExportWish(layout="standard"))
            assert made.content is not None
            members = Member.objects.count()
            assert last * 0.99 < members <= last + 2  # some invented names are no names
            assert len(texts_of(made.content)) == members + 3  # the head
            counted.append(len(queries))
    assert counted[0] == counted[1] <= 20
