"""Closed forms of the smallest two-layer network, a w, under gradient flow and with one of its two rules flipped."""

from __future__ import annotations

import numpy as np

LARGEST_EXPONENT = 50.0  # of what grows without bounds: a copy that has arrived stays there


def descended(start: np.ndarray, teacher: float, times: np.ndarray) -> np.ndarray:
    """Weights (w, a) of gradient flow of (b - a w)^2 / 2 at times (frames,), from start (n, 2): (frames, n, 2).

    a^2 - w^2 = D is kept; S = (a + w)^2 goes to 2 b + r as (S - S+)/(S - S-) = (..)_0 e^(-r t), where
    r = sqrt(4 b^2 + D^2) and S+- = 2 b +- r; a + w keeps its sign, a - w = D/(a + w).
    """
    w, a = np.asarray(start, np.float64).T
    difference, together = a**2 - w**2, a + w
    rate = np.hypot(2 * teacher, difference)
    high, low = 2 * teacher + rate, 2 * teacher - rate
    ratio = (together**2 - high) / (together**2 - low) * np.exp(-rate * times[:, None])
    sums = np.sign(together) * np.sqrt((high - low * ratio) / (1 - ratio))
    apart = difference / sums
    return np.stack([(sums - apart) / 2, (sums + apart) / 2], axis=-1)


def circled(start: np.ndarray, teacher: float, times: np.ndarray) -> np.ndarray:
    """Weights (w, a) with the rule of a flipped at times (frames,), from start (n, 2): (frames, n, 2).

    dw/dt = a e and da/dt = -w e, e = b - a w, keep R^2 = a^2 + w^2. The direction is that of a linear flow,
    (w, a)(t) ~ exp(t M) (w, a)(0): p = C a + K (R^2 a/2 - b w) and q = C w + K (b a - R^2 w/2), where C = cosh(m t),
    K = sinh(m t)/m, m^2 = R^4/4 - b^2. Inside R^2 = 2 b m is imaginary and the circle has the period 2 pi/|m|.
    """
    w, a = np.asarray(start, np.float64).T
    square = w**2 + a**2
    growth = np.sqrt((square**2 / 4 - teacher**2).astype(complex))
    exponent = growth * times[:, None]
    exponent = np.minimum(exponent.real, LARGEST_EXPONENT) + 1j * exponent.imag
    even, odd = np.cosh(exponent).real, (np.sinh(exponent) / growth).real
    p = even * a + odd * (square * a / 2 - teacher * w)
    q = even * w + odd * (teacher * a - square * w / 2)
    return np.sqrt(square)[:, None] * np.stack([q, p], axis=-1) / np.hypot(q, p)[..., None]


def circles_mean_loss(squares: np.ndarray, teacher: float) -> float:
    """Mean of e^2/2 over time and over circles of squared radii R^2 < 2 b: b sqrt(4 b^2 - R^4)/4 of each."""
    squares = np.asarray(squares, np.float64)
    return float(np.mean(teacher * np.sqrt(4 * teacher**2 - squares**2) / 4))


def network_output(incoming: np.ndarray, readout: np.ndarray, signs: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Outputs of networks sum_i a_i w_i as a function of their turn alone, the integral of the error over time.

    In that time the flow is linear. A unit of sign 1 gives ((a + w)^2 e^(2 turn) - (a - w)^2 e^(-2 turn))/4, one of
    sign -1 gives R^2/2 sin 2(f - turn), f the angle of (w, a). incoming, readout, signs (networks, units), of the
    first frame; turn (frames, networks) -> (frames, networks).
    """
    w, a = (np.asarray(each, np.float64) for each in (incoming, readout))
    turn = np.asarray(turn, np.float64)[..., None]
    along = ((a + w) ** 2 * np.exp(2 * turn) - (a - w) ** 2 * np.exp(-2 * turn)) / 4
    round_about = (a**2 + w**2) / 2 * np.sin(2 * (np.arctan2(a, w) - turn))
    return np.where(signs > 0, along, round_about).sum(axis=-1)
