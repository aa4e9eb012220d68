"""The blank ledger to fill in: every column that an import understands, under our own headers."""

from collections.abc import Iterable
from math import ceil

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from members.file_fields import BY_LEDGER_KEY
from members.importing.values import KEPT_FIELDS
from members.ledger.fields import MASKED_FIELDS
from members.ledger.vocabulary import CHOICES, OPEN_CHOICES
from members.ledger.xlsx import saved
from members.resources import DIRECTIONS, HEADERS, USUAL_LAYOUT
from portal.sheets.book import WIDEST
from portal.sheets.xlsx import lay_on_a4

SHEET, NOTES = "流动党员台账", "填写说明"
# 预计返回时间 would tell the reader that everybody below it went out; this header tells nothing.
_NEUTRAL = {"expected_end_on": "预计返回日期"}
_SAMPLE = {
    "seq": "例", "name": "例：张三", "gender": "男", "ethnicity": "汉族", "birth_date": "1985-06-12",
    "mobile": "13800000000", "community": "某某社区", "member_type": "正式党员", "join_date": "2008-07",
    "full_member_date": "2009-07", "education": "本科", "direction": "流出", "started_on": "2024-03",
    "destination": "浙江省杭州市", "reason": "务工经商",
}  # fmt: skip
_LISTED = {"member_type": ("正式党员", "预备党员"), "direction": tuple(DIRECTIONS.values())}
_REQUIRED = ("name",)
_TEXT_ROWS = 2_000
_LITERAL_CHARS = 250  # Excel takes no longer list inside a validation


def blank_layout() -> list[list[str]]:
    """[header, field] of every column in its order: the usual ones first, then the rest that an import keeps."""
    usual = [column.field for column in USUAL_LAYOUT]
    rest = [name for name in BY_LEDGER_KEY if name in KEPT_FIELDS and name not in usual]
    remark = ["remark"] if "remark" in usual else []
    order = [name for name in usual if name not in remark] + rest + remark
    return [[_NEUTRAL.get(name, HEADERS[name]), name] for name in order]


def blank_ledger() -> bytes:
    """The workbook: a sheet to fill in, with one sample row that an import leaves out, and a sheet of notes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    notes = book.create_sheet(NOTES)
    layout = blank_layout()
    sheet.append([header for header, _name in layout])
    sheet.append([_SAMPLE.get(name, "") for _header, name in layout])
    _dress(sheet, layout)
    _explain(notes, layout)
    for index, (_header, name) in enumerate(layout):
        words = _words(name)
        if words:
            _offer(sheet, notes, get_column_letter(index + 1), name, words)
    return saved(book)


def _words(name: str) -> tuple[str, ...]:
    """The words of a fixed list, each once, as they are stored."""
    if name in _LISTED:
        return _LISTED[name]
    return tuple(dict.fromkeys(CHOICES[name].values())) if name in CHOICES else ()


def _dress(sheet: Worksheet, layout: list[list[str]]) -> None:
    fill, grey = PatternFill("solid", fgColor="DDE7F3"), Font(italic=True, color="808080")
    for index, (header, name) in enumerate(layout):
        letter = get_column_letter(index + 1)
        sheet.column_dimensions[letter].width = 21 if name in MASKED_FIELDS or len(header) > 6 else 13
        sheet.column_dimensions[letter].number_format = "@"  # what is typed below the prepared rows stays text, too
        head = sheet.cell(1, index + 1)
        head.font, head.fill, head.alignment = Font(bold=True), fill, Alignment("center", "center", wrap_text=True)
        sheet.cell(2, index + 1).font = grey
        for row in range(1, 3):
            sheet.cell(row, index + 1).number_format = "@"
    sheet.freeze_panes = "C2"
    wide = sum(sheet.column_dimensions[get_column_letter(place + 1)].width for place in range(len(layout)))
    lay_on_a4(sheet, headers_in=(1, 1), across=ceil(wide / WIDEST))
    # above the headers there must be nothing for an import to stumble over: the form's head is the page's
    sheet.page_margins.top = 0.9
    sheet.oddHeader.center.text, sheet.oddHeader.center.size = "流动党员信息台账", 14
    sheet.oddHeader.left.text = "\n填报单位(盖章)：　　　　　　填报人："
    sheet.oddHeader.right.text = "\n审核人：　　　　　　填报日期：　　年　　月　　日"


def _offer(sheet: Worksheet, notes: Worksheet, letter: str, name: str, words: tuple[str, ...]) -> None:
    """A drop-down; a list that is open takes other words after a warning."""
    literal = f'"{",".join(words)}"'
    if len(literal) > _LITERAL_CHARS:
        literal = _column_of_words(notes, words)
    rule = DataValidation(type="list", formula1=literal, allow_blank=True)
    rule.errorStyle = "warning" if name in OPEN_CHOICES or name == "ethnicity" else "stop"
    rule.showErrorMessage, rule.errorTitle, rule.error = True, _("Please choose"), _("Please choose from the list.")
    rule.add(f"{letter}2:{letter}{_TEXT_ROWS}")
    sheet.add_data_validation(rule)


def _column_of_words(notes: Worksheet, words: tuple[str, ...]) -> str:
    column = notes.max_column + 2
    for row, word in enumerate(words, 1):
        notes.cell(row, column, word)
    letter = get_column_letter(column)
    return f"'{notes.title}'!${letter}$1:${letter}${len(words)}"


def _explain(notes: Worksheet, layout: list[list[str]]) -> None:
    lines: list[str] = [
        _("1. One row is one person. Begin in the third row; the grey sample row is not imported."),
        _("2. Only the name is required. What is not known stays empty; empty cells never delete anything."),
        _("3. ID numbers and phone numbers are typed as text; the columns are prepared for that."),
        _("4. Dates as 1985-06-12, 1985-06 or 1985, as exactly as they are known."),
        _("5. The community is written with its full name; outgoing or incoming is chosen from the list."),
        _("6. You may add columns of your own. They are kept with the file and come back with the export."),
        _("7. This is no classified system: no state secrets and no work secrets in it."),
    ]
    _append(notes, lines)
    lists = [f"{header}：{'、'.join(_words(name))}" for header, name in layout if _words(name)]
    _append(notes, [_("Words that the lists offer:"), *lists])
    notes.column_dimensions["A"].width = 100


def _append(notes: Worksheet, lines: Iterable[str]) -> None:
    for line in lines:
        notes.append([line])
        notes.cell(notes.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
