"""Shards: files that are one table together, told by their names, by a pattern, or because someone says so.

Their rows are in the order of the names, numbers in them as numbers: part-2 before part-10.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from render.audit.files.addresses import Address
from render.audit.files.steps import step_of_name
from render.audit.files.stores import is_zarr

OF = re.compile(r"(?P<table>.*?)[-_.]?(?P<number>\d+)-of-(?P<total>\d+)(?:[-_.].*)?")
PART = re.compile(r"(?P<table>part)[-_.]?\d+(?:[-_.].*)?", re.IGNORECASE)
SIGNS = re.compile(r"[*?\[\]]")  # of a pattern
LISTED = 3  # tables that a message names


def is_pattern(path: Path) -> bool:
    """Whether a path has signs of a pattern in it, and no file is called so."""
    if isinstance(path, Address):
        return "*" in path.url.partition("?")[0]
    return bool(SIGNS.search(str(path))) and not os.path.lexists(path)


def are_told(files: Sequence[Path]) -> bool:
    """Whether the names of files say that they are shards, as Spark (part-00000) and the hub (-00000-of-00003) do."""
    return bool(files) and all(_named(file) is not None for file in files)


def are_steps(files: Sequence[Path]) -> bool:
    """Whether the names of several files say that each is of another step."""
    steps = [step_of_name(file) for file in files]
    return len(files) > 1 and None not in steps and len({*steps}) > 1


def files_of(
    path: Path, beside: Collection[str], formats: Collection[str], of_training: Collection[str]
) -> list[Path] | None:
    """The shards that a pattern or a folder means, in the order of their rows; None for a single file or store.

    A folder without any is looked into one level deep, since the hub and `datasets` keep them in data/ or by splits.
    `beside`: files that are none of them. Raises ValueError for none, for several tables, and for one that lacks a file
    which its names promise.
    """
    files = found_at(path, beside, formats, of_training)
    if not files:
        return None
    if not is_pattern(path):
        return _one_table(path, files)
    kinds = sorted({file.suffix.lower() for file in files})
    if len(kinds) > 1:
        raise ValueError(f"{path}: fits files of several formats, {', '.join(kinds)}: name one, as in '*{kinds[0]}'")
    return files


def found_at(
    path: Path, beside: Collection[str], formats: Collection[str], of_training: Collection[str]
) -> list[Path] | None:
    """The files that a pattern fits, or that are in a folder, whatever they are; None for a single file or store."""
    if is_pattern(path):
        found = [*map(Address, path.remote.matching())] if isinstance(path, Address) else [*map(Path, _glob(path))]
        files = _in_order([*found], beside)
        if not files:
            raise ValueError(f"{path}: no file is called like that: look into the folder, and put patterns in quotes")
        return files
    if isinstance(path, Address):
        if path.suffix.lower() in formats or path.remote.holds_store():
            return None
        return in_folder(path, beside, formats, of_training) or None
    return in_folder(path, beside, formats, of_training) if path.is_dir() and not is_zarr(path) else None


def in_folder(
    folder: Path, beside: Collection[str], formats: Collection[str], of_training: Collection[str]
) -> list[Path]:
    """The files in a folder that have a format which is read; of one without any, those in the folders in it."""
    if isinstance(folder, Address):
        every: list[Path] = [*map(Address, folder.remote.listed())]
        depth = min((str(file).count("/") for file in every if file.suffix.lower() in formats), default=0)
        found = [file for file in every if str(file).count("/") == depth]
    else:
        found = [*folder.iterdir()]
    fitting = _of_formats(found, formats, of_training)
    if not fitting and not isinstance(folder, Address):
        deeper = [one for below in found if below.is_dir() and below.name[0] != "." for one in below.iterdir()]
        fitting = [file for file in _of_formats(deeper, formats, of_training) if _named(file)]
    return _in_order(fitting, beside)


def _of_formats(files: Sequence[Path], formats: Collection[str], of_training: Collection[str]) -> list[Path]:
    fitting = [file for file in files if file.suffix.lower() in formats and not file.name.startswith(".")]
    return [file for file in fitting if file.suffix.lower() not in of_training] or fitting


def _one_table(path: Path, files: list[Path]) -> list[Path]:
    tables: dict[str, list[Path]] = {}
    for file in files:
        found, where = _named(file), str(file)[: -len(file.name)]
        beginning = f"{found['table']}-" if found and found["table"] else ""
        tables.setdefault(f"{where}{beginning}*{file.suffix}", []).append(file)
    if len(tables) > 1:
        there = ", ".join(f"'{name}' ({len(some)})" for name, some in [*tables.items()][:LISTED])
        more = f" and {len(tables) - LISTED} more" if len(tables) > LISTED else ""
        raise ValueError(f"{path}: holds several tables, {there}{more}: name one of them, in quotes")
    lacking = _lacking(files)
    if lacking:
        raise ValueError(f"{path}: {lacking}: copy it again, or name those that are wanted by a pattern")
    return files


def _lacking(files: Sequence[Path]) -> str:
    """A sentence on files that names promise, as -00000-of-00003 does, and that are not there; empty for none."""
    promised = [found for file in files if (found := _named(file)) and "total" in found.re.groupindex]
    totals = {int(found["total"]) for found in promised}
    if len(promised) < len(files) or len(totals) > 1:
        return f"its names promise {' and '.join(map(str, sorted(totals)))} files each" if len(totals) > 1 else ""
    total, numbers = totals.pop(), {int(found["number"]) for found in promised}
    first = 0 if 0 in numbers else min(numbers & {1}, default=0)  # some count from 1
    missing = sorted(set(range(first, first + total)) - numbers) if total <= 10**6 else []
    width = len(promised[0]["number"])
    return f"of {total} files {len(missing)} are missing, the first is {missing[0]:0{width}}" if missing else ""


def _named(file: Path) -> re.Match[str] | None:
    stem = file.name.removesuffix(file.suffix)
    return None if "step" in stem.lower() else OF.fullmatch(stem) or PART.fullmatch(stem)


def _glob(path: Path) -> list[str]:
    return [name for name in glob.glob(str(path), recursive=True) if not Path(name).name.startswith(".")]


def _in_order(files: list[Path], beside: Collection[str]) -> list[Path]:
    kept = [file for file in files if isinstance(file, Address) or os.path.realpath(file) not in beside]
    return sorted(kept, key=lambda file: _parts(str(file)))


def _parts(name: str) -> list[tuple[str, int]]:
    """A name as pairs of a text and the number behind it, so that numbers are compared as such."""
    texts = re.split(r"(\d+)", name)
    return [*zip(texts[::2], (int(number) for number in [*texts[1::2], "-1"]), strict=True)]


def said_of(files: Sequence[Path]) -> str:
    """What files are together, in a sentence."""
    if len(files) == 1:
        return f"{files[0].name} alone is the table"
    lacking = _lacking(files)
    more = f"; {lacking}" if lacking else ""
    return f"{len(files):,} files are one table, in the order of their names, {files[0].name} to {files[-1].name}{more}"


__all__ = ["are_steps", "are_told", "files_of", "found_at", "is_pattern", "said_of"]
