"""What a preview asks: the meaning of columns, a direction, what is hidden, names that are not known."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext, ngettext

from members.enums import Direction
from members.file_fields import BY_LEDGER_KEY
from members.importing.answering import Choices
from members.importing.labels import field_label
from members.importing.places import names_of
from members.importing.staging import Staged
from members.importing.values import KEPT_FIELDS, HeaderKeys
from members.ledger.answers import (
    COLUMN,
    COMMUNITY,
    DIRECTION,
    HIDDEN_COLUMNS,
    HIDDEN_ROWS,
    HIDDEN_SHEET,
    ORGANIZATION,
    SUMMARY,
    YES,
    Question,
)
from members.ledger.columns import Column
from members.ledger.folding import compact
from members.ledger.likeness import Likeness
from members.ledger.results import LedgerRow, SheetReport
from portal import access
from portal.models import Organization, OrganizationKind
from portal.roles import Right

UNDECIDED = "?"
_DIRECTION_CODES = frozenset({"direction_missing", "direction_conflict"})
_UNKNOWN_PLACE = frozenset({"community_unknown", "community_ambiguous"})
_MOST_OPTIONS = 600  # of all questions about names on one page
_MOST_COLUMNS = 40
_MOST_NAMED = 3  # beside the question; the list to choose from begins with two more
_ORDER = list(BY_LEDGER_KEY).index


@dataclass(slots=True)
class Asked:
    """One question. `value` is the answer in force (UNDECIDED: none); `is_remembered`: it was given at an earlier
    import; `is_open`: rows or values wait for it."""

    question: Question
    text: str
    options: list[tuple[str, str]]
    value: str
    is_remembered: bool = False
    is_open: bool = False
    suggestion: str = field(default="")

    @property
    def name(self) -> str:
        """The name of its field in a form."""
        return "answer:" + ":".join(self.question)


def questions_of(staged: Staged, choices: Choices, target: Organization) -> list[Asked]:
    """Every question about a file: those that wait first."""
    found = [
        *_columns(staged, choices),
        *_directions(staged, choices),
        *_hidden(staged, choices),
        *_communities(staged, choices, target),
        *_organizations(staged, choices),
    ]
    return sorted(found, key=lambda asked: not asked.is_open)


def given_answers(asked: Iterable[Asked], posted: dict[str, str]) -> dict[Question, str]:
    """The answers in a form that differ from those in force; whatever was not asked or not offered is left out."""
    given = {}
    for one in asked:
        value = posted.get(one.name)
        if value is not None and value != one.value and value != UNDECIDED and value in dict(one.options):
            given[one.question] = value
    return given


def _asked(choices: Choices, question: Question, text: str, options: list[tuple[str, str]], default: str) -> Asked:
    answers = choices.all
    value = answers.of(*question)
    is_remembered = question in choices.remembered and question not in choices.answers
    return Asked(question, text, options, default if value is None else value, is_remembered and value is not None)


def _sheets(staged: Staged) -> Iterator[SheetReport]:
    """One sheet for every set of titles."""
    seen = set()
    for sheet in staged.interpretation.sheets:
        if sheet.key and sheet.key not in seen:
            seen.add(sheet.key)
            yield sheet


def _columns(staged: Staged, choices: Choices) -> Iterator[Asked]:
    fields = [
        (name, field_label(name)) for name in ("community", *sorted(KEPT_FIELDS & BY_LEDGER_KEY.keys(), key=_ORDER))
    ]
    kept = ("", gettext("no field: keep it with the file as it stands"))
    count = 0
    filled = _filled(staged)
    for sheet in _sheets(staged):
        keys = HeaderKeys(sheet.columns).by_index
        for column in sheet.columns:
            question = (COLUMN, sheet.key, column.folded)
            is_open = column.status == "ask"
            answered = choices.all.of(*question) is not None
            is_unknown = (is_open or column.status == "unknown") and (sheet.key, keys[column.index]) in filled
            if not column.folded or not (is_unknown or answered) or count >= _MOST_COLUMNS:
                continue
            count += 1
            options = [(UNDECIDED, gettext("please choose")), kept, *fields] if is_open else [kept, *fields]
            asked = _asked(choices, question, _column_text(column), options, UNDECIDED if is_open else "")
            asked.is_open = is_open and not answered
            yield asked


def _filled(staged: Staged) -> set[tuple[str, str]]:
    """(sheet key, column) of columns without a field that hold anything: an empty column is nothing to ask about."""
    keys = {sheet.name: sheet.key for sheet in staged.interpretation.sheets}
    return {(keys[sheet], key) for (sheet, _row), texts in staged.unknown.items() for key in texts}


def _column_text(column: Column) -> str:
    return gettext("What does the column “%(title)s” mean?") % {"title": column.header[:40]}


def _directions(staged: Staged, choices: Choices) -> Iterator[Asked]:
    waiting = Counter(
        row.sheet for row in staged.interpretation.rows if any(p.code in _DIRECTION_CODES for p in row.problems)
    )
    keys = {sheet.name: sheet.key for sheet in staged.interpretation.sheets}
    by_key: Counter[str] = Counter()
    for name, count in waiting.items():
        by_key[keys.get(name, "")] += count
    options = [(UNDECIDED, gettext("please choose")), *((str(value), str(label)) for value, label in Direction.choices)]
    for sheet in _sheets(staged):
        question = (DIRECTION, sheet.key, "")
        count = by_key[sheet.key]
        if not count and choices.all.of(*question) is None:
            continue
        text = gettext("Did the people of the sheet “%(sheet)s” go out or come in?") % {"sheet": sheet.name}
        asked = _asked(choices, question, text, options, UNDECIDED)
        asked.is_open = count > 0
        yield asked


def _hidden(staged: Staged, choices: Choices) -> Iterator[Asked]:
    rows = Counter(row.sheet for row in staged.interpretation.rows if row.reason == "hidden_row")
    by_key: Counter[str] = Counter()
    for sheet in staged.interpretation.sheets:
        by_key[sheet.key] += rows[sheet.name]
    for sheet in _sheets(staged):
        count = by_key[sheet.key]
        text = ngettext(
            "%(count)d hidden row was left out.", "%(count)d hidden rows were left out.", count
        ) % {"count": count}  # fmt: skip
        yield from _tick(choices, (HIDDEN_ROWS, sheet.key, ""), text, count > 0)
        columns = [column.header[:20] for column in sheet.columns if column.status == "hidden"]
        text = gettext("Hidden columns were left out: %(columns)s") % {"columns": "、".join(columns[:10])}
        yield from _tick(choices, (HIDDEN_COLUMNS, sheet.key, ""), text, bool(columns))
    for sheet in staged.interpretation.sheets:
        name = {"sheet": sheet.name}
        if sheet.key and sheet.code == "hidden_sheet":
            yield from _tick(
                choices,
                (HIDDEN_SHEET, sheet.key, ""),
                gettext("The hidden sheet “%(sheet)s” was left out.") % name,
                True,
            )
        elif sheet.key and sheet.code == "summary":
            text = gettext("The sheet “%(sheet)s” only repeats the others and was left out.") % name
            yield from _tick(choices, (SUMMARY, sheet.key, ""), text, True)
    for kind, text in (
        (HIDDEN_SHEET, gettext("Hidden sheets with these titles are imported, too.")),
        (SUMMARY, gettext("The sheet that repeats the others is imported, too.")),
    ):
        for sheet in _sheets(staged):
            if sheet.code is None:
                yield from _tick(choices, (kind, sheet.key, ""), text, False)


def _tick(choices: Choices, question: Question, text: str, is_there: bool) -> Iterator[Asked]:
    answer = choices.all.of(*question)
    if not is_there and answer != YES:
        return
    if not is_there and question[0] == HIDDEN_ROWS:
        text = gettext("Hidden rows of this sheet are imported, too.")
    if not is_there and question[0] == HIDDEN_COLUMNS:
        text = gettext("Hidden columns of this sheet are imported, too.")
    yield _asked(choices, question, text, [("", gettext("leave out")), (YES, gettext("import them, too"))], "")


def _communities(staged: Staged, choices: Choices, target: Organization) -> Iterator[Asked]:
    names: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for row in staged.interpretation.rows:
        if row.community_hint and any(problem.code in _UNKNOWN_PLACE for problem in row.problems):
            names[compact(row.community_hint)] += 1
            shown.setdefault(compact(row.community_hint), row.community_hint)
    answered = choices.names(COMMUNITY)
    if not names and not answered:
        return
    reach = access.organizations(Right.IMPORT_LEDGER).filter(
        path__descendants=target.path, kind=OrganizationKind.COMMUNITY, is_active=True
    )
    offers = _Offers(list(reach.order_by("path")), gettext("please choose"))
    options, most = offers.options, max(1, _MOST_OPTIONS // len(offers.options))
    for name, count in names.most_common(most):
        text = gettext("Which community is “%(name)s” (rows: %(count)d)?") % {"name": shown[name][:40], "count": count}
        asked = _asked(choices, (COMMUNITY, "", name), text, options, "")
        offers.suggest(asked, name)
        asked.is_open = True
        yield asked
    for name in [name for name in answered if name not in names and _speaks_of(staged.interpretation.rows, name)][
        :most
    ]:
        text = gettext("“%(name)s” is this community:") % {"name": name[:40]}
        yield _asked(choices, (COMMUNITY, "", name), text, options, "")


def _speaks_of(rows: list[LedgerRow], name: str) -> bool:
    return any(row.community_hint is not None and compact(row.community_hint) == name for row in rows)


def _organizations(staged: Staged, choices: Choices) -> Iterator[Asked]:
    """Names of home or host organizations that look like one on the portal; everything else stays outside, as text."""
    names: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for row in staged.interpretation.rows:
        for name in ("home_organization", "host_organization"):
            cell = row.cell(name)
            text = (cell.raw if cell.rule == "alias" else cell.value) if cell is not None else None
            if text:
                names[compact(text)] += 1
                shown.setdefault(compact(text), text)
    if not names:
        return
    reach = list(access.organizations(Right.IMPORT_LEDGER).filter(is_active=True).order_by("path"))
    offers = _Offers(reach, gettext("outside the portal: keep the text"))
    exact = {form for node in reach for form in names_of(node)}
    most, answered = max(1, _MOST_OPTIONS // len(offers.options)), choices.names(ORGANIZATION)
    for name, count in names.most_common(200):
        if most <= 0 or name in exact or (name not in answered and not offers.like(name)):
            continue
        most -= 1
        text = gettext("Is “%(name)s” (rows: %(count)d) an organization on the portal?") % {
            "name": shown[name][:40], "count": count,
        }  # fmt: skip
        asked = _asked(choices, (ORGANIZATION, "", name), text, offers.options, "")
        if name not in answered:
            offers.suggest(asked, name)
        yield asked


class _Offers:
    """Organizations to choose from. Those that a name resembles come first; none is chosen before a person does it."""

    def __init__(self, nodes: list[Organization], nothing: str) -> None:
        self.labels = {node.code: node.name for node in nodes}
        self.options = [("", nothing), *self.labels.items()]
        self.likeness = Likeness((node.code, (node.name, node.short_name, node.party_name)) for node in nodes)
        self._found: dict[str, list[str]] = {}

    def like(self, name: str) -> list[str]:
        """Codes of the organizations that a name resembles, the most alike first."""
        if name not in self._found:
            self._found[name] = self.likeness.like(name)
        return self._found[name]

    def suggest(self, asked: Asked, name: str) -> None:
        first = self.like(name)
        asked.suggestion = "、".join(self.labels[code] for code in first[:_MOST_NAMED])
        rest = [option for option in self.options[1:] if option[0] not in first]
        asked.options = [self.options[0], *((code, self.labels[code]) for code in first), *rest]
