"""Learning rules with flipped signs: what a unit keeps while one of its layers climbs the loss."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def kept_by_units(
    incoming: Float[Array, "units inputs"], readout: Float[Array, " units"], signs: Float[Array, " units"]
) -> Float[Array, " units"]:
    """Charge of each hidden unit of a linear network a'Wx, which its flow keeps, whatever the data and the loss.

    a_i^2 - d_i |w_i|^2 under dw_i/dt = -a_i g and da_i/dt = -d_i w_i . g, where g is the gradient of the loss by a'W.
    d_i = 1 is gradient flow, which keeps a difference; at d_i = -1 the rule of the readout is flipped, and what is kept
    is a squared radius: weights move on a sphere.
    incoming (units, inputs), readout (units,), signs d (units,) of any size -> (units,).
    Source: for d_i = 1 the balance of layers, Du, Hu & Lee 2018; any other d_i follows in the same line.
    """
    return readout**2 - signs * jnp.sum(incoming**2, axis=-1)


__all__ = ["kept_by_units"]
