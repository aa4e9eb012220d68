"""The embedded font: what it covers, how the rest is drawn, how lines break."""

import hashlib
import io
import shutil
import subprocess

import pytest

from portal import pdf

# In neither GB 2312 nor the table of 2013, but in the fallback's encoding.
TRADITIONAL = "國"
# Beyond the basic plane and outside the subset.
ASTRAL = "\U00020bb7"


def gb2312() -> str:
    return "".join(bytes([a, b]).decode("gb2312", "ignore") for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF))


@pytest.mark.parametrize("bold", [False, True])
def test_font_covers_gb2312_ascii_fullwidth_and_rare_names(bold):
    ascii_printable = "".join(map(chr, range(0x20, 0x7F)))
    fullwidth = "".join(map(chr, range(0xFF01, 0xFF5F)))
    wanted = gb2312() + ascii_printable + fullwidth + "·—…“”‘’《》【】①⑳〓" + "䶮堃喆昇祎玥珺璟翀赟"
    assert len(gb2312()) == 7445
    assert [c for c in wanted if not pdf.is_embedded(c, bold=bold)] == []


def test_font_licence_lies_beside_the_fonts():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (pdf.FONT_DIR / "OFL.txt").read_text(encoding="utf-8")
    assert all(path.stat().st_size < 3_000_000 for path in pdf.FONT_FILES.values())


def test_font_files_differ_in_weight():
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in pdf.FONT_FILES.values()}) == 2


def test_font_runs_send_missing_characters_to_the_fallback():
    assert pdf.font_runs(f"王{TRADITIONAL}A") == [(pdf.REGULAR, "王"), (pdf.FALLBACK, TRADITIONAL), (pdf.REGULAR, "A")]
    assert pdf.font_runs(f"张{ASTRAL}", bold=True) == [(pdf.BOLD, "张" + pdf.MISSING)]
    assert pdf.font_runs("") == []


def test_text_width_of_chinese_is_one_em_each():
    assert pdf.text_width("街道", 72) == pytest.approx(2 * 25.4)
    assert pdf.text_width(f"街{TRADITIONAL}", 72) == pytest.approx(2 * 25.4)


def test_wrap_text_keeps_numbers_whole_and_punctuation_off_line_starts():
    text = "林店街道示例路123456号，电话 0551-00001234（工作日）。"
    lines = pdf.wrap_text(text, 12, 42)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert any("0551-00001234" in line for line in lines)
    assert all(pdf.text_width(line, 12) <= 42 for line in lines)
    assert not any(line[0] in pdf.NOT_AT_LINE_START or line[-1] in pdf.NOT_AT_LINE_END for line in lines)


def test_wrap_text_breaks_what_is_wider_than_the_line():
    lines = pdf.wrap_text("https://example.org/" + "x" * 60, 12, 40)
    assert len(lines) > 3
    assert all(pdf.text_width(line, 12) <= 40 for line in lines)
    assert pdf.wrap_text("", 12, 40) == []
    assert pdf.wrap_text("甲\n乙", 12, 40) == ["甲", "乙"]


def test_page_with_ribbon_watermark_and_rare_name_reads_back(tmp_path):
    if not (shutil.which("pdftotext") and shutil.which("pdffonts")):
        pytest.skip("poppler-utils is not installed")
    target = io.BytesIO()
    canvas = pdf.new_canvas(target, title="一页", author="林店街道")
    pdf.watermark(canvas, "8")
    pdf.ribbon(canvas, "演示环境 · 数据均为虚构")
    pdf.draw_text(canvas, (20, 60), f"王䶮{TRADITIONAL}", 20)
    canvas.save()
    source = tmp_path / "page.pdf"
    source.write_bytes(target.getvalue())
    words = subprocess.run(["pdftotext", str(source), "-"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    reader = subprocess.run(["pdffonts", str(source)], capture_output=True, text=True, check=True)  # noqa: S607
    if "Missing language pack" in reader.stderr:
        pytest.skip("poppler-data is not installed")
    fonts = reader.stdout
    assert "演示环境" in words
    assert "王䶮" in words
    assert words.count("8") > 20
    assert "Helvetica" not in fonts
    assert "STSong-Light" in fonts
