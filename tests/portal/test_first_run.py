import io

import pytest
from django.core.management import CommandError, call_command

from portal.models import Organization, OrganizationGrant, User

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DIVISIONS = """code,name,kind,parent_code
77,样省,province,
7701,样市,city,77
770101,样区,district,7701
770101001,样街道,street,770101
770101001001,样一社区居委会,community,770101001
"""


@pytest.fixture
def file(tmp_path, settings):
    settings.DEMO = False
    path = tmp_path / "divisions.csv"
    path.write_text(DIVISIONS, encoding="utf-8-sig")
    return path


def _run(*arguments):
    out = io.StringIO()
    call_command("first_run", *arguments, stdout=out)
    return out.getvalue()


def test_office_is_set_up_once_and_again(file):
    given = ["--divisions", str(file), "--street", "770101001", "--username", "zhuren", "--name", "样主任", "--noinput"]
    first = _run(*given)
    user = User.objects.get(username="zhuren")
    assert user.must_change_password
    assert user.check_password(first.split("：")[1].split()[0])
    again = _run(*given)
    assert "一次性密码" not in again
    assert User.objects.get(username="zhuren").password == user.password
    grants = OrganizationGrant.objects.using("owner").filter(user=user)
    assert [(g.content_object.code, g.permission.codename) for g in grants] == [("770101001", "role_street_admin")]


def test_questions_are_asked_where_nothing_is_given(file, monkeypatch):
    answers = iter(["770101001", "zhuren", "样主任"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    _run("--divisions", str(file))
    assert User.objects.get(username="zhuren").name == "样主任"


@pytest.mark.parametrize("missing", ["--street", "--username"])
def test_noinput_wants_everything(file, missing):
    given = {"--divisions": str(file), "--street": "770101001", "--username": "zhuren"}
    del given[missing]
    with pytest.raises(CommandError):
        _run(*[part for pair in given.items() for part in pair], "--noinput")
    assert not User.objects.filter(username="zhuren").exists()


def test_community_is_no_street(file):
    with pytest.raises(CommandError, match="770101001001"):
        _run("--divisions", str(file), "--street", "770101001001", "--username", "zhuren", "--noinput")


def test_demo_is_refused(file, settings):
    settings.DEMO = True
    with pytest.raises(CommandError):
        _run("--divisions", str(file), "--street", "770101001", "--username", "zhuren", "--noinput")
    assert not Organization.objects.filter(code="770101001").exists()
