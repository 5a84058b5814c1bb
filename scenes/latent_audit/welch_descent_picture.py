"""How Welch descent is drawn: a protractor on which all crossings slide to one ray, and the lines in a ball."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.film import Layout
from render.picture.frames import Ball, Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.points import Points
from render.picture.marks.ring import Ring
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .welch_lines import RADII, RAY, at_angles

PAIRS = ("run", "rival")  # inks of the tracked pairs


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(
            heading="a dot: the angle of two lines",
            note="whatever its radius",
            frames=(_protractor(config, goals), _pairs()),
            layout=Layout(("ab",), widths=(1.75, 1)),
            column=Layout(("ab",), widths=(1, 1.15)),
        ),
        Group(heading=f"{config.classes} lines in space", frames=(_ball(),)),
    )


def _protractor(config: Any, goals: Goals) -> Plane:
    """A dot for each two lines at the angle at which they cross, on an arc of its own; theory has all on one ray."""
    count, theory = config.classes * (config.classes - 1) // 2, goals["opened"].goal
    x, y = (RAY + 0.03) * at_angles(np.array(theory))
    return Plane(
        equal=True,
        x=Scale(low=-0.02, high=1.1),
        y=Scale(low=-0.1, high=1.12),
        marks=(
            *(Ring(radius=float(radius), angles=(0.0, 90.0), ink="grid") for radius in np.linspace(*RADII, count)),
            Threads(segments="sides", ink="edge"),
            Words(place=(0.0, 1.06), lines=("90°",), align="left"),
            Words(place=(1.0, -0.06), lines=("0°",), align="right"),
            Words(
                place=(float(x), float(y)), lines=(f"theory: all {count} at {theory:.0f}°",), ink="theory", size="label"
            ),
            Threads(segments="needles", classes="pair_numbers", roles=PAIRS, width_pt=2.4),
            Threads(segments="ray", theory=True, width_pt=1.6, over=0.2),
            Points(points="protractor", classes="kind", roles=("muted", *PAIRS), size_pt=8.5, rim=True, over=0.3),
        ),
    )


def _ball() -> Ball:
    """All lines as diameters of a ball, and the slices between those of the two tracked pairs."""
    return Ball(
        marks=(
            Threads(segments="diameters", ink="muted", tint=0.6, width_pt=1.2, over=0.15),
            Slices(corners="sectors", inks=PAIRS, tint=0.45, over=0.1),
            Threads(segments="spokes", classes="spoke_numbers", roles=PAIRS, width_pt=2.4, over=0.2),
        ),
    )


def _pairs() -> Bare:
    """The angles of the two tracked pairs."""
    numbers = (("1", 0.62, "run"), ("2", 0.26, "rival"))
    return Bare(
        marks=tuple(
            Number(array=f"tracked_angle/{pair}", form="degrees", place=(0.5, y), caption=f"pair {pair}", ink=ink)
            for pair, y, ink in numbers
        )
    )
