"""The Chinese catalogue is complete, compiled and free of leftovers. `manage.py compile_catalogue` repairs it."""

import re
from pathlib import Path

import polib
import pytest

from portal.catalogue import Message, catalogue_file, in_python, in_template, our_messages, untranslated_of_packages

PLACE = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}|%[sd]")


@pytest.fixture(scope="module")
def entries():
    return {
        Message(entry.msgid, entry.msgid_plural, entry.msgctxt or ""): entry for entry in polib.pofile(catalogue_file())
    }


def _chinese(entry):
    return entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr


def test_every_text_of_ours_is_translated(entries):
    missing = {m.text: where for m, where in our_messages().items() if m not in entries or not _chinese(entries[m])}
    assert missing == {}


def test_every_text_of_the_packages_is_translated(entries):
    missing = [m.text for m in untranslated_of_packages() if m not in entries or not _chinese(entries[m])]
    assert missing == []


def test_no_entry_is_empty_or_doubtful_or_unused(entries):
    assert [m.text for m, entry in entries.items() if not _chinese(entry).strip() or "fuzzy" in entry.flags] == []
    assert set(entries) - set(our_messages()) - set(untranslated_of_packages()) == set()


def test_places_for_values_are_the_same_in_both_languages(entries):
    for message, entry in entries.items():
        wanted = set(PLACE.findall(message.plural or message.text))
        assert set(PLACE.findall(_chinese(entry))) <= wanted | set(PLACE.findall(message.text)), message.text
        if not message.plural:
            assert set(PLACE.findall(_chinese(entry))) == wanted, message.text


def test_compiled_file_is_fresh():
    file = catalogue_file()
    compiled = polib.mofile(str(file.with_suffix(".mo")))
    assert {(e.msgid, e.msgstr, tuple(e.msgstr_plural.items())) for e in compiled} == {
        (e.msgid, e.msgstr, tuple(e.msgstr_plural.items())) for e in polib.pofile(str(file))
    }


def test_collector_reads_python_under_any_name():
    source = (
        "from django.utils.translation import gettext as _now, ngettext\n"
        'a = _now("one" " two")\nb = ngettext("%(n)d row", "%(n)d rows", 3)\nc = print("not this")\nd = _(variable)\n'
    )
    assert list(in_python(source)) == [Message("one two"), Message("%(n)d row", "%(n)d rows")]


def test_collector_reads_template_tags_and_filters():
    source = (
        '{% translate "A (b)" %}{% blocktranslate trimmed with n=x %}\n  One {{ n }}\n  two{% endblocktranslate %}'
        '{{ title|default:_("Three") }}{% blocktranslate count n=x %}{{ n }} row{% plural %}{{ n }} rows'
        "{% endblocktranslate %}"
    )
    found = set(in_template(source))
    assert found == {
        Message("A (b)"), Message("One %(n)s two"), Message("Three"), Message("%(n)s row", "%(n)s rows"),
    }  # fmt: skip


def test_no_translation_call_holds_an_f_string():
    project = Path(catalogue_file()).parents[3]
    for app in ("portal", "members", "contacts", "activities", "checkin"):
        for file in (project / app).rglob("*.py"):
            assert not re.search(r"\b(?:_|gettext|gettext_lazy)\(\s*f[\"']", file.read_text(encoding="utf-8")), file
