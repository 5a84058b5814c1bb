"""The few numbers that a picture tells beside its evidence, in plain words, for what a run claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from render.audit.picture.album import Album
from render.audit.report import Finding
from render.audit.theory import CLASSIFIER, CONTRASTIVE, TABLE
from render.film import Layout
from render.picture.frames import Bare
from render.picture.group import Group
from render.picture.marks.text import Number, Words
from render.picture.words import Form, said
from render.target import Arrays

STILL, MOVING = 8, 4  # numbers at most, on a dashboard and in an animation


@dataclass(frozen=True)
class Told:
    """A number in plain words; healthy: what a table's is to be, where theory does not say."""

    name: str
    words: str
    form: Form = "number"
    healthy: str = ""


TOLD: dict[str, tuple[Told, ...]] = {
    CLASSIFIER: (
        Told("within_between_ratio", "spread within / between"),
        Told("nearest_mean_accuracy", "right by the nearest mean", "percent"),
        Told("participation_ratio", "directions in use"),
        Told("class_cosine_largest", "largest cosine of means"),
        Told("accuracy", "right by the outputs", "percent"),
        Told("nc3_frobenius", "weights off the means"),
        Told("cdnv_worst", "overlap of the worst pair"),
        Told("mean_cosine", "cosine of two rows, mean"),
        Told("constant_columns", "columns that never change", "count"),
    ),
    CONTRASTIVE: (
        Told("mean_cosine", "cosine of two rows, mean", healthy="0"),
        Told("uniformity", "uniformity"),
        Told("participation_ratio", "directions in use"),
        Told("duplicate_rows", "rows that equal another", "count", "0"),
        Told("alignment_ratio", "views apart, over two points"),
        Told("alignment", "distance of two views"),
        Told("class_alignment", "distance within a class"),
        Told("zero_rows", "rows of zeros", "count", "0"),
        Told("row_length_variation", "lengths of rows vary by"),
        Told("constant_columns", "columns that never change", "count", "0"),
    ),
    TABLE: (
        Told("mean_cosine", "cosine of two rows, mean", healthy="under 0.3"),
        Told("participation_ratio", "directions in use"),
        Told("duplicate_rows", "rows that equal another", "count", "0"),
        Told("zero_rows", "rows of zeros", "count", "0"),
        Told("constant_columns", "columns that never change", "count", "0"),
        Told("mean_cosine_centred", "cosine, less the mean row", healthy="0"),
        Told("row_length_variation", "lengths of rows vary by"),
        Told("intrinsic_dimension", "intrinsic dimension"),
    ),
}
ABOUT = {  # the number that a headline is about, by its kind
    "zero_rows": "zero_rows",
    "duplicates": "duplicate_rows",
    "cone": "mean_cosine",
    "few_directions": "participation_ratio",
    "unmatched_views": "alignment_ratio",
    "merged_classes": "cdnv_worst",
    "collapsed": "within_between_ratio",
    "collapsing": "within_between_ratio",
    "no_class_structure": "nearest_mean_recall",
    "dead_units": "constant_columns",
    "separate_classes": "nearest_mean_accuracy",
    "overlapping_classes": "nearest_mean_accuracy",
    "healthy": "mean_cosine",
}
TITLES = {CLASSIFIER: "for a classifier", CONTRASTIVE: "for a contrastive run", TABLE: "health of a table"}
ROW = 1.0  # height of a row, in its own unit


def numbers(album: Album, arrays: Arrays, moving: bool, kind: str) -> Group:
    """The numbers that matter for the goal: what they are, here and by theory; that of the headline stands out."""
    report = album.last
    by_name = {finding.name: finding for finding in report.numbers}
    there = [told for told in TOLD[report.setting.goal] if f"value/{told.name}" in arrays and told.name in by_name]
    if kind == "no_class_structure":  # judged without the row itself in its mean
        there = [replace(told, name=ABOUT[kind]) if told.name == "nearest_mean_accuracy" else told for told in there]
        there = [told for told in there if f"value/{told.name}" in arrays]
    there.sort(key=lambda told: told.name != ABOUT[kind])
    rows = there[: MOVING if moving else STILL]
    count = max(len(rows), 1)
    marks: list = [
        Words(place=(0.72, 1 - 0.4 / (count + 1)), lines=("here",), align="right"),
        Words(
            place=(1.0, 1 - 0.4 / (count + 1)),
            lines=("healthy" if report.setting.goal == TABLE else "theory",),
            align="right",
        ),
    ]
    for place, told in enumerate(rows, 1):
        y = 1 - (place + 0.4) / (count + 1)
        marks += [
            Words(place=(0.0, y), lines=(told.words,), ink="ink", bold=told.name == ABOUT[kind]),
            Number(
                array=f"value/{told.name}",
                form=told.form,
                place=(0.72, y),
                align="right",
                size="label",
                ink="run" if told.name == ABOUT[kind] else "ink",
            ),
            Words(place=(1.0, y), lines=(_theory(told, by_name[told.name]),), align="right"),
        ]
    return Group(heading=TITLES[report.setting.goal], frames=(Bare(marks=tuple(marks)),), layout=Layout())


def _theory(told: Told, finding: Finding) -> str:
    return told.healthy if finding.theory is None else said(finding.theory, told.form)


def names(goal: str) -> Sequence[str]:
    """Names of the numbers that a picture of this goal may tell."""
    return [told.name for told in TOLD[goal]]


__all__ = ["names", "numbers"]
