"""How task alignment is drawn: two errors over the samples, and what is answered, direction by direction."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story, Strip
from render.picture.frames import Plane, Scale
from render.picture.group import Group
from render.picture.marks.bars import Bars
from render.picture.marks.level import Level
from render.picture.marks.lines import Course, Curve
from render.picture.marks.text import Words
from render.target import Goals

TARGETS = ("early", "late")
INKS = {"early": "rival", "late": "run"}
START, WORSE, FALLING, BETTER = range(4)

STORY = Story(
    state="state",
    names=("start", "worse", "turns", "better"),
    sentences=(
        "No data, no answer: error 1 on both tasks.",
        "It cannot learn the late task yet: it makes answers up.",
        "The more it learns, the less it makes up.",
        "Only from {better_from:.0f} examples on is it better than nothing.",
    ),
    wide=Layout(("ab",), widths=(1.3, 1)),
    column=Layout(("a", "b"), heights=(1.1, 1)),
    strip=Strip(array="samples", label="examples", ticks=(20, 40, 60)),
    poster=(0.0, 0.3, 1.0),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (
        Group(heading="error", note="on new examples", frames=(_errors(),)),
        Group(
            heading="answers",
            note="outline: the task",
            frames=(
                _answers(config, "early", "what is learned first"),
                _answers(config, "late", "what is learned last"),
                _learned(config),
            ),
            layout=Layout(tuple("abc"), heights=(1, 1.2, 0.9)),
            column=Layout(tuple("ab")),
            gap_px=10,
        ),
    )


def _errors() -> Plane:
    return Plane(
        lines="lb",
        y=Scale(ticks=(0.0, 1.0), low=0.0, high=1.95),
        marks=(
            Level(value=1.0, label="knows nothing"),
            *(Course(array=f"error/{name}", ink=INKS[name], bold=True, label=name, form="number") for name in TARGETS),
            *(Curve(x="along", array=f"expected_error/{name}", theory=True, over=0.3) for name in TARGETS),
            Words(place=(0.55, 1.72), lines=("theory",), ink="theory"),
        ),
    )


def _answers(config: Any, name: str, note: str) -> Plane:
    """What is answered in groups of directions, filled, and the target itself, in outline."""
    ticks = (1.0, float(config.dim)) if name == "late" else ()
    made_up = Words(place=(0.16 * config.dim, 0.85), lines=("made up",), ink="run", bold=True, states=(WORSE, FALLING))
    return Plane(
        heading=name,
        note=note,
        ink=INKS[name],
        x=Scale(low=0.0, high=config.dim + 1.0, ticks=ticks, names=("learned first", "learned last")[: len(ticks)]),
        y=Scale(low=0.0, high=1.0),
        lines="b",
        marks=(
            Bars(heights=f"answer/{name}", at="group", width=8.4, ink=INKS[name], over=0.1),
            Bars(heights=f"target/{name}", at="group", width=9.2, ink="ink", outline=True, over=0.2),
            *((made_up,) if name == "late" else ()),
        ),
    )


def _learned(config: Any) -> Plane:
    return Plane(
        heading="learned so far",
        x=Scale(low=0.0, high=config.dim + 1.0),
        y=Scale(low=0.0, high=1.05),
        lines="b",
        marks=(
            Curve(x="direction", array="learned", ink="muted", bold=True),
            Curve(x="direction", array="expected_learned", theory=True, over=0.3),
        ),
    )
