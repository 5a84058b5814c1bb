"""Standard output and error that show what they can, in any encoding, and never end a run."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

STANDS_FOR = {
    "✓": "ok",
    "✗": "x",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "±": "+-",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "÷": "/",
    "·": "*",
    "√": "sqrt ",
    "∞": "inf",
    "∝": "~",
    "→": "->",
    "←": "<-",
    "≈": "~",
    "∫": "integral ",
    "∓": "-+",
    "′": "'",
    "…": "...",
    "°": " deg",
    "⁄": "/",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "²": "^2",
    "³": "^3",
    "¹": "^1",
    "µ": "u",
    "λ": "lambda",
    "Λ": "Lambda",
}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀ"
FOREIGN = re.compile(f"[{RAISED}]{{2,}}|[^\x00-\x7f]")  # a number that is raised is one


class Output(io.TextIOBase):
    """A stream that replaces what its encoding lacks, and drops what cannot be written.

    lost: why something that was printed is not there; None while all is, and for what `tell` let go.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """stream: what is written to; None for one that was closed before the program began."""
        self._stream = stream
        self._broken = None if stream else OSError(errno.EBADF, os.strerror(errno.EBADF))
        self.lost: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def write(self, text: str | bytes) -> int:
        """Write text, or text in UTF-8, as click has it."""
        if text == b"":  # so click asks whether bytes are written as they are
            raise TypeError("text is written, no bytes")
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if self._stream and not self._broken:
            try:
                self._stream.write(plain(text, self.encoding))
                self._stream.flush()  # else it would fail where nobody expects it
            except OSError as error:
                self._broken = error
                self._drop()
        if self._broken and text:
            self.lost = self._broken
        return len(text)

    def _drop(self) -> None:
        """Let what is still in the stream's buffer, and would fail again at the end of Python, go nowhere."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)


def plain(text: str, encoding: str) -> str:
    """A text in which what an encoding lacks is replaced by what stands for it: ≥ by >=, σ by sigma, ✓ by ok."""
    if _has(encoding, text):
        return text
    return FOREIGN.sub(lambda found: found[0] if _has(encoding, found[0]) else _stand_in(found[0]), text)


def plain_json(text: str, encoding: str) -> str:
    """The same of JSON, in which an escape stands for a letter and nothing is lost."""

    def escaped(found: re.Match[str]) -> str:
        return found[0] if _has(encoding, found[0]) else json.dumps(found[0])[1:-1]

    return re.sub("[^\x00-\x7f]", escaped, text)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _stand_in(text: str) -> str:
    if text in STANDS_FOR:
        return STANDS_FOR[text]
    name = unicodedata.name(text[0], "")
    if name.startswith("GREEK"):
        letter = name.rpartition("LETTER ")[2].partition(" ")[0]
        return letter.lower() if "SMALL" in name else letter.capitalize()
    if name.startswith("BRAILLE"):  # of a spinner
        return "*"
    parts = [STANDS_FOR.get(part, part) for part in unicodedata.normalize("NFKD", text)]
    ascii_only = "".join(parts).encode("ascii", "ignore").decode()
    return ("^" if text[0] in RAISED and ascii_only else "") + (ascii_only or "?")


@contextmanager
def guarded() -> Iterator[Output]:
    """Standard output, an Output like standard error for as long as the block takes."""
    before = sys.stdout, sys.stderr
    if None in (sys.stdin, *before):
        _occupy()
    out = sys.stdout = Output(sys.stdout)
    sys.stderr = Output(sys.stderr)
    try:
        yield out
    finally:
        sys.stdout, sys.stderr = before


def _occupy() -> None:
    """Open nothing under the numbers of standard streams that are closed, or the next file that is opened has one."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def print_json(text: str) -> None:
    """Print JSON as it is, or with escapes. Raises OSError when it cannot be printed: nothing else has what it says."""
    print(plain_json(text, sys.stdout.encoding or "utf-8"), end="", flush=True)
    lost = getattr(sys.stdout, "lost", None)
    if lost:
        raise OSError(lost.errno, lost.strerror, "standard output")


def tell(text: str) -> None:
    """Print a line about files that are written: that it cannot be shown is no failure."""
    lost = getattr(sys.stdout, "lost", None)
    print(text, flush=True)
    if isinstance(sys.stdout, Output):
        sys.stdout.lost = lost
