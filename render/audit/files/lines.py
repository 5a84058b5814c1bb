"""JSON lines, `.jsonl`: a row a line, an object of numbers, lists and names, or a list that is the features."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Column, Stream, naming
from render.audit.files.tables import LINES, LISTED, select

ALONE = "features"  # what the list of a line without names is called
KINDS: dict[str, set[type]] = {
    "U": {str},
    "i": {int, bool},
    "f": {int, bool, float, type(None)},
}  # of what JSON has, by the array's


@dataclass(frozen=True)
class JsonLines:
    """Rows in lines of JSON. `first`: the first of them by names, which says what the others must be like.

    A key names columns as in a table: one of lists that are equally long, or several of numbers. Labels are numbers
    or names, all of the first one's kind.
    """

    path: Path
    first: dict[str, Any]
    count: int
    number: int  # of the first line that has a row

    def find(self, key: str, role: str) -> Column | None:
        chosen = select([*self.first], key)
        if not chosen:
            return None
        values = [self.first[name] for name in chosen]
        flat = role in ("labels", "step") and len(chosen) == 1 and not isinstance(values[0], list)
        text = flat and isinstance(values[0], str)
        # whether a label is an integer is for the first to say; a feature may be 1 in one line and 0.5 in the next
        dtype = np.dtype(str if text else np.int64 if flat and isinstance(values[0], int) else np.float64)
        shape = () if text else self._row(self.number, self.first, chosen, flat, dtype, None).shape

        def blocks() -> Generator[np.ndarray]:
            for rows in self._rows():
                yield np.array([self._row(number, row, chosen, flat, dtype, shape) for number, row in rows])

        name = key if len(chosen) > 1 else chosen[0]
        return Column(name, (self.count, *shape), dtype, naming(self.path, name, Stream(self.count, blocks)))

    def _row(
        self, number: int, row: dict[str, Any], chosen: list[str], flat: bool, dtype: np.dtype, shape: Any
    ) -> np.ndarray:
        """What a line has in these columns: (columns,), or () if `flat`. Raises ValueError that names both."""
        parts: list[Any] = []
        for name in chosen:
            if name not in row:
                raise ValueError(f"{self.path}: line {number} has no {name}: give every line the names of the first")
            value = row[name]
            some = value if isinstance(value, list) else [value]
            wrong = {*map(type, some)} - KINDS[dtype.kind]
            if wrong or (flat and isinstance(value, list)):
                is_a = "a name" if dtype.kind == "U" else "a whole number" if dtype.kind == "i" else "numbers"
                found = json.dumps(next((one for one in some if type(one) in wrong), value))
                raise ValueError(
                    f"{self.path}: line {number}: {name} has {found[:40]}, where {is_a} must be: correct or remove it"
                )
            parts += some
        try:
            found_row = np.array(parts[0] if flat else parts, dtype)  # a null is a NaN
        except OverflowError as error:
            raise ValueError(f"{self.path}: line {number}: {chosen[0]} is too large a number ({error})") from error
        if shape is not None and found_row.shape != shape:
            lengths = f"{len(parts)} numbers in {', '.join(chosen[:3])}, and the first line {shape[0]}"
            raise ValueError(f"{self.path}: line {number} has {lengths}: make all lines equally long")
        return found_row

    def listed(self) -> list[str]:
        more = [f"and {len(self.first) - LISTED} names more"] if len(self.first) > LISTED else []
        shown = islice(self.first.items(), LISTED)
        return [
            f"{name} {f'list of {len(one)}' if isinstance(one, list) else type(one).__name__}" for name, one in shown
        ] + more

    def _rows(self) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        with self.path.open(encoding="utf-8-sig") as file:
            lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
            while some := list(islice(lines, LINES)):
                yield [(number, _parsed(self.path, number, line)) for number, line in some]


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = str(error).split(": line")[0].split("\n")[0]
        raise ValueError(f"{path}: line {number} is no JSON ({why}): write one row a line") from error
    row = {ALONE: row} if isinstance(row, list) else row
    if not isinstance(row, dict):
        raise ValueError(f'{path}: line {number} is {line.strip()[:40]}: write {{"features": [...], "labels": ...}}')
    return row


def open_json_lines(path: Path) -> JsonLines:
    """A `.jsonl` file; its lines are counted, and parsed when they are read. Raises ValueError without any."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            number, first = next(((number, line) for number, line in enumerate(file, 1) if line.strip()), (0, ""))
            count = bool(first) + sum(1 for line in file if line.strip())
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is no text in UTF-8 ({error.reason}): save it as UTF-8") from error
    if not first:
        raise ValueError(f"{path}: has no rows; write one a line, as JSON")
    return JsonLines(path, _parsed(path, number, first), count, number)


__all__ = ["JsonLines", "open_json_lines"]
