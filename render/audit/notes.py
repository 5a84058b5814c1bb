"""Notes on a report that are never its headline: what makes its numbers say less than they seem to, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from render.audit import measured as rules
from render.audit.headline import Remark

if TYPE_CHECKING:
    from render.audit.report import Report

OUTLIER = 20.0  # times the mean length
PADDING = ("-1", "-100")  # labels that often mean none


def notes(report: Report) -> list[Remark]:
    """What there is to note of a report, none of it a failure."""
    return [Remark(kind, text, value, strong=False) for kind, text, value in _found(report)]


def _found(report: Report) -> Iterator[tuple[str, str, float]]:
    snapshot, setting, rows = report.snapshot, report.setting, report.rows
    features = snapshot.features.name
    if report.measured.eigenvalues.max(initial=0.0) == 0 or report.values.get("numerical_rank", 1) == 0:
        yield "no_variance", f"{features} has no variance, all points are the same: no numbers about classes", 0.0
    if snapshot.shards:
        yield "shards", snapshot.shards, 0.0
    for sentence in snapshot.filled:
        yield "filled_rows", sentence, 0.0
    if rows.ignored:
        yield "ignored_rows", f"{rows.ignored:,} rows have labels that are ignored", float(rows.ignored)
    if report.views is not None and report.views.zero:
        text = f"{report.views.zero:,} points have a view that is zero: left out of the numbers of views"
        yield "zero_views", text, float(report.views.zero)
    if snapshot.labels is not None:
        yield from _of_labels(report, snapshot.labels.name)
    if setting.points < setting.dim:
        yield (
            "few_points",
            f"{features} has fewer points than columns, {setting.points} < {setting.dim}: ranks and spectra say more "
            f"of the number of points than of the representation; give {setting.dim} points at least",
            float(setting.points),
        )
    length, row = rows.longest
    mean = rows.lengths / max(rows.count - rows.zero, 1)
    if length > OUTLIER * mean > 0:
        yield "outlier_row", f"row {row:,} is {length / mean:,.0f} times as long as the mean", length / mean


def _of_labels(report: Report, labels: str) -> Iterator[tuple[str, str, float]]:
    counts, names = report.measured.counts, report.classes
    if report.setting.classes == 1:
        only = names.name(int(np.argmax(counts)))
        yield (
            "single_class",
            f"{labels} has a single class, {only}: no numbers about classes; give labels of two or more classes",
            1.0,
        )
        return
    single = np.flatnonzero(counts == 1)
    if len(single):
        few = ", ".join(names.name(int(number)) for number in single[:3])
        which = (
            f"class {few} is"
            if len(single) == 1
            else f"{len(single):,} classes ({few}{', ...' * (len(single) > 3)}) are"
        )
        yield (
            "singleton_classes",
            f"{labels}: {which} of a single point, which adds nothing to the spread within classes: that is too small; "
            f"add points, or leave out such classes",
            float(len(single)),
        )
    if report.setting.classes > rules.MOST_CLASSES:
        yield (
            "many_classes",
            f"{labels}: only the {rules.MOST_CLASSES} largest classes are compared in pairs and taken as targets",
            float(report.setting.classes),
        )
    told = 0 if report.sample.labels is None else len(np.unique(report.sample.labels))
    if told < report.setting.classes:
        yield (
            "classes_not_sampled",
            f"the sample of {len(report.sample.rows):,} points has {told:,} of {report.setting.classes:,} classes: "
            f"numbers of the sample say nothing of the others",
            float(report.setting.classes - told),
        )
    for name in PADDING:
        if names.values is not None and name in (told_names := report.class_names) and len(told_names) > 1:
            count = counts[np.flatnonzero(counts)[told_names.index(name)]]
            yield "padding_label", f"{count:,} rows have label {name}, told as a class: --ignore {name}", float(count)
    if report.snapshot.weights is not None and "cdnv" in report.values and "nc3" not in report.values:
        yield "weights_unnamed", "weights do not say which row is which class: no nc3", 0.0
    if report.rows.undecided:
        yield "outputs_unnamed", "outputs do not say which column is which class: no accuracy", 0.0


__all__ = ["notes"]
