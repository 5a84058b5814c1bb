"""What a panel is: declarative values that name arrays of a run, and the artists that a run's numbers move."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from render.picture.theme import Theme
from render.picture.words import MINUS
from render.target import Arrays, Target

MOVING_ZORDER = 3.0  # above spines and ticks, so that drawing the moving artists last is drawing everything in order


@dataclass(frozen=True)
class Readout:
    """A live number in a card: what it is, its goal, its value now, and a check mark once the goal is met.

    array: one number a frame. target: says the goal and whether it is met. note: stands in the goal's place, where
    there is no target or the axes label it already; `{}` in it is the target's number. colour: a series of the theme,
    shown as a swatch. Raises ValueError for a target of another array.
    """

    label: str
    array: str
    form: str = "{:.3f}"
    target: Target | None = None
    note: str | None = None
    colour: str = ""

    def __post_init__(self) -> None:
        require_own(self.target, self.array)

    @property
    def goal_text(self) -> str:
        """What stands in the goal's place."""
        if self.note is not None:
            return numbered(self.note, self.target.goal if self.target else None)
        return self.target.goal_text.replace("-", MINUS) if self.target else ""


@dataclass(frozen=True)
class Level:
    """A dashed level and its label: the goal of a target, or a number of theory, or a reference, that is no target.

    label: `{}` in it, with any format, is the number. side, above: where the label stands.
    """

    value: float | Target
    label: str = ""
    side: Literal["left", "right"] = "left"
    above: bool = True

    @property
    def height(self) -> float:
        return self.value.goal if isinstance(self.value, Target) else self.value

    @property
    def text(self) -> str:
        return numbered(self.label, self.height)

    def require_own(self, array: str) -> None:
        """Raise ValueError when this is the goal of a target on another array than `array`."""
        require_own(self.value if isinstance(self.value, Target) else None, array)


@dataclass(frozen=True)
class Series:
    """One array, or a family of arrays, by name; subclasses add how they are drawn.

    colour: a series of the theme, or the colour of each member of a family: {"rich": "accent"} is array/rich in accent.
    """

    array: str
    colour: str | Mapping[str, str] = "accent"

    @property
    def hue(self) -> str:
        """The colour, of a series that is no family."""
        assert isinstance(self.colour, str), f"{self.array} is a family, of which each member has a colour"
        return self.colour

    def members(self) -> Iterator[Self]:
        """This, or one for each member of the family."""
        if isinstance(self.colour, str):
            yield self
        else:
            for name, colour in self.colour.items():
                yield replace(self, array=f"{self.array}/{name}", colour=colour)


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    label: below it or beside it. ticks: in place of the automatic ones. low, high: limits, in place of those of the
    whole run's values. floor: lowest value that a logarithmic axis shows, in place of the panel's default.
    """

    label: str = ""
    scale: Literal["linear", "log"] = "linear"
    ticks: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    floor: float | None = None


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


def require_own(target: Target | None, array: str) -> None:
    """Raise ValueError for a goal that is to be drawn beside an array that its target is not about."""
    if target is not None and not target.speaks_of(array):
        raise ValueError(f"{target.name!r} is a target of {target.array!r}, and its goal is drawn beside {array!r}")


def numbered(text: str, number: float | None) -> str:
    """A label with its number filled in: "≤ {}" or "floor {:.4f}"; a hyphen before a digit becomes a minus."""
    if number is None:
        return text
    # not str.format: texts hold TeX, whose braces have no colon and are never empty
    filled = re.sub(r"\{(?::([^{}]*))?\}", lambda found: f"{number:{found[1] or 'g'}}", text)
    return filled.replace("-", MINUS)


def plain_axes(axes: Axes, theme: Theme) -> None:
    """The look that all axes share."""
    axes.set_facecolor(theme.card)
    for spine in axes.spines.values():
        spine.set(color=theme.edge, linewidth=theme.thin_pt)
    axes.tick_params(
        colors=theme.edge, labelcolor=theme.muted, labelsize=theme.small_pt, width=theme.thin_pt, length=3, pad=3
    )
    axes.minorticks_off()


def ruled_axes(axes: Axes, x: Axis, y: Axis, theme: Theme) -> None:
    """Label, ticks and grid of axes with numbers on them, whose scales and limits are set."""
    axes.minorticks_off()
    axes.set_xlabel(x.label, fontsize=theme.small_pt, color=theme.muted, labelpad=2)
    if x.ticks:
        axes.set_xticks(x.ticks, tick_labels(x.ticks))
    if y.ticks:
        axes.set_yticks(y.ticks, tick_labels(y.ticks))


def ruled_grid(axes: Axes, theme: Theme) -> None:
    """Pale lines across, at the ticks of the y axis."""
    axes.grid(axis="y", color=theme.grid, linewidth=theme.thin_pt)
    axes.set_axisbelow(True)


def dashed_level(axes: Axes, level: Level, colour: str, theme: Theme) -> None:
    """A level that theory sets, labelled at a side of the axes, above it or below."""
    axes.axhline(level.height, linestyle=theme.dashes, color=colour, linewidth=theme.dash_pt, zorder=2)
    axes.annotate(
        level.text,
        (0 if level.side == "left" else 1, level.height),
        (5 if level.side == "left" else -5, 3 if level.above else -3),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha=level.side,
        va="bottom" if level.above else "top",
        fontsize=theme.small_pt,
        color=colour,
        zorder=2,
    )


def apart(low: float, high: float, log: bool = False) -> tuple[float, float]:
    """Limits of an axis: (low, high) if they differ, else two numbers around them, since an axis needs a length."""
    largest = max(abs(low), abs(high))
    if high - low > 1e-12 * largest:
        return low, high
    if log:
        return low / 2, 2 * high
    pad = 0.5 * largest or 0.5
    return low - pad, high + pad


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Numbers as short as they can be, with a minus sign that is as wide as a digit."""
    return [f"{tick:g}".replace("-", MINUS) for tick in ticks]
