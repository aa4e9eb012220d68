"""A page as SVG. Text is drawn as outlines, so that the page looks the same whatever fonts its reader has; what each
line says stands beside it for programs that read pages aloud."""

import base64
from collections.abc import Iterator
from html import escape

from checkin.paper.marks import POINT, Box, Code, Mark, Page, Picture, Text
from checkin.qr import qr_svg
from portal import outlines, pdf

# For the rare character that our own font lacks.
FONTS = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"


def svg_of(page: Page) -> str:
    """The page as an A4 SVG document that needs nothing from elsewhere."""
    body = "\n".join(_svg_mark(mark) for mark in page.marks)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm"'
        f' viewBox="0 0 {pdf.PAGE_WIDTH:.0f} {pdf.PAGE_HEIGHT:.0f}"'
        f' font-family="{FONTS}" xml:lang="zh-Hans"><title>{escape(page.title)}</title>\n'
        f'<path fill="#fff" d="M0 0h210v297H0z"/>\n{body}\n</svg>\n'
    )


def _grey(grey: float) -> str:
    return "#" + f"{round(grey * 255):02x}" * 3


def _svg_mark(mark: Mark) -> str:
    if isinstance(mark, Code):
        return qr_svg(mark.url, box=(mark.x, mark.y, mark.side))
    if isinstance(mark, Picture):
        content = base64.b64encode(mark.drawing.png).decode()
        return (
            f'<image x="{mark.x:.2f}" y="{mark.y:.2f}" width="{mark.width:.2f}" height="{mark.height:.2f}"'
            f' href="data:image/png;base64,{content}"/>'
        )
    fill = _grey(mark.grey)
    if isinstance(mark, Box):
        return (
            f'<rect x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}"'
            f' rx="{mark.radius:g}" fill="{fill}"/>'
        )
    parts = "".join(_runs(mark))
    return f'<g fill="{fill}" role="img" aria-label="{escape(mark.text)}">{parts}</g>'


def _runs(mark: Text) -> Iterator[str]:
    """The parts of a line: outlines of our own font, and text where that has no character."""
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
    x = mark.x - shift * pdf.text_width(mark.text, mark.size, bold=mark.bold)
    for font, part in pdf.font_runs(mark.text, bold=mark.bold):
        if font == pdf.FALLBACK:
            size, weight = mark.size * POINT, ' font-weight="700"' if mark.bold else ""
            place = f'x="{x:.2f}" y="{mark.y:.2f}" font-size="{size:.3f}"{weight}'
            yield f'<text {place} xml:space="preserve">{escape(part)}</text>'
        else:
            yield _outlined(part, x, mark)
        x += pdf.text_width(part, mark.size, bold=mark.bold)


def _outlined(part: str, x: float, mark: Text) -> str:
    drawn, across = [], 0
    for character in part:
        shape = outlines.outline(character, bold=mark.bold)
        if shape.path:
            drawn.append(f'<path transform="translate({across})" d="{shape.path}"/>')
        across += shape.width
    scale = mark.size * POINT / outlines.per_em(bold=mark.bold)
    return f'<g transform="matrix({scale:.7f} 0 0 {-scale:.7f} {x:.3f} {mark.y:.3f})">{"".join(drawn)}</g>'
