"""Where the state of a run changes."""

from __future__ import annotations

import numpy as np


def changes(states: np.ndarray) -> np.ndarray:
    """Frames at which the state is another than in the frame before."""
    return np.flatnonzero(np.diff(states)) + 1
