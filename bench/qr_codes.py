"""QR codes a second on one core: the portal's SVG beside qrcode's PNG, and the bare matrix.

Run: python bench/qr_codes.py [--quick] [--json FILE]. The contestants take turns round after round over the same 300
addresses; the medians of the rounds are printed. The mask is chosen automatically by all of them, which is where the
time goes.
"""

import argparse
import base64
import hashlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from checkin.qr import MIN_VERSION, QUIET_ZONE, qr_matrix, qr_svg  # noqa: E402

CODES = 300
# Issue "Scan to report in": posters with automatic mask, one core.
GOAL_PER_SECOND = 60.0
# performance.md F1: beside qrcode's PNG in the same run.
GOAL_RATIO = 1.2


def address(number: int) -> str:
    """As long as those on the posters: a code is 46 characters (checkin.codes), of which the signature looks random."""
    text = hashlib.sha512(f"code {number}".encode()).digest()[:34]
    return "https://youjia.example.org/c/" + base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def peer_png(url: str) -> int:
    """What most projects do: qrcode's own PNG by Pillow at its default scale. Returns the bytes written."""
    code = qrcode.QRCode(version=MIN_VERSION, error_correction=ERROR_CORRECT_Q, border=QUIET_ZONE)
    code.add_data(url)
    code.make(fit=True)
    target = io.BytesIO()
    code.make_image().save(target)
    return target.tell()


def portal_svg(url: str) -> int:
    """What a poster holds. Returns the bytes."""
    return len(qr_svg(url).encode())


def bare_matrix(url: str) -> int:
    """The modules alone, nothing drawn: what the choice of the mask costs."""
    return len(qr_matrix(url))


CONTESTANTS: dict[str, Callable[[str], int]] = {
    "peer: qrcode, PNG": peer_png,
    "portal: SVG path": portal_svg,
    "portal: matrix only": bare_matrix,
}


def measure(rounds: int) -> dict[str, list[float]]:
    """Codes a second of every contestant, one figure a round. A round draws each address once with each of them."""
    urls = [address(number) for number in range(CODES)]
    step = CODES // rounds
    rates: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for turn in range(rounds):
        part = urls[turn * step : (turn + 1) * step]
        names = list(CONTESTANTS)
        for name in names[turn % 3 :] + names[: turn % 3]:
            started = time.process_time()
            for url in part:
                CONTESTANTS[name](url)
            rates[name].append(len(part) / (time.process_time() - started))
    return rates


def main() -> int:
    """Measure, print the table, write the figures; returns 0 when every goal is met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer, longer rounds; the same 300 codes")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    for contestant in CONTESTANTS.values():
        contestant(address(-1))
    rates = measure(rounds=3 if options.quick else 15)
    peer, portal, bare = (statistics.median(rates[name]) for name in CONTESTANTS)
    ratio = statistics.median(a / b for a, b in zip(rates["portal: SVG path"], rates["peer: qrcode, PNG"], strict=True))
    for name, rate in zip(CONTESTANTS, (peer, portal, bare), strict=True):
        size = CONTESTANTS[name](address(0))
        print(
            f"{name:20} {rate:7.1f} codes/s  {1000 / rate:6.2f} ms  {rate / peer:5.2f} x peer  {size} bytes or modules"
        )
    results = []
    for name, value, goal in (
        ("qr_svg_per_second", portal, GOAL_PER_SECOND),
        ("qr_svg_to_qrcode_png", ratio, GOAL_RATIO),
    ):
        met = value >= goal
        results.append({"name": name, "value": round(value, 3), "goal": goal, "op": ">=", "met": met})
        print(f"{name}: {value:.3f} (goal >= {goal}, met: {met})")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if all(result["met"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
