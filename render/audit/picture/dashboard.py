"""The picture of an audit: a dashboard of one snapshot, or an animation of a series over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

import numpy as np

from render.audit.picture.album import Album, Page
from render.audit.picture.courses import courses
from render.audit.picture.readouts import placed, shared, verdict
from render.audit.picture.views import views
from render.audit.report import Report
from render.film import Film
from render.picture.panels.base import Panel
from render.picture.panels.readouts import Readouts
from render.target import Arrays

SECONDS = 6.0  # that an animation takes, if its frames need not be too short or too long for it
SHORTEST_MS, LONGEST_MS, HOLD_MS = 60, 500, 2000
LONGEST_NAME = 60


def dashboard(name: str, album: Album, page: Page) -> Film:
    """One frame, the page of the album's report: points, spectrum and cosines, and its numbers with their verdicts."""
    arrays = album.arrays([page])
    top = views(album, arrays, moving=False)
    cards = [
        Readouts(title=title, readouts=tuple(map(verdict, findings)), readout_px=23)
        for title, findings in placed(album.last.numbers, "card").items()
    ]
    tallest = max(len(card.readouts) for card in cards)
    return _film(name, album, arrays, top, cards, heights=(350, 40 + 23 * tallest))


def animation(name: str, album: Album, pages: Sequence[Page], snapshots: int) -> Film:
    """A frame a page, of so many snapshots: points, spectrum and cosines as on a dashboard, and courses of numbers."""
    arrays = album.arrays(pages)
    top = views(album, arrays, moving=True)
    course = f", {snapshots} snapshots" + (f", {len(pages)} of them drawn" if len(pages) < snapshots else "")
    return _film(name, album, arrays, top, list(courses(shared(album, arrays), arrays)), (340, 250), course)


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


__all__ = ["animation", "dashboard"]
