"""What is found of a report, a function a kind of headline: whether it is so, in which words, and the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from render.audit import theory
from render.audit.headline import WITHIN, Finder, Remark, limits
from render.audit.ladders import one_point

if TYPE_CHECKING:
    from render.audit.report import Report

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
FEWEST_PARTNERS = 10  # points of whose views is told how they lie to each other
OUTLIER = 20.0  # times the mean length: a row that is looked at first


def counted(count: int) -> str:
    """A number in words up to twelve."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


def share(part: float) -> str:
    """A share as a percentage with a digit more where it is near 0 or 1."""
    return f"{100 * part:.1f} %" if 0 < part < 0.1 or 0.9 < part < 1 else f"{100 * part:.0f} %"


def classes(report: Report) -> int:
    """How many classes have numbers: 0 without labels, with one class or one point a class, and without variance."""
    several = "within_between_ratio" in report.values and report.measured.counts.max() > 1
    return report.setting.classes if several else 0


def zero_rows(report: Report, _: float | None) -> Remark | None:
    count, points = report.values["zero_rows"], report.setting.points
    if not count:
        return None
    text = f"{counted(int(count))} of {points:,} rows are zero ({share(count / points)})"
    return Remark("zero_rows", text, count, "leave them out, z[z.any(1)]", count >= limits("zero_rows")[0] * points)


def duplicates(report: Report, _: float | None) -> Remark | None:
    seen, points = report.measured.duplicates, report.setting.points
    if not seen.count:
        return None
    least, about = limits("duplicates")[0] * points, "" if seen.exact else "about "
    first, second = seen.example or (0, 0)
    step = f"look at rows {first:,} and {second:,}, which are equal; numpy.unique(z, axis=0) keeps one of each"
    text = f"{about}{seen.count:,.0f} of {points:,} rows equal another ({share(seen.count / points)})"
    if not classes(report) or seen.across >= least:
        return Remark("duplicates", text, seen.count, step, seen.count >= least)
    return Remark(WITHIN, f"{text}, of the same class", seen.count, step, seen.count >= least)


def cone(report: Report, _: float | None) -> Remark | None:
    cosine = report.values["mean_cosine"]
    if cosine < limits("cone")[0]:
        return None
    collapsed = one_point(report.values.get("uniformity", -1.0), report.values.get("alignment", 1.0))
    word = "collapsed to a cone" if collapsed else "a cone"
    return Remark(
        "cone",
        f"{word}: pairs of points have a mean cosine of {cosine:.3f}",
        cosine,
        "subtract the mean, z - z.mean(0), and audit again",
    )


def few_directions(report: Report, _: float | None) -> Remark | None:
    setting, ratio = report.setting, report.values["participation_ratio"]
    of_noise, of_classes, least = limits("few_directions")
    noise = (setting.points - 1) * setting.dim / (setting.points + setting.dim)
    if setting.dim < least or not 0 < ratio <= of_noise * noise:
        return None
    if classes(report):
        simplex = theory.participation(replace(setting, goal=theory.CLASSIFIER))
        if simplex is not None and ratio > of_classes * simplex.value:
            return None
    length, row = report.rows.longest
    mean = report.rows.lengths / max(report.rows.count - report.rows.zero, 1)
    step = "see which columns vary most, numpy.argsort(-z.var(0))[:9], and scale or decorrelate"
    if length > OUTLIER * mean:
        step = f"look at row {row:,}, which is {length / mean:,.0f} times as long as the mean"
    return Remark("few_directions", f"{ratio:.2g} of {setting.dim:,} directions carry the variance", ratio, step)


def unmatched_views(report: Report, _: float | None) -> Remark | None:
    ratio, views = report.values.get("alignment_ratio"), report.views
    if ratio is None or ratio < limits("unmatched_views")[0] or views is None or views.sums.number < FEWEST_PARTNERS:
        return None
    found = report.values["partner_rank1"]
    return Remark(
        "unmatched_views",
        f"views of a point lie as far apart as two points: ratio {ratio:.2f}, the own nearest for {share(found)}",
        ratio,
        "check that row i of the one view and row i of the other are of the same point",
    )


def merged_classes(report: Report, _: float | None) -> Remark | None:
    count, table = classes(report), report.measured.cdnv
    if count < 3 or len(table) < 3:
        return None
    limit, rest = limits("merged_classes")
    first, second = np.triu_indices(len(table), 1)
    pairs = table[first, second]
    merged = pairs >= limit
    if not merged.any() or merged.all() or np.median(pairs[~merged]) > rest:
        return None
    if len(np.unique(np.r_[first[merged], second[merged]])) > max(2, len(table) // 2):
        return None
    a, b = worst_pair(report)
    more = f", and {counted(int(merged.sum()) - 1)} pairs more" if merged.sum() > 1 else ""
    text = (
        f"{a} and {b} share a mean: overlap {pairs.max():.3g}, of the other pairs {np.median(pairs[~merged]):.2g}{more}"
    )
    return Remark(
        "merged_classes", text, float(pairs.max()), f"look at rows of {a} and {b}: are their labels mixed up?"
    )


def worst_pair(report: Report) -> tuple[str, str]:
    """The two classes that are least apart for their spread, by name."""
    table = report.measured.cdnv
    a, b = sorted(np.unravel_index(int(np.argmax(table)), table.shape))
    return tuple(f"'{report.classes.name(int(report.measured.compared[k]))}'" for k in (a, b))  # type: ignore[return-value]


def equiangular(report: Report) -> str:
    """Words on the angles of the class means."""
    count = classes(report)
    if count < 3:
        return "means opposite, as two always are"
    if count > report.setting.dim + 1:
        return "more classes than a simplex has room for"
    error = report.values["class_cosine_error"]
    near = "" if error <= limits("collapsed")[1] else "not yet "
    return f"means {near}equiangular (cosines within {error:.2g} of −1/{count - 1})"


def _spread(report: Report) -> str:
    return f"within-class spread {report.values['within_between_ratio']:.2g}, {equiangular(report)}"


def collapsed(report: Report, _: float | None) -> Remark | None:
    count = classes(report)
    if not count or count > report.setting.dim + 1 or report.setting.points < 2 * count:
        return None
    spread, angle = limits("collapsed")
    if report.values["within_between_ratio"] > spread or report.values["class_cosine_error"] > angle:
        return None
    text = f"{counted(count)} classes on a simplex: {_spread(report)}"
    return Remark(
        "collapsed",
        text,
        report.values["within_between_ratio"],
        "audit points that were held out: are they there, too?",
    )


def collapsing(report: Report, first: float | None) -> Remark | None:
    if first is None or not classes(report):
        return None
    last, (fall, end) = report.values["within_between_ratio"], limits("collapsing")
    if last >= end or first < fall * last:
        return None
    return Remark(
        "collapsing", f"collapsing: {_spread(report)}", last, "go on training, or audit points that were held out"
    )


def chance_limit(report: Report) -> float:
    """The recall up to which labels say nothing: above chance by what chance and so many points allow."""
    least, deviations, times = limits("no_class_structure")
    labels = report.sample.labels if report.sample.labels is not None else np.zeros(0, int)
    sizes = np.bincount(labels)
    sizes = sizes[sizes > 0]
    chance = 1 / max(len(sizes), 1)
    noise = float(np.sqrt(np.sum(chance * (1 - chance) / np.maximum(sizes, 1)))) * chance
    limit = chance + max(min(least * (1 - chance), chance), deviations * noise)
    return min(limit, times * chance * (1 - 1e-9)) if times * chance < 1 else limit


def no_class_structure(report: Report, _: float | None) -> Remark | None:
    recall = report.values.get("nearest_mean_recall")
    if not classes(report) or recall is None or recall > chance_limit(report):
        return None
    chance = share(1 / classes(report))
    text = f"no class structure: the nearest class mean finds {share(recall)} of the rows of a class, chance {chance}"
    return Remark("no_class_structure", text, recall, "check that labels and features are in the same order of rows")


def dead_units(report: Report, _: float | None) -> Remark | None:
    count, dim = report.values["constant_columns"], report.setting.dim
    if not count or report.setting.points < 2 or count == dim:  # without any variance it is no matter of columns
        return None
    text = f"{counted(int(count))} of {dim:,} columns {'is' if count == 1 else 'are'} constant"
    return Remark(
        "dead_units",
        text,
        count,
        "leave them out, z[:, z.std(0) > 0], or see why they are dead",
        count >= limits("dead_units")[0] * dim,
    )


def separate_classes(report: Report, _: float | None) -> Remark | None:
    right = report.values.get("nearest_mean_accuracy")
    if not classes(report) or right is None or right < limits("separate_classes")[0]:
        return None
    text = f"{counted(classes(report))} classes apart: nearest mean right for {share(right)}; {_spread(report)}"
    return Remark("separate_classes", text, right, "audit points that were held out: are they as far apart?")


def overlapping_classes(report: Report, _: float | None) -> Remark | None:
    right = report.values.get("nearest_mean_accuracy", 0.0)
    if not classes(report):
        return None
    a, b = worst_pair(report)
    text = f"{counted(classes(report))} classes overlap: the nearest class mean is right for {share(right)} of the rows"
    return Remark("overlapping_classes", text, right, f"look at {a} and {b} first, the two least apart")


def healthy(report: Report, _: float | None) -> Remark | None:
    if classes(report):
        return None
    values, setting = report.values, report.setting
    if setting.points < 2:
        return Remark("healthy", "a single row, which says nothing of a spread", 1.0, "give two rows at least")
    ratio = values.get("alignment_ratio") if report.views and report.views.sums.number >= FEWEST_PARTNERS else None
    near = "" if ratio is None else f"views apart {ratio:.2g} times as far as points, "
    text = (
        f"nothing is wrong: {near}mean cosine {values['mean_cosine']:.2f}, {values['participation_ratio']:.3g} of "
        f"{setting.dim:,} directions carry the variance"
    )
    return Remark("healthy", text, values["participation_ratio"], "keep it, to audit later ones against")


FINDERS: tuple[Finder, ...] = (
    zero_rows,
    duplicates,
    cone,
    few_directions,
    unmatched_views,
    merged_classes,
    collapsed,
    collapsing,
    no_class_structure,
    dead_units,
    separate_classes,
    overlapping_classes,
    healthy,
)

__all__ = ["FINDERS", "chance_limit", "classes", "counted", "share", "worst_pair"]
