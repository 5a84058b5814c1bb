"""What is drawn of rows of attention: how far their scores spread, at how many tokens they look, and one of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.metrics import attention

DRAWN = ("free", "held")
START, NARROWING, BORDER, HELD = range(4)
NARROWED = 0.9  # of the tokens looked at in the first frame
REACHED = 0.25  # of the distance to the border in the first frame
REACH = 10.6  # of the axis of lengths
BOTTOM = 0.85  # of the axis of tokens looked at
SMALLEST = 0.06  # of the largest dot: weights too small to see still have a place
APART = 0.3  # in ln tokens: clouds that are nearer cannot both be named
RAISED = 1.3  # a name over the middle of its cloud: clear of what is at its height
OUTSIDE = (99.0, 99.0)


def pictured(
    config: Any,
    entropies: np.ndarray,
    lengths: np.ndarray,
    above: np.ndarray,
    scores: dict[str, np.ndarray],
    weights: dict[str, np.ndarray],
) -> dict[str, Any]:
    """entropies, lengths, above: (frames, 3, T) of all heads, above the lower edge; scores, weights (frames, T).

    `rows/<head>` (frames, T, 2): length, and e^H, the number of tokens that a row looks at; `ringed/<head>` one of
    them. `border` (1, n, 2), the lower edge, and `impossible`, what is under it. `stems`, `tips`, `shares` of a row's
    scores and weights; `named/<head>` (frames, 2), where a cloud's name stands.
    """
    count, ringed = config.tokens, config.tokens // 2
    looked = np.exp(entropies)
    rows = {head: np.stack([lengths[:, at], looked[:, at]], axis=2) for at, head in enumerate(DRAWN, start=1)}
    along = np.linspace(0, REACH, 100)
    border = np.stack([along, np.exp(attention.lowest_entropy(along, count))], axis=1)
    places = np.arange(1.0, count + 1)
    tips = {head: np.stack([np.broadcast_to(places, scores[head].shape), scores[head]], axis=2) for head in DRAWN}
    middle = {head: np.exp(entropies[:, at].mean(axis=1)) for at, head in enumerate(DRAWN, start=1)}
    apart = np.abs(np.log(middle["free"] / middle["held"])) > APART
    right = {head: np.stack([rows[head][:, :, 0].max(axis=1), RAISED * middle[head]], axis=1) for head in DRAWN}
    distance = above.mean(axis=2) / above[0].mean(axis=1)
    state = np.where(middle["free"] < NARROWED * middle["free"][0], NARROWING, START)
    state = np.where(distance[:, 1] < REACHED, BORDER, state)
    state = np.where((distance[:, 1:] < REACHED).all(axis=1), HELD, state)
    seen = {"free": apart, "held": state > START}
    return {
        "rows": rows,
        "ringed": {head: rows[head][:, ringed : ringed + 1] for head in DRAWN},
        "border": border[None],
        "impossible": np.concatenate([border, [[REACH, BOTTOM], [0.0, BOTTOM]]])[None],
        "stems": {head: np.stack([tips[head] * (1, 0), tips[head]], axis=2) for head in DRAWN},
        "tips": tips,
        "shares": {head: np.maximum(np.sqrt(weights[head]), SMALLEST) for head in DRAWN},
        "own": {head: weights[head][:, ringed] for head in DRAWN},
        "named": {head: np.where(seen[head][:, None], right[head], OUTSIDE) for head in DRAWN},
        "state": np.maximum.accumulate(state),
    }
