"""Grid: where the parts of a picture stand, from the letters of a layout: cards, groups, and frames within groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from render.film import Layout

LETTERS = "abcdefghijklmnopqrstuvwxyz"

Box = tuple[float, float, float, float]  # left, bottom, width, height in pixels


def places(layout: Layout, box: Box, count: int, gap: float) -> Iterator[tuple[int, Box]]:
    """Number and box of each part that a layout has, of `count`. Raises ValueError for a letter that no part has."""
    left, bottom, width, height = box
    rows, columns = len(layout.rows), len(layout.rows[0])
    unknown = set("".join(layout.rows)) - set(LETTERS[:count])
    if unknown:
        raise ValueError(f"layout {layout.rows} has {min(unknown)!r}, and there are {count} parts, from a on")
    lefts, widths = tracks(width, columns, layout.widths, gap)
    tops, heights = tracks(height, rows, layout.heights, gap)
    for index, letter in enumerate(LETTERS[:count]):
        cells = [(r, c) for r in range(rows) for c in range(columns) if layout.rows[r][c] == letter]
        if cells:
            (first_row, first), (last_row, last) = cells[0], cells[-1]
            low = tops[last_row] + heights[last_row]
            yield (
                index,
                (
                    left + lefts[first],
                    bottom + height - low,
                    lefts[last] + widths[last] - lefts[first],
                    low - tops[first_row],
                ),
            )


def tracks(length: float, count: int, shares: Sequence[float], gap: float) -> tuple[list[float], list[float]]:
    """Offsets and sizes, in whole pixels, of `count` tracks with gaps between, sized by shares (equal if empty)."""
    weights = np.asarray(shares or [1.0] * count, float)
    ends = np.round(np.cumsum(weights / weights.sum()) * (length - gap * (count - 1)) + gap * np.arange(count))
    offsets = [0.0, *(ends[:-1] + gap)]
    return offsets, list(ends - offsets)
