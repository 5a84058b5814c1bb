"""Scalars of a run, such as its loss, as small curves under the evidence."""

from __future__ import annotations

import numpy as np

from render.audit.files.scalars import PREFIX
from render.film import Layout
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course
from render.picture.words import said
from render.target import Arrays

MOST = 3  # that are drawn
LONGEST = 14  # letters of a name
DECADES = 2.0  # that positive values span before their axis is logarithmic


def there(arrays: Arrays) -> list[str]:
    """The arrays of scalars that have two values to draw a line through, in the order in which they were logged."""
    found = [name for name in arrays if name.startswith(PREFIX)]
    return [name for name in found if np.isfinite(arrays[name]).sum() > 1][:MOST]


def curves(arrays: Arrays) -> Group:
    """A small curve of each scalar over the run, up to now."""
    names = there(arrays)
    frames = tuple(_plane(name, arrays[name]) for name in names)
    return Group(frames=frames, layout=Layout(("abc"[: len(frames)],)))


def _plane(name: str, values: np.ndarray) -> Plane:
    seen = values[np.isfinite(values)]
    low, high = float(seen.min()), float(seen.max())
    log = low > 0 and np.log10(high / low) > DECADES
    short = name.removeprefix(PREFIX)
    short = short if len(short) <= LONGEST else f"{short[: LONGEST - 1]}…"
    pad = 0.0 if log else 0.08 * ((high - low) or abs(high) or 1.0)
    ticks = tuple(dict.fromkeys((low, high)))
    y = Scale(
        log=log,
        low=low / 1.3 if log else low - pad,
        high=1.3 * high if log else high + pad,
        ticks=ticks,
        names=tuple(said(tick, "number") for tick in ticks),
    )
    course = Course(array=name, ink="ink", ahead=False)
    return Plane(heading=short, note="log axis" if log else "", y=y, marks=(course,), lines="lb")


__all__ = ["curves", "there"]
