"""SQL that migrations run: functions, triggers and policies, one file each."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import migrations


def run(path: str | Path) -> migrations.RunPython:
    """A migration operation that runs one file; `{app}` stands for the app role's name."""
    source = Path(path)

    def forwards(apps: Any, schema_editor: Any) -> None:
        text = source.read_text(encoding="utf-8")
        schema_editor.execute(text.replace("{app}", f'"{settings.DATABASES["default"]["USER"]}"'), params=None)

    return migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False)
