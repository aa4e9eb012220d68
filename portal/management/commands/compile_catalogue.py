"""Bring the Chinese catalogue into line with the code, and compile it (for developers; needs polib).

New texts are added without a translation and listed; texts that nobody uses any more are removed. `--texts FILE.json`
({"English": "中文"}) fills in translations; it may be given several times.
"""

import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.catalogue import Message, catalogue_file, our_messages, untranslated_of_packages

FULL_WIDTH = str.maketrans(",:;?!", "\uff0c\uff1a\uff1b\uff1f\uff01")
AFTER_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff\uff09”》])[,:;?!]|(?<=\)[sd])[,;](?=[\u4e00-\u9fff])")
IN_BRACKETS = re.compile(r"(?<![%\w])\(([^()]*[\u4e00-\u9fff][^()]*)\)|(?<=[\u4e00-\u9fff])\(([^()]*)\)")
METADATA = {
    "Project-Id-Version": "youjia",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--texts", type=Path, action="append", default=[], metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        import polib

        file = catalogue_file()
        former = _translations(polib.pofile(str(file))) if file.exists() else {}
        given: dict[str, str] = {}
        for texts in options["texts"]:
            given |= json.loads(texts.read_text(encoding="utf-8"))
        catalogue = polib.POFile(wrapwidth=118)
        catalogue.metadata = METADATA
        missing = []
        messages = untranslated_of_packages() | our_messages()
        for message in sorted(messages):
            chinese = given.get(message.text) or former.get(message) or ""
            catalogue.append(_entry(polib, message, typeset(chinese), messages[message]))
            if not chinese:
                missing.append(message.text)
        file.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(file))
        catalogue.save_as_mofile(str(file.with_suffix(".mo")))
        self.stdout.write(f"{len(messages)} texts, {len(missing)} without Chinese")
        for text in missing:
            self.stdout.write(json.dumps(text, ensure_ascii=False))


def typeset(chinese: str) -> str:
    """Chinese punctuation after Chinese characters, whatever the translator's keyboard was set to."""
    bracketed = IN_BRACKETS.sub(lambda found: f"\uff08{found[1] or found[2] or ''}\uff09", chinese)
    return AFTER_CHINESE.sub(lambda found: found[0].translate(FULL_WIDTH), bracketed)


def _translations(catalogue: Any) -> dict[Message, str]:
    return {
        Message(entry.msgid, entry.msgid_plural, entry.msgctxt or ""): entry.msgstr_plural.get(0) or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


def _entry(polib: Any, message: Message, chinese: str, where: str) -> Any:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None, occurrences=[(where, "")])
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, {0: chinese}
    else:
        entry.msgstr = chinese
    if "%(" in message.text:
        entry.flags.append("python-format")
    return entry
