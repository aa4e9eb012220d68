"""All rows of the permission matrix: the lists `ROWS` of the modules here (how to add one: tests/matrix/cells.py)."""

import importlib
import pkgutil

from tests.matrix.cells import Row

TABLE: list[Row] = []
for _module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
    TABLE += importlib.import_module(f"{__name__}.{_module.name}").ROWS
