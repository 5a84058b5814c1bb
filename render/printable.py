"""Text that a terminal only shows: what it would obey, and what changes the order of letters, is escaped as in Python.

Names of files, arrays, columns and labels are written by others, so that they are escaped where they are read, and what
the command prints is escaped once more as a whole.
"""

from __future__ import annotations

import re

# control characters; marks that turn the direction of writing; separators of lines; bytes that are no UTF-8; tags
_OBEYED = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f"
_IN_FILE_NAMES = re.compile(f"[\t\n{_OBEYED}]")
_IN_NAMES = re.compile(f"[\t\n\ud800-\udfff{_OBEYED}]")
_IN_TEXTS = re.compile(f"[\ud800-\udfff{_OBEYED}]")
_BYTES = range(0xDC80, 0xDD00)  # how Python reads bytes of a file's name that are no UTF-8


def printable(name: object) -> str:
    """A name, or a line, as one line that is safe to show: "a\\x1b[31m" for an escape sequence."""
    return _IN_NAMES.sub(_escaped, _decoded(str(name)))


def file_name(name: str) -> str:
    """A name to call a file by: as `printable`, but bytes that are no text in this locale stay what they are."""
    return _IN_FILE_NAMES.sub(_escaped, name)


def printable_text(text: str) -> str:
    """A text of several lines that is safe to show."""
    return _IN_TEXTS.sub(_escaped, _decoded(text))


def printable_json(text: str) -> str:
    """A JSON text that is safe to show, and means the same."""
    return _IN_TEXTS.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _units(found[0])), text)


def _decoded(text: str) -> str:
    """Text with the letters that bytes of UTF-8 are, of which another locale has made single bytes."""
    if text.isascii() or not any(ord(letter) in _BYTES for letter in set(text)):
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair of UTF-16
        return text


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code < 0xE000 else found[0].encode("unicode_escape").decode("ascii")


def _units(letter: str) -> list[int]:
    """What a letter is in UTF-16."""
    pairs = letter.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(pairs[place : place + 2], "big") for place in range(0, len(pairs), 2)]
