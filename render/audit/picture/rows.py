"""What headlines about rows and columns are shown by: directions of rows, the spectrum, and what says nothing."""

from __future__ import annotations

import numpy as np

from render.audit.headline import limits
from render.audit.picture.album import LIKENESS, Album
from render.audit.picture.shown import Evidence
from render.film import Layout
from render.picture.frames import Ball, Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course, Curve
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Arrays

FLOOR = 1e-6  # share of the variance that the axis goes down to


def cone(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """Directions of rows as they are, and less their mean row; beside them the cosines of all pairs of rows."""
    sides = (("rays", "run", "as they are"), ("rays_centred", "rival", "less their mean"))
    discs = tuple(
        Ball(
            heading=said,
            ink=ink,
            marks=(
                Threads(segments=f"{rays}_lines", ink=ink, tint=0.35, width_pt=0.8),
                Points(points=rays, ink=ink, size_pt=4.0, over=0.2),
            ),
        )
        for rays, ink, said in sides
    )
    lines = {f"{rays}_lines": np.stack([np.zeros_like(arrays[rays]), arrays[rays]], axis=2) for rays, _, _ in sides}
    hero = Group(heading="directions of rows", note="a dot: a row", frames=discs, layout=Layout(("ab",)))
    return Evidence((hero, _pairs_of_rows(arrays)), lines | {"likeness_at": (LIKENESS[1:] + LIKENESS[:-1]) / 2})


def _pairs_of_rows(arrays: Arrays) -> Group:
    wide = float(np.diff(LIKENESS)[0])
    highest = max(float(arrays[name].max()) for name in ("likeness", "likeness_centred")) or 1.0
    bars = (
        Bars(heights="likeness_centred", at="likeness_at", width=wide, ink="rival"),
        Bars(heights="likeness", at="likeness_at", width=wide, ink="run", tint=0.85, over=0.1),
        Level(value=0.0, along="x", label="noise: {:g}", align="left"),
    )
    x = Scale(low=-1.0, high=1.02, ticks=(-1.0, 1.0))
    return Group(
        heading="cosine of two rows",
        note="blue: less their mean",
        frames=(Plane(x=x, y=Scale(low=0.0, high=1.3 * highest), marks=bars, lines="b"),),
    )


def partners(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """Cosines of the views of a point beside those of two points, and the spectrum."""
    if "value/alignment_ratio" not in arrays:
        return spectrum(album, arrays, moving)
    places = {"likeness_at": (LIKENESS[1:] + LIKENESS[:-1]) / 2}
    return Evidence((_of_partners(arrays), spectrum_group(album)), spectrum_arrays(album, arrays) | places)


def _of_partners(arrays: Arrays) -> Group:
    wide = float(np.diff(LIKENESS)[0])
    highest = max(float(np.nanmax(arrays[name])) for name in ("partners", "strangers")) or 1.0
    bars = (
        Bars(heights="strangers", at="likeness_at", width=wide, ink="rival"),
        Bars(heights="partners", at="likeness_at", width=wide, ink="run", tint=0.85, over=0.1),
    )
    x = Scale(low=-1.0, high=1.02, ticks=(-1.0, 0.0, 1.0), names=("−1", "0", "1"))
    return Group(
        heading="cosine of two views of a point",
        note="blue: of two points",
        frames=(Plane(x=x, y=Scale(low=0.0, high=1.3 * highest), marks=bars, lines="b"),),
    )


def spectrum_group(album: Album) -> Group:
    last = float(album.last.setting.dim)
    marks = (
        Curve(x="modes", array="noise", theory=True, label="noise"),
        Curve(x="modes", array="spectrum", ink="run", bold=True, label="here"),
    )
    ticks = (*(tick for tick in (1.0, 10.0, 100.0, 1000.0, 10_000.0) if tick < last / 1.6), last)
    x = Scale(log=True, low=1.0, high=max(last, 2.0), ticks=ticks, names=tuple(f"{tick:,.0f}" for tick in ticks))
    y = Scale(log=True, low=FLOOR, high=1.4, ticks=(1.0, 1e-2, 1e-4), names=("100 %", "1 %", "0.01 %"))
    return Group(
        heading="variance by direction",
        note="share of each, log axes",
        frames=(Plane(x=x, y=y, marks=marks, lines="lb"),),
    )


def spectrum_arrays(album: Album, arrays: Arrays) -> dict[str, np.ndarray]:
    dim, points = album.last.setting.dim, album.last.setting.points
    return {
        "modes": np.arange(1.0, dim + 1),
        "noise": isotropic(points, dim),
        "spectrum": np.maximum(arrays["shares"], FLOOR),
    }


def isotropic(points: int, dim: int) -> np.ndarray:
    """Expected spectrum of isotropic noise as shares of its variance, largest first: (d,).

    Quantiles of the law of Marchenko & Pastur (1967) at ratio d/N; what the N - 1 deviations cannot span is at FLOOR.
    """
    ratio = dim / max(points - 1, 1)
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    grid = np.linspace(low, high, 4001)[1:-1]
    density = np.sqrt((high - grid) * (grid - low)) / grid
    share = np.cumsum(density) / density.sum()
    spanned = min(dim, max(points - 1, 1))
    places = 1 - (np.arange(spanned) + 0.5) / spanned
    values = np.interp(places, share, grid)
    return np.concatenate([values / values.sum(), np.full(dim - spanned, FLOOR)])


def spectrum(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    more = {"likeness_at": (LIKENESS[1:] + LIKENESS[:-1]) / 2}
    beside = _of_partners(arrays) if "value/alignment_ratio" in arrays else _pairs_of_rows(arrays)
    return Evidence((spectrum_group(album), beside), spectrum_arrays(album, arrays) | more)


LENGTH = "value/row_length"
UNEVEN = 3.0  # times as long in one step as in another: then the scale of the features is shown


def uneven(arrays: Arrays) -> bool:
    """Whether the mean length of a row changes so much over the steps that it should be seen."""
    lengths_seen = arrays[LENGTH][np.nan_to_num(arrays[LENGTH]) > 0] if LENGTH in arrays else np.zeros(0)
    return len(lengths_seen) > 0 and float(lengths_seen.max()) > UNEVEN * float(arrays[LENGTH].min())


def lengths(arrays: Arrays) -> Group:
    """Mean length of a row, up to now."""
    values = arrays[LENGTH]
    seen = values[np.nan_to_num(values) > 0]
    course = Course(array=LENGTH, ink="ink", form="number", ahead=False)
    y = Scale(log=True, low=float(seen.min()) / 1.6, high=1.6 * float(seen.max()))
    return Group(heading="mean length of a row", note="log axis", frames=(Plane(y=y, marks=(course,), lines="lb"),))


FAULTS = (  # number, what it counts, what it is a share of, the kind whose limit it has
    ("zero_rows", "rows of zeros", "points", "zero_rows"),
    ("duplicate_rows", "rows that equal another", "points", "duplicates"),
    ("constant_columns", "columns that never change", "dim", "dead_units"),
)


def faults(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """Shares of rows and columns that say nothing, each with the limit from which on it is said."""
    setting, marks = album.last.setting, []
    more: dict[str, np.ndarray] = {"whole": np.ones(1)}
    there = [fault for fault in FAULTS if f"value/{fault[0]}" in arrays]
    for row, (name, words, of, kind) in enumerate(there):
        y = float(len(there) - row)
        more[f"share/{name}"] = (arrays[f"value/{name}"] / getattr(setting, of))[:, None]
        more[f"of/{name}"] = more[f"share/{name}"][:, 0]
        more[f"at/{name}"] = np.array([y - 0.1])
        limit = limits(kind)[0]
        more[f"limit/{name}"] = np.array([[[limit, y - 0.32], [limit, y + 0.12]]])
        marks += [
            Bars(heights="whole", at=f"at/{name}", lying=True, width=0.34, ink="quiet"),
            Bars(heights=f"share/{name}", at=f"at/{name}", lying=True, width=0.34, ink="run", over=0.1),
            Threads(segments=f"limit/{name}", theory=True, over=0.3),
            Words(place=(0.0, y + 0.24), lines=(words,), ink="ink", bold=True, size="label"),
            Number(
                array=f"of/{name}",
                form="percent",
                size="label",
                place=(1.0, y + 0.24),
                align="right",
                ink="run" if (more[f"of/{name}"] >= limit).any() else "ink",
            ),
        ]
    plane = Plane(x=Scale(low=0.0, high=1.0), y=Scale(low=0.4, high=len(there) + 0.5), marks=tuple(marks))
    hero = Group(heading="what says nothing", note="dashed: the limit", frames=(plane,))
    return Evidence((hero, spectrum_group(album)), more | spectrum_arrays(album, arrays))


__all__ = [
    "cone",
    "faults",
    "isotropic",
    "lengths",
    "partners",
    "spectrum",
    "spectrum_arrays",
    "spectrum_group",
    "uneven",
]
