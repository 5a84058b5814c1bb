"""What the tests of the audit share: data whose numbers are known, and the moments in plain float64 NumPy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass
class Ended:
    code: int
    out: str
    err: str


def clusters(
    points: int = 400, dim: int = 12, classes: int = 4, spread: float = 0.7, seed: int = 0, dtype: Any = np.float32
) -> dict[str, np.ndarray]:
    """Features in clusters of unequal size far from the origin, and outputs that are nearly linear in them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, points) * rng.integers(0, 2, points)  # class 0 has more than half
    labels[:classes] = np.arange(classes)
    means = 3.0 + rng.normal(size=(classes, dim))
    features = means[labels] + spread * rng.normal(size=(points, dim)) * np.linspace(0.2, 1.0, dim)
    outputs = features @ rng.normal(size=(dim, classes)) + 0.1 * rng.normal(size=(points, classes))
    return {"features": features.astype(dtype), "labels": labels, "outputs": outputs.astype(dtype)}


def scatters(rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class means, scatter within classes, scatter of all rows; the definitions, in float64."""
    rows = rows.astype(np.float64)
    means = np.array([rows[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    within, total = rows - means[labels], rows - rows.mean(axis=0)
    return means, within.T @ within, total.T @ total


def save(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def require_line(ended: Ended, *says: str) -> None:
    """Exit code 2, and one line on stderr that names all of these."""
    assert ended.code == 2, ended
    assert re.fullmatch(r"render: [^\n]+\n", ended.err), ended.err
    for part in says:
        assert part in ended.err
