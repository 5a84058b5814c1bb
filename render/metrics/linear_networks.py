"""Linear networks of two layers under gradient flow: how they learn a task from any balanced start, exactly.

The network is x -> W2 W1 x, W1 (hidden, inputs), W2 (outputs, hidden); the loss |W2 W1 - T|^2/2 for inputs that are
orthonormal, T (outputs, inputs). Its flow is dW1/dt = W2'(T - W2 W1), dW2/dt = (T - W2 W1) W1', which keeps
W2'W2 - W1 W1'. Where that is 0, the start is balanced, and the flow is solved by a matrix Riccati equation
(Fukumizu 1998; Braun et al. 2022).
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from render.metrics.linear_algebra import eigh, matmul, svd

Number = float | Float[Array, ""]


def balance_gap(first: Float[Array, "hidden inputs"], second: Float[Array, "outputs hidden"]) -> Float[Array, ""]:
    """How far two layers are from balance: the largest entry of |W2'W2 - W1 W1'|, which gradient flow keeps at 0.

    first W1 (hidden, inputs), second W2 (outputs, hidden) -> (), in the units of W1 W1'.
    """
    return jnp.max(jnp.abs(matmul(second.T, second) - matmul(first, first.T)))


def relative_balance_gap(
    first: Float[Array, "hidden inputs"], second: Float[Array, "outputs hidden"]
) -> Float[Array, ""]:
    """The same in units of the weights, by Frobenius' norm: |W2'W2 - W1 W1'|/|W1 W1'|, for starts near 0.

    first W1 (hidden, inputs), second W2 (outputs, hidden) -> (); not finite for W1 = 0.
    """
    inner = matmul(first, first.T)
    return jnp.linalg.norm(matmul(second.T, second) - inner) / jnp.linalg.norm(inner)


def stacked_weights(
    first: Float[Array, "hidden inputs"], second: Float[Array, "outputs hidden"]
) -> Float[Array, "both hidden"]:
    """Both layers in one matrix: Q = [W1'; W2].

    first W1 (hidden, inputs), second W2 (outputs, hidden) -> (inputs + outputs, hidden). QQ' has the blocks W1'W1, the
    inner products of hidden activity, and W2 W1, what the network computes.
    """
    return jnp.concatenate([first.T, second])


def linear_flow(
    stacked: Float[Array, "both hidden"], task: Float[Array, "outputs inputs"], time: Number
) -> Float[Array, "both hidden"]:
    """Stacked weights after a time t of gradient flow from a balanced start: exact, up to a turn of the hidden units.

    Q(t) Q(t)' = e^{Ft} Q0 (I + Q0' [int_0^t e^{2Fs} ds] Q0)^-1 Q0' e^{Ft}, F = [[0, T'], [T, 0]] (Braun et al. 2022).
    The turn is chosen so that Q(t) = e^{Ft} Q0 M^{-1/2}, M the matrix in brackets; QQ' knows nothing of it.

    stacked Q0 (inputs + outputs, hidden), task T (outputs, inputs), time t >= 0 -> (inputs + outputs, hidden).
    e^{2 s t} must fit into float32, s the largest singular value of T: go a long way in several steps.
    """
    left, strengths, right = svd(task)
    inputs = task.shape[1]
    ins, outs = stacked[:inputs], stacked[inputs:]
    seen_in, seen_out = matmul(right, ins), matmul(left.T, outs)  # what lies in the modes of the task
    along, across = 2 * jnp.sinh(strengths * time / 2) ** 2, jnp.sinh(strengths * time)
    moved = jnp.concatenate(
        [
            ins + matmul(right.T, along[:, None] * seen_in + across[:, None] * seen_out),
            outs + matmul(left, along[:, None] * seen_out + across[:, None] * seen_in),
        ]
    )
    safe = jnp.where(strengths > 0, strengths, 1)
    even = jnp.where(strengths > 0, jnp.sinh(2 * strengths * time) / (2 * safe) - time, 0)
    odd = jnp.where(strengths > 0, jnp.sinh(strengths * time) ** 2 / safe, 0)
    swelled = (
        time * matmul(stacked.T, stacked)
        + matmul(seen_in.T, even[:, None] * seen_in + odd[:, None] * seen_out)
        + matmul(seen_out.T, even[:, None] * seen_out + odd[:, None] * seen_in)
    )
    values, vectors = eigh(jnp.eye(stacked.shape[1], dtype=stacked.dtype) + swelled)
    return matmul(moved, matmul(vectors / jnp.sqrt(jnp.maximum(values, 1)), vectors.T))


def aligned_share(strength: Number, start: Number, time: Number) -> Float[Array, ""]:
    """Share u/s of a mode that two balanced layers have learned which start along the modes of the task.

    u(t)/s = e^{2st}/(e^{2st} - 1 + s/u0), a half at t = ln(s/u0 - 1)/(2s): strong modes first (Saxe, McClelland &
    Ganguli 2013). One layer, from 0, learns every mode alike: 1 - e^{-t}.

    strength s > 0 of the mode in the task, start 0 < u0 of it in W2 W1, time t >= 0 -> ().
    """
    return 1 / (1 + (strength / start - 1) * jnp.exp(-2 * strength * time))


__all__ = ["aligned_share", "balance_gap", "linear_flow", "relative_balance_gap", "stacked_weights"]
