"""What headlines about classes are shown by: points by class, angles and overlap of their means, and recall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.audit.headline import limits
from render.audit.picture.album import Album
from render.audit.picture.rows import spectrum_arrays, spectrum_group
from render.audit.picture.shown import Evidence
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course
from render.picture.marks.points import Points
from render.picture.words import said
from render.target import Arrays

NAMED = 12  # classes whose names are written beneath their bars
LONGEST = 9  # letters of a class's name on a picture
LEAST_OVERLAP, MOST_OVERLAP = 1e-3, 1e2  # of the axis


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def plane(album: Album, roles: tuple[str, ...] = ()) -> Group:
    """Points in the plane, in the colours of their classes, or of their roles."""
    classes = "kinds" if roles else "labels" if album.coloured else ""
    marks: list = [Points(points="points", classes=classes, roles=roles, ink="muted", size_pt=4.5, tint=0.75)]
    if album.simplex:
        marks.append(Points(points="ghosts", classes="class_numbers", size_pt=20.0, hollow=True))
    if album.coloured or roles:
        named = list(map(_short, album.names)) if len(album.names) <= NAMED else []
        if named and roles:  # the two lie on each other: one name for both
            first, second = album.merged
            named[first], named[second] = f"{named[first]}, {named[second]}", ""
        marks.append(
            Points(
                points="means",
                classes="mean_kinds" if roles else "class_numbers",
                roles=roles,
                size_pt=9.0,
                rim=True,
                over=0.3,
            )
        )
        if named:
            marks.append(
                Points(points="means", names=tuple(named), size_pt=0.0, ink="ink", offset_px=(0, 15), over=0.4)
            )
    flat = f"a flat view of {album.last.setting.dim:,} columns"
    seen = f"rings: a simplex; {flat}" if album.simplex else flat
    of = f" of {_short(album.names[album.merged[0]])} or {_short(album.names[album.merged[1]])}" if roles else ""
    return Group(heading=f"a dot: a row{of}", note=seen, frames=(Plane(equal=True, marks=tuple(marks)),))


def _cosines(album: Album) -> Group:
    """A dot for each pair of class means at its cosine, and where theory has all of them."""
    setting = album.last.setting
    marks: list = [Points(points="pair_dots", ink="run", size_pt=5.0, tint=0.7)]
    if 2 < setting.classes <= setting.dim + 1:
        marks.append(Level(value=-1 / (setting.classes - 1), along="x", label="theory: {:.2f}", align="left"))
    x = Scale(low=-1.02, high=1.02, ticks=(-1.0, 0.0, 1.0))
    plane = Plane(x=x, y=Scale(low=0.0, high=1.25), marks=tuple(marks), lines="b")
    return Group(heading="cosine of class means", note="a dot: a pair", frames=(plane,))


def _recall(album: Album) -> Group:
    """Share of each class that is nearest to its own mean, with chance."""
    named = tuple(map(_short, album.names)) if len(album.names) <= NAMED else ()
    marks = (
        Bars(heights="recall", ink="rival", names=named),
        Level(value=1 / len(album.names), label="chance"),
    )
    y = Scale(low=0.0, high=1.02, ticks=(0.0, 1.0), names=("0", "100 %"))
    return Group(
        heading="nearest to their own mean",
        note="by class",
        frames=(Plane(x=Scale(low=0.4, high=len(album.names) + 0.6, **_room(named)), y=y, marks=marks, lines="b"),),
    )


def _room(named: Sequence[str]) -> dict:
    """Room below an axis for the names under its bars."""
    return {"ticks": (1.0,), "names": (" ",)} if named else {}


def _class_arrays(album: Album, arrays: Arrays) -> dict[str, np.ndarray]:
    cosines, overlap = arrays["cosines"], arrays["overlap"]
    lanes = 0.15 + 0.8 * ((np.arange(cosines.shape[1]) * 0.618034) % 1)  # apart, and always in the same lane
    return {
        "class_numbers": np.arange(len(album.classes)),
        "pair_dots": np.stack([cosines, np.broadcast_to(lanes, cosines.shape)], axis=-1),
        "overlap_dots": np.stack(
            [np.clip(overlap, LEAST_OVERLAP, MOST_OVERLAP), np.broadcast_to(lanes, overlap.shape)], axis=-1
        ),
        "recall": np.nan_to_num(arrays["recall"]),
    }


def classes(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """Points by class, the angles of the class means, and which classes are nearest to their own mean."""
    more = _class_arrays(album, arrays) | spectrum_arrays(album, arrays)
    angles = (_cosines(album),) if album.last.setting.classes > 2 else ()  # two are always opposite
    few = len(album.names) == album.last.setting.classes
    last = _ratio(arrays) if moving else _recall(album) if few else spectrum_group(album)
    return Evidence((plane(album), *angles, last), more)


def _ratio(arrays: Arrays) -> Group:
    """Spread within classes over that between them, up to now."""
    ratio = arrays["value/within_between_ratio"]
    log, low, high = bool(np.nanmin(ratio) > 0), float(np.nanmin(ratio)), float(np.nanmax(ratio))
    ticks = tuple(10.0**k for k in range(-9, 7) if low <= 10.0**k <= high)[:: 1 if high < 1e4 * low else 3]
    y = Scale(
        log=log,
        low=low / 1.4 if log else 0.0,
        high=1.4 * high or 1.0,
        ticks=ticks if log else (),
        names=tuple(f"{tick:g}" if tick >= 1e-3 else said(tick) for tick in ticks) if log else (),
    )
    course = Course(array="value/within_between_ratio", ink="run", bold=True, form="number", ahead=False)
    return Group(
        heading="spread within classes over between",
        frames=(Plane(y=y, marks=(course,), lines="lb"),),
    )


def merged(album: Album, arrays: Arrays, moving: bool) -> Evidence:
    """The two classes that share a mean, from near, and the overlap of every pair."""
    more = _class_arrays(album, arrays)
    roles = ("muted", "run", "rival")
    kinds = np.zeros(len(album.classes), int)
    first, second = album.merged
    if max(first, second) < len(kinds):
        kinds[[first, second]] = 1, 2
    labels = arrays.get("labels", np.zeros(0, int))
    more["kinds"], more["mean_kinds"] = kinds[np.minimum(labels, len(kinds) - 1)], kinds
    for name, of in (("points", more["kinds"]), ("means", kinds)):
        more[name] = np.where((of > 0)[:, None], arrays[name], np.nan)
    ones, others = np.triu_indices(len(kinds), k=1)
    more["pair_kinds"] = ((kinds[ones] > 0) & (kinds[others] > 0)).astype(int)
    limit = limits("merged_classes")[0]
    x = Scale(log=True, low=LEAST_OVERLAP, high=MOST_OVERLAP, ticks=(0.01, 1.0, 100.0), names=("0.01", "1", "100"))
    marks = (
        Points(points="overlap_dots", classes="pair_kinds", roles=("muted", "run"), size_pt=7.0, rim=True),
        Level(value=limit, along="x", label="said from {:g}", align="left"),
    )
    overlap = Group(
        heading="overlap of each pair",
        note="cdnv",
        frames=(Plane(x=x, y=Scale(low=0.0, high=1.25), marks=marks, lines="b"),),
    )
    return Evidence((plane(album, roles), overlap, _recall(album)), more)


__all__ = ["classes", "merged"]
