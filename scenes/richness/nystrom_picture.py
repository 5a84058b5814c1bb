"""How samples against directions is told: a bar for the space found, one for single directions, and the rest."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.areas import Areas, Share
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.text import Number, Words
from render.target import Goals

SPACE, SINGLE = 2.2, 0.98  # heights of the two bars

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
    return (_bars(config), _where(config))


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


def _where(config: Any) -> Group:
    """Where a found direction lies, in shares of its square: on its true one, elsewhere in the space, or outside."""
    return Group(
        heading="a found direction lies",
        note="share of its square",
        frames=(
            Plane(
                y=Scale(low=0.0, high=1.0),
                marks=(
                    Areas(
                        shares=(
                            Share("single_found", "rival", "the true one"),
                            Share("turned", "run", "in the space"),
                            Share("outside", "quiet", "outside"),
                        ),
                    ),
                ),
            ),
        ),
    )
