"""A ledger from file to committed members: this importer beside django-import-export and beside the limit.

Run: python bench/ledger.py [--quick] [--rows N ...] [--json FILE]. Contestants (see bench/ledger_peer.py for the peers)
take turns on one embedded server, each in processes of its own and on a fresh database; medians of the rounds count,
the slow peers run once. Ledgers have 20 columns. The importer previews and confirms: every cell checked, numbers
encrypted, history, placement, contact duties and audit on, under row-level security. `refresh` is the same ledger again
with 5 % of the rows changed.
Memory is the peak of the resident sizes of a contestant's processes added up, as the kernel tells it every 10 ms.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

SIZES = [1_000, 10_000, 100_000]
CHANGED = 20  # every 20th row
STOCK_MOST = 10_000  # it is linear: ten minutes for 100,000 rows
SLOW = {"stock", "tuned"}  # once: they take minutes, and a tenth more or less tells nothing else
TUNED_REFRESH_MOST = 10_000
HEADER = (
    ["序号", "姓名", "性别", "民族", "出生日期", "身份证号码", "联系电话", "所属社区", "人员类别", "入党时间"]
    + ["转正时间", "学历", "从事职业", "工作单位", "现居住地", "流出时间", "外出地点", "流动原因"]
    + ["流入地党组织", "备注"]
)  # fmt: skip
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "安宁平康文武明清和雅书礼"
# (name, contestant, against, figure, rows, goal): how many times as fast, as much, ... A goal of memory or refresh is
# a ceiling, all others are floors.
GOALS = [
    ("first_import_times_stock_10000", "stock first", "portal first", 10_000, 60.0, ">="),
    ("first_import_times_tuned_100000", "tuned first", "portal first", 100_000, 10.0, ">="),
    ("first_import_of_limit_10000", "limit first", "portal first", 10_000, 0.3, ">="),
    ("first_import_of_limit_100000", "limit first", "portal first", 100_000, 0.3, ">="),
    ("peak_memory_of_limit_10000", "portal memory", "limit memory", 10_000, 1.5, "<="),
    ("peak_memory_of_limit_100000", "portal memory", "limit memory", 100_000, 1.5, "<="),
    ("refresh_of_first_import_10000", "portal refresh", "portal first", 10_000, 1.2, "<="),
    ("refresh_times_stock_10000", "stock refresh", "portal refresh", 10_000, 150.0, ">="),
]
PAGE_MOST = 300 * 1024


def ledger(file: Path, rows: int, offset: int = 0) -> Path:
    """Write a ledger; `offset` changes the phones of every 20th row."""
    from openpyxl import Workbook

    from members.ledger.identity import check_character

    book = Workbook(write_only=True)
    sheet = book.create_sheet("流出党员")
    sheet.append(HEADER)
    for number in range(rows):
        day, series = number % 18_000, number // 18_000
        born = (dt.date(1950, 1, 1) + dt.timedelta(days=day)).isoformat()
        first = f"340104{born.replace('-', '')}{991 - 2 * series}"
        name = SURNAMES[number % 10] + GIVEN[number // 10 % 12] + GIVEN[number // 120 % 12]
        mobile = 13_000_000_000 + number + (offset if number % CHANGED == 0 else 0)
        sheet.append(
            [str(number + 1), name, "男", "汉族", born, first + check_character(first), str(mobile),
             f"样例C11{1 + number % 2}居委会", "正式党员", f"{int(first[6:10]) + 22}-07-01",
             f"{int(first[6:10]) + 23}-07-01", "大专", "货车司机", f"样例公司{number % 300}", f"样例路{number}号",
             f"20{10 + number % 15}.0{1 + number % 9}", "苏州市", "务工经商", "样例镇党支部", f"备注{number}"]
        )  # fmt: skip
    book.save(file)
    return file


def portal_part(name: str, file: Path, rows: int) -> dict[str, float]:
    """The importer's own process: seconds of the import called `name`, first or refresh; or the bytes of its page."""
    from django.test import Client
    from django.urls import reverse

    from members.importing import services
    from portal import access
    from portal.models import Organization, User
    from tests import databases

    databases.use_database(databases.clone_name())
    street = Organization.objects.get(code="990101001")
    user = User.objects.get(username="street_clerk@S11")
    started = time.perf_counter()
    with access.acting_as(access.user_actor(user)) as actor:
        batch = services.preview_ledger(data=file.read_bytes(), name=file.name, organization=street, by=actor)
    previewed = time.perf_counter()
    if name == "page":
        client = Client(SERVER_NAME="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(reverse("admin:members_ledgerimport_change", args=[batch.pk]))
        assert page.status_code == 200, page.status_code
        return {"first page": len(page.content)}
    with access.acting_as(access.user_actor(user)) as actor:
        counts = services.apply_ledger(batch=batch, by=actor).counts
    result = {f"{name} preview": previewed - started, name: time.perf_counter() - started}
    wanted = (rows, 0) if name == "first" else (0, len(range(0, rows, CHANGED)))
    assert (counts["new"], counts["changed"]) == wanted, counts
    return result


def run(kind: str, files: list[Path], rows: int, database: str) -> dict[str, float]:
    """One contestant: seconds, bytes of pages, peak memory in bytes; the importer has a process for each part."""
    if kind != "portal":
        return run_process(["bench/ledger_peer.py", kind, database, *map(str, files)])
    page, first, again = (
        run_process(["bench/ledger.py", "--portal", name, str(file), str(rows)])
        for name, file in zip(("page", "first", "refresh"), (files[0], *files), strict=True)
    )
    return {**again, "refresh memory": again["memory"], "first page": page["first page"], **first}


def run_process(order: list[str]) -> dict[str, float]:
    """What a contestant's process says of itself, and its peak memory."""
    process = subprocess.Popen([sys.executable, *order], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(resident, family(process.pid))))
        time.sleep(0.01)
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{order} failed")
    return {**json.loads(output.splitlines()[-1]), "memory": peak}


def family(pid: int) -> list[int]:
    """A process and those that it started. One that has not begun its own program yet has its starter's memory (vfork),
    which would be counted twice."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        own = [child for child in children if command(child) != command(pid)]
    except OSError:
        own = []
    return [pid, *(one for child in own for one in family(int(child)))]


def command(pid: int | str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def measure(sizes: list[int], rounds: int, kinds: list[str]) -> dict[int, dict[str, float]]:
    """Medians by rows and by "contestant figure"."""
    from portal.database import url_for_database
    from tests import databases

    found: dict[int, dict[str, list[float]]] = {}
    databases.build_template()
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            files = [
                ledger(Path(folder) / "first.xlsx", rows),
                ledger(Path(folder) / "second.xlsx", rows, offset=500_000),
            ]
            for round_ in range(rounds if rows <= 10_000 else 1):
                for kind in kinds:
                    if (kind == "stock" and rows > STOCK_MOST) or (round_ and kind in SLOW):
                        continue
                    databases.clone()
                    url = url_for_database(databases.OWNER_URL, fresh_database())
                    used = files[:1] if kind == "limit" or (kind == "tuned" and rows > TUNED_REFRESH_MOST) else files
                    for figure, value in run(kind, used, rows, url).items():
                        found.setdefault(rows, {}).setdefault(f"{kind} {figure}", []).append(value)
                    show(rows, kind, found[rows])
    databases.drop_clone()
    return {
        rows: {name: statistics.median(values) for name, values in figures.items()} for rows, figures in found.items()
    }


def fresh_database() -> str:
    """An empty database for a peer."""
    from tests import databases

    with databases.owner_connection() as owner:
        owner.execute("drop database if exists youjia_bench_peer with (force)")
        owner.execute("create database youjia_bench_peer template template0 encoding 'UTF8' locale 'C.UTF-8'")
    return "youjia_bench_peer"


def show(rows: int, kind: str, figures: dict[str, list[float]]) -> None:
    parts = []
    for name, values in figures.items():
        if name.startswith(f"{kind} "):
            figure, value = name.removeprefix(f"{kind} "), values[-1]
            if figure.endswith(("memory", "page")):
                parts.append(f"{figure} {value / 1024**2:.1f} MiB")
            else:
                parts.append(f"{figure} {value:.2f} s")
    print(f"{rows:7,} rows  {kind:7} " + "; ".join(parts), flush=True)


def judge(medians: dict[int, dict[str, float]]) -> list[dict[str, Any]]:
    """Every goal whose figures were measured."""
    results: list[dict[str, Any]] = []
    for name, over, under, rows, goal, op in GOALS:
        figures = medians.get(rows, {})
        if over in figures and under in figures:
            results.append({"name": f"ledger_{name}", "value": figures[over] / figures[under], "goal": goal, "op": op})
    pages = [figures["portal first page"] for figures in medians.values() if "portal first page" in figures]
    if pages:
        results.append({"name": "ledger_preview_page_bytes", "value": max(pages), "goal": PAGE_MOST, "op": "<="})
    for result in results:
        value, goal = result["value"], result["goal"]
        result["met"] = value >= goal if result["op"] == ">=" else value <= goal
        print(f"{result['name']}: {value:,.3f} (goal {result['op']} {goal:,}, met: {result['met']})")
    return results


def main() -> int:
    """Measure, print, write the figures; returns 0 when every measured goal is met, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round, 1,000 and 10,000 rows")
    parser.add_argument("--rows", type=int, nargs="+", help="other sizes")
    parser.add_argument("--only", nargs="+", default=["limit", "portal", "tuned", "stock"], help="contestants")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--portal", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    import portal.pytest_services  # noqa: F401  starts the embedded servers

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    if options.portal:
        name, file, rows = options.portal
        print(json.dumps(portal_part(name, Path(file), int(rows))))
        return 0
    sizes = options.rows or (SIZES[:2] if options.quick else SIZES)
    results = judge(measure(sizes, 1 if options.quick else 3, options.only))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
