"""A page as SVG; text stays text, drawn by the reader's own Chinese font."""

import base64
from html import escape

from checkin.paper.marks import POINT, Box, Code, Mark, Page, Picture
from checkin.qr import qr_svg
from portal import pdf

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
    weight = ' font-weight="700"' if mark.bold else ""
    return (
        f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" font-size="{mark.size * POINT:.3f}"'
        f' text-anchor="{mark.anchor}" fill="{fill}"{weight} xml:space="preserve">{escape(mark.text)}</text>'
    )
