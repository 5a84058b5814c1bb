"""How the benign landscape is told: six blobs that get round as they fall, and the same starts not squared."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout, Story
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.blobs import Blobs
from render.picture.marks.level import Level
from render.picture.marks.name import Name
from render.picture.marks.points import Points
from render.picture.marks.threads import Threads
from render.target import Goals

APART, TALL = 5.2, 3.1  # from one start to the next, and of one unit of height, in units of the blobs' half axes
LENGTH, TILT = 2.2, np.deg2rad(28)  # half the length of a line, and the turn of the first long axis
NOWHERE = -99.0  # outside every frame
ROUNDED, LANDED, STUCK = 1.0, 0.05, 0.5  # heights below which a blob is nearly round, and has landed; above: stuck

STORY = Story(
    state="state",
    names=("falling", "rounding off", "landed"),
    sentences=(
        "Six random starts of {classes} lines; a long blob: lines crowd one way.",
        "Rounder is lower: what is not round can still fall.",
        "Squared: all six land. Not squared: {stuck_count:.0f} stuck above the floor.",
    ),
    wide=Layout(("ab",), widths=(2, 1)),
    column=Layout(("a", "b"), heights=(1.5, 1)),
    poster=(1.0,),
)


def seen(codes: np.ndarray, heights: np.ndarray, unsquared_heights: np.ndarray) -> dict[str, Any]:
    """Blobs, lines and stems of the starts: codes (frames, starts, C, 3), heights (frames, starts) above the floors.

    Each start is seen from a side of its own for the whole run, on which its first blob shows its longest and its
    shortest axis.
    """
    frames, starts, count, _ = codes.shape
    codes = codes.astype(np.float64)
    places = np.arange(starts, dtype=float)
    centres = np.stack([np.broadcast_to(APART * places, heights.shape), TALL * heights], axis=-1)
    _, axes = np.linalg.eigh(np.swapaxes(codes[0], 1, 2) @ codes[0])
    turn = np.array([[np.cos(TILT), np.sin(TILT)], [-np.sin(TILT), np.cos(TILT)]])
    flat = codes @ (axes[..., [2, 0]] @ turn)
    ends = LENGTH * flat[..., None, :] * np.array([[-1.0], [1.0]])
    lines = centres[:, :, None, None, :] + ends
    stuck = unsquared_heights[-1] > STUCK
    dots = np.stack([np.broadcast_to(places, unsquared_heights.shape), unsquared_heights], axis=-1)
    highest = still_above(heights.max(axis=1))
    state = (highest < ROUNDED).astype(int) + (highest < LANDED)
    last = dots[:, int(unsquared_heights[-1].argmax())].copy()
    last[~((state == 2) & stuck.any()), 1] = NOWHERE
    return {
        "centres": centres,
        "shapes": np.swapaxes(flat, -1, -2) @ flat,
        "lines": lines.reshape(frames, starts * count, 2, 2),
        "fallen": np.stack([np.broadcast_to(centres[:1], centres.shape), centres], axis=2),
        "dots": dots,
        "dots_fallen": np.stack([np.broadcast_to(dots[:1], dots.shape), dots], axis=2),
        "stuck": stuck.astype(int),
        "stuck_count": stuck.sum(),
        "stuck_dot": last,
        "state": state,
    }


def still_above(values: np.ndarray) -> np.ndarray:
    """The most that is still to come, at every frame: (frames,), never rising."""
    return np.maximum.accumulate(values[::-1])[::-1]


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_squared(), _unsquared())


def _starts(apart: float) -> Scale:
    """The starts from left to right, by number."""
    numbers = tuple(range(6))
    return Scale(
        low=-0.56 * apart,
        high=5.56 * apart,
        ticks=tuple(apart * number for number in numbers),
        names=("start 1", *(f"{number + 1}" for number in numbers[1:])),
    )


def _squared() -> Group:
    """A blob a start: the shape of its lines, as high above the floor as it is from round."""
    return Group(
        heading="overlaps squared",
        note="height: added over every two lines (root scale)",
        frames=(
            Plane(
                x=_starts(APART),
                equal=True,
                marks=(
                    Level(value=0.0, label="floor"),
                    Threads(segments="fallen", ink="rival", tint=0.3, width_pt=5.0),
                    Blobs(centres="centres", shapes="shapes", ink="rival", tint=0.5, over=0.1),
                    Threads(segments="lines", ink="ink", tint=0.85, width_pt=1.3, over=0.2),
                ),
            ),
        ),
    )


def _unsquared() -> Group:
    """The same starts where overlaps are added as they are: a dot each."""
    return Group(
        heading="overlaps not squared",
        note="same starts",
        frames=(
            Plane(
                x=_starts(1.0),
                y=Scale(low=-0.35),
                marks=(
                    Level(value=0.0, label="floor"),
                    Threads(segments="dots_fallen", classes="stuck", roles=("muted", "run"), tint=0.3, width_pt=5.0),
                    Points(points="dots", classes="stuck", roles=("muted", "run"), size_pt=13.0, rim=True, over=0.2),
                    Name(point="stuck_dot", text="stuck", ink="run", over=0.3),
                ),
            ),
        ),
    )
