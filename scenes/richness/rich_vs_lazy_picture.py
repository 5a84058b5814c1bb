"""How rich against lazy is told: what test answers follow, on images that show one digit and say another."""

from __future__ import annotations

from typing import Any

from render.film import Layout, Story
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.areas import Areas, Share
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.marks.tiles import Tiles
from render.target import Goals

RUNS = ("rich", "lazy")
FOLLOWED = ("image", "neither", "strip")  # from the bottom of a stack to its top
PALE = 0.2  # share of a lit pixel with which the other pixels of a strip are drawn, so that it is seen

STORY = Story(
    state="state",
    names=("guesses", "image", "strip"),
    sentences=(
        "The label strip: right in training, wrong here.",
        "The rich network reads the image first ...",
        "... then the strip.",
    ),
    wide=Layout(("ba",), widths=(1, 2.4)),
    column=Layout(("a", "b"), heights=(2.2, 1)),
)


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    return (_answers(), _images())


def _answers() -> Group:
    """What test answers follow, over the run; and what each network answers on one test image."""

    def followed(run: str) -> Areas:
        inks = {"image": "rival", "neither": "quiet", "strip": "run"}
        return Areas(shares=tuple(Share(f"follows_{what}/{run}", inks[what], what) for what in FOLLOWED))

    def answer(run: str) -> Bare:
        says = Number(
            array=f"answers/{run}", form="count", inks=f"answer_follows/{run}", roles=("muted", "rival", "run")
        )
        return Bare(heading="says", marks=(says,))

    share = Scale(ticks=(0, 1), names=("0", "100 %"), low=0.0, high=1.0)
    over = Scale(low=0.0, high=1.0)
    notes = {"rich": "all layers train", "lazy": "last layer only"}
    return Group(
        heading="test answers follow ...",
        frames=tuple(
            frame
            for run in RUNS
            for frame in (Plane(heading=run, note=notes[run], x=over, y=share, marks=(followed(run),)), answer(run))
        ),
        layout=Layout(("ab", "cd"), widths=(8, 1)),
    )


def _images() -> Group:
    """A training image and the test image in the ink of what they show, their strips in that of what these say."""

    def image(which: str, strip: str, heading: str) -> Plane:
        return Plane(
            heading=heading,
            x=Scale(low=0.0, high=15.0),
            y=Scale(low=-9.4, high=0.8),
            equal=True,
            marks=(
                Tiles(table=f"strip_row/{which}", ink="run", low=-PALE, high=1.0, box=(0.0, -0.8, 10.0, 1.6)),
                Points(points="strip_places", numbers="strip_digits", ink="ink", size_pt=0.0),
                Words(place=(10.5, 0.0), lines=(f"strip {{{strip}:.0f}}",), ink="run", bold=True),
                Tiles(table=f"digit/{which}", ink="rival", low=0.0, high=1.0, box=(1.0, -9.4, 8.0, 8.0)),
                Words(place=(10.5, -5.0), lines=("image {image_says:.0f}",), ink="rival", bold=True),
            ),
        )

    return Group(
        frames=(
            image("train", "image_says", "in training"),
            image("test", "strip_says", "in the test"),
        ),
        layout=Layout(("a", "b")),
        column=Layout(("ab",)),
    )
