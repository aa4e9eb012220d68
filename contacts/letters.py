"""Letters to an organization that is not on the portal: that a member is coming, what the member took part in there,
and a request for help to reach the member. Drawn on A4, to be stamped and sent by the office.

The wording is ours; the names of the three letters are those in use between party organizations.
"""

import datetime as dt
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.units import mm

from contacts.enums import Side
from members.enums import Direction
from members.models import Member, Movement
from portal import pdf

LEFT, RIGHT, TOP = 25.0, 185.0, 42.0
SIZE, LINE, TITLE = 14.0, 9.2, 20.0
BLANK = "_" * 16

# In Chinese as they are printed: letters between Chinese offices are not translated with the screens.
TITLES = {
    "report": "流动党员报到告知函",
    "feedback": "参加组织生活情况反馈表",
    "help": "协助联系函",
}
_FEEDBACK_ROWS = ("编入的党支部", "参加组织生活时间", "参加次数及内容", "缴纳党费情况", "现实表现", "需要说明的情况")


@dataclass(frozen=True)
class Letter:
    """What a letter says; `to` and `sender` are names of party organizations, "" where unknown. A letter of a kind that
    is not among TITLES brings its own `title` and `body`."""

    kind: str
    to: str
    sender: str
    person: str
    away: str
    on: dt.date
    title: str = ""
    body: tuple[str, ...] = ()


def compose(kind: str, member: Member, movement: Movement | None, on: dt.date) -> Letter:
    """The facts of one letter about this member: name, sex, year of birth, since when and from where to where."""
    away, to = "", ""
    if movement is not None:
        to = _name_of(movement, Side.HOST if movement.direction == Direction.OUTFLOW else Side.HOME)
        since = f"自{_words(movement.started_on)}起" if movement.started_on else ""
        away = f"{since}流动到{'你' if movement.direction == Direction.OUTFLOW else '我'}处"
    facts = [member.name, member.get_gender_display() if member.gender else "",
             f"{member.birth_date[:4]}年生" if member.birth_date else ""]  # fmt: skip
    return Letter(kind, to, member.organization.formal_name, "，".join(filter(None, facts)), away, on)


def _name_of(movement: Movement, side: Side) -> str:
    organization = getattr(movement, f"{side.value}_organization")
    return organization.formal_name if organization else str(getattr(movement, f"{side.value}_text"))


def _words(day: str) -> str:
    """A partial date as it is written in a letter: 2026年3月."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(day.split("-"), "年月日", strict=False))


def paragraphs(letter: Letter) -> list[str]:
    """The body, each paragraph one string."""
    who = f"我单位联系的流动党员{letter.person}"
    if letter.away:
        who += f"，{letter.away}"
    if letter.kind == "report":
        return [
            f"{who}。根据流动党员管理有关规定，现告知该同志到你处报到，请予接收，就近就便编入一个党支部，组织其参加组织生活。",
            "该同志报到后，请将所编入的党支部和联系人告知我单位，双方保持联系，共同做好教育管理服务。",
        ]
    if letter.kind == "feedback":
        return [f"{who}。请将该同志参加组织生活的情况填写如下，盖章后反馈我单位。"]
    return [
        f"{who}。近期我单位通过已知的联系方式未能与其取得联系。",
        "请你单位协助了解该同志的近况和现联系方式，并请其尽快与我单位联系。了解到的情况请函告或电话告知我单位。",
    ]


def draw_letter(target: BinaryIO, letter: Letter) -> None:
    """Draw the letter on one page into `target`."""
    title = letter.title or TITLES[letter.kind]
    canvas = pdf.new_canvas(target, title=title, author=letter.sender)
    pdf.draw_text(canvas, (pdf.PAGE_WIDTH / 2, TOP), title, TITLE, bold=True, anchor="middle")
    y = TOP + 2.2 * LINE
    for line in pdf.wrap_text(f"{letter.to or BLANK}：", SIZE, RIGHT - LEFT):
        pdf.draw_text(canvas, (LEFT, y), line, SIZE)
        y += LINE
    for text in letter.body or paragraphs(letter):
        for line in _indented(text):
            pdf.draw_text(canvas, (LEFT, y), line, SIZE)
            y += LINE
    if letter.kind == "feedback":
        y = _draw_rows(canvas, y)
    else:
        pdf.draw_text(canvas, (LEFT, y), f"　　联系人：{BLANK}　联系电话：{BLANK}", SIZE)
        y += 2 * LINE
    if letter.kind == "feedback":
        pdf.draw_text(canvas, (RIGHT, y + LINE), f"填表单位（盖章）{BLANK}", SIZE, anchor="end")
        pdf.draw_text(canvas, (RIGHT, y + 2 * LINE), "　　年　　月　　日", SIZE, anchor="end")
        pdf.draw_text(canvas, (LEFT, y + 3.5 * LINE), f"反馈至：{letter.sender}", SIZE)
    else:
        pdf.draw_text(canvas, (RIGHT, y + LINE), letter.sender, SIZE, anchor="end")
        pdf.draw_text(canvas, (RIGHT, y + 2 * LINE), _words(letter.on.isoformat()), SIZE, anchor="end")
    canvas.save()


def _indented(text: str) -> list[str]:
    """Lines of one paragraph whose first line is two characters in."""
    lines = pdf.wrap_text(f"〇〇{text}", SIZE, RIGHT - LEFT)
    return ["　　" + lines[0][2:], *lines[1:]]


def _draw_rows(canvas: pdf.Canvas, y: float) -> float:
    """A table to be filled in by hand. Returns where it ends."""
    height, split = 2.2 * LINE, LEFT + 48
    top = y - 0.4 * LINE
    canvas.setLineWidth(0.6)
    for number, label in enumerate(_FEEDBACK_ROWS):
        pdf.draw_text(canvas, (LEFT + 3, top + number * height + 0.62 * height), label, SIZE - 2)
    for number in range(len(_FEEDBACK_ROWS) + 1):
        level = (pdf.PAGE_HEIGHT - top - number * height) * mm
        canvas.line(LEFT * mm, level, RIGHT * mm, level)
    bottom = top + len(_FEEDBACK_ROWS) * height
    for x in (LEFT, split, RIGHT):
        canvas.line(x * mm, (pdf.PAGE_HEIGHT - top) * mm, x * mm, (pdf.PAGE_HEIGHT - bottom) * mm)
    return bottom + LINE
