"""Corrections that the importer made without a doubt, in groups: one click keeps or drops a whole group."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext

from members.importing.labels import field_label, shown_value, stored_word
from members.importing.problems import MatchProblem
from members.ledger.cell import ASK, FIXED, Cell
from members.ledger.results import LedgerRow

DECLINED = "fix_declined"
_OWN_RULES = ("community_", "direction_", "alias")
_EXAMPLES = 3
_LONGEST = 40


@dataclass(slots=True)
class FixGroup:
    """`examples`: (what the cell held, what is stored), masked."""

    field: str
    rule: str
    count: int
    is_declined: bool
    examples: list[tuple[str, str]]

    @property
    def key(self) -> str:
        return f"{self.field}|{self.rule}"

    @property
    def can_decline(self) -> bool:
        """A word for nothing stores nothing: there is nothing to decline."""
        return self.rule != "null_word"

    @property
    def label(self) -> str:
        return field_label(self.field)

    @property
    def text(self) -> str:
        return fix_text(self.rule)


def decline(rows: list[LedgerRow], declined: set[tuple[str, str]]) -> None:
    """Empty the cells of the groups that are not wanted: they are asked, and what is stored stays as it is."""
    if not declined:
        return
    for row in rows:
        for name, cell in row.cells.items():
            if cell.severity == FIXED and (name, cell.rule) in declined and cell.value is not None:
                row.cells[name] = Cell(cell.column, cell.raw, None, ASK, f"{DECLINED}:{cell.rule}")
                row.problems.append(MatchProblem(name, DECLINED, ASK, waits=name == "name"))  # without one: nobody
                if name == "direction":
                    row.direction = None
                elif name == "community":
                    row.community_hint = row.community_origin = None


def fix_groups(rows: list[LedgerRow], declined: set[tuple[str, str]]) -> list[FixGroup]:
    """Every group of corrections in a file, the largest first."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        for name, cell in row.marked():
            rule = cell.rule or ""
            is_declined = rule.startswith(DECLINED)
            if not is_declined and (cell.severity != FIXED or not rule or rule.startswith(_OWN_RULES)):
                continue
            key = (name, rule.partition(":")[2] if is_declined else rule)
            counts[key] += 1
            shown = examples.setdefault(key, [])
            if len(shown) < _EXAMPLES:
                old, new = _short(name, cell.raw), _short(name, stored_word(cell.value))
                if old != new and (old, new) not in shown:
                    shown.append((old, new))
    return [
        FixGroup(name, rule, count, (name, rule) in declined, examples[name, rule])
        for (name, rule), count in counts.most_common()
    ]


def _short(name: str, text: str | None) -> str:
    masked = shown_value(name, text)
    return masked if len(masked) <= _LONGEST else f"{masked[:_LONGEST]}…"


def fix_text(rule: str) -> str:
    """What a rule did to a cell."""
    return {
        "id_cleaned": gettext("spaces, signs or wide characters were removed"),
        "id_15_extended": gettext("a number of 15 digits became one of 18"),
        "mobile_number": gettext("the number became text, without a trailing .0"),
        "mobile_cleaned": gettext("spaces, signs or a country code were removed"),
        "mobile_several": gettext("of several numbers the first is used"),
        "name_remark": gettext("words beside the name are kept as a remark"),
        "name_cleaned": gettext("spaces or remarks were removed from the name"),
        "word": gettext("replaced by the usual word"),
        "trimmed": gettext("spaces or invisible characters were removed"),
        "null_word": gettext("a word for “nothing” counts as empty"),
        "place_joined": gettext("one place out of several columns"),
        "ticked": gettext("a tick stands for the title of its column"),
        "inherited": gettext("taken over from the row above"),
        "date_serial": gettext("a day number of the spreadsheet became a date"),
        "date_year_only": gettext("a year alone"),
        "date_two_digit_year": gettext("a year of two digits became one of four"),
        "date_year_last": gettext("day, month, year became year, month, day"),
        "date_number": gettext("a number became a date"),
        "date_digits": gettext("digits in a row became a date"),
        "date_text": gettext("the date was written in the usual way"),
        "scope_from_regions": gettext("told by the destination and the home organization"),
        "date_numerals": gettext("Chinese numerals became a date"),
    }.get(rule) or gettext("written in the usual way")
