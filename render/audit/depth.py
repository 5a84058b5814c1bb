"""Depth: numbers of every layer of a snapshot, how alike each is to the audited one, and what is so of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from render.audit.files.layers import name_of
from render.audit.headline import limits, plain
from render.audit.sums.samples import Sample
from render.metrics.similarity import linear_cka

if TYPE_CHECKING:
    from render.audit.report import Report

CKA = "cka"  # with the audited layer, beside the numbers that have a row in the table
NAMES = (
    *("constant_columns", "zero_rows", "mean_cosine", "row_length", "participation_ratio", "entropy_rank"),
    *("nearest_mean_accuracy", "within_between_ratio", "nc1", "cdnv", "class_cosine_error", "nc4"),
)  # of every layer: those that are read over depth, and cost little
LONGEST = 28  # letters of a layer's name in a sentence


@dataclass(frozen=True)
class Depth:
    """The layers of a snapshot, the first first: their numbers by name, their columns, and the name of the audited one.

    cka: unbiased, of each with the audited layer, over the points of the sample (Song et al. 2012; Kornblith et al.
    2019). It is among the numbers.
    """

    values: Mapping[str, Mapping[str, float]]
    dims: Mapping[str, int]
    chosen: str
    points: int

    def as_json(self) -> dict[str, dict[str, Any]]:
        return {name: {number: plain(value) for number, value in some.items()} for name, some in self.values.items()}

    @property
    def judged(self) -> dict[str, float]:
        """The numbers as conditions name them: fc:participation_ratio."""
        return {f"{name}:{number}": value for name, some in self.values.items() for number, value in some.items()}

    def told(self) -> dict[str, str]:
        """What is so by depth, as JSON has it."""
        kind, text = sentence(self)
        return {"kind": kind, "text": text}

    def number(self, number: str) -> list[float]:
        """One number of every layer, NaN where it has none."""
        return [some.get(number, math.nan) for some in self.values.values()]


def deepened(report: Report, audit: Callable[..., Report]) -> Report:
    """The report with its `depth`, and with what keeps that from being whole; as it is where there are no layers.

    `audit` makes the report of a snapshot, of `only` some numbers.
    """
    snapshot = report.snapshot
    if not snapshot.layers:
        return report
    found: dict[str, dict[str, float]] = {}
    partial_of = list(report.partial)
    for column in snapshot.layers:
        own = report
        if column.name != snapshot.features.name:
            keys = replace(snapshot.keys, features=column.name)
            bare = {"weights": None, "targets": None, "layers": (), "left_out": ()}
            try:
                own = audit(replace(snapshot, features=column, keys=keys, **bare), only=NAMES)  # type: ignore[arg-type]
            except (ValueError, OSError) as error:
                told = str(error).removeprefix(f"{snapshot.path}: ")
                partial_of.append(f"{told}; the report is without layer {name_of(column)}")
                continue
            partial_of += [sentence for sentence in own.partial if sentence not in partial_of]
        values = {name: own.values[name] for name in NAMES if name in own.values}
        found[name_of(column)] = values | {CKA: alike(own.sample, report.sample)}
    dims = {name_of(column): column.shape[1] for column in snapshot.layers}
    depth = Depth(found, dims, name_of(snapshot.features), snapshot.points)
    return replace(report, depth=depth, partial=tuple(partial_of))


def alike(first: Sample, second: Sample) -> float:
    """Unbiased linear CKA of two layers over the points that both samples have; 0 for fewer than four."""
    if first is second and len(first.rows) > 3:
        return 1.0 if np.ptp(first.features, axis=0).any() else 0.0
    _, mine, its = np.intersect1d(first.rows, second.rows, assume_unique=True, return_indices=True)
    if len(mine) < 4:
        return 0.0
    with jax.enable_x64(True):
        return float(_cka(_scaled(first.features[mine]), _scaled(second.features[its])))


def _scaled(rows: np.ndarray) -> np.ndarray:
    """Rows of size one at most, less their mean: CKA does not change by either, and float64 holds the squares."""
    rows = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    return rows / (np.abs(rows).max() or 1.0)


_cka = jax.jit(linear_cka)


@dataclass(frozen=True)
class Said:
    """A thing to say of layers: a number that has it up to, or from, `yes` on, and not beyond `no`; between: unclear.

    kind: of the headline whose limit it is; words: what is so; what: the number in words.
    """

    kind: str
    number: str
    yes: float
    no: float
    words: str
    what: str

    def holds(self, depth: Depth) -> list[bool | None]:
        """Whether it is so in each layer; None where that is not clear."""
        sign = 1 if self.yes > self.no else -1
        values = [sign * value for value in depth.number(self.number)]
        return [True if value >= sign * self.yes else False if value <= sign * self.no else None for value in values]


SEPARATE = Said(
    "separate_classes",
    "nearest_mean_accuracy",
    limits("separate_classes")[0],
    0.95,
    "classes separate",
    "nearest-mean accuracy",
)
COLLAPSED = Said(
    "collapsed",
    "within_between_ratio",
    limits("collapsed")[0],
    2 * limits("collapsed")[0],
    f"the spread within classes is under {limits('collapsed')[0]:.0%} of that between them",
    "spread within / between",
)
CONE = Said("cone", "mean_cosine", limits("cone")[0], 0.6, "a cone", "mean cosine of two rows")
CONSTANT = Said("no_variance", "participation_ratio", 0.0, 1e-9, "all rows are the same", "directions in use")


def sentence(depth: Depth) -> tuple[str, str]:
    """What is so by depth, its kind and a sentence: only what is beyond a limit on both sides, else plain numbers."""
    names = [short(name) for name in depth.values]
    labelled = any("nearest_mean_accuracy" in some for some in depth.values.values())
    found: list[tuple[str, str]] = []
    for said in (CONSTANT, SEPARATE, COLLAPSED) if labelled else (CONSTANT, CONE):
        holds = said.holds(depth)
        place = where(holds, names)
        if place:
            more = "" if found or said is CONSTANT else f": {said.what} {_numbers(said, holds, depth)}"
            found.append((said.kind, f"{said.words} {place}{more}"))
    if found:
        return found[0][0], "; ".join(text for _, text in found)
    if labelled:
        values = np.array(depth.number("nearest_mean_accuracy"))
        best = int(np.nanargmax(values))
        most = f"{words(values[best])} at most, in {names[best]}"
        if all(held is False for held in SEPARATE.holds(depth)):
            return "overlapping_classes", f"no layer separates the classes: nearest-mean accuracy {most}"
        return "layers", f"nearest-mean accuracy by layer: {words(values[0])} in {names[0]}, {most}"
    values = np.array(depth.number("participation_ratio"))
    return "layers", f"directions in use: {values[0]:.3g} in {names[0]}, {values[-1]:.3g} in {names[-1]}"


def _numbers(said: Said, holds: Sequence[bool | None], depth: Depth) -> str:
    """The number in the layer that is nearest to the limit where it is so, and in the nearest to it where it is not."""
    names, values = [short(name) for name in depth.values], depth.number(said.number)
    sign = 1 if said.yes > said.no else -1
    there = [place for place, held in enumerate(holds) if held]
    rest = [place for place, held in enumerate(holds) if not held and values[place] == values[place]]
    told = [min(there, key=lambda place: sign * values[place])]
    if rest:
        told.append(max(rest, key=lambda place: sign * values[place]))
    return ", ".join(f"{words(values[place])} in {names[place]}" for place in sorted(told))


def words(value: float) -> str:
    """A number as pictures have it."""
    return f"{value:.3f}" if 1e-3 <= abs(value) < 1 else f"{value:.3g}"


def where(holds: Sequence[bool | None], names: Sequence[str]) -> str:
    """In which layers something is so, in words; nothing where it is in none. None: not clear, and never said."""
    so = [place for place, held in enumerate(holds) if held]
    if not so:
        return ""
    first, last, end = so[0], so[-1], len(holds) - 1
    if len(so) == len(holds):
        return "in every layer"
    if len(so) < last - first + 1:
        few = [names[place] for place in so]
        return f"in {', '.join(few[:-1])} and {few[-1]}" if len(so) < 4 else f"in {len(so)} of {len(holds)} layers"
    if last == end:
        return f"from {names[first]} on" + (" at the latest" if holds[first - 1] is None else "")
    after = " and not after" if all(held is False for held in holds[last + 1 :]) else " at least"
    if first == 0:
        return f"up to {names[last]}{after}"
    return f"in {names[first]}" if first == last else f"from {names[first]} to {names[last]}"


def short(name: str, most: int = LONGEST) -> str:
    """A layer's name with as many of its last letters as there is room for: the first ones are shared."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


COLUMNS = (  # of the table: what it is called, its number, how it is written
    ("within/between", "within_between_ratio", "{:.3g}"),
    ("directions in use", "participation_ratio", "{:.3g}"),
    ("nearest mean right", "nearest_mean_accuracy", "{:.1%}"),
    ("nc4", "nc4", "{:.3f}"),
    ("mean cosine", "mean_cosine", "{:.3f}"),
)


def rows(depth: Depth) -> list[list[str]]:
    """The layers as a table, depth down, its titles first; of the numbers that any layer has."""
    columns = (*COLUMNS, (f"CKA with {short(depth.chosen, 16)}", CKA, "{:.3f}"))
    there = [column for column in columns if any(column[1] in some for some in depth.values.values())]
    if any(number == "nearest_mean_accuracy" for _, number, _ in there):
        there = [column for column in there if column[1] != "mean_cosine"]
    found = [["layer", "columns", *(title for title, _, _ in there)]]
    for name, some in depth.values.items():
        told = [form.format(some[number]) if number in some else "–" for _, number, form in there]
        found.append([short(name), f"{depth.dims[name]:,}", *told])
    return found


__all__ = ["CKA", "NAMES", "Depth", "deepened", "rows", "sentence", "short"]
