"""The letter: its fields, one readable page, and a code that scans from every format."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from checkin.letters import wording
from checkin.letters.layout import BODY_END, LEFT, READABLE, RIGHT, LetterText, is_readable, letter_page
from checkin.letters.wording import BODY, SHIPPED, TITLE, Wording, codes_in, filled, unknown_fields
from checkin.paper.as_pdf import pdf_of
from checkin.paper.as_png import png_of
from checkin.paper.as_svg import svg_of
from checkin.paper.marks import Code, Text
from checkin.qr import side_in_modules
from portal import pdf
from tests.checkin.test_posters import URL, rasterize, scan

VALUES = {
    "街道": "林店街道", "社区": "林店社区", "报到点": "林店社区报到点", "地址": "样例路22号",
    "开放时间": "工作日 9:00—17:30", "联系人": "王示例", "电话": "0551-0000 1234",
}  # fmt: skip
LETTER = LetterText(SHIPPED, VALUES, URL, signature="林店街道", on=dt.date(2026, 11, 22))


def lines_of(letter):
    return [mark for mark in letter_page(letter).marks if isinstance(mark, Text)]


def words_of(letter):
    return "".join(mark.text for mark in lines_of(letter))


def test_shipped_wording_is_sound_and_sober():
    assert not unknown_fields(TITLE + BODY)
    assert codes_in(BODY) == (1, 1)
    assert is_readable(SHIPPED)
    assert len(BODY) <= 1500
    # no slogan with a date in it, no quotation marks around somebody's words, no name of a member's body but the title
    assert not re.search(r"\d{4}|二十大|总书记|新时代|《", BODY)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{街道}您好", []),
        ("｛街道｝和{ 报到点 }", []),  # as a Chinese keyboard types them
        ("{街到}", ["街到"]),
        ("{}", [""]),
        ("{街道", ["{"]),
        ("街道}{电话}", ["}"]),
        ("{name} {__class__}", ["name", "__class__"]),
    ],
)
def test_fields_that_are_none_are_named(text, wrong):
    assert unknown_fields(text) == wrong


@pytest.mark.parametrize(
    ("body", "found"),
    [("一\n{报到码}\n二", (1, 1)), ("扫 {报到码}", (0, 1)), ("{报到码}\n{报到码}", (2, 2)), ("没有", (0, 0))],
)
def test_places_of_the_code_are_counted(body, found):
    assert codes_in(body) == found


def test_lines_of_empty_fields_are_left_out_and_values_are_not_read_as_fields():
    body = "{街道}您好\n开放时间：{开放时间}\n联系人：{联系人} 电话：{电话}\n\n{报到码}"
    values = VALUES | {"开放时间": "", "联系人": "", "街道": "{电话}街道"}
    assert filled(body, values) == ["{电话}街道您好", "联系人： 电话：0551-0000 1234", "", None]


def test_letter_holds_every_value_its_version_and_the_date():
    words = words_of(LETTER)
    for value in (*VALUES.values(), TITLE, SHIPPED.edition, "2026年11月22日"):
        assert value.replace(" ", "") in words.replace(" ", ""), value
    assert "{" not in words


def test_letter_stays_inside_its_margins_and_its_text_outside_the_code():
    page = letter_page(replace(LETTER, short_link="youjia.example.org/r/340103005"))
    (code,) = (mark for mark in page.marks if isinstance(mark, Code))
    for mark in page.marks:
        if isinstance(mark, Text):
            width = pdf.text_width(mark.text, mark.size, bold=mark.bold)
            left = {"start": mark.x, "middle": mark.x - width / 2, "end": mark.x - width}[mark.anchor]
            assert left >= LEFT - 0.1, mark
            assert left + width <= RIGHT + 0.5, mark
            assert mark.y <= max(BODY_END, 284), mark
            top = mark.y - mark.size * 0.8 * 25.4 / 72
            # the quiet zone may meet the white above the letters of the next line, never black
            assert mark.y <= code.y + 1 or top >= code.y + code.side - code.side / 12, mark


def test_indented_paragraphs_begin_two_characters_in_and_others_do_not():
    letter = replace(LETTER, wording=Wording("信", "同志：\n　　" + "好" * 60 + "\n{报到码}", "第1版"))
    greeting, first, second = lines_of(letter)[1:4]
    assert greeting.x == LEFT
    assert first.x == pytest.approx(LEFT + 2 * first.size * 25.4 / 72)
    assert second.x == LEFT
    assert (first.text + second.text) == "好" * 60


def test_letter_that_is_too_long_shrinks_and_is_not_readable_any_more():
    long = Wording("信", "\n".join(["　　" + "很长的一段话" * 20] * 12 + ["{报到码}"]), "第1版")
    assert not is_readable(long)
    page = letter_page(replace(LETTER, wording=long))
    assert min(mark.size for mark in page.marks if isinstance(mark, Text)) < READABLE
    body = [mark for mark in page.marks if isinstance(mark, Text) and mark.text.startswith("很长")]
    assert max(mark.y for mark in body) <= BODY_END


def test_letter_code_has_its_quiet_zone_and_modules_for_reading_in_the_hand():
    from checkin.letters.layout import CODE_SIDE
    from checkin.qr import qr_matrix

    assert CODE_SIDE / side_in_modules(qr_matrix(URL)) >= 0.9  # mm; print at 0.4 m needs 0.4


def test_letter_scans_from_pdf_png_and_says_so_in_svg(tmp_path):
    page = letter_page(LETTER)
    other = letter_page(replace(LETTER, url=URL.replace("Q7m", "Z9z"), demo=True))
    pages = rasterize(pdf_of([page, other]), tmp_path)
    assert [scan(one) for one in pages] == [URL, URL.replace("Q7m", "Z9z")]
    picture = tmp_path / "letter.png"
    picture.write_bytes(png_of(page))
    assert scan(picture) == URL
    assert "林店社区报到点" in svg_of(page)


def test_shipped_edition_counts_when_its_words_change():
    """Whoever changes the shipped words counts the edition on, and this line with it: print-outs name it."""
    import hashlib

    digest = hashlib.sha256((wording.TITLE + wording.BODY).encode()).hexdigest()[:12]
    assert (digest, SHIPPED.edition) == ("f6b59524dba6", "通用版（第1版）")
