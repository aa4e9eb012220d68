"""Ledgers made at random: columns, titles, headers of one to three rows, sheets, groups, footers, and the truth."""

import random
from dataclasses import dataclass, field
from typing import Any

from tests.members.ledger.office import dirt
from tests.members.ledger.office.grid import Grid
from tests.members.ledger.office.people import COMMUNITIES, HEADERS, Person, people

GROUPED = ("community", "home_organization", "host_organization", "destination")
OPTIONAL = [
    "gender", "ethnicity", "birth_date", "join_date", "full_member_date", "member_type", "education",
    "home_organization", "host_organization", "started_on", "reason", "occupation", "employer", "current_address",
    "destination", "remark",
]  # fmt: skip
UNKNOWN = ["是否住户", "网格员意见", "党小组", "房屋性质", "服装尺码", "是否慰问"]
FORMATS = ["xlsx", "xlsx", "xlsx", "xls", "xls", "ods", "csv", "tsv", "html"]
TITLES = ["杏花村街道流动党员信息台账", "流动党员基本情况统计表（2025年第一季度）", "附件2：流动党员花名册"]
LINES = [
    "填报单位：杏花村街道（盖章）",
    "填表日期：2025年3月31日",
    "填报人：测试甲    联系电话：0551-62812345",
    "单位：人",
]
FOOTERS = [
    ["填表人：测试甲", None, None, "审核人：测试乙", None, "2025年3月31日"],
    ["注：1.本表一式两份；2.每季度末前报送。"],
    ["合计", None, "共5人"],
    ["合计：", 5],
    [None, "合计", 5],
    ["党组织负责人（签字）：", None, None, "填报时间：2025.3.31"],
    ["备注：身份证号码须与户口簿一致"],
    ["说明：1、“流动原因”填务工经商、就业等；2、“流动时间”填至月。"],
]
NEVER_DIRTY = ("seq",)


@dataclass
class Truth:
    """Where a person stands, and by field (what may be stored, whether it must be)."""

    sheet: str
    row: int
    expected: dict[str, tuple[str, bool]] = field(default_factory=dict)
    community: str = ""
    is_hidden: bool = False
    is_shifted: bool = False


@dataclass
class Ledger:
    grids: list[Grid]
    kind: str
    people: list[Truth] = field(default_factory=list)
    direction: str | None = None
    fields: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    repeats: bool = False


@dataclass
class Plan:
    """What all sheets of one ledger share."""

    rng: random.Random
    kind: str
    direction: str | None
    columns: list[tuple[str, str]]
    levels: int
    groups: dict[int, str]
    dirt: float
    spans: bool


def make(seed: int) -> Ledger:
    """The ledger of a seed."""
    rng = random.Random(seed)
    kind = rng.choice(FORMATS)
    direction = rng.choice(["out", "in", None])
    spans = kind in ("xlsx", "xls", "ods", "html")
    by_sheet = kind in ("xlsx", "xls", "ods") and rng.random() < 0.3
    columns = _columns(rng, direction, with_community=not by_sheet)
    levels, groups = 1, {}
    if spans and rng.random() < 0.35:
        levels, columns, groups = 2, *_grouped(rng, columns)
    plan = Plan(rng, kind, direction, columns, levels, groups, rng.choice([0, 0.05, 0.15, 0.3]), spans)
    ledger = Ledger([], kind, direction={"out": "outflow", "in": "inflow", None: None}[direction])
    ledger.fields = [name for name, _header in columns if name not in ("seq", "unknown")]
    ledger.headers = dict(columns)
    everybody = people(rng, rng.randint(3, 14))
    if by_sheet:
        for community in COMMUNITIES[: rng.randint(2, 4)]:
            part = [person for person in everybody if person["community"] == community]
            name = rng.choice(
                [community, f"{COMMUNITIES.index(community) + 1}.{community}", community.removesuffix("社区")]
            )
            if part:
                _sheet(plan, ledger, name, part)
        if not ledger.grids:
            _sheet(
                plan,
                ledger,
                everybody[0]["community"],
                [p | {"community": everybody[0]["community"]} for p in everybody],
            )
    else:
        if rng.random() < 0.3:
            everybody.sort(key=lambda person: (person["community"], person["home_organization"]))
        _sheet(plan, ledger, rng.choice(["Sheet1", "台账", "流动党员"]), everybody)
    return ledger


def _columns(rng: random.Random, direction: str | None, *, with_community: bool) -> list[tuple[str, str]]:
    names = ["name"]
    names += [name for name, odds in (("id_number", 0.95), ("mobile", 0.9)) if rng.random() < odds]
    if with_community:
        names.append("community")
    names += rng.sample(OPTIONAL, rng.randint(1, len(OPTIONAL)))
    if len(names) < 4:
        names += [name for name in ("gender", "remark") if name not in names]
    if rng.random() < 0.3:
        rng.shuffle(names)
    if rng.random() < 0.25:
        at = rng.randint(0, len(names))
        names[at:at] = ["counterpart_contact_name", "counterpart_contact_phone"]
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        names.insert(rng.randint(1, len(names)), "unknown")
    if rng.random() < 0.8:
        names.insert(0, "seq")
    unknown = rng.sample(UNKNOWN, len(UNKNOWN))
    columns = []
    for name in names:
        key = f"started_on:{direction}" if name == "started_on" and direction else name
        if name == "unknown":
            columns.append((name, unknown.pop()))
        elif key == "started_on":
            columns.append((name, "流动时间"))
        else:
            columns.append((name, rng.choice(HEADERS[key])))
    if direction != "out":
        columns = [(n, "流动去向" if n == "destination" else h) for n, h in columns]
        columns = [(n, "流动原因" if n == "reason" else h) for n, h in columns]
    return columns


def _grouped(rng: random.Random, columns: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], dict[int, str]]:
    """Put the other side's columns together under a heading, and some of the person's own."""
    groups: dict[int, str] = {}
    others = ["home_organization", "counterpart_contact_name", "counterpart_contact_phone"]
    if rng.random() < 0.6:
        columns = [pair for pair in columns if pair[0] not in others]
        at = rng.randint(2, len(columns))
        columns[at:at] = [(others[0], "党组织"), (others[1], "联系人"), (others[2], rng.choice(["电话", "联系电话"]))]
        groups = dict.fromkeys(range(at, at + 3), rng.choice(["流出地", "流出地情况", "流出地党组织"]))
    start = rng.randint(1, max(1, len(columns) - 3))
    own = range(start, min(start + rng.randint(2, 4), len(columns)))
    if not groups.keys() & set(own) and len(own) > 1:
        words = ["name", "gender", "ethnicity", "birth_date", "id_number", "education", "member_type", "join_date"]
        if all(columns[index][0] in words for index in own):
            groups |= dict.fromkeys(own, rng.choice(["基本情况", "党员基本信息", "个人信息"]))
    return columns, groups


def _sheet(plan: Plan, ledger: Ledger, name: str, part: list[Person]) -> None:
    rng, grid = plan.rng, Grid(name)
    width = len(plan.columns)
    _titles(plan, grid, width)
    _header(plan, grid)
    if rng.random() < 0.1:
        grid.rows.append([f"({number + 1})" for number in range(width)])
    if rng.random() < 0.08:
        grid.rows.append(["例" if n == "seq" else "例：测样" if n == "name" else "示例" for n, _ in plan.columns])
    header_at = len(grid.rows) - 1
    every = rng.choice([0, 0, 0, 3])
    above: dict[str, str] = {}
    sections = rng.random() < 0.1 and ledger.fields.count("community") == 0
    for number, person in enumerate(part, 1):
        if every and number > 1 and number % every == 1:
            _header(plan, grid)
        if rng.random() < 0.05:
            grid.rows.append([None] * rng.choice([0, width]))
        if sections and number == 1:
            grid.rows.append([f"一、{person['community']}（{len(part)}人）"])
        ledger.people.append(_person(plan, grid, number, person, above))
        above = {} if ledger.people[-1].is_shifted else person
    _merge_groups(plan, grid, ledger, header_at)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        grid.rows.append(list(rng.choice(FOOTERS)))
    if plan.kind in ("xlsx", "xls", "ods") and rng.random() < 0.15:
        _hide_some(rng, grid, ledger)
    ledger.grids.append(grid)


def _titles(plan: Plan, grid: Grid, width: int) -> None:
    rng = plan.rng
    if rng.random() < 0.6:
        grid.rows.append([rng.choice(TITLES)])
        if plan.spans and width > 1:
            grid.merged.append((0, 0, 0, width - 1))
        for _ in range(rng.choice([0, 0, 1, 2])):
            grid.rows.append(rng.choice([[rng.choice(LINES)], [rng.choice(LINES), None, None, rng.choice(LINES)], []]))


def _header(plan: Plan, grid: Grid) -> None:
    top = len(grid.rows)
    if plan.levels == 1 or not plan.groups:
        grid.rows.append([header for _name, header in plan.columns])
        return
    first: list[Any] = []
    second: list[Any] = []
    for index, (_name, header) in enumerate(plan.columns):
        group = plan.groups.get(index)
        first.append((group if plan.groups.get(index - 1) != group else None) if group else header)
        second.append(header if group else None)
        if not group:
            grid.merged.append((top, index, top + 1, index))
        elif plan.groups.get(index - 1) != group:
            last = max(place for place, label in plan.groups.items() if label == group)
            grid.merged.append((top, index, top, last))
    grid.rows += [first, second]


def _person(plan: Plan, grid: Grid, number: int, person: Person, above: Person) -> Truth:
    rng = plan.rng
    truth = Truth(grid.name, len(grid.rows) + 1, community=person["community"])
    cells: list[Any] = []
    for name, _header in plan.columns:
        if name == "seq":
            cells.append(number)
            continue
        if name == "unknown":
            cells.append(rng.choice(["是", "否", None, "甲类", 3]))
            continue
        right = person[name]
        value, expected, must = right or None, right, True
        if rng.random() < plan.dirt:
            value, expected, must = dirt.mess(rng, name, right)
            if plan.kind in ("csv", "tsv", "html") and not isinstance(value, str):
                must = must and name != "id_number"
        if name in GROUPED and above and above[name] == right and rng.random() < 0.15:
            is_clean = grid.rows[-1][len(cells)] == right if len(grid.rows[-1]) > len(cells) else False
            value, expected, must = rng.choice(["同上", "〃", '"']), right, is_clean
        cells.append(value)
        truth.expected[name] = (expected, must)
    if rng.random() < 0.02 and _shift(rng, plan, cells):
        truth.is_shifted = True
    grid.rows.append(cells)
    return truth


def _shift(rng: random.Random, plan: Plan, cells: list[Any]) -> bool:
    """Delete one cell so that the rest moves to the left; only where at least three typed cells move."""
    typed = ("id_number", "mobile", "birth_date", "join_date", "gender", "ethnicity", "member_type")
    places = [i for i, (name, _) in enumerate(plan.columns) if name in typed]
    name_at = next(i for i, (name, _) in enumerate(plan.columns) if name == "name")
    spots = [i for i in range(name_at + 1, len(cells)) if sum(place > i for place in places) >= 3]
    if not spots:
        return False
    del cells[rng.choice(spots)]
    cells.append(None)
    return True


def _merge_groups(plan: Plan, grid: Grid, ledger: Ledger, header_at: int) -> None:
    """Merge equal neighbours of one group column down, as offices do."""
    if not plan.spans or plan.rng.random() > 0.25:
        return
    name = plan.rng.choice(GROUPED)
    column = next((i for i, (field_, _) in enumerate(plan.columns) if field_ == name), None)
    if column is None:
        return
    rows = {truth.row - 1 for truth in ledger.people if truth.sheet == grid.name and not truth.is_shifted}
    start = header_at + 1
    while start < len(grid.rows):
        end = start
        value = grid.rows[start][column] if start in rows else None
        while value and end + 1 in rows and grid.rows[end + 1][column] == value:
            end += 1
        if value and end > start and value not in ("同上", "〃", '"'):
            grid.merged.append((start, column, end, column))
            for index in range(start + 1, end + 1):
                grid.rows[index][column] = None
        start = end + 1


def _hide_some(rng: random.Random, grid: Grid, ledger: Ledger) -> None:
    for truth in ledger.people:
        if truth.sheet == grid.name and rng.random() < 0.2:
            truth.is_hidden = True
            grid.hidden_rows.add(truth.row - 1)
