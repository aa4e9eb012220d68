"""First import and monthly refresh of a ledger: the portal's importer beside the limit (calamine and COPY, no checks).

Run: python bench/ledger_import.py [--quick] [--json FILE]. A test database is cloned as in the tests (the embedded
servers start by themselves). A round imports 10,000 rows of 20 columns from the xlsx file to committed members, every
cell checked, numbers encrypted, history and placement on; then the same file with 5 % changed rows; then the limit
reads the same file and copies its raw texts into a table that keeps nothing else. Medians of the rounds are printed.
"""

import argparse
import datetime as dt
import io
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import portal.pytest_services  # noqa: E402, F401  starts the embedded servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from openpyxl import Workbook  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402

from members.importing import services  # noqa: E402
from members.ledger.identity import check_character  # noqa: E402
from portal import access  # noqa: E402
from portal.models import Organization, User  # noqa: E402
from tests import databases  # noqa: E402

ROWS = 10_000
CHANGED = 20  # every 20th row
# performance.md B1 (numbers encrypted and hashed) and B2.
GOAL_OF_LIMIT = 0.5
GOAL_REFRESH = 1.2
HEADER = (
    ["序号", "姓名", "性别", "民族", "出生日期", "身份证号码", "联系电话", "所属社区", "人员类别", "入党时间"]
    + ["转正时间", "学历", "从事职业", "工作单位", "现居住地", "流出时间", "外出地点", "流动原因"]
    + ["流入地党组织", "备注"]
)  # fmt: skip
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "安宁平康文武明清和雅书礼"


def ledger(offset: int = 0) -> bytes:
    """The ledger; `offset` changes the phones of every 20th row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("流出党员")
    sheet.append(HEADER)
    for number in range(ROWS):
        born = (dt.date(1950, 1, 1) + dt.timedelta(days=number)).isoformat()
        first = f"340104{born.replace('-', '')}991"
        name = SURNAMES[number % 10] + GIVEN[number // 10 % 12] + GIVEN[number // 120 % 12]
        mobile = 13_000_000_000 + number + (offset if number % CHANGED == 0 else 0)
        sheet.append(
            [str(number + 1), name, "男", "汉族", born, first + check_character(first), str(mobile),
             f"样例C11{1 + number % 2}居委会", "正式党员", f"{int(first[6:10]) + 22}-07-01",
             f"{int(first[6:10]) + 23}-07-01", "大专", "货车司机", f"样例公司{number % 300}", f"样例路{number}号",
             f"20{10 + number % 15}.0{1 + number % 9}", "苏州市", "务工经商", "样例镇党支部", f"备注{number}"]
        )  # fmt: skip
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def portal_import(data: bytes) -> tuple[float, dict[str, int]]:
    """Seconds from the file's bytes to committed members, and the counts of the outcomes."""
    street = Organization.objects.get(code="990101001")
    user = User.objects.get(username="street_clerk@S11")
    started = time.perf_counter()
    with access.acting_as(access.user_actor(user)) as actor:
        batch = services.preview_ledger(data=data, name="bench.xlsx", organization=street, by=actor)
        batch = services.apply_ledger(batch=batch, by=actor)
    return time.perf_counter() - started, batch.counts


def limit_import(data: bytes) -> float:
    """Seconds to read the file and copy its texts into a bare table."""
    columns = ", ".join(f"c{index} text" for index in range(len(HEADER)))
    started = time.perf_counter()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table bare ({columns})")
        with cursor.copy("copy bare from stdin") as copy:
            for row in rows[1:]:
                copy.write_row(row)
        cursor.execute("drop table bare")
    return time.perf_counter() - started


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of every contestant, one figure a round; each round works on a fresh database."""
    first, second = ledger(), ledger(offset=50_000)
    seconds: dict[str, list[float]] = {"limit": [], "first import": [], "refresh": []}
    for _round in range(rounds):
        databases.clone()
        seconds["limit"].append(limit_import(first))
        taken, counts = portal_import(first)
        assert counts["new"] == ROWS, counts
        seconds["first import"].append(taken)
        taken, counts = portal_import(second)
        assert (counts["changed"], counts["new"]) == (ROWS // CHANGED, 0), counts
        seconds["refresh"].append(taken)
    return seconds


def main() -> int:
    """Measure, print, write the figures; returns 0 when every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    databases.build_template()
    seconds = measure(rounds=1 if options.quick else 5)
    databases.drop_clone()
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:14} {value:7.2f} s  {ROWS / value:9.0f} rows/s")
    of_limit = medians["limit"] / medians["first import"]
    refresh = medians["refresh"] / medians["first import"]
    results: list[dict[str, Any]] = []
    for name, value, goal, op in (
        ("ledger_first_import_of_limit", of_limit, GOAL_OF_LIMIT, ">="),
        ("ledger_refresh_of_first_import", refresh, GOAL_REFRESH, "<="),
    ):
        met = value >= goal if op == ">=" else value <= goal
        results.append({"name": name, "value": round(value, 3), "goal": goal, "op": op, "met": met})
        print(f"{name}: {value:.3f} (goal {op} {goal}, met: {met})")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
