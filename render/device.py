"""Where compiled programs run: on the CPU, unless JAX_PLATFORMS or the command asks for another platform.

JAX takes a GPU unasked, on which programs as small as a scene's only wait for each other. What is chosen here is said
by whoever starts a process, before JAX is imported and never to a user's own; nothing here imports JAX until it must.
"""

from __future__ import annotations

import os
from typing import Literal

CPU, GPU = "cpu", "cuda"  # as JAX_PLATFORMS has them


class NoDevice(ValueError):
    """What was asked for is not on this machine."""

    concerns_all = True  # scenes of a batch: none can be trained


def choose(device: Literal["cpu", "gpu"]) -> None:
    """Have this process and those that it starts train on a device, whatever the environment said."""
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
