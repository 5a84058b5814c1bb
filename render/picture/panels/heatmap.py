"""A square of numbers between -1 and 1 as colours: Grams and cosine tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from render.picture.ink import Cells, TextLine
from render.picture.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes, tick_labels
from render.picture.theme import Theme
from render.target import Arrays

LEVELS = 24  # on each side of zero: few enough for a palette, too many to see the steps


@dataclass(frozen=True, kw_only=True)
class Heatmap(Panel):
    """values (frames, n, n) or, for a table that stands still, (n, n), by name; in [-limit, limit].

    numbers: write the values above the diagonal, too. classes: dots on the diagonal in the colours of the classes.
    ticks: number rows and columns from 0. key: a strip beside the square that says which colour is which value, from
    `low` (-limit if None) to limit.
    """

    values: str
    limit: float = 1.0
    low: float | None = None
    numbers: bool = False
    classes: bool = False
    ticks: bool = False
    key: bool = False
    insets: Insets = Insets(left=14, right=14, bottom=14)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        values = arrays[self.values]
        size = values.shape[-1]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1)
        colours = diverging(theme)
        if self.ticks:
            axes.set(xticks=np.arange(size), yticks=np.arange(size))
            axes.tick_params(length=0)
        if self.key:
            self._key(axes, colours, theme)
        axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5))
        image = Cells(axes, interpolation="nearest", zorder=MOVING_ZORDER)
        image.set_data(self._colours(values.reshape(-1, size, size)[0], colours))
        axes.add_image(image)
        dots = [
            axes.plot(
                [k],
                [k],
                "o",
                color=theme.classes[k % len(theme.classes)],
                markersize=theme.code_pt,
                markeredgecolor=theme.card,
                markeredgewidth=theme.halo_pt,
                zorder=MOVING_ZORDER + 0.1,
            )[0]
            for k in range(size if self.classes else 0)
        ]
        if values.ndim == 2:
            return Moving()
        rows, columns = np.triu_indices(size, k=1)
        texts = [
            TextLine(column, row, ha="center", va="center", fontsize=theme.small_pt, color=theme.ink)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if self.numbers
        ]
        for text in texts:
            text.set(zorder=MOVING_ZORDER + 0.1, transform=axes.transData)
            axes.add_artist(text)

        def update(frame: int) -> None:
            image.set_data(self._colours(values[frame], colours))
            for text, value in zip(texts, values[frame][rows, columns], strict=False):
                text.set_text(f"{value:+.2f}".replace("-", "−"))

        return Moving([image, *dots, *texts], update)

    def _key(self, axes: Axes, colours: Callable[[np.ndarray], np.ndarray], theme: Theme) -> None:
        low = -self.limit if self.low is None else self.low
        strip = axes.inset_axes((1.05, 0.0, 0.05, 1.0))
        plain_axes(strip, theme)
        shades = self._colours(np.linspace(low, self.limit, 2 * LEVELS + 1)[:, None], colours)
        strip.imshow(shades, origin="lower", aspect="auto", extent=(0, 1, low, self.limit), interpolation="nearest")
        ticks = sorted({low, 0.0, self.limit})
        strip.set(xticks=[], yticks=ticks)
        strip.set_yticklabels(tick_labels(ticks))
        strip.tick_params(left=False, labelleft=False, labelright=True)

    def _colours(self, values: np.ndarray, colours: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return colours(np.clip(values / self.limit, -1, 1))


def diverging(theme: Theme) -> Callable[[np.ndarray], np.ndarray]:
    """Values in [-1, 1] (...,) -> (..., 3) uint8: the theme's second colour, its card at zero, its accent."""
    low, middle, high = (
        np.array(to_rgb(c)) for c in (theme.series["second"], theme.tint(theme.muted, 0.06), theme.series["accent"])
    )
    steps = np.linspace(0, 1, LEVELS + 1)[:, None]
    table = np.concatenate([low + steps[:-1] * (middle - low), middle + steps * (high - middle)])
    table = np.round(255 * table).astype(np.uint8)
    return lambda values: table[np.round((np.asarray(values) + 1) * LEVELS).astype(int)]
