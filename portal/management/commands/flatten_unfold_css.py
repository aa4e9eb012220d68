"""Rewrite the admin theme's stylesheet for the browsers of office PCs (Chromium 92 and 109).

The packaged file uses cascade layers (Chromium 99), ``oklch()`` and ``color-mix()`` (111) and the single transform
properties (104). Without them Chromium 92 shows no styling at all, and 109 shows solid dark fields where a pale tint is
meant. See static/unfold/README.md.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import unfold
from django.conf import settings
from django.core.management.base import BaseCommand

SOURCE = Path(unfold.__file__).parent / "static" / "unfold" / "css" / "styles.css"
TARGET = Path(__file__).resolve().parents[3] / "static" / "unfold" / "css" / "styles.css"
RECORD = TARGET.with_name("styles.source.json")

Rgb = tuple[int, int, int]
# The wrapper that the theme's own build puts around every color-mix().
MIX_GUARD = "@supports (color:color-mix(in lab, red, red))"
OKCOLOR = re.compile(r"(oklch|oklab)\(([^()]*)\)")
MIX = re.compile(r"color-mix\(in oklab, var\(--color-([\w-]+)\) ([\d.]+)%, transparent\)")
# A tint whose strength is the registered property --tw-*-alpha, which nothing in the theme sets below 100 %.
TINTED_SHADOW = re.compile(
    r"color-mix\(in oklab, ((?:rgba\([^()]*\)|[^,()]+|var\([^()]*\))) var\(--tw-[\w-]+-alpha\), transparent\)"
)
CURRENT_MIX = re.compile(r"color-mix\(in oklab, currentcolor [\d.]+%, transparent\)", re.IGNORECASE)


def _number(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def oklch_to_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """sRGB bytes of an OKLCH colour (lightness 0 to 1, hue in degrees), clipped to the gamut.

    Matrices: CSS Color Module Level 4, section 10, by way of OKLab.
    """
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3

    def encode(value: float) -> int:
        curve = 1.055 * value ** (1 / 2.4) - 0.055 if value > 0.0031308 else 12.92 * value
        return round(255 * max(0.0, min(1.0, curve)))

    return (
        encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        encode(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _color_text(match: re.Match[str]) -> str:
    parts = match.group(2).replace("/", " / ").split()
    lightness, second, third = (0.0 if part == "none" else _number(part.removesuffix("deg")) for part in parts[:3])
    if match.group(1) == "oklab":
        second, third = math.hypot(second, third), math.degrees(math.atan2(third, second))
    rgb = oklch_to_rgb(lightness, second, third)
    if "/" in parts:
        return "rgba({},{},{},{:g})".format(*rgb, _number(parts[4]))
    return "rgb({},{},{})".format(*rgb)


def _block_end(css: str, opening: int) -> int:
    """Index after the brace that closes the one at ``opening``."""
    depth, end = 1, opening + 1
    while depth:
        depth += (css[end] == "{") - (css[end] == "}")
        end += 1
    return end


def unwrap(css: str, prelude: str) -> str:
    """Replace every at-rule that begins with ``prelude`` by its content; statements without a block are dropped."""
    parts, at = [], 0
    while (found := css.find(prelude, at)) >= 0:
        parts.append(css[at:found])
        opening = min(i for i in (css.find("{", found), css.find(";", found)) if i >= 0)
        if css[opening] == ";":
            at = opening + 1
            continue
        at = _block_end(css, opening)
        parts.append(unwrap(css[opening + 1 : at - 1], prelude))
    parts.append(css[at:])
    return "".join(parts)


def _palette(css: str, colors: Mapping[str, Mapping[str, str]]) -> dict[str, Rgb]:
    """Every --color-* variable with a fixed value: the theme's own, then the settings' hex values over them."""
    found: dict[str, Rgb] = {"white": (255, 255, 255), "black": (0, 0, 0)}
    for name, r, g, b in re.findall(r"--color-([\w-]+):rgb\((\d+),(\d+),(\d+)\)", css):
        found[name] = (int(r), int(g), int(b))
    for group, weights in colors.items():
        for weight, value in weights.items():
            if re.fullmatch(r"#[0-9a-fA-F]{6}", value):
                found[f"{group}-{weight}"] = (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))
    return found


def flatten(css: str, colors: Mapping[str, Mapping[str, str]]) -> str:
    """The stylesheet without layers, oklch(), color-mix() and single transform properties.

    ``colors`` is ``UNFOLD["COLORS"]`` in hex: tints of the theme's colours are worked out from it. Raises ``KeyError``
    for a tint of a colour that is in neither.
    """
    css = OKCOLOR.sub(_color_text, unwrap(css, "@layer"))
    palette = _palette(css, colors)
    css = unwrap(css, MIX_GUARD)
    css = MIX.sub(lambda m: "rgba({},{},{},{:g})".format(*palette[m[1]], float(m[2]) / 100), css)
    css = TINTED_SHADOW.sub(r"\1", css)
    css = CURRENT_MIX.sub("rgb({},{},{})".format(*palette["base-500"]), css)
    css = re.sub(
        r"(?<=[{;])translate:var\(--tw-translate-x\) var\(--tw-translate-y\)",
        "transform:translate(var(--tw-translate-x),var(--tw-translate-y))",
        css,
    )
    css = re.sub(r"(?<=[{;])rotate:(-?[\d.]+deg)", r"transform:rotate(\1)", css)
    return re.sub(r"(?<=[{;])rotate:none", "transform:none", css)


def digest(data: bytes) -> str:
    """SHA-256 in hex, as recorded beside the result."""
    return hashlib.sha256(data).hexdigest()


class Command(BaseCommand):
    help = "Make static/unfold/css/styles.css for old browsers from the installed admin theme."
    requires_system_checks = ()

    def handle(self, *args: object, **options: Any) -> None:
        source = SOURCE.read_bytes()
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_text(flatten(source.decode(), settings.UNFOLD["COLORS"]), encoding="utf-8")
        record = {"made_from": "django-unfold static/unfold/css/styles.css", "sha256": digest(source)}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(str(TARGET.relative_to(TARGET.parents[3])))
