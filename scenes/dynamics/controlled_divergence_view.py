"""Balls that jump on two losses: where they are on their way, the arcs behind them, and what the kernel does."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

LEFT, RIGHT = -60.0, 150.0  # outputs that are seen
TOPS = {"ce": 52.0, "mse": 10_500.0}  # losses that are seen
ARCS = 14  # jumps whose arcs are drawn
LANDINGS = 24  # that have a dot
LIFT = 0.16  # of an arc over the line between its ends: of the height that is seen, for a jump as wide as what is seen
POINTS = 17  # of an arc
START, JUMP, GONE, BOUNCING, RESTING = range(5)
CALM = 12.0  # outputs: once no later jump is this long, the ball comes to rest


def entropy(yes: float, output: np.ndarray) -> np.ndarray:
    return yes * np.logaddexp(0, -output) + (1 - yes) * np.logaddexp(0, output)


def squared(yes: float, output: np.ndarray) -> np.ndarray:
    return (output - (2 * yes - 1)) ** 2 / 2


LOSSES = {"ce": entropy, "mse": squared}


def pictured(
    yes: float, outputs: np.ndarray, kernel: np.ndarray, limit: np.ndarray, made: np.ndarray, part: np.ndarray
) -> dict[str, Any]:
    """Arrays of the picture.

    outputs (frames, 2) of the widest network by cross-entropy and squared error; kernel (frames,) and its limit
    (steps,); made (frames,) steps of descent, part (frames,) of the next one that has passed. `ball/<loss>`
    (frames, 1, 2), `arcs/<loss>` (frames, jumps, points, 2) of all jumps so far, `now/<loss>` of the present one,
    `landed/<loss>` (frames, jumps, 2); what is not there yet is where the ball is.
    """
    first = np.unique(made, return_index=True)[1]
    drawn: dict[str, dict[str, np.ndarray]] = {
        "ball": {},
        "arcs": {},
        "now": {},
        "landed": {},
        "hill": {},
        "ground": {},
    }
    begins = np.append(made[first][1:], made[-1] + 1)  # when each jump has ended; the last one, of no length, never
    across = np.linspace(LEFT, RIGHT, 106)
    for arm, (name, loss) in enumerate(LOSSES.items()):
        stops = outputs[first, arm]
        ends = np.stack([stops, loss(yes, stops)], axis=1)
        paths = np.stack([jump(start, end, TOPS[name]) for start, end in itertools.pairwise([*ends, ends[-1]])])
        drawn["ball"][name], drawn["now"][name] = under_way(paths, ends, made, part, first)
        here = drawn["ball"][name]
        drawn["arcs"][name] = there(begins, paths, made, here)[:, :ARCS]
        drawn["landed"][name] = there(begins, np.roll(ends, -1, axis=0)[:, None], made, here)[:, :LANDINGS, 0]
        hill = loss(yes, across)
        drawn["hill"][name] = hill
        corners = np.concatenate([np.stack([across, hill], axis=1), [[RIGHT, -TOPS[name]], [LEFT, -TOPS[name]]]])
        drawn["ground"][name] = corners[None]
    stops = outputs[first]
    lengths = np.abs(np.diff(outputs[:, 0], append=outputs[-1, 0]))
    to_come = np.maximum.accumulate(lengths[::-1])[::-1]
    states = np.select(
        [made + part == 0, made < 1, made < 2, to_come > CALM], [START, JUMP, GONE, BOUNCING], default=RESTING
    )
    return {
        **drawn,
        "across": across,
        "kernel_now": kernel,
        "kernel_limit": course(limit, made),
        "most": np.float64(np.abs(stops[:, 0]).max()),
        "rest": np.float64(stops[-1, 0]),
        "away": np.float64(stops[min(2, len(stops) - 1), 1]),
        "left": (made >= 1) & (made + part > 1.2),
        "rested": states == RESTING,
        "state": np.maximum.accumulate(states),
    }


def jump(start: np.ndarray, end: np.ndarray, top: float) -> np.ndarray:
    """An arc between two places, (points, 2); one that ends far above what is seen leaves it straight upwards."""
    way = np.linspace(0, 1, POINTS)[:, None]
    if end[1] > 2 * top:
        end = start + np.array([np.sign(end[0]) * 0.06 * (RIGHT - LEFT), 2 * top])
    lift = LIFT * top * min(abs(end[0] - start[0]) / (RIGHT - LEFT) * 2, 1.0)
    path = start + way * (end - start)
    path[:, 1] += 4 * (way * (1 - way))[:, 0] * lift
    return path


def under_way(
    paths: np.ndarray, ends: np.ndarray, made: np.ndarray, part: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The ball in each frame, (frames, 1, 2), and the part of the present arc that is behind it.

    (frames, 1, points, 2); between two jumps it is the arc of the last one.
    """
    balls, arcs = [], []
    for number, share in zip(np.searchsorted(made[first], made, side="right") - 1, part, strict=True):
        reached = round(share * (POINTS - 1))
        if reached or number == 0:
            path = paths[number].copy()
            path[reached:] = path[reached]
        else:
            path = paths[number - 1]
        balls.append(path[reached] if reached else ends[number])
        arcs.append(path)
    return np.stack(balls)[:, None], np.stack(arcs)[:, None]


def there(begins: np.ndarray, places: np.ndarray, made: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Places (n, points, 2) from the frames on in which their step is made, (frames, n, points, 2); before, the ball's.

    begins: the step of each, (n,). here: (frames, 1, 2).
    """
    ended = made[:, None] >= begins
    return np.where(ended[..., None, None], places, here[:, None])


def course(limit: np.ndarray, made: np.ndarray) -> np.ndarray:
    """The limit (steps,) over the frames up to its last step, as far as each frame has come: (frames, 1, points, 2)."""
    frames = np.flatnonzero(made < len(limit))
    line = np.stack([frames / (len(made) - 1), limit[made[frames]]], axis=1)
    reached = np.minimum(np.arange(len(made)), len(line) - 1)
    return line[np.minimum(np.arange(len(line)), reached[:, None])][:, None]
