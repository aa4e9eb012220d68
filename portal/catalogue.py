"""Collecting the texts of the interface from code and templates, without gettext's tools. For developers and tests.

Our message ids are English; the catalogue locale/zh_Hans holds the Chinese for each of them, and for those of the
installed packages that bring no Chinese of their own.
"""

import ast
import gettext as gettext_files
import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
OURS = ("portal", "members", "contacts", "activities", "checkin", "templates")
PACKAGES = ("unfold", "axes", "import_export", "guardian")
# Packages whose Chinese counts for everybody: Django merges the catalogues of all installed apps.
DJANGO = ("django/conf", "django/contrib/admin", "django/contrib/auth", "django/contrib/contenttypes",
          "django/contrib/sessions", "django/contrib/postgres")  # fmt: skip
ONE = {"gettext", "gettext_lazy", "gettext_noop", "_"}
MANY = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
CALL = re.compile(r"\b(?:_|n?gettext|pgettext)\(")


class Message(NamedTuple):
    """One text: its English id, the plural form ("" = none), the context ("" = none)."""

    text: str
    plural: str = ""
    context: str = ""


def catalogue_file() -> Path:
    return settings.BASE_DIR / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def our_messages() -> dict[Message, str]:
    """Every text of the project, with the file where it stands first."""
    return _collect([settings.BASE_DIR / name for name in OURS], settings.BASE_DIR)


def untranslated_of_packages() -> dict[Message, str]:
    """Texts of the installed packages that neither they nor Django have in Chinese."""
    folders = [_folder(name) for name in PACKAGES]
    known = _known_chinese([*folders, *(_folder("django").parent / name for name in DJANGO)])
    found = _collect(folders, _folder("django").parent)
    return {message: where for message, where in found.items() if message.text not in known and message.text.strip()}


def _collect(folders: Iterable[Path], base: Path) -> dict[Message, str]:
    found: dict[Message, str] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if "migrations" in file.parts or "locale" in file.parts:
                continue
            if file.suffix == ".py":
                messages = in_python(file.read_text(encoding="utf-8"))
            elif file.suffix in (".html", ".txt") and "templates" in file.parts:
                messages = in_template(file.read_text(encoding="utf-8"))
            else:
                continue
            for message in messages:
                found.setdefault(message, str(file.relative_to(base)))
    return found


def in_python(source: str) -> Iterator[Message]:
    """Texts in calls of the translating functions, under whatever name they were imported."""
    tree = ast.parse(source)
    names = {name: name for name in ONE | MANY | WITH_CONTEXT}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            message = _message(names.get(name, ""), node)
            if message:
                yield message


def _message(function: str, call: ast.Call) -> Message | None:
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if function in ONE and len(texts) >= 1:
        return Message(texts[0])
    if function in MANY and len(texts) >= 2:
        return Message(texts[0], plural=texts[1])
    if function in WITH_CONTEXT and len(texts) >= 2:
        return Message(texts[1], context=texts[0])
    return None


def in_template(source: str) -> Iterator[Message]:
    """Texts of a template's tags and filters; Django turns them into calls, which are read one by one."""
    calls = templatize(source)
    for match in CALL.finditer(calls):
        yield from _first_call(calls[match.start() :])


def _first_call(text: str) -> Iterator[Message]:
    for end in (place.end() for place in re.finditer(r"\)", text)):
        try:
            yield from in_python(text[:end])
        except SyntaxError:
            continue  # a parenthesis inside the text
        return


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


def _known_chinese(folders: Iterable[Path]) -> set[str]:
    known: set[str] = set()
    for folder in folders:
        file = folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.mo"
        if file.exists():
            with file.open("rb") as content:
                catalogue = gettext_files.GNUTranslations(content)._catalog  # type: ignore[attr-defined]
            known |= {key if isinstance(key, str) else key[0] for key, text in catalogue.items() if text}
    return known
