"""The picture of a comparison: one state turns into the other, in one view, with the few numbers beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from render.audit.against.comparison import Comparison
from render.audit.against.kinds import cka_said
from render.audit.against.likeness import NAMES
from render.audit.picture.album import Album
from render.audit.picture.classes import plane
from render.audit.picture.dashboard import MOVING_PX, WIDTH_PX, fitted, plain
from render.audit.picture.shown import literal
from render.audit.picture.told import TOLD
from render.audit.remarks import share
from render.audit.theory import CLASSIFIER
from render.film import Film, Layout, Story, Strip
from render.picture.frames import Bare, Plane
from render.picture.group import Group
from render.picture.marks.base import Mark
from render.picture.marks.points import Points
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.picture.theme import LIGHT
from render.picture.words import said
from render.views import fourier_pair

FRAMES, FRAME_MS, HOLD_MS = 30, 80, 3000
MOST_NUMBERS = 5
ALIKE = {"cka": "CKA, unbiased", "procrustes_residual": "left over after a turn", "neighbours_kept": "neighbours kept"}
SECTORS = 6  # of the plane, whose rows have a colour each where classes have none
RIGHT, MIDDLE = 1.0, 0.72  # where columns of numbers end
NAMED = ("before", "on the way", "after")
ON_THE_WAY = "ON THE WAY: turned onto each other at one scale, so that only what is new moves"


def morph(name: str, before: str, album: Album, comparison: Comparison) -> Film:
    """A film of `before` turning into what is called `name`, whose album sets the view."""
    arrays = _arrays(album, comparison)
    headline = comparison.headline
    setting, was = comparison.after.setting, comparison.before.setting
    columns = f"{setting.dim:,} columns" if setting.dim == was.dim else f"{was.dim:,} and {setting.dim:,} columns"
    parts = [f"{plain(name)} against {plain(before)}", f"{setting.points:,} rows × {columns}"]
    parts += [f"{setting.classes} classes"] * (setting.classes > 0)
    title = headline.text[:1].upper() + headline.text[1:]
    layout = Layout(("ab", "ac"), widths=(1.35, 1), heights=(1.0, 1.35))
    return Film(
        title=fitted(title, LIGHT.headline_pt, True),
        subtitle="  ·  ".join(parts),
        alt=f"{name} against {before}, {setting.points:,} rows: {headline.text}.",
        layout=("a",),
        width_px=WIDTH_PX,
        height_px=MOVING_PX,
        panels=(_hero(album), _alike(comparison), _numbers(comparison)),
        frame_ms=FRAME_MS,
        hold_ms=HOLD_MS,
        arrays=arrays,
        story=Story(
            state="state",
            names=NAMED,
            sentences=tuple(fitted(one, LIGHT.sentence_pt, False) for one in _sentences(comparison)),
            wide=layout,
            column=layout,
            strip=Strip(array="percent", label="moved", form="{:.0f} %", ticks=(50.0,)),
            poster=(0.0, 1.0),
        ),
    )


def _sentences(comparison: Comparison) -> tuple[str, str, str]:
    headline = comparison.headline
    texts = (
        f"BEFORE: {comparison.before.headline().text}",
        ON_THE_WAY,
        f"{(headline.status or 'next').upper()}: {headline.next}",
    )
    return tuple(text.replace("{", "(").replace("}", ")") for text in texts)  # type: ignore[return-value]


def _arrays(album: Album, comparison: Comparison) -> dict[str, np.ndarray]:
    laid, sample = comparison.laid, comparison.after.sample
    numbers = None
    if len(album.classes) and sample.labels is not None:
        numbers = sample.labels[np.searchsorted(sample.rows, comparison.rows)]
    drawn = np.isin(comparison.rows, album.rows)
    way = (1 - np.cos(np.pi * np.linspace(0, 1, FRAMES))) / 2
    ends = [_flat(album, rows, numbers) for rows in (laid.before, laid.after)]
    found = {
        "step": np.arange(FRAMES),
        "percent": 100 * way,
        "state": np.concatenate([[0], np.ones(FRAMES - 2, int), [2]]),
        "points": _between(ends[0][0][drawn], ends[1][0][drawn], way),
    }
    if not album.coloured:
        x, y = found["points"][0].T
        found["was"] = np.clip((np.arctan2(y, x) / np.pi + 1) / 2 * SECTORS, 0, SECTORS - 1).astype(int)
    if numbers is not None:
        means = _between(ends[0][1], ends[1][1], way)
        found |= {
            "labels": np.searchsorted(album.classes, numbers[drawn]),
            "class_numbers": np.arange(len(album.classes)),
            "means": means,
            "paths": np.stack([np.broadcast_to(means[:1], means.shape), means], axis=2),
        }
    if album.simplex:
        found["ghosts"] = fourier_pair(len(album.classes))
    return found


def _flat(album: Album, rows: np.ndarray, numbers: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Rows in the plane, centred as the view is, and the means of the classes that are drawn, NaN without a row."""
    points = album.flat(rows)
    if numbers is None:
        return points, np.zeros((0, 2))
    own = [points[numbers == each] for each in album.classes]
    means = np.array([some.mean(axis=0) if len(some) else np.full(2, np.nan) for some in own])
    centre = np.nanmean(means, axis=0) if album.simplex else np.zeros(2)
    return points - centre, means - centre


def _between(first: np.ndarray, last: np.ndarray, way: np.ndarray) -> np.ndarray:
    share = way.reshape(-1, *[1] * first.ndim)
    return (1 - share) * first + share * last


def _hero(album: Album) -> Group:
    group = plane(album)
    (frame,) = group.frames
    if not album.coloured:  # where rows have been: what mixes the colours has redrawn neighbourhoods
        dots = Points(points="points", classes="was", size_pt=4.5, tint=0.75)
        return replace(group, note=f"colours: where it was; {group.note}", frames=(Plane(equal=True, marks=(dots,)),))
    paths = Threads(segments="paths", classes="class_numbers", width_pt=2.0, over=0.25)
    note = f"lines: the way of a mean; {'rings: a simplex; flat view' if album.simplex else group.note}"
    return replace(group, note=note, frames=(replace(frame, marks=(*frame.marks, paths)),))


def _table(heading: str, columns: tuple[str, str], rows: list[tuple[str, str, str]]) -> Group:
    """Rows of words and two numbers each, under two titles."""
    count = len(rows) + 1
    marks: list[Mark] = [
        Words(place=(place, 1 - 0.4 / count), lines=(title,), align="right")
        for place, title in zip((MIDDLE, RIGHT), columns, strict=True)
    ]
    for number, (words, first, second) in enumerate(rows, 1):
        y = 1 - (number + 0.4) / count
        marks += [
            Words(place=(0.0, y), lines=(literal(words),), ink="ink"),
            Words(place=(MIDDLE, y), lines=(first,), align="right", ink="ink", bold=columns[0] == "here"),
            Words(place=(RIGHT, y), lines=(second,), align="right", ink="ink" if columns[0] != "here" else "muted"),
        ]
    return Group(heading=heading, frames=(Bare(marks=tuple(marks)),), layout=Layout())


def _alike(comparison: Comparison) -> Group:
    laid = comparison.laid
    rows = [(ALIKE["cka"], cka_said(laid.values["cka"]), f"0 ± {said(laid.deviation)}")]
    rows += [(ALIKE[name], share(laid.values[name]), share(laid.unrelated[name])) for name in NAMES[1:]]
    return _table("how alike", ("here", "unrelated"), rows)


def _numbers(comparison: Comparison) -> Group:
    rows, listed = [], TOLD[comparison.after.setting.goal]
    if comparison.headline.kind in ("contracted", "dispersed"):  # whose number not every goal has in its list
        spread = TOLD[CLASSIFIER][0]
        listed = (spread, *(told for told in listed if told != spread))
    for told in listed:
        one = comparison.of(told.name)
        if one is not None:
            rows.append((told.words, said(one.before, told.form), said(one.after, told.form)))
    return _table("the numbers", ("before", "after"), rows[:MOST_NUMBERS])


__all__ = ["morph"]
