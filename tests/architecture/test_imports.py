"""Arrows run one way: portal ← members ← contacts, activities ← checkin; the composition root may name every app."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "portal": set(),
    "members": {"portal"},
    "contacts": {"portal", "members"},
    "activities": {"portal", "members"},
    "checkin": {"portal", "members", "contacts", "activities"},
}
COMPOSITION_ROOT = {"portal/urls.py", "portal/site.py", "portal/celery.py", "portal/dashboard.py"}
# Demo data are made through every app's services, so the folder belongs to the root as well.
COMPOSITION_FOLDERS = ("portal/demo/", "portal/management/commands/seed_demo.py")
MODULES = [
    path for app in MAY_IMPORT for path in sorted((PROJECT / app).rglob("*.py")) if "migrations" not in path.parts
]


def imported_apps(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found & set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_arrows_run_one_way(path):
    name = str(path.relative_to(PROJECT))
    app = name.split("/")[0]
    if name in COMPOSITION_ROOT or name.startswith(COMPOSITION_FOLDERS):
        return
    assert imported_apps(path) <= MAY_IMPORT[app] | {app}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_files_and_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 420
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 60, node.name
