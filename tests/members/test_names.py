"""Search keys of names, and the search behind the wall."""

import pytest

from members import services
from members.models import Member
from members.names import search_keys, search_terms


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单小明", "shanxiaoming", "sxm"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("阿迪力·买买提", "adilimaimaiti", "adlmmt"),
        ("吕示例", "lvshili", "lsl"),
        ("卜长青", "buchangqing", "bcq"),
        ("李朝阳", "lizhaoyang", "lzy"),
        ("长孙晟", "zhangsunsheng", "zss"),
        ("張三豐", "zhangsanfeng", "zsf"),
        ("John Smith", "johnsmith", "j"),
    ],
)
def test_search_keys(name, pinyin, initials):
    keys = search_keys(name)
    assert (keys["name_pinyin"], keys["name_initials"]) == (pinyin, initials)


def test_search_terms_fold_like_the_keys():
    assert search_terms("張三") == (["张三"], "")
    assert search_terms("王") == (["王"], "wang")
    assert search_terms("单") == (["单"], "shan")
    assert search_terms("🙂") == (["🙂"], "")
    assert search_terms(" Zhang San ") == ([], "zhangsan")
    assert search_terms("lü") == ([], "lv")
    assert search_terms("\0") == search_terms("  ") == ([], "")
    assert search_terms("ＷＡＮＧ") == ([], "wang")
    assert set(search_terms("买买提")[0]) <= set(search_keys("阿迪力·买买提")["name_grams"])


@pytest.mark.parametrize(
    "text", ["张三", "張三", "三丰", "张", "丰", "张三丰", "zhangsanf", "zsf", "ZHANG", "zhang san"]
)
def test_named_like_finds(acting, world, text):
    with acting("street_clerk@S11") as actor:
        made = services.create_member(organization=world.organization("C111"), values={"name": "张三丰"}, by=actor)
        assert list(Member.objects.named_like(text)) == [made]


@pytest.mark.parametrize(
    "text", ["丰张", "李", "sanfeng", "", "'; drop table x", "%", "_", "秘C211", "\0", "🙂" * 3000]
)
def test_named_like_finds_nothing(acting, world, text):
    with acting("street_clerk@S11") as actor:
        services.create_member(organization=world.organization("C111"), values={"name": "张三丰"}, by=actor)
        assert not Member.objects.named_like(text).exists()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("street_clerk@S11", {"C111", "C112"}),
        ("community_clerk@C111", {"C111"}),
        ("liaison@C112", {"C112"}),
        ("city_viewer@X", set()),
        ("stranger", set()),
    ],
)
@pytest.mark.parametrize("text", ["秘", "bi"])
def test_named_like_stays_inside_the_scope(acting, who, seen, text):
    with acting(who):
        assert {member.name for member in Member.objects.named_like(text)} == {f"秘{key}秘" for key in seen}


@pytest.mark.parametrize("wanted", ["array['秘'], '', 100", "array['秘'], 'bi', 100", "array['秘'], 'bi', 1"])
def test_candidates_themselves_stay_inside_the_scope(acting, world, owner, wanted):
    from django.db import connection

    known = dict(owner.execute("select id, name from members_member").fetchall())
    assert len(known) == 9
    with acting("community_clerk@C111"), connection.cursor() as cursor:
        cursor.execute(f"select portal.member_name_candidates({wanted})")
        assert [known[row[0]] for row in cursor.fetchall()] == ["秘C111秘"]
    with connection.cursor() as cursor:
        cursor.execute(f"select portal.member_name_candidates({wanted})")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("most", [1, 2, 100])
def test_character_finds_everybody_who_has_it_or_the_first_of_the_list(acting, world, most):
    from django.db import connection

    with acting("street_clerk@S11") as actor, connection.cursor() as cursor:
        for name in ("汪大丰", "王二丰", "李王三", "王一丰"):
            services.create_member(organization=world.organization("C111"), values={"name": name}, by=actor)
        cursor.execute("select portal.member_name_candidates(array['王'], 'wang', %s)", [most])
        found = [Member.objects.get(pk=row[0]).name for row in cursor.fetchall()]
    assert found == (["李王三", "王二丰", "王一丰"] if most == 100 else ["王二丰", "王一丰"][:most])
