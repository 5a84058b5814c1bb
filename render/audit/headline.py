"""The headline of a report: what is going on, in one sentence, with a word on it and one next step.

`KINDS` is the one table: what each kind looks at, its limit and where that comes from, and whether it is good. What is
found of a report (`findings`) is a list of remarks; the first strong one of the table is the headline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from render.audit.theory import GOALS

if TYPE_CHECKING:
    from render.audit.report import Report

NEEDED = frozenset(
    {"constant_columns", "zero_rows", "duplicate_rows", "mean_cosine", "participation_ratio", "within_between_ratio"}
    | {"class_cosine_error", "nearest_mean_accuracy", "nearest_mean_recall"}
)  # numbers that a headline is made of


@dataclass(frozen=True)
class Remark:
    """One thing that was found: its kind, a sentence, the number behind it, and what can be done next.

    strong: it passes the limit of its kind, so that it may be the headline.
    """

    kind: str
    text: str
    value: float
    next: str = ""
    strong: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "value": plain(self.value)}


@dataclass(frozen=True)
class Headline:
    """What is going on: a kind, a word on it (good, watch, act, or none), a sentence, and one next step."""

    kind: str
    status: str | None
    text: str
    next: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "status": self.status, "text": self.text, "next": self.next}


@dataclass(frozen=True)
class Kind:
    """A row of the table: a kind of headline, the number it looks at, and its limits.

    looks_at, said_from: in words, the latter with the limits; limits: the numbers that are compared; why: where they
    come from. status: for a classifier, a contrastive run, a table.
    """

    name: str
    looks_at: str
    said_from: str
    limits: tuple[float, ...]
    why: str
    status: tuple[str, str, str]

    def word(self, goal: str, raw: bool) -> str | None:
        """Good, watch or act for a goal; what is to be watched in a run is nothing to watch in raw inputs."""
        word = self.status[GOALS.index(goal)]
        return None if word == "-" or (raw and word == "watch") else word


KINDS: tuple[Kind, ...] = (
    Kind(
        "zero_rows",
        "share of rows of nothing but 0",
        "2 %",
        (0.02,),
        "a few padded rows spoil nothing; at 5 % they do",
        ("act", "act", "act"),
    ),
    Kind(
        "duplicates",
        "share of rows that equal another, of another class where there are labels",
        "5 %",
        (0.05,),
        "chance repeats of small whole numbers stay under 0.1 %; a table saved twice has 100 %",
        ("act", "act", "act"),
    ),
    Kind(
        "cone",
        "mean cosine of all pairs",
        "0.8",
        (0.8,),
        "non-negative inputs such as digits have 0.7; encoders whose mean swamps the rest 0.9 and more",
        ("act", "act", "act"),
    ),
    Kind(
        "few_directions",
        "participation ratio over that of isotropic noise of this N and d, from 20 columns on",
        "12 % or less; with labels also 40 % or less of the simplex's",
        (0.12, 0.4, 20),
        "between 5 %, where a direction or two carry all, and 40 %, which natural spectra have",
        ("-", "act", "watch"),
    ),
    Kind(
        "unmatched_views",
        "alignment_ratio: how far two views of a point lie apart, over two points",
        "0.9",
        (0.9,),
        "unrelated views have 1, whatever the features; partners that are found a tenth of it and less",
        ("watch", "act", "watch"),
    ),
    Kind(
        "merged_classes",
        "cdnv of single pairs of three classes or more, the median of the others 0.15 or less",
        "0.63",
        (0.63, 0.15),
        "the geometric mean of 0.2, where classes still are apart, and 2, where they are not",
        ("act", "-", "watch"),
    ),
    Kind(
        "collapsed",
        "within_between_ratio, and class_cosine_error where C − 1 ≤ d",
        "0.01 or less, and 0.05 or less",
        (0.01, 0.05),
        "the geometric mean of 0.001 and 0.1 (Papyan et al. 2020, Figs. 3 and 6, end between them)",
        ("good", "act", "-"),
    ),
    Kind(
        "collapsing",
        "within_between_ratio of a run, its first step over its last",
        "5, and under 0.1 at the end",
        (5.0, 0.1),
        "half of a decade and more is no noise of a run",
        ("good", "act", "-"),
    ),
    Kind(
        "no_class_structure",
        "nearest_mean_recall over chance, 1/C",
        "twice chance, 0.1 (1 − 1/C) or 3.5 deviations of chance above it, never 3 times chance",
        (0.1, 3.5, 3.0),
        "what shuffled labels leave: the deviation is that of so many points of the sample",
        ("act", "watch", "-"),
    ),
    Kind(
        "dead_units",
        "share of the columns that are constant",
        "10 %",
        (0.1,),
        "a ReLU layer has some dead units; digits have 5 % of pixels that are never inked",
        ("watch", "watch", "watch"),
    ),
    Kind(
        "separate_classes",
        "nearest_mean_accuracy",
        "0.97",
        (0.97,),
        "between 0.95 and 0.99",
        ("good", "good", "good"),
    ),
    Kind("overlapping_classes", "labels, and none of the above", "always", (), "what is left", ("watch", "-", "-")),
    Kind("healthy", "no labels, and none of the above", "always", (), "what is left", ("good", "good", "good")),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
COLUMNS = ("kind", "looks at", "said from", "where the limit comes from", *GOALS)


def limits(name: str) -> tuple[float, ...]:
    """The limits of a kind."""
    return BY_NAME[name].limits


def rows() -> list[list[str]]:
    """The table of kinds as text, as in COLUMNS."""
    return [[kind.name, kind.looks_at, kind.said_from, kind.why, *kind.status] for kind in KINDS]


def plain(value: float) -> float | str:
    """A number as JSON holds it: text where it is not finite."""
    return value if abs(value) < float("inf") else str(value)


WITHIN = "duplicates_within_classes"  # what rounding does to collapsed features
Finder = Callable[["Report", float | None], Remark | None]

__all__ = ["COLUMNS", "KINDS", "NEEDED", "WITHIN", "Finder", "Headline", "Kind", "Remark", "limits", "plain", "rows"]
