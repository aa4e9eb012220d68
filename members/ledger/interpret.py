"""From the cells of a workbook to checked rows: every cell cleaned, all problems of a row at once, nothing guessed.

No database: which community, which member and what changed is decided by the caller.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from .answers import DIRECTION, HIDDEN_COLUMNS, HIDDEN_ROWS, HIDDEN_SHEET, SUMMARY, Answers, sheet_key
from .cell import ASK, ERROR, FIXED, OK, Cell, Context, raw_text
from .cells import Cleaner, cleaner_of, empty, is_ditto, name_remark
from .checks import ask_other_document, cross_check
from .columns import Column
from .communities import section_hint, sheet_hint, title_hint
from .dates import may_have_lost_zero, shows_october
from .directions import CONFLICT, INFLOW, OUTFLOW, sheet_direction
from .duplicates import drop_summaries, mark_duplicates
from .fields import GROUP_FIELDS
from .forms import is_turned, unfold
from .headers import Header, find_header, stands_twice
from .joined import PHONE_OF, note_landline, note_remark, take_apart, tells_of_leaving
from .marks import Marks
from .messages import skip_text, unmapped_text
from .parts import cleaner_of_part, joiner_of
from .results import Interpretation, LedgerRow, Problem, SheetReport
from .rows import ANOTHER_HEADER, RowSorter
from .shifts import is_shifted
from .workbook import LedgerRefused, Sheet, Value, Workbook

_NOTED = frozenset({"mobile_several", "id_15_extended"})
_OF_MONTHS = frozenset({"date_text", "date_two_digit_year"})
_LEFT_OUT = frozenset({"hidden_row", "below_gap"})
_LONGEST_GAP = 200  # consecutive empty rows that end a sheet: what stands below is told, not read
_UNCACHED = frozenset({"name", "id_number", "mobile", "current_address", "remark"})


@dataclass(frozen=True, slots=True)
class Options:
    """How to read: the direction when the importer stated one, the fields that are kept (None: all), today's date,
    which hidden parts to include, and what the office answered about sheets with these titles.
    """

    direction: str | None = None
    fields: frozenset[str] | None = None
    today: datetime.date | None = None
    hidden_rows: bool = False
    hidden_sheets: bool = False
    hidden_columns: bool = False
    answers: Answers = Answers()


def interpret(workbook: Workbook, options: Options | None = None) -> Interpretation:
    """Read every sheet of a workbook. Raises LedgerRefused: no_header, or no_people below the headers."""
    options = options or Options()
    today = options.today or datetime.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    context = Context(today, workbook.untyped, workbook.date1904)
    result = Interpretation([], [])
    found, left_out = False, "no_header"
    workbook.sheets = [unfold(sheet) for sheet in workbook.sheets]  # what a column is, is asked of them later, too
    for sheet in workbook.sheets:
        header = find_header(sheet)
        key = sheet_key(header.columns) if header else ""
        wanted = sheet.visible or options.hidden_sheets or options.answers.says_yes(HIDDEN_SHEET, key)
        shape = _unreadable(sheet, header) if wanted else None
        if shape:
            left_out = shape
            result.sheets.append(SheetReport(sheet.name, 0, False, skip_text(shape), key=key, code=shape))
            continue
        if header is None or not wanted:
            reason = "hidden_sheet" if not sheet.visible else "no_header" if sheet.rows else "empty_sheet"
            people = _read_sheet(sheet, header, options, context)[0].rows if header else 0
            result.sheets.append(SheetReport(sheet.name, people, False, skip_text(reason), key=key, code=reason))
            continue
        found = True
        report, rows = _read_sheet(sheet, header, options, context)
        result.sheets.append(report)
        result.rows.extend(rows)
    if not found:
        raise LedgerRefused(left_out)
    if not any(row.kind == "data" or row.reason in _LEFT_OUT for row in result.rows) and not _hides_people(result):
        raise LedgerRefused("no_people")
    drop_summaries(result, lambda sheet: options.answers.says_yes(SUMMARY, sheet.key))
    mark_duplicates(result.rows)
    return result


def _unreadable(sheet: Sheet, header: Header | None) -> str | None:
    """The code of a shape whose people would be mixed up."""
    if is_turned(sheet):
        return "turned"
    return "side_by_side" if header is not None and stands_twice(header) else None


def _hides_people(result: Interpretation) -> bool:
    return any(sheet.rows and not sheet.used for sheet in result.sheets)


def _read_sheet(
    sheet: Sheet, header: Header, options: Options, context: Context
) -> tuple[SheetReport, list[LedgerRow]]:
    """Every table of one sheet: a second one with other columns may stand below the first."""
    rows: list[LedgerRow] = []
    columns: list[Column] = []
    lines: list[str] = []
    key = sheet_key(header.columns)
    reader: _SheetReader | None = _SheetReader(sheet, header, options, context)
    while reader is not None:
        rows.extend(reader.read())
        columns.extend(reader.header.columns)
        line = reader.unmapped()
        if line and line not in lines:
            lines.append(line)
        reader = reader.following()
    below = sum(1 for row in rows if row.reason == "below_gap")
    people = sum(1 for row in rows if row.kind == "data")
    reason = "；".join(lines) or None if people else skip_text("no_rows")
    code = None if people else "no_rows"
    return SheetReport(sheet.name, people, bool(people), reason, columns, key, code, sheet.first_column, below), rows


@dataclass(slots=True)
class _Reader:
    """One mapped column: where it is, what it means, how it is cleaned, and the answers that no row changes.

    `keeps`: whether values repeat, so that answers are kept; `join`: makes one cell of those of several columns of the
    field; `shows_october`: whether a date here keeps its zero.
    """

    index: int
    field: str
    header: str
    clean: Cleaner
    blank: Cell
    answers: dict[Value, Cell]
    keeps: bool
    inherits: bool
    folded: str
    join: Callable[[Cell, Cell], Cell]
    shows_october: bool | None = None


class _SheetReader:
    def __init__(self, sheet: Sheet, header: Header, options: Options, context: Context):
        self.sheet, self.header, self.options, self.context = sheet, header, options, context
        self.key = sheet_key(header.columns)
        options.answers.settle(header.columns, self.key)
        with_hidden = options.hidden_columns or options.answers.says_yes(HIDDEN_COLUMNS, self.key)
        if sheet.hidden_columns and not with_hidden:
            _hide_columns(sheet, header)
        self.kept = [column for column in header.columns if column.status == "mapped" and self._wanted(column)]
        self.readers = [_reader(column, context) for column in self.kept]
        self.width = max((reader.index + 1 for reader in self.readers), default=0)
        self.fields = [(reader.index, reader.field, reader.answers.get, reader) for reader in self.readers]
        self.repeats = len({reader.field for reader in self.readers}) < len(self.readers)
        self.inheriting = [(reader.index, reader.field) for reader in self.readers if reader.inherits]
        self.joins = any(reader.field in PHONE_OF for reader in self.readers)
        self.direction, self.direction_rule = sheet_direction(options.direction, sheet.name, header)
        answered = options.answers.of(DIRECTION, self.key)
        if answered in (OUTFLOW, INFLOW) and self.direction in (None, CONFLICT):
            self.direction, self.direction_rule = answered, "direction_answer"
        self.sheet_hint = sheet_hint(sheet.name)
        self.title_hint = title_hint(header.titles)
        self.section: str | None = None
        self.above: dict[int, Cell] = {}  # by the place of the column
        self.merged = sheet.merged_down()
        self.sorter = RowSorter(sheet, header)
        self.marks = Marks(sheet, header)
        self.next_table: tuple[Sheet, Header] | None = None

    def _wanted(self, column: Column) -> bool:
        return self.options.fields is None or column.field in self.options.fields or column.field == "floating"

    def unmapped(self) -> str | None:
        """The line about columns that are not imported."""
        columns = self.header.columns
        unknown = [
            column.header or f"#{column.index + 1}" for column in columns if column.status in ("unknown", "duplicate")
        ]
        asked = [column.header for column in columns if column.status == "ask"]
        unused = [column.header for column in columns if column.status == "mapped" and not self._wanted(column)]
        hidden = [column.header for column in columns if column.status == "hidden"]
        return unmapped_text(unknown, asked, unused, hidden)

    def read(self) -> Iterator[LedgerRow]:
        """Every row below the header, people and others."""
        sheet, first = self.sheet, self.header.last + 1
        with_hidden = self.options.hidden_rows or self.options.answers.says_yes(HIDDEN_ROWS, self.key)
        hidden = sheet.hidden_rows if not with_hidden else frozenset()
        last = len(sheet.rows)
        while last > first and all(empty(value) for value in sheet.rows[last - 1]):
            last -= 1
        after_people, blank = first, 0
        for index in range(first, last):
            row, number = sheet.rows[index], sheet.first_row + index
            reason = self.sorter.reason(row, number)
            blank = blank + 1 if reason == "blank" else 0
            if blank > _LONGEST_GAP:
                yield from self._below_gap(index, last)
                return
            if reason is None and number in hidden:
                self._person(row, number)  # a 同上 below means the row above it, shown or not
                reason = "hidden_row"
            if reason is None:
                yield self._person(row, number)
                after_people = index + 1
                continue
            if reason == "numbered_empty":
                self._look_above(row, number)
            elif reason == "section":
                heading = [raw_text(value) or "" for value in row if not empty(value)][-1]
                self.section = section_hint(heading) or self.section
            elif reason == ANOTHER_HEADER:
                reason = "repeated_header"
                if self._find_next_table(after_people, index):
                    _, header = self.next_table or (sheet, self.header)
                    for place in range(index, after_people + header.last + 1):
                        yield LedgerRow(sheet.name, sheet.first_row + place, "skip", reason)
                    return
            yield LedgerRow(sheet.name, number, "skip", reason)

    def _below_gap(self, start: int, end: int) -> Iterator[LedgerRow]:
        for index in range(start, end):
            if not all(empty(value) for value in self.sheet.rows[index]):
                yield LedgerRow(self.sheet.name, self.sheet.first_row + index, "skip", "below_gap")

    def _find_next_table(self, start: int, index: int) -> bool:
        """Whether a further table begins at or just above a row; its titles begin after the last person."""
        sheet = self.sheet
        below = replace(sheet, rows=sheet.rows[start:], first_row=sheet.first_row + start)
        header = find_header(below)
        if header is None or start + header.last < index:
            return False
        self.next_table = (below, header)
        return True

    def following(self) -> "_SheetReader | None":
        """The reader of the next table of the sheet, once this one has been read."""
        return _SheetReader(*self.next_table, self.options, self.context) if self.next_table else None

    def _person(self, row: list[Value], number: int) -> LedgerRow:
        result = LedgerRow(self.sheet.name, number)
        problems = result.problems
        result.cells = cells = self._cells(row, number)
        floating = cells.pop("floating", None)
        if floating is not None and floating.value == "否":
            problems.append(Problem("", "not_floating", ASK, waits=True))
        if self.joins:
            take_apart(cells)
        note_landline(cells)
        ask_other_document(cells)
        for name, cell in cells.items():
            if cell.rule is None:
                continue
            if cell.rule == "not_a_member":
                problems.append(Problem(name, cell.rule, ASK, waits=True))
            elif cell.severity == ASK or cell.severity == ERROR or (cell.rule in _NOTED):
                problems.append(Problem(name, cell.rule or "", cell.severity))
        problems += [Problem(name, code, severity) for name, code, severity in cross_check(cells, self.context)]
        named = cells.get("name")
        if named is None or (named.value is None and named.severity != ERROR):  # 同上 is nobody's name
            problems.append(Problem("name", "name_missing", ERROR))
        elif (remark := name_remark(named)) is not None:
            note_remark(cells, remark)
            if tells_of_leaving(remark):
                problems.append(Problem("name", "name_remark", ASK, waits=True))
        if problems and is_shifted(row, self.readers, self.context):
            problems.append(Problem("", "shifted_row", ASK, waits=True))
            self.above = {}  # what stands under a wrong header is nobody's to take over
        if not self.marks.is_plain:
            self.marks.apply(result, self.readers)
        self._place(result)
        return result

    def _cells(self, row: list[Value], number: int) -> dict[str, Cell]:
        """The clean cells of a row by field."""
        if len(row) < self.width:
            row = row + [None] * (self.width - len(row))
        cells: dict[str, Cell] = {}
        if self.repeats:
            for reader in self.readers:
                cell = reader.answers.get(row[reader.index]) or self._answer(reader, row[reader.index], number)
                first = cells.get(reader.field)
                cells[reader.field] = cell if first is None else reader.join(first, cell)
                if reader.inherits:
                    self.above[reader.index] = cell
            return cells
        for index, field, known, reader in self.fields:
            cells[field] = known(row[index]) or self._answer(reader, row[index], number)
        for index, field in self.inheriting:
            self.above[index] = cells[field]
        return cells

    def _answer(self, reader: _Reader, value: Value, number: int) -> Cell:
        """Clean a value; one of a repeating column once. What depends on the row, as 同上 does, is never kept."""
        if value is None or value == "":
            return (self._inherited(reader, number) if reader.inherits else None) or reader.blank
        if is_ditto(value):
            raw = raw_text(value)
            above = self.above.get(reader.index) if reader.inherits else None
            if above is None or above.value is None:
                return Cell(reader.header, raw, None, ASK, "ditto")
            return Cell(reader.header, raw, above.value, FIXED, "inherited")
        cell = reader.clean(reader.header, value, self.context)
        if cell.rule in _OF_MONTHS and type(value) is str and may_have_lost_zero(value):
            if reader.shows_october is None:
                rows = self.sheet.rows[self.header.last + 1 :]
                reader.shows_october = any(shows_october(row[reader.index]) for row in rows if reader.index < len(row))
            if not reader.shows_october:
                cell = Cell(cell.column, cell.raw, None, ASK, "date_ambiguous_month")
        if reader.keeps and len(reader.answers) < 5_000 and type(value) is str:
            reader.answers[value] = cell
        return cell

    def _look_above(self, row: list[Value], number: int) -> None:
        """What stands in the group columns of a row without a person is meant by a 同上 below it."""
        row = row + [None] * (self.width - len(row))
        for reader in self.readers:
            if reader.inherits and not empty(row[reader.index]):
                self.above[reader.index] = self._answer(reader, row[reader.index], number)

    def _inherited(self, reader: _Reader, number: int) -> Cell | None:
        """The value of a merged cell for the rows that it covers."""
        top = self.merged.get((number, reader.index + self.sheet.first_column))
        if top is None:
            return None
        row = self.sheet.rows[top - self.sheet.first_row] if top >= self.sheet.first_row else []
        value = row[reader.index] if reader.index < len(row) else None
        # its own first row, which need not be the person above: that row may be empty but for it, or a sample
        whole = self._answer(reader, value, number) if not empty(value) and not is_ditto(value) else None
        above = whole or self.above.get(reader.index)
        if above is None or above.value is None:
            return None
        return Cell(reader.header, None, above.value, FIXED, "inherited")

    def _place(self, row: LedgerRow) -> None:
        """Direction and community of a row: its own cells first, then the section, the sheet and the titles."""
        hints = ((self.section, "section"), (self.sheet_hint, "sheet"), (self.title_hint, "title"))
        if own := row.value("community"):
            row.community_hint, row.community_origin = own, "column"
        else:
            row.community_hint, row.community_origin = next((one for one in hints if one[0]), (None, None))
        if self.options.fields is not None and "direction" not in self.options.fields:
            return
        stated = row.cells.get("direction")
        if stated is not None and stated.raw is not None:
            if stated.value and self.options.direction not in (None, stated.value):
                row.cells["direction"] = Cell(stated.column, stated.raw, None, ASK, "direction_conflict")
                row.problems.append(Problem("direction", "direction_conflict", ASK))
            row.direction = row.value("direction")
            return
        direction, rule = self.direction, self.direction_rule
        if direction is None:
            direction, rule = self._by_start(row)
        if direction == CONFLICT:
            row.cells["direction"] = Cell("", None, None, ASK, "direction_conflict")
            row.problems.append(Problem("direction", "direction_conflict", ASK))
        elif direction is not None:
            row.direction = direction
            row.cells["direction"] = Cell("", None, direction, OK, rule)

    def _by_start(self, row: LedgerRow) -> tuple[str | None, str | None]:
        """In a sheet with both 流出时间 and 流入时间, the one that is filled tells."""
        cell = row.cells.get("started_on")
        if cell is None or cell.raw is None:
            return None, None
        if cell.rule == "two_values":
            return CONFLICT, "direction_conflict"
        folded = next((reader.folded for reader in self.readers if reader.header == cell.column), "")
        if "流入" in folded:
            return INFLOW, "direction_header"
        return (OUTFLOW, "direction_header") if "流出" in folded or "外出" in folded else (None, None)


def _hide_columns(sheet: Sheet, header: Header) -> None:
    """Take hidden columns out of use; names stay, without them there is nobody."""
    for column in header.columns:
        if column.index + sheet.first_column in sheet.hidden_columns and column.folded and column.field != "name":
            column.field, column.status = None, "hidden"


def _reader(column: Column, context: Context) -> _Reader:
    name = column.field or ""
    clean = cleaner_of_part(column, cleaner_of(name))
    blank = clean(column.header, None, context)
    inherits = name in GROUP_FIELDS
    answers: dict[Value, Cell] = {} if inherits else {None: blank, "": blank}
    return _Reader(
        column.index, name, column.header, clean, blank, answers, name not in _UNCACHED, inherits, column.folded,
        joiner_of(name, column.level, context),
    )  # fmt: skip
