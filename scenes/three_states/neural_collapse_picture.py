"""How neural collapse is told: a row a pair of classes at its true distance, with decay and without, and its cosine."""

from __future__ import annotations

from render.film import Layout, Story
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.level import Level
from render.picture.marks.points import Points
from render.picture.marks.text import Words
from render.picture.marks.threads import Threads
from render.target import Goals

from .collapse_arms import NeuralCollapse

MIXED_UP, APART, EQUAL = range(3)
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ROOM = 1.4  # above the rows, and below them, for words: in rows of fifteen
LARGEST_PT, DOT_PT, SPECK_PT = 12.0, 190.0, 2.6  # dots share the height: a size for all the rows together

STORY = Story(
    state="state",
    names=("mixed", "unequal", "equal"),
    sentences=(
        "At first some classes lie close together, others far apart.",
        "Told apart by the network, but unequally far.",
        "With decay, a price on length, all distances end equal.",
    ),
    wide=Layout(("acb",), widths=(5.2, 1.5, 2.8)),
    column=Layout(("ac",), widths=(3.4, 1)),
    poster=(0.0, 0.58, 1.0),
)


def panels(config: NeuralCollapse, goals: Goals) -> tuple[Group, ...]:
    return (_with_decay(config, goals), _without_decay(config), _cosines(config))


def _pairs(config: NeuralCollapse) -> int:
    return config.classes * (config.classes - 1) // 2


def _scale(config: NeuralCollapse) -> Scale:
    """Heights of the rows, with room for words: above them for what is dashed, below them for what the marks are."""
    pairs = _pairs(config)
    room = 0.6 + ROOM * pairs / 15
    return Scale(low=-room, high=pairs - 1 + room)


def _foot(config: NeuralCollapse) -> float:
    """The height at which words stand below the rows."""
    return -0.6 - 0.7 * ROOM * _pairs(config) / 15


def _dots(config: NeuralCollapse) -> float:
    return min(LARGEST_PT, DOT_PT / _pairs(config))


def _with_decay(config: NeuralCollapse, goals: Goals) -> Group:
    marks = (
        Level(value=goals["distances"], along="x", label=f"theory: all {_pairs(config)} here", align="right"),
        Threads(segments="row_means", ink="muted", tint=0.5, width_pt=2.0),
        Points(points="specks", classes="speck_classes", size_pt=SPECK_PT, tint=0.8),
        Points(points="row_ends", classes="row_classes", size_pt=_dots(config), over=0.1, rim=True),
        Words(place=(-1.9, _foot(config)), lines=("dot: class; specks: examples",)),
    )
    return Group(
        heading=f"one row: two of {COUNTS[config.classes]} classes",
        note="at their true distance",
        frames=(Plane(x=Scale(low=-2.0, high=8.4), y=_scale(config), marks=marks),),
    )


def _without_decay(config: NeuralCollapse) -> Group:
    """The other arm, which is the same run until its decay is switched off; only then is it said to have none."""
    heights = Scale(low=_scale(config).low, high=_pairs(config) - 0.4)
    said = (
        Words(place=(0.0, 0.76), lines=("the same run",), ink="ink", bold=True, size="label", states=(MIXED_UP,)),
        Words(place=(0.0, 0.7), lines=("without decay",), ink="ink", bold=True, size="headline", states=(APART, EQUAL)),
        Words(place=(0.0, 0.1), lines=("decay off from step {decay_off_step:.0f}",)),
    )
    marks = (
        Threads(segments="free_row_means", ink="muted", tint=0.5, width_pt=1.4),
        Points(points="free_specks", classes="speck_classes", size_pt=0.8 * SPECK_PT, tint=0.8),
        Points(points="free_row_ends", classes="row_classes", size_pt=0.6 * _dots(config), over=0.1, rim=True),
        Words(place=(-3.0, _foot(config)), lines=("smaller scale",)),
    )
    return Group(
        frames=(Bare(marks=said), Plane(x=Scale(low=-3.0, high=26.0), y=heights, marks=marks)),
        layout=Layout(("a", "b"), heights=(1, 6)),
        gap_px=6,
    )


def _cosines(config: NeuralCollapse) -> Group:
    """The post's own number: cosines between class means, each at the height of its row, on that of a simplex."""
    others = config.classes - 1
    marks = (
        Level(value=-1 / others, along="x", label=f"theory: −1/{others}", align="left"),
        Points(points="row_cosines", ink="ink", size_pt=0.6 * _dots(config)),
    )
    return Group(
        heading="their cosine",
        frames=(Plane(x=Scale(low=-0.98, high=1.4), y=_scale(config), marks=marks),),
    )
