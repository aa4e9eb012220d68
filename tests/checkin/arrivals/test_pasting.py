"""Names out of whatever was pasted."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from checkin.arrivals.pasting import MOST_NAMES, find_people, read_names
from tests.world import mobile


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三\n李四\n", ["张三", "李四"]),
        ("张三、李四,王五；赵六", ["张三", "李四", "王五", "赵六"]),
        ("张三 李四 王五", ["张三", "李四", "王五"]),
        ("张　三\n李 四\n欧阳建国", ["张三", "李四", "欧阳建国"]),
        ("#接龙\n周六大扫除，请接龙\n\n1. 张三\n2. 李四 带扫把\n3. 王五（五里社区）", ["张三", "李四", "王五"]),
        ("1. 张三 2. 李四", ["张三", "李四"]),
        ("1、张三2、李四 3、王五", ["张三", "李四", "王五"]),
        ("（1）张三\n（2）李四", ["张三", "李四"]),
        ("1.张三\n2.李四\n2.李四", ["张三", "李四"]),
        ("序号\t姓名\n", ["序号", "姓名"]),
        ("阿依古丽·买买提\n王　五", ["阿依古丽·买买提", "王五"]),
    ],
)
def test_names_are_read_however_they_were_written(text: str, names: list[str]) -> None:
    assert [one.name for one in read_names(text)] == names


def test_number_beside_a_name_is_kept() -> None:
    written = read_names("1. 张三 13800000000\n2. 李四\n张三 139")
    assert [(one.name, one.mobile) for one in written] == [("张三", "13800000000"), ("李四", "")]


TOO_MANY = "\n".join(f"张{chr(0x4E00 + number)}" for number in range(MOST_NAMES + 1))


@pytest.mark.parametrize("text", ["", "123\n45", "。。。", "a" * 20_001, TOO_MANY])
def test_text_without_names_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_names(text)


def test_names_mean_members_of_the_desk_and_below_only(open_desk: Any, acting: Any, renamed: Any) -> None:
    names = {"C111": "程栩宁", "C112": "丁昀例", "C121": "方珩拟"}
    for key, name in names.items():
        renamed(key, name)
    text = "\n".join(names.values()) + "\n没有此人"
    for key, found in (("C111", [1, 0, 0, 0]), ("S11", [1, 1, 0, 0])):
        desk = open_desk(key)
        with acting(f"{'street' if key == 'S11' else 'community'}_clerk@{key}"):
            written = read_names(text)
            find_people(desk, written)
        assert [len(one.found) for one in written] == found
        assert [one.is_sure for one in written] == [bool(count) for count in found]


def test_name_beside_another_number_is_doubtful(open_desk: Any, acting: Any, renamed: Any) -> None:
    desk = open_desk("C111")
    renamed("C111", "程栩宁")
    with acting("community_clerk@C111"):
        written = read_names(f"1. 程栩宁 {mobile('C111')}\n2. 程栩宁 13911112222")
        find_people(desk, written)
    assert [(len(one.found), one.is_sure) for one in written] == [(1, True), (1, False)]
