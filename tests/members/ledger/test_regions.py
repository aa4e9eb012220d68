"""Which region a free text means, and which texts mean none for certain."""

import pytest

from members.ledger.regions import ABROAD, Region, region_by_code, regions_of, scope_between

HEFEI, FUYANG, HANGZHOU = Region("34", "3401"), Region("34", "3412"), Region("33", "3301")


@pytest.mark.parametrize(
    ("text", "province", "city"),
    [
        ("浙江杭州", "33", "3301"),
        ("浙江省杭州市余杭区文一西路969号", "33", "3301"),
        ("杭州市余杭区", "33", "3301"),
        ("浙江省/杭州市/余杭区", "33", "3301"),
        ("杭州余杭", "33", "3301"),
        ("在杭州务工", "33", "3301"),
        ("外出务工：浙江 杭州", "33", "3301"),
        ("在浙务工", "33", ""),
        ("赴粤打工", "44", ""),
        ("沪", "31", "31"),
        ("广东打工", "44", ""),
        ("廣東省", "44", ""),
        ("北京", "11", "11"),
        ("上海市浦东新区", "31", "31"),
        ("上海浦东", "31", "31"),
        ("重庆市渝北区", "50", "50"),
        ("内蒙古鄂尔多斯", "15", "1506"),
        ("西藏拉萨", "54", "5401"),
        ("四川凉山州", "51", "5134"),
        ("湖北省仙桃市", "42", "429004"),
        ("江苏昆山", "32", "3205"),
        ("昆山市", "32", "3205"),
        ("义乌打工", "33", "3307"),
        ("苏州工业园区", "32", "3205"),
        ("安徽太和", "34", "3412"),
        ("合肥市政务区", "34", "3401"),
        ("南京市南京东路1号", "32", "3201"),
        ("于都县", "36", "3607"),
        ("香港", ABROAD, ""),
        ("国外务工", ABROAD, ""),
    ],
)
def test_text_means_one_region(text: str, province: str, city: str) -> None:
    assert regions_of(text) == {Region(province, city)}


@pytest.mark.parametrize(
    "text",
    ["", "无", "外地", "省外", "本市", "公司宿舍", "兰州拉面馆", "北京路12号", "江苏南京路", "上海大众公司", "成都市场",
     "浙江大学", "合肥市政工程公司", "浙江、上海", "浙江省、江苏省", "杭州-上海", "江浙沪", "杭州等地", "浙江省外",
     "合肥市外", "杭州市驻合肥办事处", "在京东工作", "在宁务工", "在台务工", "在晋务工", "昆山打工", "余杭区", "老城区",
     "郊区", "高新区", "商城", "公安工作", "合作经商", "浙江合肥", "北京天津", "安徽人", "四川味道"],
)  # fmt: skip
def test_text_means_no_region_for_certain(text: str) -> None:
    assert regions_of(text) == frozenset()


def test_name_of_several_places_means_any_of_them() -> None:
    assert {region.province for region in regions_of("朝阳")} == {"11", "21", "22"}
    assert {region.city for region in regions_of("吉林")} == {"", "2202"}


@pytest.mark.parametrize(
    ("start", "end", "scope"),
    [
        (HEFEI, "杭州市余杭区", "跨省"),
        (HEFEI, "在浙务工", "跨省"),
        (HEFEI, "朝阳打工", "跨省"),
        (HEFEI, "安徽阜阳", "省内跨市"),
        (HEFEI, "合肥市肥西县", "市内"),
        (HEFEI, "安徽省", None),
        (HEFEI, "澳门", "境外"),
        (Region("11", "11"), "朝阳", None),
        (Region("11", "11"), "北京市朝阳区", "市内"),
        (Region("42", "429004"), "湖北省潜江市", "省内跨市"),
        (Region("34"), "合肥", None),
        (HEFEI, "城里", None),
    ],
)
def test_scope_is_told_only_where_every_reading_agrees(start: Region, end: str, scope: str | None) -> None:
    assert scope_between({start}, regions_of(end)) == scope


@pytest.mark.parametrize(
    ("code", "name", "region"),
    [("3401", "合肥市", HEFEI), ("340103", "庐阳区", HEFEI), ("34", "安徽", Region("34")), ("3401", "杭州市", None),
     ("9901", "样例市", None)],
)  # fmt: skip
def test_code_counts_only_with_its_own_name(code: str, name: str, region: Region | None) -> None:
    assert region_by_code(code, name) == region
