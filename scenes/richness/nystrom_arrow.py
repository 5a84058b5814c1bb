"""What the picture of samples against directions draws of a run: two bars, and an arrow over the true space."""

from __future__ import annotations

from typing import Any

import numpy as np

# Where the true direction, the rest of the true space, and what is off it point to on the page.
AXES = np.array([[0.8, -0.6], [-0.8, -0.6], [0.0, 0.75]])
SPACE, SINGLE = 2.2, 0.98  # heights of the two bars
HEAD = 0.11  # length of an arrow's head


def arrow(single: np.ndarray, space: np.ndarray) -> dict[str, Any]:
    """What the picture draws of the shares found, (frames,) each.

    found (frames, 1, 2, 2): an arrow of length 1 whose squared parts are the means: single along the true direction,
    the rest of `space` within the true space, and what is left off it; true (1, 2, 2): the true direction. off, within
    (frames, 1, 2, 2): from its tip to the space, and from there to the true direction. floor (1, n, 2): the space.
    """
    parts = np.sqrt(np.maximum(np.stack([single, space - single, 1 - space], axis=1), 0))
    tip, foot, along = ((parts * kept) @ AXES for kept in (np.ones(3), np.array([1, 1, 0]), np.array([1, 0, 0])))
    centre, turn = np.zeros_like(tip), np.linspace(0, np.pi / 2, 46)
    rim = np.stack([np.cos(turn), np.sin(turn)], axis=1) @ AXES[:2]
    return {
        "found": np.stack([centre, tip], axis=1)[:, None],
        "true_direction": np.stack([np.zeros(2), AXES[0]])[None],
        "off": np.stack([foot, tip], axis=1)[:, None],
        "within": np.stack([foot, along], axis=1)[:, None],
        "floor": np.concatenate([np.zeros((1, 2)), rim])[None],
        "found_head": _head(tip)[:, None],
        "true_head": _head(AXES[:1]),
        "found_name": tip + np.array([-0.44, 0.06]),
        "off_name": (tip + foot) / 2 - np.array([0.72, 0.0]),
        "within_name": (foot + along) / 2 - np.array([0.08, 0.21]),
        "space_bar": space[:, None],
        "single_bar": single[:, None],
        "whole_bar": np.ones(1),
        "space_at": np.array([SPACE]),
        "single_at": np.array([SINGLE]),
    }


def _head(tips: np.ndarray) -> np.ndarray:
    """Heads of arrows from the origin: tips (n, 2) -> corners (n, 3, 2)."""
    along = HEAD * tips / np.linalg.norm(tips, axis=1, keepdims=True)
    across = 0.45 * along[:, ::-1] * np.array([-1.0, 1.0])
    return np.stack([tips + along / 2, tips - along / 2 + across, tips - along / 2 - across], axis=1)
