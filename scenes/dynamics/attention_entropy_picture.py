"""How the entropy of attention is drawn: rows against a border that they cannot pass, and the scores of one of them."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.name import Name
from render.picture.marks.paths import Paths, Trails
from render.picture.marks.points import Points
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .attention_entropy_drawn import BOTTOM, REACH

INKS = {"free": "run", "held": "rival"}
NAMES = {"free": "free", "held": "told to look at 5"}
SIZES = {"free": 9.0, "held": 6.0}  # both are seen where they start, in one place
SEEN = (1, 2, 5, 10, 24)

STORY = Story(
    state="state",
    names=("spread", "narrowing", "border", "stopped"),
    sentences=(
        "A dot is a token, and it looks at most others.",
        "Training lifts one score of each: attention narrows …",
        "… down to the border. Now scores must spread further.",
        "Five need less: blue scores shrink to the border.",
    ),
    wide=Layout(("ab",), widths=(1.55, 1)),
    column=Layout(("a", "b"), heights=(1.5, 1)),
    strip=Strip(array="time", label="time", ticks=(1, 10, 100)),
    poster=(1.0,),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(heading="tokens it looks at", note="dashed: one score high, the rest equal", frames=(_rows(),)),
        Group(
            heading="ringed: its scores",
            note="dots and %: attention",
            frames=(_scores(config, "free"), _scores(config, "held")),
            layout=Layout(("a", "b")),
            column=Layout(("ab",)),
        ),
    )


def _rows() -> Plane:
    """Rows by the length of their scores and the tokens that they look at; no row lies under the dashed border."""
    clouds = []
    for over, (head, ink) in enumerate(INKS.items()):
        clouds += [
            Trails(points=f"rows/{head}", ink=ink, tint=0.25, over=0.05 * over),
            Points(points=f"ringed/{head}", ink="ink", hollow=True, size_pt=13.0, over=0.3),
            Points(points=f"rows/{head}", ink=ink, size_pt=SIZES[head], rim=True, over=0.4 + 0.05 * over),
            Name(point=f"named/{head}", text=NAMES[head], ink=ink, over=0.6),
        ]
    return Plane(
        x=Scale(low=0.0, high=REACH, ticks=(0.0, REACH), names=("scores equal", "far apart")),
        y=Scale(low=BOTTOM, high=26.0, log=True, ticks=SEEN),
        lines="lb",
        marks=(
            Slices(corners="impossible", inks=("quiet",), tint=0.6),
            Paths(paths="border", theory=True, width_pt=2.0, bounds=False, over=0.2),
            Words(place=(0.5, 2.4), lines=("impossible",), ink="ink", bold=True, size="label"),
            Words(place=(4.6, 1.2), lines=("border",), ink="theory", align="right"),
            *clouds,
        ),
    )


def _scores(config: Any, head: str) -> Plane:
    ink = INKS[head]
    return Plane(
        x=Scale(low=0.0, high=config.tokens + 1.0),
        y=Scale(low=-3.2, high=11.0),
        marks=(
            Threads(segments=f"stems/{head}", ink="muted", width_pt=1.2),
            Points(points=f"tips/{head}", ink=ink, sizes=f"shares/{head}", size_pt=22.0, over=0.1),
            Number(array=f"own/{head}", form="percent", place=(15.0, 8.0), align="left", ink=ink, size="label"),
        ),
    )
