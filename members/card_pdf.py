"""The card of one member on A4: what the screen shows, masked, with a watermark that says who made it and when."""

from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from reportlab.lib.units import mm

from members.models import Member
from portal import pdf

LEFT, RIGHT, TOP, BOTTOM = 15.0, 195.0, 18.0, 282.0
LABEL_WIDTH, LINE, SIZE = 34.0, 5.4, 9.5
HALF = (RIGHT - LEFT) / 2


class _Page:
    """Draws downwards and begins a new page where it must."""

    def __init__(self, target: BinaryIO, title: str, mark: str) -> None:
        self.canvas = pdf.new_canvas(target, title=title)
        self.mark = mark
        self._begin()

    def _begin(self) -> None:
        pdf.watermark(self.canvas, self.mark)
        self.y = TOP

    def need(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self.canvas.showPage()
            self._begin()

    def heading(self, text: str, size: float = 11.5) -> None:
        self.need(3 * LINE)
        self.y += LINE * 1.3
        pdf.draw_text(self.canvas, (LEFT, self.y), text, size, bold=True)
        self.canvas.setLineWidth(0.4)
        self.canvas.line(
            LEFT * mm, (pdf.PAGE_HEIGHT - self.y - 1.5) * mm, RIGHT * mm, (pdf.PAGE_HEIGHT - self.y - 1.5) * mm
        )
        self.y += 2

    def facts(self, facts: list[tuple[str, str]]) -> None:
        """Short facts stand in pairs, long ones take the whole width."""
        column = 0
        for label, value in facts:
            text = str(value or "—")
            beside = max(LABEL_WIDTH, pdf.text_width(label, SIZE) + 2)
            is_long = pdf.text_width(text, SIZE) > HALF - beside - 2
            lines = pdf.wrap_text(text, SIZE, RIGHT - LEFT - beside) if is_long else [text]
            if column == 0 or is_long:
                self.need(LINE * len(lines))
                self.y += LINE
                column = 0
            x = LEFT + column * HALF
            pdf.draw_text(self.canvas, (x, self.y), label, SIZE)
            for number, line in enumerate(lines):
                self.y += LINE if number else 0
                pdf.draw_text(self.canvas, (x + beside, self.y), line, SIZE)
            column = 0 if is_long else 1 - column

    def line(self, text: str) -> None:
        for part in pdf.wrap_text(text, SIZE, RIGHT - LEFT):
            self.need(LINE)
            self.y += LINE
            pdf.draw_text(self.canvas, (LEFT, self.y), part, SIZE)


def draw_card(target: BinaryIO, member: Member, built: dict[str, Any], *, printed_by: str) -> None:
    """Draw what `members.card.build` made into `target`. `printed_by` names who made it, for the watermark."""
    now = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    page = _Page(target, _("Card of one member"), f"{printed_by}  {now}")
    pdf.draw_text(page.canvas, (LEFT, page.y), member.name, 17, bold=True)
    page.y += 1.5 * LINE
    page.line(f"{member.organization.formal_name} · {member.get_state_display()}")
    page.heading(_("Who it is"))
    page.facts(built["identity"])
    if built["missing"]:
        page.line(_("Still missing:") + " " + "、".join(str(rule.label) for rule in built["missing"]))
    for title, facts in built["paper"]:
        page.heading(title)
        page.facts(facts)
    page.need(3 * LINE)
    page.y += LINE
    page.line(_("As of %(now)s. Numbers are masked; this page is for work inside the office only.") % {"now": now})
    page.canvas.save()
