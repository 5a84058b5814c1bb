"""How samples against directions is told: a bar for the space found, one for single directions, and an arrow in it."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.name import Name
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .nystrom_arrow import SINGLE, SPACE

STORY = Story(
    state="state",
    names=("few", "more", "many"),
    sentences=(
        "Few samples: the space, but hardly a direction.",
        "More samples: directions turn within the space.",
        "Many samples: directions still lag behind.",
    ),
    wide=Layout(("ab",), widths=(1.15, 1)),
    column=Layout(("a", "b"), heights=(1.1, 1)),
    strip=Strip(array="samples", label="samples", live=True),
    poster=(0.0, 0.4, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_bars(config), _arrow())


def _bars(config: Any) -> Group:
    """How much of the first half of the directions is found, together and one by one."""
    rows = (
        (SPACE, "space", "run", f"space of {config.dim // 2} directions"),
        (SINGLE, "single", "rival", "single directions"),
    )
    return Group(
        heading="found",
        note="mean square",
        frames=(
            Plane(
                x=Scale(low=0.0, high=1.0),
                y=Scale(low=0.4, high=2.8),
                marks=(
                    *(
                        Bars(heights="whole_bar", at=f"{name}_at", lying=True, width=0.42, ink="quiet")
                        for _, name, _, _ in rows
                    ),
                    *(
                        Bars(heights=f"{name}_bar", at=f"{name}_at", lying=True, width=0.42, ink=ink)
                        for _, name, ink, _ in rows
                    ),
                    *(
                        Words(place=(0.0, y + 0.36), lines=(words,), ink=ink, bold=True, size="label")
                        for y, _, ink, words in rows
                    ),
                    *(
                        Number(array=f"{name}_found", form="percent", place=(0.0, y - 0.4), ink=ink, align="left")
                        for y, name, ink, _ in rows
                    ),
                    Level(
                        value="space_first",
                        along="x",
                        label=f"space at {config.fewest} samples",
                        side="top",
                        align="right",
                    ),
                ),
            ),
        ),
    )


def _arrow() -> Group:
    """The mean found direction as an arrow over the true space."""
    return Group(
        heading="one direction",
        note="mean square, against the true one",
        frames=(
            Plane(
                equal=True,
                x=Scale(low=-1.1, high=1.16),
                y=Scale(low=-1.02, high=0.1),
                marks=(
                    Slices(corners="floor", inks=("run",), tint=0.22),
                    Threads(segments="true_direction", ink="ink", width_pt=4.0),
                    Threads(segments="off", ink="run", width_pt=2.4),
                    Threads(segments="within", ink="rival", width_pt=2.4),
                    Threads(segments="found", ink="ink", width_pt=4.0),
                    Slices(corners="true_head", inks=("ink",), tint=1.0),
                    Slices(corners="found_head", inks=("ink",), tint=1.0),
                    Words(place=(0.42, -0.2), lines=("true direction",), ink="ink", bold=True, size="label"),
                    Name(point="found_name", text="found"),
                    Name(point="off_name", text="off the space", ink="run"),
                    Name(point="within_name", text="turned within it", ink="rival"),
                ),
            ),
        ),
    )
