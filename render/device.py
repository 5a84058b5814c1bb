"""Where compiled programs run: on the CPU, unless JAX_PLATFORMS or the command asks for another platform.

JAX uses a GPU by default, where kernels as small as a scene's mostly wait for each other. The choice is an environment
variable, set by entry points of the project before JAX is imported, never by the library; only `require` imports JAX.
"""

from __future__ import annotations

import os
from typing import Literal

CPU, GPU = "cpu", "cuda"  # as JAX_PLATFORMS has them


class NoDevice(ValueError):
    """Error: the device that was asked for is not on this machine."""

    concerns_all = True  # ends a batch: none of its scenes can be trained


def choose(device: Literal["cpu", "gpu"]) -> None:
    """Set the device on which this process and its children train, over what the environment says."""
    os.environ["JAX_PLATFORMS"] = GPU if device == "gpu" else CPU
    if device == "gpu":  # several processes may share it: none may take most of its memory at once
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def require() -> None:
    """Start the device; raise NoDevice, which says what to do, if JAX cannot."""
    import jax

    try:
        jax.devices()
    except Exception as error:  # a RuntimeError with many lines, or an AssertionError with none
        asked = os.environ.get("JAX_PLATFORMS", "")
        wanted = "--device gpu" if asked == GPU else f"JAX_PLATFORMS={asked}"
        why = f" ({str(error).splitlines()[0]})" if str(error) else ""
        raise NoDevice(
            f"{wanted}: JAX finds no such device here{why}; leave it out to train on the CPU, "
            "or see docs.jax.dev for what a GPU needs"
        ) from error
