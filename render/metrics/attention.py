"""How sharp attention can be: entropies of softmax rows, and the bounds that the length of their logits sets.

A row has `count` logits z of centred length R = |z - mean z|. Its entropy H lies between two edges, each of two levels:
one logit high and the others equal, or one low. The lower edge equals a bound of Zhai et al. 2023; both are derived
here, and were confirmed as extremes by a numerical search for 4, 8 and 24 logits; of the upper one no proof is given.
Functions of arrays take JAX arrays, and NumPy's in their own precision; entropies are in nats.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from render.metrics.namespace import namespace_of

NODES = 48  # of Gauss and Legendre, which integrate the variances of rows up to a length of 20 to seven digits


def softmax_entropy(logits: Any) -> Any:
    """-sum_j p_j ln p_j of each row, p = softmax(z). logits (..., count) -> (...), in nats from 0 to ln count.

    Logits of any size: the largest is taken away first; 0 for a single one.
    """
    xp = namespace_of(logits)
    below = logits - xp.max(logits, axis=-1, keepdims=True)
    weights = xp.exp(below)
    total = xp.sum(weights, axis=-1)
    return xp.log(total) - xp.sum(weights * below, axis=-1) / total


def logit_length(logits: Any) -> Any:
    """R = |z - mean z|, the length of each row without what softmax does not see. (..., count) -> (...)."""
    xp = namespace_of(logits)
    return xp.sqrt(xp.sum((logits - xp.mean(logits, axis=-1, keepdims=True)) ** 2, axis=-1))


def lowest_entropy(length: Any, count: int) -> Any:
    """Least entropy of rows of this length, any shape: one logit high by the gap D = R sqrt(count/(count - 1)).

    ln(1 + E) + D E/(1 + E), E = (count - 1) e^(-D); ln count for R = 0.
    """
    xp, gap = namespace_of(length), gap_of(length, count)
    others = (count - 1) * xp.exp(-gap)
    return xp.log1p(others) + gap * others / (1 + others)


def highest_entropy(length: Any, count: int) -> Any:
    """Largest entropy of rows of this length, any shape: one logit low by the gap D = R sqrt(count/(count - 1)).

    ln(count - 1 + e^(-D)) + D e^(-D)/(count - 1 + e^(-D)); ln count for R = 0, ln(count - 1) for R without end.
    """
    xp, gap = namespace_of(length), gap_of(length, count)
    low = xp.exp(-gap)
    return xp.log(count - 1 + low) + gap * low / (count - 1 + low)


def gap_of(length: Any, count: int) -> Any:
    """How far one logit stands from others that are all equal, in a row of this length: R sqrt(count/(count - 1))."""
    return length * (count / (count - 1)) ** 0.5


def entropy_by_variance(logits: Any) -> Any:
    """The same entropy by an integral: ln count - int_0^1 b Var_softmax(b z)(z) db, a row's heat capacity.

    logits (..., count) -> (...), by NODES nodes of Gauss and Legendre: an independent way to `softmax_entropy`.
    """
    xp = namespace_of(logits)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    places, parts = (nodes + 1) / 2, weights / 2
    total = xp.zeros(logits.shape[:-1])
    below = logits - xp.max(logits, axis=-1, keepdims=True)
    for place, part in zip(places, parts, strict=True):
        shares = xp.exp(float(place) * below)
        shares = shares / xp.sum(shares, axis=-1, keepdims=True)
        mean = xp.sum(shares * below, axis=-1, keepdims=True)
        total = total + float(part * place) * xp.sum(shares * (below - mean) ** 2, axis=-1)
    return float(np.log(logits.shape[-1])) - total


__all__ = [
    "entropy_by_variance",
    "gap_of",
    "highest_entropy",
    "logit_length",
    "lowest_entropy",
    "softmax_entropy",
]
