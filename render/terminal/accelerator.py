"""Accelerator that a command is asked for: full precision on it, and the CPU where JAX sees one and cannot use it.

What is set is the environment, which processes that are started inherit, before JAX is imported.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Literal

import click

from render import device
from render.printable import printable

# Full float32 wherever a product is made on a GPU: by XLA, also outside the training program, which says so itself, and
# inside NVIDIA's libraries, which factor matrices. TF32, their default, rounds factors to 10 bits: targets are missed.
ENVIRONMENT = {"JAX_DEFAULT_MATMUL_PRECISION": "highest", "NVIDIA_TF32_OVERRIDE": "0"}

WAIT_SECONDS = 120  # for the first program: the first start of a GPU on a machine may take most of a minute
LONGEST = 160  # letters of a reason

# What any run needs of a device: a compiled program, with a product and a factorisation in it.
TRIAL = """
import sys
import jax, jax.numpy as jnp
try:
    jax.devices()
except Exception:
    sys.exit()  # there is none, which is said where training begins
try:
    found = jax.jit(lambda x: jnp.linalg.eigh(x @ x.T)[0].sum())(jnp.eye(8))
    assert abs(float(found) - 8) < 1e-3, f"it computes the trace of an identity of 8 rows as {found}"
except Exception as error:
    sys.exit(str(error) or type(error).__name__)
"""


def choose(asked: Literal["cpu", "gpu"]) -> None:
    """Set the device of this process and of those it starts; for a GPU that cannot be used say so, and set the CPU."""
    device.choose(asked)
    reason = trouble() if asked == "gpu" else ""
    if reason:
        click.echo(f"render: warning: --device gpu: JAX sees a GPU and cannot use it ({reason}): on the CPU", err=True)
        device.choose("cpu")


def trouble() -> str:
    """Why the device that JAX sees runs no program, in a line; "" where it runs one, and where JAX sees none.

    It is tried in a process of its own: a driver that fails may end the process, or never answer.
    """
    try:
        tried = subprocess.run(
            [sys.executable, "-P", "-c", TRIAL],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it gave no answer in {WAIT_SECONDS} s"
    if not tried.returncode:
        return ""
    lines = [line.strip() for line in tried.stderr.decode(errors="replace").splitlines() if line.strip()]
    if tried.returncode < 0:
        return f"its driver ended the process with signal {-tried.returncode}"
    return printable(lines[-1][:LONGEST]) if lines else f"exit code {tried.returncode}"
