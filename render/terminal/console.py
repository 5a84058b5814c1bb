"""What the command prints: tables, one line a picture, one line an error."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from render.errors import ERROR, exit_code
from render.places import replacing, require_file
from render.printable import printable, printable_json, printable_text
from render.terminal import streams

ENDLESS = 100_000  # columns of a pipe, in which every line is whole
WIDEST = 200  # columns of a table: what is wider is read line by line anyway


def require_json_file(path: str | None) -> None:
    """Raise, before anything runs, unless JSON can be written to a path that is neither None nor "-"."""
    if path and path != "-":
        require_file(Path(path), "name a file for --json")


def json_text(told: Any) -> str:
    """JSON as the command writes it: indented by 2, letters of any script as they are, a newline at the end."""
    return printable_json(json.dumps(told, indent=2, ensure_ascii=False)) + "\n"


def write_json(path: str | None, text: str) -> None:
    """Write a text of `json_text` to a file, or print it where the path is "-"; nothing where it is None."""
    if path == "-":
        streams.print_json(text)
    elif path:
        with replacing(Path(path)) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace")  # bytes of names that are no text


def percent(share: float) -> str:
    """A share from below: 0.9542 is 95.4 %."""
    return f"{math.floor(1000 * share) / 10:.1f} %"


def say(quiet: bool, text: str) -> None:
    """Print a line about what is written, unless nothing is to be said but errors."""
    if not quiet:
        streams.tell(printable_text(text))


def say_path(quiet: bool, path: Path) -> None:
    """Print where something was written, as short as it can be said from here."""
    say(quiet, printable(shown(path)))


def line(path: Path, entry: Mapping[str, Any], seconds: Mapping[str, float]) -> str:
    met, total = sum(target["met"] for target in entry["targets"]), len(entry["targets"])
    size, frames = f"{entry['bytes'] / 1000:.0f} kB", f"{entry['frames']} frames"
    return f"{printable(shown(path))}  {frames}  {size}  {met} of {total} targets met  {sum(seconds.values()):.1f} s"


def summary(folder: Path, entries: Sequence[Mapping[str, Any]], differing: Sequence[str]) -> list[str]:
    """What a batch has written, how large it is, where to look; and which of its files are not the committed ones."""
    size = sum(entry["bytes"] for entry in entries) / 1e6
    animations = "1 animation" if len(entries) == 1 else f"{len(entries)} animations"
    said = [f"{animations}, {size:.1f} MB, in {shown(folder)}/: open any of them in a browser"]
    if differing:
        count = len(differing)
        files = "1 file is not the committed one" if count == 1 else f"{count} files are not the committed ones"
        said.append(f"{files}: another processor or version rounds otherwise")
        said += [f"  {name}" for name in differing]
    return said


def shown(path: Path) -> Path:
    """A path as short as it can be said from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def columns() -> int:
    """Width to write to: $COLUMNS where it is set, also in a pipe; the terminal's; without either, endless."""
    if os.environ.get("COLUMNS", "").isdecimal() and int(os.environ["COLUMNS"]) > 0:
        return int(os.environ["COLUMNS"])
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else ENDLESS


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=min(columns(), WIDEST)).print(drawn)


def one_line(error: BaseException) -> str:
    text = printable(" ".join(str(error).split()) or "no message")
    if isinstance(error, OSError) and error.filename:
        return printable(f"{os.fsdecode(error.filename)}: {error.strerror}")
    if exit_code(error) == ERROR and not isinstance(error, OSError | ArithmeticError):
        return f"{type(error).__name__}: {text} (--traceback shows the rest)"
    return text


def print_traceback(error: BaseException) -> None:
    if "--traceback" in sys.argv:
        print(printable_text("".join(traceback.format_exception(error))), end="", file=sys.stderr)
