"""What the scenes of attention measure, again: scene -> the arrays of one frame, from `--data` and plain NumPy."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw, softmax

from tests import oracles
from tests.scenes.three_frames import Frame

Arrays = dict[str, Any]

HEADS = ("zero", "free", "held")
STACKS = ("bare", "skip", "sharp", "split")
CLOUDS = ("soft", "sharp", "sharper", "split")
RESOLVED = 1e9  # mean part over centred part that float32 tokens still tell from infinity
LEAST = 1e-30  # that a mean part is divided by


def attention_entropy(frame: Frame) -> Arrays:
    """From queries, keys and weights. Derived arrays, too: nothing that a target reads at the end is left out."""
    logits, config = logits_of(frame), frame.config
    count, ringed = config["tokens"], config["tokens"] // 2
    entropy, length = entropies(logits), np.linalg.norm(lengthwise(logits), axis=-1)
    above = entropy - edge(length, count, 1)
    at_first = logits_of(dataclasses.replace(frame, which=0))[1]
    first = entropies(at_first) - edge(np.linalg.norm(lengthwise(at_first), axis=-1), count, 1)
    own = np.diagonal(logits[0])
    gap, law = own - (logits[0].sum(axis=1) - own) / (count - 1), zero_law(frame)
    shares = softmax(logits, axis=-1)
    return {
        **{f"entropy/{head}": entropy[at] for at, head in enumerate(HEADS)},
        **{f"length/{head}": length[at] for at, head in enumerate(HEADS)},
        **{f"looked/{head}": np.exp(entropy[at].mean()) for at, head in enumerate(HEADS)},
        **{f"scores/{head}": lengthwise(logits[at, ringed]) for at, head in enumerate(HEADS) if at},
        **{f"weights/{head}": shares[at, ringed] for at, head in enumerate(HEADS) if at},
        **{f"own/{head}": shares[at, ringed, ringed] for at, head in enumerate(HEADS) if at},
        "by_variance": np.abs(heat(logits) - entropy).max(),
        "gap": gap,
        "loss": oracles.cross_entropy(logits[1], np.arange(count)),
        "below_lowest": -above,
        "above_highest": entropy - edge(length, count, -1),
        "gap_off": np.abs(gap - law) / (1 + law),
        "zero_off": np.abs(above[0]),
        "free_left": above[1].mean() / first.mean(),
        "held_off": np.abs(entropy[2] - held_entropy(config)),
    }


def logits_of(frame: Frame) -> np.ndarray:
    """(heads, tokens, tokens)."""
    return frame.raw("queries") @ frame.raw("weights") @ frame.raw("keys").T


def lengthwise(logits: np.ndarray) -> np.ndarray:
    return logits - logits.mean(axis=-1, keepdims=True)


def entropies(logits: np.ndarray) -> np.ndarray:
    return np.apply_along_axis(oracles.entropy, -1, softmax(logits, axis=-1))


def edge(length: np.ndarray, count: int, sign: int) -> np.ndarray:
    """Entropy of rows of this length with all logits equal but one, which is higher (sign 1) or lower (-1)."""
    rows = np.zeros((*length.shape, count))
    rows[..., 0] = sign * length / (1 - 1 / count) ** 0.5
    return entropies(rows)


def heat(logits: np.ndarray) -> np.ndarray:
    """ln T - int_0^1 b Var_b(z) db, by Simpson's rule."""
    places = np.linspace(0, 1, 401)
    parts = np.where(np.arange(401) % 2, 4, 2) / 1200
    parts[[0, -1]] = 1 / 1200
    total = np.full(logits.shape[:-1], np.log(logits.shape[-1]))
    for place, part in zip(places, parts, strict=True):
        shares = softmax(place * logits, axis=-1)
        mean = (shares * logits).sum(axis=-1, keepdims=True)
        total -= part * place * (shares * (logits - mean) ** 2).sum(axis=-1)
    return total


def zero_law(frame: Frame) -> float:
    """D of e^D + (T - 1) D - 1 = T t, by Lambert's function."""
    count, time = frame.config["tokens"], frame.config["dt"] * frame.data["step"][frame.number]
    reach = (1 + count * time) / (count - 1)
    return reach - lambertw(np.exp(reach) / (count - 1)).real


def held_entropy(config: Any) -> float:
    """Where pull (H0 - H) D p = 1 on the lower edge, p the weight of the one logit that is higher by D."""
    wanted, others = config["level"] * np.log(config["tokens"]), np.zeros(config["tokens"] - 1)

    def row(gap: float) -> np.ndarray:
        return softmax(np.r_[gap, others])

    gap = brentq(lambda gap: config["pull"] * (wanted - oracles.entropy(row(gap))) * gap * row(gap)[0] - 1, 0, 50)
    return oracles.entropy(row(gap))


def token_collapse(frame: Frame) -> Arrays:
    """Clouds from the first frame's tokens, layer by layer; what a stack's law is of, from this frame's."""
    config, layer = frame.config, int(frame.data["step"][frame.number])
    gain, first = config["gain"], dataclasses.replace(frame, which=0)
    soft, sharp, sharper = 1.0, config["clustering"], config["waiting"]
    hows = [(1, gain, soft, False), (1, gain, sharp, False), (1, gain, sharper, False), (1, gain, soft, True)]
    arrays: Arrays = {}
    for arm, begun, how in zip(CLOUDS, first.raw("tokens_clouds"), hows, strict=True):
        rows = begun
        for _ in range(layer):
            rows = after_layer(rows, *how)
        farthest = oracles.distances(rows).max()
        arrays[f"apart/{arm}"] = farthest**2 / 2
        arrays[f"widest/{arm}"] = np.degrees(2 * np.arcsin(min(farthest / 2, 1)))
        if arm in ("soft", "sharp"):
            arrays |= {f"cloud/{arm}": rows, f"averages/{arm}": softmax(how[2] * rows @ rows.T, axis=1) @ rows}
    hows = [(0, 1, config["bare"], False), (1, gain, 1.0, False), (1, gain, config["sharp"], False), (1, gain, 1, True)]
    uneven, laws = [], []
    for arm, begun, rows, how in zip(STACKS, first.raw("tokens_stacks"), frame.raw("tokens_stacks"), hows, strict=True):
        ratio, found = mean_over_centred(rows), frame.measured(f"ratio/{arm}")
        values, cosines = np.linalg.eigvalsh(rows @ rows.T), oracles.cosines(rows)
        weights = softmax(how[2] * rows @ rows.T, axis=1)
        away = ((rows - (weights @ rows)[:, None]) ** 2).sum(axis=2)
        arrays |= {
            f"ratio/{arm}": ratio if ratio < RESOLVED else max(found, RESOLVED),  # as large as rounding leaves it
            f"directions/{arm}": oracles.participation_ratio(values),
            f"derivative/{arm}": (weights**2 * away).sum(),
        }
        uneven.append(np.abs(cosines - cosines.mean()).max())
        laws.append(equidistant(mean_over_centred(begun), len(rows), how, layer))
    ratios, directions, derivatives = np.array(laws).T
    seen = ratios < RESOLVED
    ratio, rank, slope = (
        np.array([arrays[f"{name}/{arm}"] for arm in STACKS]) for name in ("ratio", "directions", "derivative")
    )
    return arrays | {
        "uneven": max(uneven),
        "ratio_off": np.where(seen, np.abs(np.log(ratio / ratios)), 0),
        "directions_off": np.abs(rank / directions - 1),
        "derivative_off": np.where(seen, np.abs(slope / np.where(seen, derivatives, 1) - 1), 0),
    }


def after_layer(rows: np.ndarray, skip: float, gain: float, sharpness: float, split: bool) -> np.ndarray:
    averages = softmax(sharpness * rows @ rows.T, axis=1) @ rows
    if split:  # the averages' mean for that of the tokens, and what is centred added up
        return oracles.unit(oracles.centred(rows) + gain * oracles.centred(averages) + averages.mean(axis=0))
    return oracles.unit(skip * rows + gain * averages)


def mean_over_centred(rows: np.ndarray) -> float:
    """n |mean|^2 over the variance of the rows, with n - 1."""
    return len(rows) * (rows.mean(axis=0) ** 2).sum() / max(rows.var(axis=0, ddof=1).sum(), LEAST)


def equidistant(
    ratio: float, count: int, how: tuple[float, float, float, bool], layers: int
) -> tuple[float, float, float]:
    """Ratio, participation ratio and derivative of n tokens of one cosine 1 - eps after so many layers.

    A token attends to itself with p, to others with q: its average is (p - q) x + q S, S the sum of all.
    """
    skip, gain, sharpness, split = how
    eps = count / (ratio + count - 1)
    for at in range(layers + 1):
        shares = softmax(np.r_[0, np.full(count - 1, -sharpness * eps)])
        own, other = shares[:2]
        total = count - (count - 1) * eps  # <x, S>, and |S|^2/n
        if at < layers:
            alone = skip + gain * (own - other)
            common = gain * other - (gain / count if split else 0)
            eps *= alone**2 / (alone**2 + 2 * alone * common * total + common**2 * count * total)
    gram = np.where(np.eye(count, dtype=bool), 1.0, 1 - eps)
    derivative = count * (shares**2 * eps * (1 - 2 * shares + (shares**2).sum())).sum()
    return total / max(eps, LEAST), count**2 / (gram**2).sum(), derivative
