"""Scalars of a run, such as its loss, as small curves under the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from render.audit.files.scalars import PREFIX
from render.film import Layout
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Course
from render.picture.words import SUPERSCRIPTS, said
from render.target import Arrays

MOST = 3  # that are drawn
LONGEST = 14  # letters of a name
SHORT = (1e-3, 1e4)  # values that are written without a power of ten
DECADES = 2.0  # that positive values span before their axis is logarithmic


def scalars_of(steps: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
    """Scalars (steps,) by the name of their array: where a step has none, the last one before it; NaN before any."""
    found = {}
    for name in dict.fromkeys(name for step in steps for name in step):
        values, last = [], np.nan
        for step in steps:
            last = step.get(name, last)
            values.append(last)
        found[PREFIX + name] = np.array(values)
    return found


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
        names=tuple(map(_told, ticks)),
    )
    course = Course(array=name, ink="ink", ahead=False)
    return Plane(heading=short, note="log axis" if log else "", y=y, marks=(course,), lines="lb")


def _told(value: float) -> str:
    """A value in few letters, however large or small."""
    if value == 0 or SHORT[0] <= abs(value) < SHORT[1]:
        return said(value, "number")
    digits, power = f"{value:.1e}".split("e")
    sign, mantissa = "−" * digits.startswith("-"), digits.strip("-").removesuffix(".0")
    return f"{sign}{'' if mantissa == '1' else f'{mantissa}·'}10{str(int(power)).translate(SUPERSCRIPTS)}"


__all__ = ["curves", "scalars_of", "there"]
