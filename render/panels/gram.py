"""A square of numbers between -1 and 1 as colours: Grams and cosine tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from render.panels.base import MOVING_ZORDER, Insets, Moving, Panel, plain_axes
from render.scene import Arrays
from render.theme import Theme

LEVELS = 32  # on each side of zero: few enough for a palette, too many to see the steps


@dataclass(frozen=True, kw_only=True)
class Gram(Panel):
    """values (frames, n, n) or, for a table that stands still, (n, n), by name; in [-limit, limit].

    numbers: write the values above the diagonal, too.
    """

    values: str
    limit: float = 1.0
    numbers: bool = False
    insets: Insets = Insets(left=14, right=14, bottom=14)

    def build(self, axes: Axes, arrays: Arrays, theme: Theme) -> Moving:
        values = arrays[self.values]
        size = values.shape[-1]
        plain_axes(axes, theme)
        axes.set(xticks=[], yticks=[], box_aspect=1)
        colours = diverging(theme)
        image = axes.imshow(
            self._colours(values.reshape(-1, size, size)[0], colours), interpolation="nearest", zorder=MOVING_ZORDER
        )
        if values.ndim == 2:
            return Moving()
        rows, columns = np.triu_indices(size, k=1)
        texts = [
            axes.text(
                column,
                row,
                "",
                ha="center",
                va="center",
                fontsize=theme.small_pt,
                color=theme.ink,
                zorder=MOVING_ZORDER + 0.1,
            )
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
            if self.numbers
        ]

        def update(frame: int) -> None:
            image.set_data(self._colours(values[frame], colours))
            for text, value in zip(texts, values[frame][rows, columns], strict=False):
                text.set_text(f"{value:+.2f}".replace("-", "−"))

        return Moving([image, *texts], update)

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
