"""SQL that migrations run: functions, triggers and policies, one file each."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import router
from django.db.migrations.operations.base import Operation


class RunFile(Operation):
    """Runs one file; undoing it does nothing. Unlike RunPython it wants no models, so none are built anew for it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if router.allow_migrate(schema_editor.connection.alias, app_label):
            text = self.path.read_text(encoding="utf-8")
            schema_editor.execute(text.replace("{app}", f'"{settings.DATABASES["default"]["USER"]}"'), params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass

    def describe(self) -> str:
        return f"Run {self.path.name}"


def run(path: str | Path) -> RunFile:
    """A migration operation that runs one file; `{app}` stands for the app role's name."""
    return RunFile(Path(path))
