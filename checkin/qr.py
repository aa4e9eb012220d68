"""QR codes: the modules, and the code alone as SVG or PNG.

Pure. What a code is printed for, and why its parts have these sizes, is told in ``checkin.posters``.
"""

import functools
import io
from collections.abc import Iterator
from typing import Any

import qrcode
from PIL import Image, ImageDraw
from qrcode import util
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4  # modules of white around a code (ISO/IEC 18004, 9.1)
MIN_VERSION = 4  # 33 modules: a shorter URL gets no smaller code, so that all posters of a street look alike

Matrix = list[list[bool]]


@functools.cache
def _masks(version: int, free: tuple[tuple[bool, ...], ...]) -> list[list[list[bool]]]:
    """For each of the eight masks the modules that it turns over; never those of the frame, which are not `free`."""
    return [
        [[cell and util.mask_func(mask)(y, x) for x, cell in enumerate(row)] for y, row in enumerate(free)]
        for mask in range(8)
    ]


class _Code(qrcode.QRCode):
    """Chooses the same mask as its base, in half the time: the data are laid out once, not once for every mask."""

    _free: tuple[tuple[bool, ...], ...]

    def map_data(self, data: Any, mask_pattern: int) -> None:
        self._free = tuple(tuple(module is None for module in row) for row in self.modules)
        super().map_data(data, mask_pattern)

    def best_mask_pattern(self) -> int:
        self.makeImpl(True, 0)
        masks = _masks(self.version, self._free)
        bare = [[a != b for a, b in zip(*rows, strict=True)] for rows in zip(self.modules, masks[0], strict=True)]

        def faults(mask: list[list[bool]]) -> int:
            return util.lost_point(
                [[a != b for a, b in zip(*rows, strict=True)] for rows in zip(bare, mask, strict=True)]
            )

        return min(range(8), key=lambda number: faults(masks[number]))


def qr_matrix(url: str) -> Matrix:
    """Modules of the code for ``url``, row by row, True is black, without quiet zone; the best of the eight masks.

    Raises qrcode's ``DataOverflowError`` beyond 1,663 bytes.
    """
    code = _Code(version=MIN_VERSION, error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(url)
    code.make(fit=True)
    return code.get_matrix()


def side_in_modules(matrix: Matrix) -> int:
    """Modules along one side, quiet zone included."""
    return len(matrix) + 2 * QUIET_ZONE


def black_runs(matrix: Matrix) -> Iterator[tuple[int, int, int]]:
    """(column, row, length) of every horizontal run of black modules, counted from the corner of the quiet zone."""
    for y, row in enumerate(matrix, start=QUIET_ZONE):
        start = None
        for x, black in enumerate([*row, False], start=QUIET_ZONE):
            if black and start is None:
                start = x
            elif not black and start is not None:
                yield start, y, x - start
                start = None


def qr_svg(url: str, *, box: tuple[float, float, float] | None = None) -> str:
    """The code as an SVG document, quiet zone included, that scales to any size.

    With ``box`` = (x, y, side) it is an element to be placed there inside another SVG. One path of runs instead of
    qrcode's own square for each module: a third of the bytes, and no hairlines between modules.
    """
    matrix = qr_matrix(url)
    side = side_in_modules(matrix)
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in black_runs(matrix))
    place = ' x="{:g}" y="{:g}" width="{:g}" height="{:g}"'.format(*box, box[2]) if box else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{place} viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def draw_code(draw: ImageDraw.ImageDraw, url: str, centre: tuple[int, int], side: int) -> None:
    """Draw the code in black around ``centre``, at most ``side`` pixels wide with its quiet zone.

    Every module is a whole number of pixels, which keeps the edges sharp; the rest widens the quiet zone.
    """
    matrix = qr_matrix(url)
    modules = side_in_modules(matrix)
    module = side // modules
    left, top = (c - module * modules // 2 for c in centre)
    for x, y, length in black_runs(matrix):
        corner = (left + x * module, top + y * module)
        draw.rectangle((*corner, corner[0] + length * module - 1, corner[1] + module - 1), fill=0)


def qr_png(url: str, *, module: int = 8) -> bytes:
    """The code as a two-colour PNG for an ``img`` on a phone page; ``module`` is pixels for each module."""
    side = side_in_modules(qr_matrix(url)) * module
    image = Image.new("1", (side, side), 1)
    draw_code(ImageDraw.Draw(image), url, (side // 2, side // 2), side)
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
