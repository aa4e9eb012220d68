"""Who sees whom: first page, count and search behind all walls, beside row permissions, an ltree join and the limit.

Run: python bench/scoping.py [--quick] [--sizes N ...] [--json FILE] [--keep]. Starts servers of its own in memory (5
GB), or uses those that DATABASE_URL and DATABASE_OWNER_URL name; --keep leaves the two databases there and uses them
again. Contestants take turns, round after round; figures are medians, ratios are medians of the rounds' ratios.

The limit is the same page through the placement table, by the literal id of the node, as the owner, without a wall.
The portal's statements are those that its list really sends, taken from the list and sent again, with the actor signed.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "bench")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

SIZES = (100_000, 1_000_000)
ACTORS = ("community", "street", "district", "city")
TERM = "建国"
GOAL_PAGE = 2.5  # statements of the first page: at most this many times the limit
GOAL_SAME = 0.25  # and within this of each other at both sizes
GOAL_GUARDIAN = 4.0  # whole page through the ORM, street clerk: the best form of guardian takes this many times as long
GOAL_STOCK = 100.0  # and for the city user stock row grants take this many times as long
GOAL_COUNT = 3.0  # street: at most this many times the limit's count
GOAL_CAPPED_MS = 5.0  # "10000+" is known within these milliseconds
GOAL_GRANT = 1 / 500  # giving a role, of the time of row grants for 10,000 members
GOAL_TABLES_MIB = 1.0
GOAL_SEARCH = 2.5
SLOW_SECONDS = 1.0  # who takes longer sits out all but the first rounds
FEW = 3
FORMS = (  # of guardian, see scoping_peers.GUARDIAN
    "guardian, row grants (generic)",
    "guardian, row grants (direct FK)",
    "guardian, row grants (direct FK), use_groups=False",
    "guardian, community grants + filter",
    "guardian, community grants + filter, use_groups=False",
)
STOCK = FORMS[:2]


class Site:
    """A process over one database of one size; `ask` runs one contestant there once."""

    def __init__(self, size: int, *, keep: bool) -> None:
        import psycopg
        from psycopg import sql

        from portal.database import prepare_schema, url_for_database

        name, owner, app = f"bench_scoping_{size}", os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
            if known and not keep:
                connection.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
            if not (known and keep):
                statement = "create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'"
                connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
        with psycopg.connect(url_for_database(owner, name), autocommit=True) as connection:
            prepare_schema(connection, owner="portal_owner", app="portal_app")
        context = multiprocessing.get_context("spawn")
        self.size = size
        self._pipe, theirs = context.Pipe()
        urls = (url_for_database(app, name), url_for_database(owner, name))
        self._process = context.Process(target=_serve, args=(theirs, *urls, size, bool(known and keep)), daemon=True)
        self._process.start()

    def wait(self) -> Any:
        """What the process says next; ends the run when it has failed."""
        try:
            return self._pipe.recv()
        except EOFError:
            sys.exit(f"the process over {self.size:,} members has failed")

    def ask(self, contestant: str, actor: str) -> tuple[float, int]:
        """Milliseconds of one run, and the number of rows found."""
        self._pipe.send((contestant, actor))
        return self.wait()


def _serve(pipe: Any, url: str, owner_url: str, size: int, is_filled: bool) -> None:
    os.environ |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url}
    import django

    django.setup()
    import scoping_contestants
    import scoping_peers
    import scoping_world
    from django.core.management import call_command

    call_command("migrate", verbosity=0)  # also where it is filled: this run has a key of its own
    if not is_filled:
        scoping_world.fill(size, scoping_peers)
    pipe.send("ready")
    known = scoping_contestants.Contestants()
    while True:
        contestant, actor = pipe.recv()
        pipe.send(known.run(contestant, actor))


Times = dict[tuple[int, str], list[float]]


def turns(sites: list[Site], actor: str, contestants: list[str], rounds: int) -> tuple[Times, dict[Any, int]]:
    """All contestants at all sizes, round after round; the first round warms up."""
    times: Times = {(site.size, name): [] for site in sites for name in contestants}
    found: dict[Any, int] = {}
    for number in range(rounds + 1):
        for name in contestants:
            for site in sites:
                slow = times[site.size, name] and min(times[site.size, name]) > SLOW_SECONDS * 1000
                if slow and number > FEW:
                    continue
                taken, found[site.size, name] = site.ask(name, actor)
                if number:
                    times[site.size, name].append(taken)
    return times, found


def ratio(over: list[float], under: list[float]) -> float:
    """Median of the rounds' ratios; of medians where one sat out most rounds, the first of which are cold."""
    if len(over) != len(under):
        return statistics.median(over) / statistics.median(under)
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def judge(name: str, value: float, goal: float, op: str = "<=") -> dict[str, Any]:
    met = value <= goal if op == "<=" else value >= goal
    return {"name": name, "value": float(f"{value:.4g}"), "goal": goal, "op": op, "met": met}


def show(title: str, sizes: list[int], times: Times, found: dict[Any, int], limit: str) -> None:
    """A table of medians, with how many times the limit at the largest size."""
    print(f"\n{title}")
    for name in dict.fromkeys(name for _size, name in times):
        columns = "".join(f"{statistics.median(times[size, name]):12.2f}" for size in sizes)
        rows = " / ".join(f"{found[size, name]:,}" for size in sizes)
        of_limit = ratio(times[sizes[-1], name], times[sizes[-1], limit])
        print(f"  {name:56}{columns} ms {of_limit:9.2f}x   {rows}")


def pages(sites: list[Site], rounds: int) -> list[dict[str, Any]]:
    results, sizes = [], [site.size for site in sites]
    for actor in ACTORS:
        times, found = turns(sites, actor, ["page limit", "page SQL", "page ltree"], 3 * rounds)
        show(f"first page of 50, statements: {actor}", sizes, times, found, "page limit")
        for size in sizes:
            value = ratio(times[size, "page SQL"], times[size, "page limit"])
            results.append(judge(f"first page, {actor}, {size:,}: of the limit", value, GOAL_PAGE))
        if len(sizes) > 1:
            grown = abs(ratio(times[sizes[-1], "page SQL"], times[sizes[0], "page SQL"]) - 1)
            results.append(judge(f"first page, {actor}: change from {sizes[0]:,} to {sizes[-1]:,}", grown, GOAL_SAME))
    return results


def whole_pages(sites: list[Site], rounds: int) -> list[dict[str, Any]]:
    results, sizes = [], [site.size for site in sites]
    for actor in ("street", "city"):
        names = ["ORM portal", *(f"ORM {name}" for name in FORMS)]
        times, found = turns(sites, actor, names, rounds)
        show(f"first page of 50, whole, through the ORM, user looked up: {actor}", sizes, times, found, "ORM portal")
        for size in sizes:
            peers = [name for name in names[1:] if actor == "street" or name.removeprefix("ORM ") in STOCK]
            value = min(ratio(times[size, name], times[size, "ORM portal"]) for name in peers)
            if actor == "street":
                results.append(judge(f"whole page, street, {size:,}: best guardian form", value, GOAL_GUARDIAN, ">="))
            elif size == max(SIZES):
                results.append(judge(f"whole page, city, {size:,}: stock row grants", value, GOAL_STOCK, ">="))
    return results


def counts(sites: list[Site], rounds: int) -> list[dict[str, Any]]:
    results, sizes = [], [site.size for site in sites]
    for actor in ("street", "city"):
        names = ["count limit", "count SQL", "count shown", "count ltree", *(f"count {name}" for name in FORMS)]
        times, found = turns(sites, actor, names, rounds)
        show(f"count: {actor}", sizes, times, found, "count limit")
        for size in sizes:
            if actor == "street":
                value = ratio(times[size, "count SQL"], times[size, "count limit"])
                results.append(judge(f"count, street, {size:,}: of the limit", value, GOAL_COUNT))
            else:
                value = statistics.median(times[size, "count shown"])
                results.append(judge(f"count, city, {size:,}: ms until 10000+", value, GOAL_CAPPED_MS))
    return results


def searches(sites: list[Site], rounds: int) -> list[dict[str, Any]]:
    results, sizes = [], [site.size for site in sites]
    for actor in ("street", "city"):
        times, found = turns(sites, actor, ["search limit", "search SQL"], 2 * rounds)
        show(f"search {TERM}, first page: {actor}", sizes, times, found, "search limit")
        for size in sizes:
            value = ratio(times[size, "search SQL"], times[size, "search limit"])
            results.append(judge(f"search of two characters, {actor}, {size:,}: of the limit", value, GOAL_SEARCH))
    return results


def grants(sites: list[Site], rounds: int) -> list[dict[str, Any]]:
    names = ["grant portal", "grant guardian (generic)", "grant guardian (direct FK)", "grant guardian (communities)"]
    sizes = [site.size for site in sites]
    times, found = turns(sites, "street", names, rounds)
    show("one street clerk's role (10,000 members); rows written", sizes, times, found, "grant portal")
    results = []
    for size in sizes:
        best = min(ratio(times[size, name], times[size, "grant portal"]) for name in names[1:3])
        results.append(judge(f"a role, {size:,}: of bulk row grants", 1 / best, GOAL_GRANT))
        results.append(judge(f"a role, {size:,}: rows", found[size, "grant portal"], 1))
    for name in ("size portal", "size guardian (generic)", "size guardian (direct FK)"):
        mib = sites[-1].ask(name, "city")[0]
        print(f"  {name}: {mib:,.2f} MiB at {sizes[-1]:,} members")
        if name == "size portal":
            results.append(judge(f"permission tables, {sizes[-1]:,}: MiB", mib, GOAL_TABLES_MIB))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="members")
    parser.add_argument("--only", choices=[part.__name__ for part in PARTS])
    options = parser.parse_args()
    import portal.pytest_services  # noqa: F401  servers of our own, removed at the end, unless some are given

    sites = [Site(size, keep=options.keep) for size in options.sizes]
    for site in sites:
        assert site.wait() == "ready"
    rounds = 5 if options.quick else 15
    results = [
        line for part in PARTS if options.only in (None, part.__name__) for line in part(sites, rounds)
    ]  # fmt: skip
    print()
    for line in results:
        verdict = "met" if line["met"] else "NOT MET"
        print(f"{verdict:8}{line['name']}: {line['value']} {line['op']} {line['goal']:g}")
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


PARTS = (pages, whole_pages, counts, searches, grants)

if __name__ == "__main__":
    main()
