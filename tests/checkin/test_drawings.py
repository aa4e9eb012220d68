"""A street's drawing: what may be uploaded, judged by content; and that it is printed whole, in its own colours."""

import io
import struct
import zlib
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageDraw

from checkin import posters
from checkin.letters.drawings import MOST_BYTES, MOST_SIDE, SMALL_BYTES, read_drawing, small_copy
from checkin.paper.marks import Code, Drawing, Picture, Text
from portal import pdf
from tests.checkin.test_posters import POSTER, URL, rasterize, scan

RED = (222, 41, 16)


def picture(size=(300, 300), mode="RGB", **options):
    """A red disc with a white bar, as bytes; `options` go to Pillow's save."""
    image = Image.new(mode, size, (255, 255, 255, 0)[: len(mode)] if mode != "L" else 255)
    colour = {"RGB": RED, "RGBA": (*RED, 255), "L": 90}[mode]
    ImageDraw.Draw(image).ellipse((5, 5, size[0] - 6, size[1] - 6), fill=colour)
    target = io.BytesIO()
    image.save(target, **{"format": "PNG", **options})
    return target.getvalue()


def test_pixels_stay_as_they_are():
    for mode in ("RGB", "RGBA"):
        content = picture((320, 240), mode)
        drawing = read_drawing(content)
        assert (drawing.width, drawing.height) == (320, 240)
        with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(drawing.png)) as after:
            assert before.mode == after.mode
            assert before.tobytes() == after.tobytes()


def test_what_else_a_file_holds_is_dropped():
    exif = Image.Exif()
    exif[0x010E] = "拍摄地点 样例路1号"  # ImageDescription
    exif[0x8825] = {1: "N", 2: (31.0, 52.0, 0.0)}  # GPS
    content = picture(format="JPEG", exif=exif, comment="某人的备注".encode(), quality=95)
    assert b"\xe6\x9f\x90" in content  # it is there before
    stored = read_drawing(content).png
    with Image.open(io.BytesIO(stored)) as image:
        assert not dict(image.getexif())
        assert set(image.info) <= {"srgb"}
    assert "某人".encode() not in stored


def test_turned_photo_is_stored_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    drawing = read_drawing(picture((400, 300), format="JPEG", exif=exif))
    assert (drawing.width, drawing.height) == (300, 400)


def _bomb():
    """A PNG header that claims 60,000 by 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
            + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))  # fmt: skip


def _moving():
    target = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), colour) for colour in (RED, (0, 0, 0))]
    frames[0].save(target, "PNG", save_all=True, append_images=frames[1:])
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 200, "no PNG or JPEG"),
        (picture(format="GIF"), "no PNG or JPEG"),
        (picture()[:-200], "no PNG or JPEG"),
        (picture((100, 300)), "200 to 2000 pixels"),
        (picture((MOST_SIDE + 1, 300)), "200 to 2000 pixels"),
        (_bomb(), "pixels|no PNG"),
        (_moving(), "Moving pictures"),
        (picture() + b"\0" * MOST_BYTES, "larger than 1 MB"),
    ],
    ids=["empty", "svg", "torn head", "gif", "torn end", "small", "wide", "bomb", "moving", "heavy"],
)
def test_everything_else_is_refused_in_words(content, reason):
    from django.utils import translation

    with translation.override("en"), pytest.raises(ValidationError, match=reason):
        read_drawing(content)


def test_name_of_the_file_decides_nothing():
    """A JPEG that is called .png is read as what it is, colour profile and all."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_drawing(picture(format="JPEG", icc_profile=profile)).width == 300


@pytest.fixture(scope="module")
def drawing():
    return read_drawing(picture((300, 300), "RGBA"))


def test_poster_shows_the_drawing_whole_and_never_in_the_code(drawing):
    for shape in (drawing, Drawing(drawing.png, 600, 200), Drawing(drawing.png, 200, 900)):
        for demo in (False, True):
            marks = posters.poster_marks(replace(POSTER, drawing=shape, demo=demo))
            (shown,) = (mark for mark in marks if isinstance(mark, Picture))
            (code,) = (mark for mark in marks if isinstance(mark, Code))
            assert shown.width / shown.height == pytest.approx(shape.width / shape.height)
            assert shown.y >= 10
            assert shown.x >= 10
            assert shown.y + shown.height < code.y
            for mark in marks:
                if isinstance(mark, Text):
                    width = pdf.text_width(mark.text, mark.size, bold=mark.bold)
                    left = mark.x - (width / 2 if mark.anchor == "middle" else 0)
                    top = mark.y - mark.size * 0.75 * 25.4 / 72
                    beside = left >= shown.x + shown.width or left + width <= shown.x
                    assert beside or top >= shown.y + shown.height or mark.y <= shown.y, mark


def _colours(image):
    return {colour for count, colour in image.getcolors(maxcolors=1 << 24) if count > 50}


def test_drawing_keeps_its_colour_in_pdf_and_png_and_the_rest_is_grey(drawing, tmp_path):
    poster = replace(POSTER, drawing=drawing)
    (page,) = rasterize(posters.poster_pdf([poster]), tmp_path)
    png = tmp_path / "poster.png"
    png.write_bytes(posters.poster_png(poster))
    for file in (page, png):
        with Image.open(file) as image:
            assert image.mode == "RGB"
            assert RED in _colours(image)
        assert scan(file) == URL
    assert f'width="{14.0:.2f}"' in posters.poster_svg(poster)


def test_poster_without_a_drawing_is_grey_alone(tmp_path):
    (page,) = rasterize(posters.poster_pdf([POSTER]), tmp_path, dpi=60)
    with Image.open(page) as image:
        assert all(red == green == blue for red, green, blue in _colours(image.convert("RGB")))


def test_poster_in_one_bit_of_black_and_white_still_scans(drawing, tmp_path):
    """As a fax or a saving office printer renders it."""
    with Image.open(io.BytesIO(posters.poster_png(replace(POSTER, drawing=drawing)))) as image:
        image.convert("1").resize((1240, 1754)).save(tmp_path / "bw.png")
    assert scan(tmp_path / "bw.png") == URL


def test_one_drawing_on_many_pages_is_stored_once(drawing):
    one = posters.poster_pdf([replace(POSTER, drawing=drawing)])
    many = posters.poster_pdf([replace(POSTER, drawing=drawing, point_name=f"点{n}") for n in range(12)])
    assert one.count(b"/Subtype /Image") == many.count(b"/Subtype /Image")


def test_small_copy_is_whole_and_light_and_a_photograph_has_none():
    for size, mode in (((300, 300), "RGB"), ((640, 320), "RGBA"), ((200, 2000), "RGBA")):
        copy = small_copy(read_drawing(picture(size, mode)))
        assert 0 < len(copy) <= SMALL_BYTES
        with Image.open(io.BytesIO(copy)) as image:
            assert image.mode == mode
            assert abs(image.width / image.height - size[0] / size[1]) < 0.02
            assert image.getpixel((image.width // 2, image.height // 2))[:3] == RED
    target = io.BytesIO()
    bands = [Image.effect_noise((400, 200), 200) for _ in range(3)]
    Image.merge("RGB", bands).save(target, "PNG")
    assert small_copy(read_drawing(target.getvalue())) == b""
