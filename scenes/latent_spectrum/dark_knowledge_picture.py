"""How dark knowledge is drawn: probabilities as stems over likeness, and as threads from the example to the classes."""

from __future__ import annotations

from typing import Any

from render.film import Layout
from render.picture.frames import Bare, Plane, Scale
from render.picture.group import Group
from render.picture.marks.lines import Curve
from render.picture.marks.points import Points
from render.picture.marks.text import Number, Words
from render.picture.marks.threads import Threads
from render.target import Goals

ROLES = ("run", "rival")  # of the others, and of the winner
THICKEST_PT = 10.0  # a thread that has all of the probability


def panels(config: Any, goals: Goals) -> tuple[Group, ...]:
    names = tuple(str(label) for label in range(config.classes))
    return (_stems(names), _threads(names))


def _stems(names: tuple[str, ...]) -> Group:
    """The probability of each class over its likeness; it never moves sideways, the curve of theory steepens."""
    return Group(
        heading="probability of each class ÷ the winner's",
        frames=(
            Plane(
                lines="b",
                x=Scale(label="likeness", ticks=(-1.0, 1.0), names=("unlike", "alike"), low=-1.06, high=1.06),
                y=Scale(ticks=(0.0, 0.5, 1.0), names=("0", "50 %", "100 %"), low=0.0, high=1.12),
                marks=(
                    Threads(segments="stems", classes="winner", roles=ROLES, tint=0.55, width_pt=4.5),
                    Curve(x="curve_x", array="curve", theory=True, over=0.2),
                    Points(
                        points="relative_heads",
                        classes="winner",
                        roles=ROLES,
                        size_pt=9.5,
                        rim=True,
                        over=0.4,
                        names=names,
                        offset_px=(0.0, 20.0),
                        apart_px=14.0,
                    ),
                    Points(points="alike_unlike_heads", size_pt=15.0, hollow=True, over=0.3),
                    Words(
                        place=(-0.98, 0.9),
                        lines=("theory:", "exp(likeness ÷ temperature)"),
                        ink="theory",
                    ),
                    Words(
                        place=(-0.72, 0.6),
                        lines=("{alike} counts {alike_warm:.0f} %,", "{unlike} counts {unlike_warm:.0f} %"),
                        ink="ink",
                        bold=True,
                        size="label",
                        states=(0,),
                    ),
                    Words(
                        place=(-0.72, 0.34),
                        lines=("{alike} and {unlike}", "count the same: < 1 %"),
                        ink="ink",
                        bold=True,
                        size="label",
                        states=(2,),
                    ),
                ),
            ),
        ),
    )


def _threads(names: tuple[str, ...]) -> Group:
    """The example and the ring of classes, a thread to each, and the shares of the winner and of all others."""
    return Group(
        heading="star: the example",
        note="thread width: probability",
        frames=(
            Plane(
                equal=True,
                marks=(
                    Threads(segments="threads", widths="mass", classes="winner", roles=ROLES, width_pt=THICKEST_PT),
                    Points(
                        points="codes", classes="winner", roles=ROLES, size_pt=18.0, rim=True, over=0.3, names=names
                    ),
                    Points(points="star", size_pt=15.0, marker="*", over=0.4),
                ),
            ),
            Bare(
                marks=(
                    Number(
                        array="dark_mass",
                        form="percent",
                        place=(0.36, 0.1),
                        caption="others",
                        ink="run",
                        size="label",
                    ),
                    Number(
                        array="winner_mass",
                        form="percent",
                        place=(0.64, 0.1),
                        caption="winner",
                        ink="rival",
                        size="label",
                    ),
                )
            ),
        ),
        layout=Layout(("a", "b"), heights=(6, 1)),
        gap_px=10,
    )
