"""《流动党员报到登记表》 on A4: blank for the counter, or filled for the signature. In Chinese as it is printed."""

import datetime as dt
import io
from dataclasses import dataclass

from reportlab.lib.units import mm

from portal import pdf

TITLE = "流动党员报到登记表"
LEFT, RIGHT, TOP, SPLIT = 20.0, 190.0, 28.0, 62.0
SIZE, LINE, ROW = 12.0, 6.6, 11.0
NOTICE = (
    "告知与同意：您填写的信息只用于核实报到和与您联系，由本社区（街道）保管，不提供给无关的单位和个人；"
    "您可以随时要求查看、更正或删除。组织关系所在党组织、原党支部联系方式、身份证号后六位属于敏感个人信息，只用于核实党员身份。"
)
CONSENTS = ("□ 我已阅读并同意处理上述个人信息。", "□ 我单独同意处理上述敏感个人信息。")
PROOFS = "□ 全国系统查询　□ 电话联系原党支部　□ 查验活动证　□ 介绍信或证明"


@dataclass(frozen=True)
class PaperForm:
    """What stands on the form; "" is a line to write on."""

    office: str
    receipt: str = ""
    name: str = ""
    mobile: str = ""
    home: str = ""
    branch: str = ""
    since: str = ""
    occupation: str = ""
    id_tail: str = ""
    proxy: str = ""
    on: dt.date | None = None
    demo: bool = False

    def lines(self) -> list[tuple[str, str]]:
        """Titles and entries of the table."""
        return [
            ("姓名", self.name),
            ("手机号码", self.mobile),
            ("组织关系所在党组织", self.home),
            ("原党支部联系人及电话", self.branch),
            ("来本地时间", self.since),
            ("从事职业", self.occupation),
            ("身份证号后六位", self.id_tail),
            ("代填人及关系、电话", self.proxy),
        ]


def form_pdf(form: PaperForm) -> bytes:
    """The form on one page."""
    target = io.BytesIO()
    canvas = pdf.new_canvas(target, title=TITLE, author=form.office)
    if form.demo:
        pdf.ribbon(canvas, "演示环境 · 数据均为虚构")
    pdf.draw_text(canvas, (pdf.PAGE_WIDTH / 2, TOP), TITLE, 20, bold=True, anchor="middle")
    pdf.draw_text(canvas, (LEFT, TOP + 12), f"登记单位：{form.office}", SIZE)
    if form.receipt:
        pdf.draw_text(canvas, (RIGHT, TOP + 12), f"回执号：{form.receipt}", SIZE, anchor="end")
    y = _draw_table(canvas, TOP + 17, form.lines())
    y = _draw_lines(canvas, y + 9, pdf.wrap_text(NOTICE, SIZE - 1, RIGHT - LEFT), SIZE - 1)
    y = _draw_lines(canvas, y + 2, list(CONSENTS), SIZE)
    pdf.draw_text(canvas, (LEFT, y + 8), "本人签名：", SIZE)
    pdf.draw_text(canvas, (RIGHT, y + 8), _day(form.on), SIZE, anchor="end")
    _draw_table(canvas, y + 18, [("核实方式", PROOFS), ("核实结果", ""), ("纳入党支部", ""), ("受理人、日期", "")])
    canvas.save()
    return target.getvalue()


def _draw_table(canvas: pdf.Canvas, top: float, rows: list[tuple[str, str]]) -> float:
    """Titles on the left, entries on the right; a long entry makes its row higher. Returns where the table ends."""
    canvas.setLineWidth(0.6)
    y = top
    _rule(canvas, y)
    for title, entry in rows:
        lines = pdf.wrap_text(entry, SIZE - 1, RIGHT - SPLIT - 6) or [""]
        height = ROW + (len(lines) - 1) * LINE
        pdf.draw_text(canvas, (LEFT + 2, y + 7), title, SIZE - 1)
        _draw_lines(canvas, y + 7, lines, SIZE - 1, SPLIT + 3)
        y += height
        _rule(canvas, y)
    for x in (LEFT, SPLIT, RIGHT):
        canvas.line(x * mm, (pdf.PAGE_HEIGHT - top) * mm, x * mm, (pdf.PAGE_HEIGHT - y) * mm)
    return y


def _rule(canvas: pdf.Canvas, y: float) -> None:
    canvas.line(LEFT * mm, (pdf.PAGE_HEIGHT - y) * mm, RIGHT * mm, (pdf.PAGE_HEIGHT - y) * mm)


def _draw_lines(canvas: pdf.Canvas, y: float, lines: list[str], size: float, left: float = LEFT) -> float:
    for number, line in enumerate(lines):
        pdf.draw_text(canvas, (left, y + number * LINE), line, size)
    return y + len(lines) * LINE


def _day(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　　年　　月　　日"
