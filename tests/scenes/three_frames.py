"""One of the three frames that `--data` has raw arrays of, as whoever recomputes its numbers reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Frame:
    """data: of the file, by name; config: of the manifest; which: 0, 1 or 2 for first, middle and last."""

    data: Mapping[str, np.ndarray]
    config: Mapping[str, Any]
    which: int

    @property
    def number(self) -> int:
        return (0, self.config["frames"] // 2, self.config["frames"] - 1)[self.which]

    @property
    def turned(self) -> float:
        """How far the dial is, or the training: 0 to 1."""
        return self.data["step"][self.number] / self.config["steps"]

    def raw(self, name: str) -> np.ndarray:
        return double(self.data[f"raw/{name}"][self.which])

    def measured(self, name: str) -> np.ndarray:
        return double(self.data[name][self.number])

    def constant(self, name: str) -> np.ndarray:
        return double(self.data[name])


def double(array: np.ndarray) -> np.ndarray:
    """Whole numbers stay as they are."""
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def signed_as(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Columns with the signs of those that were found: an eigenvector has none of its own."""
    return expected * np.where((expected * found).sum(axis=0) < 0, -1, 1)
