"""What a picture of distillation draws: images that move with their margins, and one image with its two labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import digits
from .distillation_picture import ARMS, BANDS, HEADED, WIDE

EVERY = 3  # one of so many unseen images is drawn
GOLDEN = 0.618034  # steps of this share of a range, less whole ranges, fill it evenly
PRINTED, OTHERS = (0.3, 0.88), (0.03, 0.15)  # heights in an arm's part of what is drawn as an image and as a dot


def placed(margins: Mapping[str, np.ndarray], images: np.ndarray, unseen: int) -> dict[str, Any]:
    """Every third unseen image, right of the border where an arm names it.

    margins: (frames, n) by arm. images: (n, 8, 8), the first `unseen` of the missing digit.

    spots, others (frames, ..., 2): where these and all others stand. zone (3, 4, 2), border (1, 2, 2): the part in
    which the digit is named, and what bounds it by theory.
    """
    drawn, rest = slice(0, unseen, EVERY), slice(unseen, None, EVERY)
    return {
        "prints": images[drawn],
        "named_now": {arm: margins[arm][:, drawn] > 0 for arm in ARMS},
        "spots": {arm: in_rows(margins[arm][:, drawn], BANDS[arm][0], *PRINTED) for arm in ARMS},
        "others": {arm: in_rows(margins[arm][:, rest], BANDS[arm][0], *OTHERS) for arm in ARMS},
        "zone": np.array([[[0, low], [WIDE, low], [WIDE, high], [0, high]] for low, high in (*BANDS.values(), HEADED)]),
        "border": np.array([[[0.0, height] for height in BANDS["hard"]]]),
    }


def in_rows(across: np.ndarray, foot: float, low: float, high: float) -> np.ndarray:
    """Points (frames, n, 2) at these places, each in a row of its own; neighbours in order lie far apart."""
    count = across.shape[1]
    rows = foot + low + (high - low) * ((np.arange(count) * GOLDEN) % 1)
    return np.stack([across.astype(np.float64), np.broadcast_to(rows, across.shape)], axis=2)


def told(missing: int, image: np.ndarray, own: int, soft: np.ndarray) -> dict[str, Any]:
    """The image of the hint and its two labels, each in two parts: the missing digit, and all others."""
    of_it = np.arange(digits.CLASSES) == missing
    labels = {"hard": np.eye(digits.CLASSES)[own], "soft": soft}
    return {
        "hint_image": image,
        "hint_share": 100 * soft[missing],
        "hint_digit": np.float64(own),
        "label": {arm: np.where(of_it, 0, label) for arm, label in labels.items()},
        "label_missing": {arm: np.where(of_it, label, 0) for arm, label in labels.items()},
    }
