"""What a panel is: declarative values that name arrays of a run, and the artists that a run's numbers move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from render.scene import Arrays, Target
from render.theme import Theme

DASHES = (0, (4, 3))  # of every line that theory sets
MOVING_ZORDER = 3.0  # above spines and ticks, so that drawing the moving artists last is drawing everything in order


@dataclass(frozen=True)
class Readout:
    """A live number in a card: what it is, its goal, its value now, and a check mark once the goal is met.

    array: one number a frame. target: says the goal and whether it is met. note: stands in the goal's place, where
    there is no target or the axes label it already. colour: a series of the theme, shown as a swatch.
    """

    label: str
    array: str
    form: str = "{:.3f}"
    target: Target | None = None
    note: str | None = None
    colour: str = ""


@dataclass(frozen=True)
class Insets:
    """Pixels between a card's edge and its axes."""

    left: int = 12
    right: int = 14
    bottom: int = 12


@dataclass
class Moving:
    """The artists of a panel that change, and the function that puts them where frame k has them."""

    artists: Sequence[Artist] = ()
    update: Callable[[int], None] = field(default=lambda frame: None)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A card of the picture: a title, live numbers, axes, a caption. Kinds of panel add the arrays they draw.

    caption: one line below the axes. readout_columns: how many readouts share a row. readout_px: height of a row.
    """

    title: str
    caption: str = ""
    readouts: tuple[Readout, ...] = ()
    readout_columns: int = 1
    readout_px: int = 20
    insets: Insets = Insets()

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        """Draw what stands still, make what moves (zorder at least MOVING_ZORDER), and say how it moves."""
        raise NotImplementedError


def plain_axes(axes: Axes, theme: Theme) -> None:
    """The look that all axes share."""
    axes.set_facecolor(theme.card)
    for spine in axes.spines.values():
        spine.set(color=theme.edge, linewidth=theme.thin_pt)
    axes.tick_params(
        colors=theme.edge, labelcolor=theme.muted, labelsize=theme.small_pt, width=theme.thin_pt, length=3, pad=3
    )
    axes.minorticks_off()


def dashed_level(axes: Axes, value: float, label: str, side: str, above: bool, colour: str, theme: Theme) -> None:
    """A level that theory sets, labelled at a side of the axes, above it or below."""
    axes.axhline(value, linestyle=DASHES, color=colour, linewidth=1.2, zorder=2)
    axes.annotate(
        label,
        (0 if side == "left" else 1, value),
        (5 if side == "left" else -5, 3 if above else -3),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha=side,
        va="bottom" if above else "top",
        fontsize=theme.small_pt,
        color=colour,
        zorder=2,
    )


def apart(low: float, high: float, log: bool = False) -> tuple[float, float]:
    """Limits of an axis as they are, or around them where they are one number: an axis needs two."""
    largest = max(abs(low), abs(high))
    if high - low > 1e-12 * largest:
        return low, high
    if log:
        return low / 2, 2 * high
    pad = 0.5 * largest or 0.5
    return low - pad, high + pad


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Numbers as short as they can be, with a minus sign that is as wide as a digit."""
    return [f"{tick:g}".replace("-", "−") for tick in ticks]
