"""Posters: what is printed, and that a scanner reads exactly the address from every format."""

import io
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
import qrcode
from django.utils import translation
from PIL import Image, ImageChops, ImageFilter, ImageStat
from qrcode.constants import ERROR_CORRECT_Q

from checkin import posters, qr
from portal import pdf

URL = "https://youjia.example.org/c/Q7mK2xvT9bRz4LwJ8hNcPd"
# as long as a real address: the code alone is 46 characters
REAL = "https://youjia.example.org/c/AQGzK2xvT9bRz4LwJ8hNcPdQ7mK2xvT9bRz4LwJ8hNcPdXy"
POSTER = posters.PosterText(
    street="林店街道",
    point_name="林店社区党群服务中心",
    address="合肥市包河区林店街道示例路1号一楼服务大厅",
    hours="周一至周五 8:30–12:00、14:00–17:30",
    contact_name="王示例",
    contact_phone="0551-0000 1234",
    url=URL,
    short_link="youjia.example.org/r/340103005",
)


def needs(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def scan(picture: Path) -> str:
    done = subprocess.run(  # noqa: S603
        [needs("zbarimg"), "-q", "--raw", str(picture)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip()


def rasterize(document: bytes, folder: Path, dpi: int = 150) -> list[Path]:
    source = folder / "poster.pdf"
    source.write_bytes(document)
    command = [needs("pdftoppm"), "-r", str(dpi), "-png", str(source), str(folder / "page")]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603
    return sorted(folder.glob("page*.png"))


def texts(poster: posters.PosterText) -> list[str]:
    return [mark.text for mark in posters.poster_marks(poster) if isinstance(mark, posters.Text)]


def test_poster_pdf_of_two_points_gives_a_page_each_that_scans(tmp_path):
    other = replace(POSTER, url=URL.replace("Q7m", "Z9z"), demo=True)
    pages = rasterize(posters.poster_pdf([POSTER, other]), tmp_path)
    assert [scan(page) for page in pages] == [POSTER.url, other.url]


def test_poster_pdf_embeds_its_fonts(tmp_path):
    source = tmp_path / "poster.pdf"
    source.write_bytes(posters.poster_pdf([POSTER]))
    listing = subprocess.run(  # noqa: S603
        [needs("pdffonts"), str(source)], capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()[2:]
    assert len(listing) == 2
    assert all("NotoSansSC" in line and " yes yes yes " in line for line in listing)


def test_poster_pdf_without_posters_is_refused():
    with pytest.raises(ValueError, match="no page"):
        posters.poster_pdf([])


def test_poster_png_is_a4_at_300_dpi_and_scans(tmp_path):
    picture = tmp_path / "poster.png"
    picture.write_bytes(posters.poster_png(POSTER))
    with Image.open(picture) as image:
        assert image.size == (2480, 3508)
        assert image.mode == "L"
        assert round(image.info["dpi"][0]) == 300
    assert scan(picture) == URL


def test_poster_photographed_small_and_askew_still_scans(tmp_path):
    image = Image.open(io.BytesIO(posters.poster_png(POSTER)))
    image = image.resize((image.width // 4, image.height // 4), Image.Resampling.BILINEAR)
    image = image.rotate(7, fillcolor=255, expand=True, resample=Image.Resampling.BICUBIC)
    noisy = Image.blend(image, Image.effect_noise(image.size, 60), 0.3).filter(ImageFilter.GaussianBlur(1))
    noisy.save(tmp_path / "photo.png")
    assert scan(tmp_path / "photo.png") == URL


@pytest.mark.parametrize("angle", [-11, 0, 4, 90])
def test_printed_poster_at_a_quarter_of_its_size_rotated_and_noisy_still_scans(tmp_path, angle):
    """The PDF as a printer lays it down at 150 dpi, then at 25 % (about 37 dpi), turned, noisy and a little blurred."""
    (page,) = rasterize(posters.poster_pdf([POSTER]), tmp_path)
    with Image.open(page) as whole:
        image = whole.convert("L").resize((whole.width // 4, whole.height // 4), Image.Resampling.BILINEAR)
    image = image.rotate(angle, fillcolor=255, expand=True, resample=Image.Resampling.BICUBIC)
    noisy = Image.blend(image, Image.effect_noise(image.size, 60), 0.25).filter(ImageFilter.GaussianBlur(0.5))
    noisy.save(tmp_path / "photo.png")
    assert scan(tmp_path / "photo.png") == URL


def test_poster_read_at_three_metres_scans(tmp_path):
    """A phone with 4,000 pixels over 65° has 1.05 of them for a millimetre at 3 m: the whole poster is 220 by 312."""
    address = REAL  # 45 modules, as most real ones
    with Image.open(io.BytesIO(posters.poster_png(replace(POSTER, url=address)))) as image:
        far = image.resize((220, 312), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.4))
    scene = Image.new("L", (640, 480), 160)
    scene.paste(far.rotate(3, fillcolor=255, resample=Image.Resampling.BICUBIC), (200, 80))
    noisy = Image.blend(scene, Image.effect_noise(scene.size, 40), 0.1)
    # scanners enlarge what they found, as this does
    noisy.resize((1280, 960), Image.Resampling.BICUBIC).save(tmp_path / "far.png")
    assert scan(tmp_path / "far.png") == address


@pytest.mark.parametrize("length", [20, 40, 75, 86])
def test_module_is_at_least_3_mm_wide_with_a_quiet_zone_of_four(length):
    matrix = qr.qr_matrix(URL.ljust(length, "x")[:length])
    module = posters.CODE_SIDE / qr.side_in_modules(matrix)
    assert module >= 3.0
    assert qr.side_in_modules(matrix) == len(matrix) + 8


def test_mask_is_the_one_that_the_library_chooses():
    """Chosen in less time, never differently: 40 addresses of all lengths that posters have."""
    for number in range(40):
        address = f"https://youjia.example.org/c/{'Aa9-_zQ'[number % 7] * number}{number * 7919}"
        plain = qrcode.QRCode(version=qr.MIN_VERSION, error_correction=ERROR_CORRECT_Q, border=0)
        plain.add_data(address)
        plain.make(fit=True)
        assert qr.qr_matrix(address) == plain.get_matrix(), address


def test_poster_with_a_torn_corner_still_scans(tmp_path):
    """Error correction Q: a fifth of the data area may go."""
    image = Image.open(io.BytesIO(posters.poster_png(POSTER)))
    image.paste(255, (1500, 1500, 1800, 1900))
    image.save(tmp_path / "torn.png")
    assert scan(tmp_path / "torn.png") == URL


def test_poster_svg_is_well_formed_a4_with_the_code_and_needs_no_font():
    root = ElementTree.fromstring(posters.poster_svg(replace(POSTER, point_name="甲<乙>&“丙”")))  # noqa: S314
    assert (root.get("width"), root.get("height")) == ("210mm", "297mm")
    words = [element.get("aria-label") for element in root.iter("{http://www.w3.org/2000/svg}g")]
    assert "甲<乙>&“丙”" in words
    assert POSTER.contact_phone in words
    assert len(list(root.iter("{http://www.w3.org/2000/svg}svg"))) == 2
    assert list(root.iter("{http://www.w3.org/2000/svg}text")) == []


def test_poster_svg_leaves_only_what_our_font_lacks_to_the_reader():
    root = ElementTree.fromstring(posters.poster_svg(replace(POSTER, contact_name="王㛓怡")))  # noqa: S314
    assert [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")] == ["㛓"]


def test_poster_svg_looks_like_the_png_without_any_font_of_the_reader(tmp_path):
    """The same marks drawn by a browser from outlines, and by Pillow from the font file."""
    command = [needs("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1"]
    source, picture = tmp_path / "poster.svg", tmp_path / "poster.png"
    source.write_text(posters.poster_svg(POSTER), encoding="utf-8")
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=794,1123", f"--screenshot={picture}"]
    subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=120)  # noqa: S603
    with Image.open(picture) as shot, Image.open(io.BytesIO(posters.poster_png(POSTER))) as printed:
        ours = shot.convert("L").filter(ImageFilter.GaussianBlur(2))
        theirs = printed.resize(shot.size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(2))
        for top, bottom in ((60, 190), (820, 1123)):  # the title, and everything below the code
            box = (0, top, shot.width, bottom)
            parts = ImageChops.difference(ours.crop(box), theirs.crop(box))
            assert ImageStat.Stat(parts).mean[0] < 2
            assert ImageStat.Stat(ImageChops.invert(theirs.crop(box))).mean[0] > 8


def test_poster_svg_in_a_browser_scans(tmp_path, request):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    source, picture = tmp_path / "poster.svg", tmp_path / "poster.png"
    source.write_text(posters.poster_svg(POSTER), encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += [f"--screenshot={picture}", "--window-size=794,1123", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603
    assert scan(picture) == URL


def test_qr_svg_rows_equal_the_matrix():
    matrix = qr.qr_matrix(URL)
    drawn = [[False] * len(matrix) for _ in matrix]
    for x, y, length in qr.black_runs(matrix):
        for column in range(x, x + length):
            drawn[y - qr.QUIET_ZONE][column - qr.QUIET_ZONE] = True
    assert drawn == matrix
    side = len(matrix) + 8
    assert f'viewBox="0 0 {side} {side}"' in qr.qr_svg(URL)


def test_qr_png_of_a_phone_page_scans(tmp_path):
    picture = tmp_path / "code.png"
    picture.write_bytes(qr.qr_png(URL))
    assert picture.stat().st_size < 2500
    assert scan(picture) == URL


@pytest.mark.parametrize("length", [20, 40, 75, 110])
def test_code_is_at_least_120_mm_wide(length):
    matrix = qr.qr_matrix(URL.ljust(length, "x")[:length])
    module = posters.CODE_SIDE / qr.side_in_modules(matrix)
    assert module * len(matrix) >= 120
    assert module * qr.QUIET_ZONE >= 4 * module


def test_poster_says_what_it_must_and_ribbon_only_in_the_demo():
    with translation.override("en"):
        plain, demo = texts(POSTER), texts(replace(POSTER, demo=True))
    assert {"1", "2", "3", "4"} <= set(plain)
    assert any("state secrets" in text for text in plain)
    assert [text for text in demo if text not in plain] == ["Demonstration · all data are invented"]


def test_poster_values_are_printed_unchanged_and_empty_ones_left_out():
    with translation.override("en"):
        bare = texts(replace(POSTER, hours="", contact_name="", contact_phone="", short_link=""))
        full = texts(POSTER)
    assert {POSTER.street, POSTER.point_name, POSTER.address, POSTER.contact_phone} <= set(full)
    assert "Opening hours" in full
    assert not {"Opening hours", "Contact person", "Telephone"} & set(bare)


def test_poster_of_very_long_texts_stays_on_the_page():
    long = replace(
        POSTER,
        street="很长的街道名" * 6,
        point_name="很长的报到点名称" * 6,
        address="很长的地址" * 20,
        hours="周一至周五 8:30–12:00、" * 5,
        headline="自定的标题" * 8,
        lines=("第一步要写得很长很长才行的说明文字", "二"),
    )
    for mark in posters.poster_marks(long):
        if isinstance(mark, posters.Text):
            width = pdf.text_width(mark.text, mark.size, bold=mark.bold)
            left = mark.x - (width / 2 if mark.anchor == "middle" else 0)
            assert left >= 10, mark
            assert left + width <= 200, mark
            assert mark.y <= 292, mark
