"""What a street may upload as its drawing. Pure: bytes in, a clean PNG out.

The content decides what a file is, never its name. Everything but the pixels is dropped (a photo holds the place where
it was taken); the pixels themselves stay as they are: nothing is cropped, scaled or recoloured.
"""

import io
import warnings

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from checkin.paper.marks import Drawing

MOST_BYTES = 1024 * 1024
LEAST_SIDE, MOST_SIDE = 200, 2000  # pixels: sharp at 14 mm and 300 dpi, and small enough for every poster
FORMATS = ("PNG", "JPEG")
SMALL_SIDES = (96, 72, 56)  # pixels of the copy for phone pages, which show it at half of that; the first light one
SMALL_BYTES = 8 * 1024  # it lies in the page itself, which may weigh 30 KB with all that it needs
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)


def read_drawing(content: bytes) -> Drawing:
    """The picture in an uploaded file. Raises ValidationError in words for whoever uploaded it."""
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 1 MB. Please choose a smaller one."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as source:
                _must_fit(source)
                image = ImageOps.exif_transpose(source)
                image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (*BOMBS, UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ValidationError(_("This is no PNG or JPEG picture, or it is damaged.")) from None
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    if target.tell() > 3 * MOST_BYTES:
        raise ValidationError(_("The picture is too detailed. Please choose a plain drawing, best as PNG."))
    return Drawing(target.getvalue(), image.width, image.height)


def small_copy(drawing: Drawing) -> bytes:
    """The drawing for the head of phone pages as a PNG: whole and in its own colours, only smaller. b"" for what would
    be too heavy there, such as a photograph."""
    with Image.open(io.BytesIO(drawing.png)) as image:
        for side in SMALL_SIDES:
            smaller, target = image.copy(), io.BytesIO()
            smaller.thumbnail((2 * side, side), Image.Resampling.LANCZOS)
            smaller.save(target, "PNG", optimize=True)
            if target.tell() <= SMALL_BYTES:
                return target.getvalue()
    return b""


def _must_fit(source: Image.Image) -> None:
    """Judged by the header, before a pixel is read."""
    if getattr(source, "n_frames", 1) > 1:
        raise ValidationError(_("Moving pictures cannot be printed. Please choose a still one."))
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in source.size):
        limits = {"least": LEAST_SIDE, "most": MOST_SIDE}
        raise ValidationError(_("The picture must be %(least)d to %(most)d pixels wide and as many high.") % limits)
