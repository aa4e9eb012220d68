"""A page as PNG, 300 dpi."""

import functools
import io

from PIL import Image, ImageDraw, ImageFont

from checkin.paper.marks import Code, Mark, Page, Picture, Text
from checkin.qr import draw_code
from portal import pdf

DPI = 300


def png_of(page: Page) -> bytes:
    """The page as PNG, A4 at 300 dpi (2480 x 3508 pixels): grey, or in colour when a drawing stands on it."""
    mode = "RGB" if any(isinstance(mark, Picture) for mark in page.marks) else "L"
    image = Image.new(mode, (_pixels(pdf.PAGE_WIDTH), _pixels(pdf.PAGE_HEIGHT)), "white")
    draw = ImageDraw.Draw(image)
    for mark in page.marks:
        if isinstance(mark, Picture):
            _paste(image, mark)
        else:
            _draw(draw, mark)
    target = io.BytesIO()
    image.save(target, "PNG", dpi=(DPI, DPI))
    return target.getvalue()


def _pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)


def _grey(draw: ImageDraw.ImageDraw, grey: float) -> int | tuple[int, int, int]:
    level = round(grey * 255)
    return level if draw.mode == "L" else (level, level, level)


@functools.lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pdf.FONT_FILES[bold]), round(size / 72 * DPI))


def _draw(draw: ImageDraw.ImageDraw, mark: Mark) -> None:
    if isinstance(mark, Code):
        half = mark.side / 2
        draw_code(draw, mark.url, (_pixels(mark.x + half), _pixels(mark.y + half)), _pixels(mark.side))
    elif isinstance(mark, Text):
        # Pillow has no fallback font: a character outside the subset becomes the printer's mark.
        text = "".join(c if pdf.is_embedded(c, bold=mark.bold) else pdf.MISSING for c in mark.text)
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
        place = (_pixels(mark.x), _pixels(mark.y))
        draw.text(place, text, fill=_grey(draw, mark.grey), font=_font(mark.size, mark.bold), anchor=anchor)
    elif not isinstance(mark, Picture):
        corners = [_pixels(c) for c in (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)]
        draw.rounded_rectangle(corners, _pixels(mark.radius), fill=_grey(draw, mark.grey))


def _paste(image: Image.Image, mark: Picture) -> None:
    """The whole drawing; what is transparent in it shows the paper."""
    with Image.open(io.BytesIO(mark.drawing.png)) as source:
        drawn = source.convert("RGBA")
    size = (max(1, _pixels(mark.width)), max(1, _pixels(mark.height)))
    drawn = drawn.resize(size, Image.Resampling.LANCZOS)
    image.paste(drawn, (_pixels(mark.x), _pixels(mark.y)), drawn)
