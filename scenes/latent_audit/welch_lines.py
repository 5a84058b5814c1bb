"""Angles between lines and the view of two pairs of them: what is drawn of codes whose sign means nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

RADII = (0.3, 1.0)  # of the protractor's arcs: nearer to its centre dots would cover each other
CROWDED, EQUAL = 20.0, 0.1  # degrees from the narrowest crossing to the widest: more is crowded, less is all equal
RAY = 1.07  # length of theory's ray: past the outermost arc
FAN = 24  # parts of the rim of a sector
UNLIKE = 10.0  # what an end view loses for a difference between the slices, in slice areas: no area makes up for it


def line_angles(cosines: np.ndarray) -> np.ndarray:
    """Angles between lines in degrees, arccos |cos|: cosines (frames, C, C) -> (frames, C (C - 1) / 2) in [0, 90].

    Pairs i < j are in the order of `np.triu_indices`.
    """
    pairs = np.abs(cosines)[:, *np.triu_indices(cosines.shape[1], k=1)]
    return np.rad2deg(np.arccos(np.minimum(pairs, 1)))


def at_angles(angles: np.ndarray, radii: np.ndarray | float = 1.0) -> np.ndarray:
    """Points of a protractor: degrees (..., n), radii (n,) -> (..., n, 2), 0 degrees along x and 90 along y."""
    turned = np.deg2rad(angles.astype(np.float64))
    return np.stack([radii * np.cos(turned), radii * np.sin(turned)], axis=-1)


def settled_state(spread: np.ndarray, crowded: float = CROWDED) -> np.ndarray:
    """0 crowded, 1 evening out, 2 all equal: each from when the spread of the angles is below its threshold for good.

    spread (frames,) and crowded in degrees -> (frames,) int, never decreasing: Adam overshoots, and the spread
    itself does rise.
    """
    still_to_come = np.maximum.accumulate(spread[::-1])[::-1]
    return (still_to_come <= crowded).astype(int) + (still_to_come <= EQUAL)


def crossings(angles: np.ndarray, theory: float) -> dict[str, Any]:
    """A protractor of all crossings: angles (frames, pairs) in degrees, theory their common angle at the end.

    Each pair has an arc of its own, the narrower at first the nearer to the centre; `tracked` (2, 2) are the codes of
    the pair that is narrowest at first and of the one that is widest, `needles` (frames, 2, 2, 2) the segments from
    the centre to their dots, and `ray` (1, 2, 2) the one on which theory has all of them. `kind` (pairs,) is 1 and 2
    for the tracked pairs and 0 for others; `sides` (2, 2, 2) are where angles of 0 and of 90 degrees lie.
    """
    count = angles.shape[1]
    pairs = np.stack(np.triu_indices(round((1 + np.sqrt(1 + 8 * count)) / 2), k=1), axis=1)
    rank = np.argsort(np.argsort(angles[0], kind="stable"))
    both = [rank.argmin(), rank.argmax()]
    dots = at_angles(angles, np.linspace(*RADII, count)[rank])
    return {
        "pairs": pairs,
        "angles": angles,
        "tracked": pairs[both],
        "tracked_angle": {"1": angles[:, both[0]], "2": angles[:, both[1]]},
        "narrowest": angles.min(axis=1),
        "angle_off": np.abs(angles - theory).max(axis=1),
        "protractor": dots,
        "needles": np.stack([np.zeros_like(dots[:, both]), dots[:, both]], axis=2),
        "ray": np.stack([np.zeros(2), at_angles(np.array(theory), RAY)])[None],
        "kind": (np.arange(count) == both[0]) + 2 * (np.arange(count) == both[1]),
        "pair_numbers": np.array([0, 1]),
        "sides": np.array([[[0.0, 0.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]]),
    }


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(np.linalg.norm(vector), np.finfo(float).tiny)


def acute(ends: np.ndarray) -> np.ndarray:
    """The halves of two lines that enclose their angle: (2, 3) -> (2, 3), the second turned over if need be."""
    return ends * np.array([[1.0], [1.0 if ends[0] @ ends[1] >= 0 else -1.0]])


def outline(slice_ends: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """The shape of a slice as it is seen: squared lengths of its two sides and their inner product, (2, 3) -> (3,)."""
    flat = slice_ends - np.outer(slice_ends @ towards, towards)
    sides = flat @ flat.T
    return np.array([sides[0, 0], sides[1, 1], sides[0, 1]])


def like_view(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The direction from which two slices look alike, and as large as they then can: two (2, 3) -> (3,), a unit vector.

    Where both planes are seen under the same angle is a great circle, from between their normals to where they meet.
    Along it the area is weighed against the difference of the outlines, sides in the order that suits.
    """
    normals = [unit(np.cross(*ends)) for ends in (first, second)]
    between = unit(normals[0] + (normals[1] if normals[0] @ normals[1] >= 0 else -normals[1]))
    meeting = unit(np.cross(normals[0], normals[1]))
    turns = np.deg2rad(np.arange(0, 90, 0.25))
    circle = np.outer(np.cos(turns), between) + np.outer(np.sin(turns), meeting)

    def worth(towards: np.ndarray) -> float:
        one, other = outline(first, towards), outline(second, towards)
        unlike = min(np.abs(one - other[order]).max() for order in ([0, 1, 2], [1, 0, 2]))
        return float(abs(normals[0] @ towards) - UNLIKE * unlike)

    return unit(max(circle, key=worth))


def pair_view(codes: np.ndarray, tracked: np.ndarray) -> dict[str, np.ndarray]:
    """One rotation for the whole run, in which the last frame shows the slices of two pairs of lines alike.

    codes (frames, C, 3), tracked (2, 2), the codes of the two pairs -> `view` (3, 3), whose rows are right, up and to
    the reader; `seen` (frames, C, 3), the codes in it, and `slices` (frames, 2, 2, 3), the ends of both slices. Signs
    are those at the end, for the whole run: a slice is the acute one, on the side of the reader, and so is any line
    that is in none. Pairs that share a line may use its opposite halves; `seen` then has that of the first pair.
    """
    last = codes[-1].astype(np.float64)
    ends = np.stack([acute(last[pair]) for pair in tracked])
    towards = like_view(*ends)
    facing = np.where(ends.sum(axis=1) @ towards >= 0, 1.0, -1.0)
    ends = ends * facing[:, None, None]
    across = ends[1].sum(axis=0) - ends[0].sum(axis=0)  # the first pair is on the left
    right = unit(across - (across @ towards) * towards)
    view = np.stack([right, np.cross(towards, right), towards])
    signs = np.where(last @ towards >= 0, 1.0, -1.0)
    of_slices = np.sign((ends * last[tracked]).sum(axis=2))
    for pair, pair_signs in zip(tracked[::-1], of_slices[::-1], strict=True):
        signs[pair] = pair_signs
    turned = codes.astype(np.float64) @ view.T
    seen, slices = turned * signs[:, None], turned[:, tracked] * of_slices[:, :, None]
    flat = slices.reshape(len(slices), 4, 3)
    return {
        "view": view,
        "seen": seen,
        "slices": slices,
        "diameters": np.stack([-seen, seen], axis=2),
        "spoke_numbers": np.array([0, 0, 1, 1]),
        "spokes": np.stack([np.zeros_like(flat), flat], axis=2),
        "sectors": sectors(slices),
    }


def sectors(slices: np.ndarray) -> np.ndarray:
    """Sectors of the unit disc from ends (..., 2, 3): the centre, then a rim from one end to the other."""
    first, second = slices[..., :1, :], slices[..., 1:, :]
    share = np.linspace(0, 1, FAN + 1)[:, None]
    rim = (1 - share) * first + share * second
    rim /= np.maximum(np.linalg.norm(rim, axis=-1, keepdims=True), np.finfo(float).tiny)
    return np.concatenate([np.zeros_like(first), rim], axis=-2)
