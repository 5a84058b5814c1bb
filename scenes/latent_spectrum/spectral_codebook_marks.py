"""What the picture of the dial over label kernels draws of a run: edges, names, dots, outlines of cells, bars."""

from __future__ import annotations

from typing import Any

import numpy as np

PEAK, CUT, GATHER, ALIKE = range(4)
KINDS = ("cats", "dogs", "cars")
BESIDE = ((0.1, 0.12), (0.1, -0.12), (-0.68, 0.0))  # from the dot of a kind to its name
OUTSIDE = 9.0  # where names and places are that are not shown yet
NESTED = (1.0, 0.66, 0.33)  # sizes of the dots of a kind, so that all are seen when they are at one place


def marks(
    codes: np.ndarray, strengths: np.ndarray, cut: np.ndarray, state: np.ndarray, second: np.ndarray, ring: np.ndarray
) -> dict[str, Any]:
    """What the picture draws of a run.

    edges (frames, classes, 2, 2): from each class to the next, the last of them the tie; plain, changed (frames,
    classes): their widths, as those that stay and as the one that is changed. kind_places: places of names. dot_sizes
    (frames, classes). path_x (n,), path (frames, n): where theory has cats and dogs as they grow alike. cells (n, 2,
    2), cell_widths (frames, n): outlines of the table's cells that are changed.
    """
    frames, classes = codes.shape[:2]
    size = classes // 3
    cutting, gathering, alike = (state == CUT) | (cut > 0), (state == GATHER) & (cut == 0), state == ALIKE
    order = np.arange(classes)
    within = order % size < size - 1  # edges between two of a kind
    changed = np.zeros((frames, classes))
    changed[cutting, -1] = 1 - cut[cutting]
    changed[np.ix_(gathering, within)] = 1.0
    changed[alike, size - 1] = 1.0
    plain = (changed == 0).astype(float)
    plain[cutting, -1] = 0.0
    middles = codes[:, size // 2 :: size]
    shown = (state >= GATHER)[:, None]
    near = 1 - np.linalg.norm(codes[:, 0] - codes[:, size - 1], axis=1) / np.linalg.norm(ring[0] - ring[size - 1])
    nested = np.where(gathering | alike, np.clip(near, 0, 1), 0.0)[:, None] * (1 - np.array(NESTED)[order % size])
    side = np.sqrt(3) * np.linspace(1, -1, 81)  # of the triangle of theory; its other two are √3
    path = np.stack([np.sqrt(3 - side**2 / 4) / 3, side / 2], axis=1)
    blocks = [slice(k * size, (k + 1) * size) for k in range(3)]
    first, last = slice(0, 1), slice(classes - 1, classes)
    outlines = [_outline(classes, *cells) for cells in ((first, last), (last, first))]
    outlines += [_outline(classes, block, block) for block in blocks]
    outlines += [_outline(classes, *cells) for cells in (blocks[:2], blocks[1::-1])]
    now = np.stack([cutting] * 8 + [gathering] * 12 + [alike] * 8, axis=1)
    places = order + 0.5
    top = np.stack([np.full(frames, 1.6), second], axis=1)
    return {
        "edges": np.stack([codes, np.roll(codes, -1, axis=1)], axis=2),
        "plain": plain,
        "changed": changed,
        "kind_places": {
            kind: np.where(shown, middles[:, k] + np.array(BESIDE[k]), OUTSIDE) for k, kind in enumerate(KINDS)
        },
        "class_numbers": order,
        "dot_sizes": 1 - nested,
        "path_x": path[:, 0],
        "path": np.where(alike[:, None], path[:, 1], OUTSIDE),
        "cells": np.concatenate(outlines),
        "cell_widths": now.astype(float),
        "table_dots": np.concatenate(
            [
                np.stack([places, np.full(classes, classes + 0.7)], axis=1),
                np.stack([np.full(classes, -0.7), places[::-1]], axis=1),
            ]
        ),
        "table_classes": np.tile(order, 2),
        "first_strength": strengths[:, :1],
        "second_strength": np.where(alike, 0.0, strengths[:, 1])[:, None],
        "fading_strength": np.where(alike, strengths[:, 1], 0.0)[:, None],
        "other_strengths": strengths[:, 2:],
        "first_place": np.array([1.0]),
        "second_place": np.array([2.0]),
        "other_places": np.arange(3.0, classes),
        "theory_strength": np.stack([top, top + np.array([0.8, 0.0])], axis=1)[:, None],
        "theory_shown": shown.astype(float),
    }


def _outline(classes: int, columns: slice, rows: slice) -> np.ndarray:
    """The four sides of a block of cells of the table, whose first row is on top: (4, 2, 2)."""
    left, right, top, bottom = columns.start, columns.stop, classes - rows.start, classes - rows.stop
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    return np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)
