"""Photographs of signed forms. Nothing of an uploaded file is kept but its pixels: they are drawn anew, smaller and
without what a camera writes beside them (place, time, device)."""

import io
import warnings

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from checkin.models import SignedForm
from portal import crypto
from portal.fields import plain_data_key

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1800  # an A4 page at 150 dots an inch
FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 75


def redrawn(content: bytes) -> bytes:
    """The picture as a grey JPEG of at most LONGEST_SIDE. Raises ValidationError for what is no such picture."""
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The picture is too large: at most 8 MB."))
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("The picture has too many pixels. Please take it with a lower resolution."))
            picture.draft("L", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is then read at a fraction of its size
            upright = ImageOps.exif_transpose(picture).convert("L")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            target = io.BytesIO()
            upright.save(target, "JPEG", quality=JPEG_QUALITY, optimize=True, exif=b"")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError(
            _("This is no picture that can be read. Please choose a JPG or PNG photograph.")
        ) from None
    return target.getvalue()


def seal(form: SignedForm, content: bytes) -> bytes:
    """The content as it is stored."""
    return crypto.seal_bytes(plain_data_key(form), content, _context(form))


def opened(form: SignedForm) -> bytes:
    """The JPEG that was sealed."""
    return crypto.open_bytes(plain_data_key(form), bytes(form.content), _context(form))


def _context(form: SignedForm) -> str:
    return f"{form._meta.db_table}|{form.pk}|content"
