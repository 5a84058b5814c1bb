"""Tables, where an array is some of the columns: what a key means in them, and `.csv` and `.tsv`.

A key names columns: by their names, by patterns as in a shell (`z*`), by positions (`0:16`), by the name before their
numbers (`z` for z0, z1, ...), or several of these by comma.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from render.audit.files.arrays import Column, Stream, naming

LINES = 4096  # parsed at once
DIGITS = {*"0123456789+-,\t\r\n "}  # of lines of whole numbers alone
LISTED = 12  # columns that a message names


def select(names: Sequence[str], key: str) -> list[str]:
    """The columns that a key means, in the order of the table; none if a part of it fits none.

    A part is a name, positions "first:stop", a pattern, or what stands before numbers: "z" for z0, z_1 or z.2.
    """
    chosen: set[str] = set()
    for part in key.split(","):
        if part in names:
            found = {part}
        elif re.fullmatch(r"\d*:\d*", part):
            first, stop = (int(end) if end else None for end in part.split(":"))
            found = set(names[first:stop])
        else:
            numbered = re.compile(rf"{re.escape(part)}[_.-]?\d+")
            found = {name for name in names if fnmatch.fnmatchcase(name, part) or numbered.fullmatch(name)}
        if not found:
            return []
        chosen |= found
    return [name for name in names if name in chosen]


def selected(path: Path, names: Sequence[str], key: str) -> list[str]:
    """The same of a file. Raises ValueError where two of them have one name."""
    chosen = select(names, key)
    twice = next((name for name in chosen if chosen.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{path}: {key}: several columns are called {twice!r}: give each a name of its own")
    return chosen


def few(names: Sequence[str]) -> list[str]:
    """The first of the names, and how many more there are."""
    more = [f"and {len(names) - LISTED} columns more"] if len(names) > LISTED else []
    return [*names[:LISTED], *more]


@dataclass
class Text:
    """Numbers in lines. Without a line of names all columns are the features, called 0, 1, ... by their positions.

    headed: the first line is no row, `titled` or not: it may number the columns, as that of Pandas does. The features
    are to be found first: where they are all columns, no column is left for another role.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...]
    titled: bool
    headed: bool
    count: int
    all_features: bool = False

    def find(self, key: str, role: str) -> Column | None:
        chosen = selected(self.path, self.names, key)
        if not chosen and not self.titled and key == role == "features":
            chosen, self.all_features = list(self.names), True
        elif chosen and self.all_features:
            raise ValueError(
                f"{self.path}: has no line of names, so that all columns are the features, the {role} {key} too: say "
                f"which are the features, as in --features 0:{max(len(self.names) - 1, 1)}"
            )
        if not chosen:
            return None
        places = [self.names.index(name) for name in chosen]
        flat = role in ("labels", "step") and len(chosen) == 1
        # whether a label is an integer is for its text to say; a feature may be "1" in one line and "0.5" in the next
        first = self._first(places[0]) if flat else ""
        text = flat and not _is_number(first)
        dtype = np.dtype(str if text else np.int64 if re.fullmatch(r"[+-]?\d+", first) else np.float64)
        shape = (self.count,) if flat else (self.count, len(chosen))

        def blocks() -> Generator[np.ndarray]:
            for numbers, lines in self._lines():
                try:
                    block = np.loadtxt(lines, dtype, None, self.delimiter, usecols=places, ndmin=2)
                except ValueError as error:
                    why, _, at = str(error).partition(" at row ")
                    row = re.match(r"\d+", at)
                    line = f"line {numbers[int(row[0])]}" if row else f"lines {numbers[0]} to {numbers[-1]}"
                    raise ValueError(f"{self.path}: {key}: {why} in {line}; correct or remove that line") from error
                yield block[:, 0] if flat else block

        name = key if len(chosen) > 1 else chosen[0]
        return Column(name, shape, dtype, naming(self.path, name, Stream(self.count, blocks)))

    def listed(self) -> list[str]:
        return few(self.names)

    def _lines(self, at_once: int = LINES) -> Iterator[tuple[list[int], list[str]]]:
        """Rows as text, with the numbers of their lines. Raises ValueError for one with more or fewer cells."""
        with self.path.open(encoding="utf-8-sig") as file:
            lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
            if self.headed:
                next(lines)
            while some := list(islice(lines, at_once)):
                for number, line in some:
                    if line.count(self.delimiter) + 1 != len(self.names):
                        raise ValueError(
                            f"{self.path}: line {number} has {line.count(self.delimiter) + 1} of "
                            f"{len(self.names)} cells that the first line has: correct or remove it"
                        )
                yield [number for number, _ in some], [line for _, line in some]

    def _first(self, place: int) -> str:
        return next(self._lines(1))[1][0].split(self.delimiter)[place].strip()


def open_text(path: Path) -> Text:
    """A `.csv` or `.tsv` file; its lines are counted, and parsed when they are read.

    A first line of whole numbers that follow each other is no row where no other line is of whole numbers. Raises
    ValueError where that cannot be told of 0, 1, ..., which Pandas writes; and without any line.
    """
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        with path.open(encoding="utf-8-sig") as file:
            number, first = next(((number, line) for number, line in enumerate(file, 1) if line.strip()), (1, ""))
            cells = [cell.strip().strip('"') for cell in first.rstrip("\r\n").split(delimiter)]
            titled = not all(map(_is_number, cells))
            numbered, whole, count = _counts_up(cells), 0, 0
            for line in file:
                if line.strip():
                    count += 1
                    whole += numbered and not set(line) - DIGITS
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is no text in UTF-8 ({error.reason}): save it as UTF-8") from error
    headed = titled or '"' in first or (numbered and count > 0 and (not whole or cells[0] == "0"))
    if headed and not titled and whole and '"' not in first:
        raise ValueError(
            f"{path}: line {number} is {first.strip()[:40]}, which may be a row or the numbers of the columns: write "
            f"names of the columns into it, or above it"
        )
    if count + (not headed) == 0 or not first:
        raise ValueError(f"{path}: has no rows of numbers; write one row a point")
    names = tuple(cells) if headed else tuple(map(str, range(len(cells))))
    return Text(path, delimiter, names, titled, headed, count + (not headed))


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether cells are whole numbers that follow each other, from 0 on where they are only two."""
    first = cells[0]
    if not first.isdecimal() or len(first) > 9 or (len(cells) < 3 and first != "0"):
        return False
    return all(cell == str(int(first) + place) for place, cell in enumerate(cells))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


__all__ = ["LINES", "LISTED", "Text", "few", "open_text", "select", "selected"]
