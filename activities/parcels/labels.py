"""Address labels: 24 on a sheet of A4, 70 × 37 mm each, as they are sold in every stationery shop."""

from collections.abc import Sequence
from typing import BinaryIO

from activities.parcels.models import Parcel
from portal import pdf

ACROSS, DOWN = 3, 8
WIDTH, HEIGHT = pdf.PAGE_WIDTH / ACROSS, pdf.PAGE_HEIGHT / DOWN
EDGE, SIZE, SMALL, LINE = 5.0, 11.0, 8.0, 5.0
ADDRESS_LINES = 3


def draw_labels(target: BinaryIO, rows: Sequence[Parcel]) -> None:
    """Write the sheets. A label tells who gets it and which community sends it, and nothing of what the person is."""
    canvas = pdf.new_canvas(target, title="地址签")
    for first in range(0, len(rows), ACROSS * DOWN):
        for place, row in enumerate(rows[first : first + ACROSS * DOWN]):
            _draw(canvas, row, (place % ACROSS) * WIDTH + EDGE, (place // ACROSS) * HEIGHT + EDGE)
        canvas.showPage()
    canvas.save()


def _draw(canvas: pdf.Canvas, row: Parcel, left: float, top: float) -> None:
    office = row.organization.short_name or row.organization.name
    lines = pdf.wrap_text(row.address, SIZE, WIDTH - 2 * EDGE)[:ADDRESS_LINES]
    for number, text in enumerate([*lines, f"{row.member.name}（收） {row.member.mobile}"]):
        pdf.draw_text(canvas, (left, top + number * LINE), text, SIZE)
    pdf.draw_text(canvas, (left, top + HEIGHT - 2 * EDGE - SMALL / 3), f"寄件：{office}", SMALL)
