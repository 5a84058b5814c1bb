"""How distillation is drawn: what two students are told of one image, and where they put a digit they never saw."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.base import Mark
from render.picture.marks.points import Points
from render.picture.marks.prints import Prints
from render.picture.marks.slices import Slices
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.picture.marks.tiles import Tiles
from render.target import Goals

ARMS = ("hard", "soft")
SHOWN, WIDE, BESIDE = 19.0, 19.5, 17.2  # ends of the axis, less the largest margins of others; place of the counts
TOP, BANDS = 2.3, {"hard": (1.05, 2.05), "soft": (0.0, 1.0)}  # heights of the plane, and of an arm's part of it
HEADED = (2.1, TOP)  # heights of what is said of both
START, AWAY, HINTS, KNOWN = range(4)

STORY = Story(
    state="state",
    names=("start", "never", "hints", "knows it"),
    sentences=(
        "A teacher saw all digits. Its two students never see a {missing}.",
        "First both learn: never say {missing}.",
        "This {hint_digit:.0f} is {hint_share:.0f} % like a {missing}: such hints add up.",
        "Hints suffice: it names {named/soft:.0f} of {unseen:.0f}. Hard labels hold none.",
    ),
    wide=Layout(("ba",), widths=(1, 1.6)),
    column=Layout(("b", "a"), heights=(1, 1.6)),
    strip=Strip(array="student_step"),
    poster=(0.0, 0.6, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    names = tuple(str(digit) for digit in range(10))
    return (
        Group(heading=f"new {config.missing}s", note="every third is drawn", frames=(_unseen(config),)),
        Group(
            heading="two labels",
            note="for one image",
            frames=(
                Plane(equal=True, marks=(Tiles(table="hint_image"),)),
                _label(config, "hard", "only the answer", names),
                _label(config, "soft", "the teacher’s doubts", names),
            ),
            layout=Layout(("ab", "ac"), widths=(1, 2)),
        ),
    )


def _unseen(config: Any) -> Plane:
    """Unseen images of the missing digit, the further right, the more a student favours it; dots are other digits."""
    marks: list[Mark] = [
        Slices(corners="zone", inks=("run",), tint=0.13),
        Threads(segments="border", theory=True, width_pt=1.8),
        Words(place=(-0.6, TOP - 0.1), lines=("says: another digit",), ink="ink", align="right"),
        Words(place=(0.6, TOP - 0.1), lines=(f"says: {config.missing}",), ink="run", bold=True),
        Words(place=(0.6, 1.14), lines=("theorem: none crosses",), ink="theory"),
        Words(place=(0.6, 0.08), lines=("other digits",)),
    ]
    for arm, (low, high) in BANDS.items():
        middle = (low + high) / 2
        marks += [
            Points(points=f"others/{arm}", ink="quiet", size_pt=3.0),
            Prints(images="prints", points=f"spots/{arm}", singled=f"named_now/{arm}", ink="muted", over=0.2),
            Words(place=(0.4 - SHOWN, middle + 0.1), lines=(arm,), ink="ink", bold=True, size="label"),
            Number(array=f"named/{arm}", form="count", place=(BESIDE, middle + 0.1), ink="run"),
            Words(place=(BESIDE, middle - 0.2), lines=("/ {unseen:.0f}",), align="center"),
        ]
    return Plane(x=Scale(low=-SHOWN, high=WIDE), y=Scale(low=0.0, high=TOP), marks=tuple(marks))


def _label(config: Any, arm: str, note: str, names: tuple[str, ...]) -> Plane:
    share = "{hint_share:.0f} %" if arm == "soft" else "0 %"
    last = config.missing > 6
    return Plane(
        heading=arm,
        note=note,
        x=Scale(low=0.4, high=10.6),
        y=Scale(low=-0.26, high=1.0),
        marks=(
            Bars(heights=f"label/{arm}", ink="muted", names=names),
            Bars(heights=f"label_missing/{arm}", ink="run"),
            Words(
                place=(config.missing + (0.4 if last else 1.6), 0.24),
                lines=(share,),
                ink="run",
                bold=True,
                size="label",
                align="right" if last else "left",
            ),
        ),
    )
