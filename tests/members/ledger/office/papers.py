"""Forms of one person each, made at random: pairs in a row, forms below and beside each other, family, signatures."""

import random
from typing import Any

from tests.members.ledger.office.grid import Grid
from tests.members.ledger.office.people import HEADERS, Person, people

FIELDS = [
    "gender", "ethnicity", "birth_date", "education", "join_date", "full_member_date", "member_type", "reason",
    "home_organization", "started_on:out", "occupation", "employer", "current_address", "destination", "remark",
]  # fmt: skip
BELOW: list[list[list[Any]]] = [
    [],
    [["家庭成员", "称谓", "姓名", "年龄", "工作单位", "联系电话"], ["", "妻子", "测妻", "50", "某店", "13700000001"]],
    [["姓名", "关系", "出生年月", "联系电话"], ["测妻", "妻子", "1972-01", "13700000001"]],
    [["家庭主要成员"], ["姓名", "与本人关系", "联系方式"], ["测妻", "配偶", "13700000001"]],
    [["配偶姓名", "测妻", "配偶电话", "13700000001"]],
    [["流动经历"], ["起止时间", "地点", "单位"], ["2018-2020", "杭州", "某公司"]],
    [["本人签字：", "", "日期：   年  月  日"], ["党支部意见：同意", "（盖章）"]],
]


def make(seed: int) -> tuple[Grid, list[Person], list[str]]:
    """A sheet, its people (no two of one name), and the fields that its forms have."""
    rng = random.Random(seed)
    everybody = list({person["name"]: person for person in people(rng, rng.randint(1, 4))}.values())
    fields = ["id_number", "mobile", *rng.sample(FIELDS, rng.randint(4, len(FIELDS)))]
    rng.shuffle(fields)
    titles = {name: rng.choice(HEADERS[name]) for name in fields}
    names = [name.partition(":")[0] for name in fields]
    pairs_in_row, left, below = rng.choice([1, 2, 2, 3]), rng.choice([0, 0, 1]), rng.choice(BELOW)
    forms = []
    for person in everybody:
        pairs = [("姓名", person["name"]), *((titles[name], person[name.partition(":")[0]] or None) for name in fields)]
        form = [
            [*[None] * left, *(cell for pair in pairs[at : at + pairs_in_row] for cell in pair)]
            for at in range(0, len(pairs), pairs_in_row)
        ]
        form[0] += ["照片"] if rng.random() < 0.2 else []
        forms.append([*form, *([None] * left + line for line in below)])
    grid = Grid("采集表", [["流动党员信息采集表"]] if rng.random() < 0.5 else [])
    across = rng.choice([1, 1, 2])
    for at in range(0, len(forms), across):
        grid.rows += _beside(forms[at : at + across])
    return grid, everybody, names


def _beside(forms: list[list[list[Any]]]) -> list[list[Any]]:
    width, height = max(len(line) for form in forms for line in form), max(map(len, forms))
    padded = [[*form, *[[]] * (height - len(form))] for form in forms]
    return [
        [cell for line in lines for cell in [*line, *[None] * (width - len(line))]]
        for lines in zip(*padded, strict=True)
    ]
