"""Stylesheets: readable by the browsers of office PCs and phones, made from the installed theme, light."""

import gzip
import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from portal.management.commands import flatten_unfold_css as theme

STATIC = theme.TARGET.parents[2]
GUARD = re.compile(r"@supports [^{]*(?:in lab|rgb\(from)[^{]*\{")


def without_guarded_blocks(css: str) -> str:
    """The stylesheet as a browser reads it that fails every @supports test for new colours."""
    while found := GUARD.search(css):
        css = css[: found.start()] + css[theme._block_end(css, found.end() - 1) :]
    return css


def test_theme_stylesheet_was_made_from_the_installed_package():
    record = json.loads(theme.RECORD.read_text(encoding="utf-8"))
    assert record["sha256"] == theme.digest(theme.SOURCE.read_bytes()), "run manage.py flatten_unfold_css"


def test_theme_stylesheet_is_what_the_command_writes():
    made = theme.flatten(theme.SOURCE.read_text(encoding="utf-8"), settings.UNFOLD["COLORS"])
    assert made == theme.TARGET.read_text(encoding="utf-8"), "run manage.py flatten_unfold_css"


def test_theme_stylesheet_hides_the_packaged_one():
    assert finders.find("unfold/css/styles.css") == str(theme.TARGET)


@pytest.mark.parametrize("name", ["unfold/css/styles.css", "portal/admin.css", "checkin/public.css"])
@pytest.mark.parametrize(
    "feature",
    [
        "@layer",
        "oklch(",
        "color-mix(",
        "lab(",
        "lch(",
        "rgb(from",
        "{translate:",
        ";translate:",
        ";rotate:",
        "dvh",
        "&:",
    ],
)
def test_stylesheet_has_nothing_that_chromium_92_cannot_read(name, feature):
    css = without_guarded_blocks((STATIC / name).read_text(encoding="utf-8"))
    assert css.count("{") == css.count("}")
    assert feature not in css


@pytest.mark.parametrize("name", ["unfold/css/styles.css", "portal/admin.css", "checkin/public.css"])
def test_stylesheet_calls_no_other_host(name):
    css = (STATIC / name).read_text(encoding="utf-8")
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", css)
    assert "@import" not in css


@pytest.mark.parametrize(
    ("color", "expected"),
    [((0.637, 0.237, 25.331), (251, 44, 54)), ((1.0, 0.0, 0.0), (255, 255, 255)), ((0.0, 0.0, 0.0), (0, 0, 0))],
)
def test_oklch_to_rgb_gives_the_published_values(color, expected):
    assert theme.oklch_to_rgb(*color) == expected


def test_flatten_unwraps_layers_and_works_out_tints():
    css = (
        "@layer a,b;@layer a{:root{--color-red-500:oklch(63.7% .237 25.331)}@media print{.x{rotate:90deg}}}"
        ".y{color:red}@supports (color:color-mix(in lab, red, red)){"
        ".y{color:color-mix(in oklab, var(--color-base-700) 4%, transparent)}}"
        ".z{background:color-mix(in oklab, var(--color-red-500) 50%, transparent)}"
    )
    assert theme.flatten(css, {"base": {"500": "#6b7280", "700": "#374151"}}) == (
        ":root{--color-red-500:rgb(251,44,54)}@media print{.x{transform:rotate(90deg)}}"
        ".y{color:red}.y{color:rgba(55,65,81,0.04)}.z{background:rgba(251,44,54,0.5)}"
    )


def test_flatten_with_unknown_color_is_refused():
    with pytest.raises(KeyError):
        theme.flatten(".z{color:color-mix(in oklab, var(--color-odd-1) 5%, transparent)}", {"base": {"500": "#000000"}})


def test_phone_stylesheet_is_light():
    data = (STATIC / "checkin" / "public.css").read_bytes()
    assert len(data) < 8192
    assert len(gzip.compress(data)) < 3000


def test_phone_page_has_no_inline_script_or_style_and_no_other_host():
    html = render_to_string("checkin/base.html", {"demo": True})
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", html)
    for needed in ('lang="zh-Hans"', 'name="viewport"', 'content="noindex', 'content="no-referrer"', "public.css"):
        assert needed in html


@pytest.mark.parametrize("demo", [True, False])
def test_phone_page_shows_the_ribbon_only_in_the_demo(demo):
    assert ("demo-ribbon" in render_to_string("checkin/base.html", {"demo": demo})) is demo


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#1f2937", "#f3f4f6"),
        ("#4b5563", "#f3f4f6"),
        ("#ffffff", "#1d4ed8"),
        ("#1d4ed8", "#f3f4f6"),
        ("#b91c1c", "#f3f4f6"),
        ("#1f2937", "#fde68a"),
        ("#b91c1c", "#fef2f2"),
    ],
)
def test_phone_page_contrast_reaches_aa(text, ground):
    """WCAG 2.1, 1.4.3: 4.5 to 1; every pair is one that public.css uses."""
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    css = (STATIC / "checkin" / "public.css").read_text(encoding="utf-8")
    assert ground.replace("#ffffff", "#fff") in css
    assert (light + 0.05) / (dark + 0.05) >= 4.5
