"""The jumps of one pair of weights, each in several frames: over the valley, and in a cut of it along the jump."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.metrics import large_rates

JUMPS, PARTS = 9, 7  # that are drawn at most, and the frames of each
STEEP, THROWN, FLAT = 0, 1, 2
EVENED = 0.95  # of the imbalance at the start: below that the jumps are seen to even weights out
START = (2.5, 2.8)  # rate times curvature at the start of the pair that is followed
ASIDE = 0.12  # of |u v - 1| there: from nearer, many jumps are too small to be seen
CLIMBED, RESTED = (0.8, 1.6), 0.05  # |u v - 1| at the highest, and by the last jump that is drawn
ROOM = np.array([[0.25, 1.0], [1.9, 2.6]])  # of the way of the pair: weights less and plus each other, over sqrt 2
CUT = np.linspace(-2.0, 2.0, 121)  # places in a cut, from the valley's floor
LEVELS = (0.15, 0.4, 0.75, 1.2, 1.8)  # of |u v - 1|, at which the ground gets darker
EVERY = 4  # pairs to one that is drawn beside it


def followed_frames(steps: np.ndarray) -> int:
    """Number of the last frame that is drawn, of jumps whose steps were all measured."""
    single = int(np.argmin(np.append(steps, -1) == np.arange(len(steps) + 1)))
    return PARTS * max(min(JUMPS, single - 1), 1)


def turned(pairs: np.ndarray) -> np.ndarray:
    """Pairs (..., 2) as their difference and their sum over sqrt 2: the valley u v = 1 opens upwards."""
    u, v = pairs[..., 0], pairs[..., 1]
    return np.stack([u - v, u + v], axis=-1) / np.sqrt(2)


def followed(config: Any, ways: np.ndarray) -> int:
    """Number of the pair to follow, of ways (jumps + 1, pairs, 2): of those that start steep, climb and rest in time,
    inside the room that there is, the one that starts most nearly ASIDE of the floor of the valley."""
    errors = np.abs(ways[..., 0] * ways[..., 1] - 1)
    steep = config.rate * (ways[0] ** 2).sum(axis=1)
    places = turned(ways)
    places[..., 0] *= np.sign(places[0, :, 0])
    wrong = 4.0 * ((steep < START[0]) | (steep > START[1]))
    wrong += 2.0 * ((errors[-1] > RESTED) | (errors.max(axis=0) < CLIMBED[0]))
    wrong += errors.max(axis=0) > CLIMBED[1]
    wrong += ((places < ROOM[0]) | (places > ROOM[1])).any(axis=(0, 2))
    return int((wrong + np.minimum(np.abs(errors[0] - ASIDE), 0.9)).argmin())


def pictured(config: Any, full: np.ndarray, half: np.ndarray, steps: np.ndarray) -> dict[str, Any]:
    """What is drawn of the pair that is followed. full, half: pairs (frames, pairs, 2) at the rate and at half of it.

    Each jump takes PARTS frames. In the plane of `turned`: `pair`, `rests` (frames, 1, 2) and `others` (frames, n, 2).
    In the cut: `cut` (n,) and `bowl` (frames, n), `ball` (frames, 1, 2), and `jump` (frames, 1, 2, 2), from where it
    starts to where it lands. `higher`, `lower`: which of the two this jump does.
    """
    last = followed_frames(steps)
    ways = full[: last // PARTS + 1]
    which = followed(config, ways)
    names = np.argsort(-ways[0, which])  # which of two weights is the larger one is a matter of names
    ways = ways[..., names]
    way, stays = ways[:, which], half[: len(ways), which][:, names]
    clock = np.minimum(np.arange(len(steps)), last)
    jump = np.minimum(clock // PARTS, len(way) - 2)
    part = (1 - np.cos(np.pi * (clock - PARTS * jump) / PARTS))[:, None] / 2
    cuts = [cut_along(config, now) for now in way[:-1]]
    bowls, spots = (np.stack(each) for each in zip(*cuts, strict=True))
    imbalance = way[:, 0] ** 2 - way[:, 1] ** 2
    steep = config.rate * np.asarray(large_rates.valley_curvature(imbalance), np.float64)
    heights = (way[:, 0] * way[:, 1] - 1) ** 2 / 2
    higher = np.append(heights[1:] > heights[:-1], False)
    to_come = np.maximum.accumulate(higher[::-1])[::-1]
    flat, evened = (steep < 2) & ~to_come, imbalance < EVENED * imbalance[0]
    states = np.maximum.accumulate(np.where(flat, FLAT, np.where(evened, THROWN, STEEP)))
    along = spots[jump, 0] + part * (spots[jump, 1] - spots[jump, 0])

    def moving(places: np.ndarray) -> np.ndarray:
        """Places (jumps + 1, n, 2) in every frame, turned."""
        start, end = turned(places[jump]), turned(places[jump + 1])
        return start + part[:, None] * (end - start)

    return {
        "pair": moving(way[:, None]),
        "rests": moving(stays[:, None]),
        "others": moving(np.delete(ways, which, axis=1)[:, ::EVERY]),
        "cut": CUT,
        "bowl": bowls[jump],
        "first_bowl": bowls[0],
        "ball": along[:, None],
        "jump": spots[jump][:, None],
        "landing": spots[jump][:, 1][:, None],
        "valley_steepness": steep[jump],
        "jumped": clock / PARTS,
        "higher": higher[jump].astype(int),
        "lower": 1 - higher[jump],
        "state": states[jump],
        **ground(config),
    }


def cut_along(config: Any, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The loss along the gradient through a pair (2,): heights at CUT from its floor, and (2, 2) where the pair is and
    where it lands, as places and heights.

    A distance s along (v, u)/r, r^2 = u^2 + v^2, makes u v into u v + s r + s^2 u v/r^2.
    """
    product, reach = now[0] * now[1], np.hypot(*now)
    roots = np.roots([product / reach**2, reach, product - 1])
    floor = float(roots[np.abs(roots).argmin()].real)

    def height(place: Any) -> Any:
        return (product + place * reach + place**2 * product / reach**2 - 1) ** 2 / 2

    places = np.array([0.0, -config.rate * (product - 1) * reach])
    return height(CUT + floor), np.stack([places - floor, height(places)], axis=1)


def ground(config: Any) -> dict[str, Any]:
    """The valley and what is beside it, polygons (1, n, 2).

    `levels/k`: where |u v - 1| is at most a level; `flat_levels/k`: the part of it that is flat enough, inside `disc`,
    which has the edge `ring`; `everywhere`; `valley`, the line u v = 1.
    """
    radius = np.sqrt(2 / config.rate)
    across = np.linspace(-4, 4, 201)
    sides = np.linspace(0, np.pi, 241)[1:-1]
    rise = np.maximum(-np.cos(2 * sides), 1e-9)  # u v over r^2/2 in a direction
    drawn: dict[str, Any] = {"levels": {}, "flat_levels": {}}
    for number, level in enumerate(LEVELS):
        low, high = (np.sqrt(np.maximum(2 * (1 + sign * level) + across**2, 0)) for sign in (-1, 1))
        upper, lower = np.stack([across, high], axis=1), np.stack([across, low], axis=1)
        drawn["levels"][str(number)] = np.concatenate([upper, lower[::-1]])[None]
        inner, outer = (np.sqrt(np.maximum(2 * (1 + sign * level), 0) / rise) for sign in (-1, 1))
        seen = inner < radius
        rays = np.stack([np.cos(sides), np.sin(sides)], axis=1)[seen]
        near, far = inner[seen, None] * rays, np.minimum(outer[seen], radius)[:, None] * rays
        drawn["flat_levels"][str(number)] = np.concatenate([far, near[::-1]])[None]
    turn = np.linspace(0, np.pi, 181)
    drawn["everywhere"] = np.array([[[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]]])
    drawn["disc"] = radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)[None]
    drawn["ring"] = drawn["disc"]
    drawn["valley"] = np.stack([across, np.sqrt(2 + across**2)], axis=1)[None]
    return drawn
