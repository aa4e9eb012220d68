"""Read a ledger in a limited child process: only plain cells come back, nothing touches the disk."""

import datetime
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from .child import limit_arguments
from .workbook import CellError, LedgerRefused, Limits, Sheet, ShownNumber, Workbook

_SHORT, _MOST_KNOWN = 16, 5_000
_ROOT = Path(__file__).resolve().parents[2]


def read_workbook(source: str | os.PathLike[str] | bytes, limits: Limits | None = None) -> Workbook:
    """Read a file given by path or by its bytes.

    The format is recognized by content: xlsx, xls, ods, csv or tsv (UTF-8, UTF-16, GB18030) or an HTML table.
    Raises LedgerRefused for a file that is empty, damaged, protected, too large or of another kind; OSError when a path
    cannot be opened.
    """
    limits = limits or Limits()
    data = source if isinstance(source, bytes) else _bytes(Path(source), limits)
    if not data:
        raise LedgerRefused("empty")
    if len(data) > limits.file_bytes:
        raise LedgerRefused("too_large")
    return _parse(run_child("child", [data], limits))


def _bytes(path: Path, limits: Limits) -> bytes:
    with path.open("rb") as file:
        return file.read(limits.file_bytes + 1)


def run_child(module: str, parts: list[bytes], limits: Limits) -> bytes:
    """Output of a limited process of this package that is given the parts one after the other. Raises LedgerRefused.

    It gets no environment: the portal's keys and addresses are none of its business.
    """
    command = [sys.executable, "-m", f"{__package__}.{module}", *limit_arguments(limits)]
    environment = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
    }
    with subprocess.Popen(  # noqa: S603  (fixed command, no shell)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(b"".join(parts), timeout=limits.wall_seconds)
        except subprocess.TimeoutExpired as error:
            raise LedgerRefused("timeout") from error
        finally:
            process.kill()  # harmless after its end; never leaves it running on any error
    if process.returncode == 0:
        return output
    raise LedgerRefused(_reason(process.returncode, output))


def _reason(returncode: int, output: bytes) -> str:
    if returncode == 3:
        return str(json.loads(output)["refused"])
    if returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "timeout"
    if returncode in (-signal.SIGABRT, -signal.SIGSEGV):
        return "too_large"  # the reader gives up on memory by aborting
    return "damaged"


def _typed(value: dict[str, Any]) -> Any:
    if "d" in value:
        return datetime.date.fromisoformat(value["d"])
    if "t" in value:
        return datetime.datetime.fromisoformat(value["t"])
    if "n" in value:
        return ShownNumber(value["n"], value["s"])
    if "e" in value:
        return CellError(value["e"])
    if "x" in value:
        return value["x"]
    return value


def _parse(output: bytes) -> Workbook:
    if not output:
        raise LedgerRefused("damaged")
    lines = io.BytesIO(output)
    head = json.loads(lines.readline())
    book = Workbook(head["kind"], [], head["date1904"])
    decode, known = json.JSONDecoder(object_hook=_typed).decode, dict[str, str]()
    for line in lines:
        content = decode(line.decode("ascii"))
        if isinstance(content, dict):
            book.sheets.append(
                Sheet(
                    name=content["sheet"],
                    first_row=content["row"],
                    first_column=content["column"],
                    visible=content["visible"],
                    merged=[tuple(place) for place in content["merged"]],
                    hidden_rows=frozenset(content["hidden"]),
                    hidden_columns=frozenset(content["hidden_columns"]),
                    struck=frozenset((row, column) for row, column in content["struck"]),
                    red=frozenset((row, column) for row, column in content["red"]),
                    comments={(row, column): text for row, column, text in content["comments"]},
                )
            )
        else:
            book.sheets[-1].rows.extend(_sharing(content, known))
    return book


def _sharing(rows: list[list[Any]], known: dict[str, str]) -> list[list[Any]]:
    """The rows with one text for all equal ones: most columns of a ledger repeat a few words."""
    share = known.setdefault if len(known) < _MOST_KNOWN else known.get
    return [
        [share(value, value) if type(value) is str and len(value) < _SHORT else value for value in row] for row in rows
    ]
