"""Reports: every number of a snapshot with its goal by theory, a verdict and its meaning; as data, JSON or rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from render.audit import findings, numbers
from render.audit.depth import Depth, deepened
from render.audit.duplicates import duplicates
from render.audit.files.arrays import Column
from render.audit.files.labels import BadLabels, Classes, NotNumbered, mapped, numbered
from render.audit.files.snapshots import Snapshot, without_labels
from render.audit.headline import Headline, Remark, plain
from render.audit.judged import COLUMNS, Finding, judged
from render.audit.measured import Measured, Widths, measure
from render.audit.shortcomings import faulty, shortcomings
from render.audit.sums.one_pass import Passed, accumulate
from render.audit.sums.rows import Rows
from render.audit.sums.samples import Sample
from render.audit.sums.views import Views, views_of
from render.audit.theory import CLASSIFIER, CONTRASTIVE, TABLE, Setting
from render.printable import printable

TOLD_CLASSES = 100  # whose pairs are in the JSON, one by one


@dataclass(frozen=True)
class Report:
    """Report on one snapshot: its numbers, and all that a picture of it needs.

    numbers: those that there are, in the order of the table; partial: why some are missing, or of fewer points, a
    sentence each that begins with the array's name, empty for a whole report; measured: the arrays behind the numbers;
    sample: some of the points; classes: what labels mean; rows: sums over the rows; views: of the points of which there
    are several; depth: of all layers, where a snapshot has several.
    """

    snapshot: Snapshot
    numbers: tuple[Finding, ...]
    partial: tuple[str, ...]
    setting: Setting
    measured: Measured
    sample: Sample
    classes: Classes = field(default_factory=Classes)
    rows: Rows = field(default_factory=Rows)
    views: Views | None = None
    depth: Depth | None = None

    @property
    def values(self) -> dict[str, float]:
        return {number.name: number.value for number in self.numbers}

    @property
    def class_names(self) -> list[str]:
        """What the classes that have points are called, in their order."""
        if self.snapshot.labels is None:
            return []
        return [self.classes.name(int(number)) for number in np.flatnonzero(self.measured.counts)]

    @property
    def heading(self) -> str:
        """What was audited, in one line."""
        step = "" if self.snapshot.step is None else f", step {self.snapshot.step}"
        classes = f", {self.setting.classes} classes" if self.setting.classes else ", no labels"
        unused = f"; not used: {', '.join(self.snapshot.unused)}" if self.snapshot.unused else ""
        points = self.snapshot.points
        return (
            f"{printable(self.snapshot.path)}{step}: {points:,} points x {self.setting.dim} features{classes}{unused}"
        )

    def findings(self, first: float | None = None) -> list[Remark]:
        """All that was found, what the headline says first; `first` as in `findings.headline`."""
        return findings.found(self, first)

    def headline(self, first: float | None = None) -> Headline:
        """What is going on, in a sentence; `first` as in `findings.headline`."""
        return findings.headline(self, first)

    def as_json(self, first: float | None = None) -> dict[str, Any]:
        """The report as `json.dumps` takes it; numbers that are not finite are text, as "inf"."""
        return {
            "headline": self.headline(first).as_json(),
            "findings": [remark.as_json() for remark in self.findings(first)],
            "goal": self.setting.goal,
            "path": str(self.snapshot.path),
            "step": self.snapshot.step,
            "points": self.snapshot.points,
            "features": self.setting.dim,
            "classes": self.setting.classes,
            "arrays": {role: str(column) for role, column in self.snapshot.arrays.items()},
            "partial": list(self.partial),
            "numbers": {
                number.name: {
                    "value": plain(number.value),
                    "theory": number.theory,
                    "formula": number.formula,
                    "verdict": number.verdict,
                    "meaning": number.meaning,
                    "points": number.points,
                    "sampled": number.sampled,
                }
                for number in self.numbers
            },
            "scalars": {name: plain(value) for name, value in self.snapshot.scalars.items()},
            "eigenvalues": self.measured.eigenvalues.tolist(),
            "class_counts": self.measured.counts.tolist() if self.snapshot.labels else [],
            "class_names": self.class_names,
            "recall": [None if np.isnan(part) else float(part) for part in self.measured.recall],
            "class_cosines": self.measured.cosines.tolist() if self.setting.classes <= TOLD_CLASSES else [],
        } | ({} if self.depth is None else {"layers": self.depth.as_json()})


def audit(
    snapshot: Snapshot,
    *,
    normalize: bool = False,
    goal: str | None = None,
    ignored: Sequence[str] = (),
    rows_at_once: int | None = None,
    passing: Callable[..., Passed] = accumulate,
    only: Collection[str] | None = None,
) -> Report:
    """The report on a snapshot, in one pass over it.

    With `normalize` features are of unit length first, as `latent_geometry_report` has it by default. `goal`: what the
    run claims, one of `theory.GOALS`; a classifier where there are labels, else a table. Rows with `ignored` labels are
    left out. `passing` goes over the rows: `one_pass.accumulate` here, or `distributed.Workers.accumulate` on many
    processes. Numbers that the data do not allow are left out, and so are all but `only` some. Raises ValueError for
    data that allow none, as `one_pass.accumulate` does.
    """
    how = partial(passing, rows_at_once=rows_at_once, normalize=normalize)
    opened = snapshot
    try:
        snapshot, classes, passed = _passed(snapshot, ignored, how)
    except ValueError:
        _verify(opened.columns)  # what is damaged may be what is wrong
        raise
    _verify(opened.columns)
    moments = passed.moments
    if not moments.count:
        if not passed.faults.entries:
            raise ValueError(f"{snapshot.path}: all {passed.rows.ignored:,} rows have labels that are ignored")
        raise ValueError(f"{snapshot.path}: {faulty(snapshot, passed)}; no row is left: remove what is not finite")
    widths = Widths(**{role: column.shape[1] for role, column in snapshot.columns.items() if role != "labels"})
    weights = None if snapshot.weights is None else snapshot.weights.read(0, snapshot.weights.shape[0])
    if snapshot.weights is not None and not np.isfinite(weights).all():  # type: ignore[arg-type]
        sentence = f"{snapshot.weights.name} has entries that are NaN or infinite; the report is without weights"
        snapshot, weights = replace(snapshot, weights=None, left_out=(*snapshot.left_out, sentence)), None
    equal, views = duplicates(snapshot, passed.rows, normalize), views_of(snapshot, classes)
    _verify(opened.arrays)
    try:
        measured = measure(passed, widths, snapshot.labels is not None, classes, equal, weights, only, views)
        if measured.eigenvalues[0] == 0 and equal.exact and equal.count + passed.rows.zero < moments.count > 1:
            raise OverflowError("rows differ, and their squares do not")
    except OverflowError as error:
        name = snapshot.features.name
        raise ValueError(
            f"{snapshot.path}: {name} has numbers too large or too small to square: divide them"
        ) from error
    setting = _setting(snapshot, passed, widths, measured, goal)
    found = tuple(
        judged(number, measured.values, setting, passed, views)
        for number in numbers.NUMBERS
        if number.name in measured.values
    )
    partial_of = tuple(shortcomings(snapshot, passed, views))
    report = Report(snapshot, found, partial_of, setting, measured, passed.sample, classes, passed.rows, views)
    again = partial(audit, normalize=normalize, goal=goal, ignored=ignored, rows_at_once=rows_at_once, passing=passing)
    return deepened(report, again) if only is None else report


def _passed(snapshot: Snapshot, ignored: Sequence[str], how: Callable[..., Passed]) -> tuple[Snapshot, Classes, Passed]:
    """The pass, and what labels mean: as they are where they number classes, else mapped; without bad ones."""
    if snapshot.labels is None:
        return snapshot, Classes(), how(snapshot)
    try:
        classes = numbered(snapshot.labels, ignored)
        if classes is not None:
            try:
                return snapshot, classes, how(snapshot, classes=classes)
            except NotNumbered:
                pass
        classes = mapped(snapshot.labels, snapshot.features.shape[1], ignored)
        if classes.values is not None and not len(classes.values):
            raise ValueError(f"{snapshot.path}: all {snapshot.points:,} rows have labels that are ignored")
        return snapshot, classes, how(snapshot, classes=classes)
    except BadLabels as error:
        snapshot = without_labels(snapshot, f"{snapshot.labels.name}: {error}")
        return snapshot, Classes(), how(snapshot)


def _verify(columns: Mapping[str, Column]) -> None:
    """Raise ValueError if the bytes of an array do not have the checksum that its file has of them."""
    for column in columns.values():
        column.verify()


def _setting(snapshot: Snapshot, passed: Passed, widths: Widths, measured: Measured, goal: str | None) -> Setting:
    moments = passed.moments
    counts = np.sort(moments.counts[moments.counts > 0])[::-1] if snapshot.labels else np.zeros(0)
    even = len(counts) < 2 or counts[0] == counts[-1]
    return Setting(
        int(moments.count),
        widths.features,
        len(counts),
        widths.outputs,
        bool(np.sum(moments.mean[: widths.features] ** 2) > measured.eigenvalues[0]),
        goal or _claimed(snapshot),
        () if even else tuple((counts / counts.sum()).tolist()),
    )


def _claimed(snapshot: Snapshot) -> str:
    """What a run claims unless it is said: with other views and no outputs a contrastive one."""
    if snapshot.partners is not None and snapshot.outputs is None:
        return CONTRASTIVE
    return CLASSIFIER if snapshot.labels else TABLE


__all__ = ["COLUMNS", "Finding", "Report", "audit"]
