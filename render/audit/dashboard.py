"""The picture of an audit: a dashboard of one snapshot, or an animation of a series over its steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import lcm
from typing import Literal

import numpy as np

from render.audit.album import COLOURED, Album, Page
from render.audit.report import Number, Report
from render.film import Film
from render.panels.base import Insets, Panel, Readout
from render.panels.curves import Curve, Curves
from render.panels.histogram import Histogram
from render.panels.numbers import Numbers
from render.panels.scatter import Scatter
from render.panels.spectrum import Bars, Spectrum
from render.scene import Arrays, Target

SECONDS = 6.0  # that an animation takes, if its frames need not be too short or too long for it
SHORTEST_MS, LONGEST_MS, HOLD_MS = 60, 500, 2000
SMALL, FLOOR = 1e-4, 1e-6  # shares of the variance that logarithmic axes go down to
LONGEST_NAME = 60
DECADES = 20  # a course that falls by more than this factor has a logarithmic axis
CLASS_NUMBERS = (
    "within_between_ratio",
    "collapse_ratio",
    "nc1",
    "class_cosine_largest",
    "class_cosine_spread",
    "class_cosine_error",
    "norm_variation",
    "class_simplex_error",
    "class_coherence",
    "class_welch_gap",
)
OTHER_NUMBERS = (
    "participation_ratio",
    "entropy_rank",
    "effective_dimension",
    "numerical_rank",
    "constant_columns",
    "low_rank_measure",
    "output_rank",
    "quality_dimension",
    "utilization_dimension",
    "alignment",
    "uniformity",
)


def dashboard(name: str, album: Album, page: Page) -> Film:
    """One frame, the page of the album's report: points, spectrum and cosines, and its numbers with their verdicts."""
    arrays = album.arrays([page])
    top = _views(album, arrays, moving=False)
    cards = [
        Numbers(title=title, readouts=readouts, readout_px=23)
        for title, names in (("dimensions, outputs and points", OTHER_NUMBERS), ("classes", CLASS_NUMBERS))
        if (readouts := tuple(_verdict(number) for number in album.last.numbers if number.name in names))
    ]
    tallest = max(len(card.readouts) for card in cards)
    return _film(name, album, arrays, top, cards, heights=(350, 40 + 23 * tallest))


def animation(name: str, album: Album, pages: Sequence[Page], snapshots: int) -> Film:
    """A frame a page, of so many snapshots: points, spectrum and cosines as on a dashboard, and courses of numbers."""
    arrays = album.arrays(pages)
    numbers = {number.name: number for number in album.last.numbers if number.name in arrays}
    top = _views(album, arrays, moving=True)
    course = f", {snapshots} snapshots" + (f", {len(pages)} of them drawn" if len(pages) < snapshots else "")
    return _film(name, album, arrays, top, list(_courses(numbers, arrays)), (340, 250), course)


def _film(
    name: str,
    album: Album,
    arrays: Arrays,
    top: Sequence[Panel],
    bottom: Sequence[Panel],
    heights: tuple[int, int],
    course: str = "",
) -> Film:
    columns = lcm(len(top), len(bottom))
    letters = iter("abcdefghijkl")
    rows = ["".join(next(letters) * (columns // len(panels)) for _ in panels) for panels in (top, bottom)]
    setting, steps = album.last.setting, arrays["step"]
    classes = f", {setting.classes} classes" if setting.classes else ""
    when = f", step {steps[0]:,}" if len(steps) == 1 and album.last.snapshot.step is not None else ""
    frame_ms = int(np.clip(10 * round(100 * SECONDS / len(steps)), SHORTEST_MS, LONGEST_MS))
    return Film(
        title=f"Audit of {_plain(name)}",
        subtitle=f"{setting.points:,} points × {setting.dim} feature{'s'[: setting.dim - 1]}{classes}{course}{when}",
        alt=_described(name, album.last, arrays),
        layout=(rows[0], rows[1]),
        heights=heights,
        width_px=1100,
        height_px=102 + sum(heights),
        panels=(*top, *bottom),
        frame_ms=frame_ms,
        hold_ms=HOLD_MS,
        arrays=arrays,
    )


def _plain(name: str) -> str:
    """A file's name as text that fits a line: what is mathematics to matplotlib is not to a file."""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return short.replace("$", r"\$")


def _described(name: str, last: Report, arrays: Arrays) -> str:
    values, steps = arrays["participation_ratio"], arrays["step"]
    if len(steps) == 1:
        return f"Dashboard of {name}: {last.setting.points:,} points with participation ratio {values[0]:.3g}."
    collapse = arrays.get("collapse_ratio")
    more = "" if collapse is None else f", the collapse ratio from {collapse[0]:.3g} to {collapse[-1]:.3g}"
    return (
        f"The representations of {name} from step {steps[0]:,} to {steps[-1]:,}: the participation ratio goes from "
        f"{values[0]:.3g} to {values[-1]:.3g}{more}."
    )


def _views(album: Album, arrays: Arrays, moving: bool) -> list[Panel]:
    """Points in the plane, the spectrum, and the cosines of class means where there are three classes or more."""
    setting = album.last.setting
    numbers = {number.name: number for number in album.last.numbers if number.name in arrays}
    coloured = "labels" in arrays
    seen = "rings: where a simplex has its corners" if album.simplex else "the first two principal axes"
    if setting.classes > COLOURED:
        seen = f"principal axes; {setting.classes:,} classes, one colour"
    elif moving and not album.simplex:
        seen += " of the last step"
    modes = arrays["shares"].shape[1]
    panels: list[Panel] = [
        Scatter(
            title=f"{arrays['points'].shape[1]} of the points" if setting.points > len(album.rows) else "the points",
            caption=seen,
            points="points",
            labels="labels" if coloured else "",
            means="means" if coloured else "",
            ghosts="ghosts" if album.simplex else "",
            numbers=tuple(map(str, album.classes)) if album.simplex else (),
        ),
        Spectrum(
            title="spectrum of the covariance",
            series=(Bars("shares", first=min(setting.classes - 1, modes) if setting.classes > 1 else None),),
            scale="log",
            floor=SMALL,
            top=1.0,
            labels=tuple(str(k) if k == 1 or k % 5 == 0 else "" for k in range(1, modes + 1)) if modes > 12 else (),
            xlabel="variance by mode"
            + (f", {modes} of {setting.dim:,}" if modes < setting.dim else "")
            + ("; C−1 in colour" if setting.classes > 1 else ""),
            readouts=_readouts(numbers, "participation_ratio", "entropy_rank"),
            insets=Insets(left=50, right=14, bottom=40),
        ),
    ]
    if "class_cosine_error" in numbers and len(album.edges):
        error = numbers["class_cosine_error"].theory is not None
        panels.append(
            Histogram(
                title="cosines of class means",
                counts="cosines",
                edges="cosine_edges",
                goal=-1 / (setting.classes - 1) if error else None,
                formula=f"−1/(C−1) = −{1 / (setting.classes - 1):.3g}",
                xlabel=f"cosine; {int(arrays['cosines'][-1].sum()):,} pairs",
                readouts=_readouts(numbers, "class_cosine_spread", *["class_cosine_error"] * error),
            )
        )
    return panels


def _courses(numbers: dict[str, Number], arrays: Arrays) -> Iterator[Curves]:
    """Numbers over steps, a panel for each kind that there is."""
    kinds = [
        ("ranks", ("participation_ratio", "entropy_rank")),
        ("variance within classes", ("collapse_ratio",)),
        ("coherence of class means", ("class_coherence",)),
        ("low-rank measure: 0 is rich", ("low_rank_measure",)),
    ]
    if "collapse_ratio" not in numbers:
        kinds.append(("uniformity", ("uniformity",)))
    for title, names in kinds:
        found = [numbers[name] for name in names if name in numbers]
        if found and (names != ("class_coherence",) or found[0].theory is not None):  # that of two means says nothing
            yield _course(title, found, arrays)


def _course(title: str, found: Sequence[Number], arrays: Arrays) -> Curves:
    """Curves with the level that theory sets, on a logarithmic axis where that is 0 and the course covers decades."""
    colours = ("accent", "second")[: len(found)]
    values, goal = arrays[found[0].name], found[0].theory
    log = goal == 0 and values[0] > 0 and values.min() < values.max() / DECADES
    ends_near = goal is not None and abs(values[-1] - goal) < abs(values[0] - goal)
    side: Literal["left", "right"] = "left" if ends_near else "right"  # where the curve is far from the label
    goals = [None if log else goal] + [None] * (len(found) - 1)
    return Curves(
        title=title,
        curves=tuple(
            Curve(number.name, colour, level, _formula(number), side, above=level is None or level < values.max())
            for number, colour, level in zip(found, colours, goals, strict=True)
        ),
        scale="log" if log else "linear",
        floor=FLOOR,
        insets=Insets(left=46, right=max(24, 4 * len(f"{arrays['step'][-1]:,}")), bottom=40),
        step_scale="log" if _is_geometric(arrays["step"]) else "linear",
        readouts=tuple(
            replace(_readout(number), note="", colour=colour if len(found) > 1 else "")
            for number, colour in zip(found, colours, strict=True)
        ),
    )


def _is_geometric(steps: np.ndarray) -> bool:
    """Whether half of the steps lie in the first quarter: then a logarithmic axis shows them evenly."""
    return bool(steps[0] >= 0 and np.median(steps) - steps[0] < (steps[-1] - steps[0]) / 4)


def _formula(number: Number) -> str:
    if number.theory is None or number.formula in ("", "0"):
        return "0"
    return f"{number.formula} = {number.theory:.3g}".replace("-", "−")


def _target(number: Number) -> Target | None:
    if number.theory is None or number.tolerance is None:
        return None
    return Target(number.name, number.name, "within", number.theory, number.formula, number.tolerance)


def _readouts(numbers: dict[str, Number], *names: str) -> tuple[Readout, ...]:
    return tuple(_readout(numbers[name]) for name in names if name in numbers)


def _readout(number: Number) -> Readout:
    """A live number, with the value that theory gives it."""
    goal = "" if number.theory is None else f"theory {number.theory:.3g}"
    name = number.name.removeprefix("class_").replace("_", " ")
    return Readout(name, number.name, "{:.4g}", target=_target(number), note=goal)


def _verdict(number: Number) -> Readout:
    """A number with its verdict in words."""
    goal = number.verdict
    if number.theory is not None:
        goal += f" (theory {number.theory:.3g})"
    return Readout(number.name.replace("_", " "), number.name, "{:.4g}", target=_target(number), note=goal)


__all__ = ["animation", "dashboard"]
