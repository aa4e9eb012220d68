"""What bench/ledger.py measures the importer against, each in a process of its own.

`limit`  python-calamine and COPY into a table of texts: no checks, nothing else kept. Its process has loaded the portal
         like any other of its processes, so that memory compares what an import adds.
`stock`  django-import-export as its first steps say, through its own admin pages: upload, preview, confirm.
`tuned`  the same with what its page on bulk imports advises: use_bulk, a large batch, no diffs, cached instances.

Run: python ledger_peer.py KIND DATABASE_URL FIRST.xlsx SECOND.xlsx; prints one JSON line: seconds and page sizes.
"""

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
COLUMNS = [f"c{number}" for number in range(20)]
BATCH = 1_000
urlpatterns: list[Any] = []  # filled once the admin has its model


def load_portal() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    import django

    django.setup()
    import portal.urls  # noqa: F401


def limit(url: str, file: Path) -> float:
    """Seconds to read the file and copy its texts into a bare table."""
    import psycopg
    from python_calamine import CalamineWorkbook

    with psycopg.connect(url) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(f"create table bare ({', '.join(f'{name} text' for name in COLUMNS)})")
        connection.commit()
        started = time.perf_counter()
        rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        with connection.cursor().copy("copy bare from stdin") as copy:
            for row in rows[1:]:
                copy.write_row(row)
        connection.commit()
        return time.perf_counter() - started


def configure(url: str, *, tuned: bool) -> None:
    """A Django project with nothing but its admin and import-export."""
    from django.conf import settings

    from portal.settings import database

    apps = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="__main__",
        DATABASES={"default": database(url)},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in apps), "import_export"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATA_UPLOAD_MAX_MEMORY_SIZE=100 * 1024 * 1024,
        STATIC_URL="static/",
        USE_TZ=True,
        IMPORT_EXPORT_SKIP_ADMIN_LOG=tuned,
    )
    import django

    django.setup()


def register(header: list[str], *, tuned: bool) -> Any:
    """The peer's model (one text column for each of the ledger's) on the admin, with its resource."""
    from django.contrib import admin
    from django.db import models
    from import_export import fields, instance_loaders, resources
    from import_export.admin import ImportExportModelAdmin

    columns: dict[str, Any] = {name: models.CharField(max_length=200, blank=True) for name in COLUMNS}
    columns["c5"] = models.CharField(max_length=18, unique=True)
    meta = type("Meta", (), {"app_label": "admin"})
    row = type("LedgerRow", (models.Model,), {"__module__": __name__, "Meta": meta, **columns})
    options: dict[str, Any] = {"model": row, "import_id_fields": ["c5"], "fields": COLUMNS}
    if tuned:
        options |= {"use_bulk": True, "batch_size": BATCH, "skip_diff": True, "skip_html_diff": True}
        options |= {"report_skipped": False, "instance_loader_class": instance_loaders.CachedInstanceLoader}
    named = {name: fields.Field(column_name=title, attribute=name) for name, title in zip(COLUMNS, header, strict=True)}
    resource = type("LedgerResource", (resources.ModelResource,), {**named, "Meta": type("Meta", (), options)})
    admin.site.register(row, type("LedgerAdmin", (ImportExportModelAdmin,), {"resource_classes": [resource]}))
    return row


def through_the_pages(client: Any, file: Path, rows: int, model: Any) -> tuple[float, int]:
    """Seconds from upload to committed rows, and bytes of the preview page."""
    from import_export.formats.base_formats import XLSX

    chosen = next(number for number, one in enumerate(client.formats) if issubclass(one, XLSX))
    started = time.perf_counter()
    with file.open("rb") as upload:
        page = client.post("/admin/admin/ledgerrow/import/", {"import_file": upload, "format": chosen, "resource": "0"})
    text = page.content.decode()
    hidden = {
        re.search(r'name="([^"]+)"', tag)[1]: (re.search(r'value="([^"]*)"', tag) or ["", ""])[1]  # type: ignore[index]
        for tag in re.findall(r"<input[^>]+hidden[^>]+>", text)
    }
    assert "import_file_name" in hidden, re.sub(r"<[^>]+>|\s+", " ", text)[-2000:]
    answer = client.post("/admin/admin/ledgerrow/process_import/", hidden)
    seconds = time.perf_counter() - started
    assert answer.status_code == 302, answer.status_code
    assert model.objects.count() == rows, model.objects.count()
    return seconds, len(page.content)


def peer(url: str, files: list[Path], *, tuned: bool) -> dict[str, Any]:
    """Both files through the peer's pages."""
    configure(url, tuned=tuned)
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from import_export.admin import ImportExportModelAdmin
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(files[0])).get_sheet_by_index(0).to_python()
    model = register([str(title) for title in rows[0]], tuned=tuned)
    count = len(rows) - 1
    del rows
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(model)
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.urls import path

    urlpatterns.append(path("admin/", admin.site.urls))
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    client.formats = ImportExportModelAdmin(model, None).get_import_formats()  # type: ignore[attr-defined]
    result: dict[str, Any] = {}
    for name, file in zip(("first", "refresh"), files, strict=False):
        result[name], result[f"{name} page"] = through_the_pages(client, file, count, model)
    return result


def main() -> None:
    kind, url, *names = sys.argv[1:]
    files = [Path(name) for name in names]
    if kind == "limit":
        load_portal()
        print(json.dumps({"first": limit(url, files[0])}))
    else:
        print(json.dumps(peer(url, files, tuned=kind == "tuned")))


if __name__ == "__main__":
    main()
