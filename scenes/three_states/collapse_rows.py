"""Rows of a picture, one a pair of classes: two class means at their distance, and examples along their line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXAMPLES = 8  # of a class in each of its rows
JITTER = 0.3  # of a row's height: specks keep to the row that they are of
GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Rows:
    """One row a pair of classes, at heights 0, 1, ... from the bottom; row k of an array is the k-th from the top.

    pairs: (pairs, 2), the classes of each row, the one on the left first. order: (pairs,), where the row's pair stands
    among all pairs i < j.
    """

    pairs: np.ndarray
    order: np.ndarray

    @classmethod
    def shortest_on_top(cls, classes: int, distances: np.ndarray) -> Rows:
        """Rows by distance (pairs,), the smallest on top: one order for a whole run, so that no row jumps."""
        order = np.argsort(distances, kind="stable")
        return cls(np.stack(np.triu_indices(classes, k=1), axis=1)[order], order)

    @property
    def heights(self) -> np.ndarray:
        return np.arange(len(self.pairs))[::-1].astype(float)

    def beside(self, values: np.ndarray) -> np.ndarray:
        """A value a pair (frames, pairs), each at the height of its row: (frames, pairs, 2)."""
        return np.stack(np.broadcast_arrays(values[:, self.order].astype(float), self.heights), axis=2)

    def drawn(self, features: np.ndarray, labels: np.ndarray, distances: np.ndarray) -> dict[str, np.ndarray]:
        """features (frames, N, d), labels (N,), distances (frames, pairs) -> what is drawn of them.

        row_means (frames, pairs, 2, 2), the segment between the two means; row_ends (frames, 2 pairs, 2), the means,
        the left and the right one of each row in turn; specks (frames, n, 2), examples.
        """
        right = self.beside(distances)
        left = right * [0.0, 1.0]
        means = np.stack([left, right], axis=2)
        return {
            "row_means": means,
            "row_ends": means.reshape(len(means), -1, 2),
            "specks": self.specks(features, labels),
        }

    def classes_of_ends(self) -> np.ndarray:
        return self.pairs.ravel()

    def examples(self, labels: np.ndarray) -> np.ndarray:
        """The examples of each row, the first few of its one class and of its other: (pairs, 2 EXAMPLES)."""
        count = min(EXAMPLES, np.bincount(labels).min())
        of_class = np.stack([np.flatnonzero(labels == label)[:count] for label in range(labels.max() + 1)])
        return of_class[self.pairs].reshape(len(self.pairs), -1)

    def classes_of_specks(self, labels: np.ndarray) -> np.ndarray:
        return labels[self.examples(labels)].ravel()

    def specks(self, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Examples along the line from the left mean, at 0, to the right one; above or below it, where none shows."""
        features = features.astype(np.float64)
        means = np.stack([features[:, labels == label].mean(axis=1) for label in range(labels.max() + 1)], axis=1)
        left, right = means[:, self.pairs[:, 0]], means[:, self.pairs[:, 1]]
        lengths = np.linalg.norm(right - left, axis=2, keepdims=True)
        along = (right - left) / np.where(lengths > 0, lengths, 1)
        examples = self.examples(labels)
        places = np.einsum("fpnd,fpd->fpn", features[:, examples] - left[:, :, None], along)
        spread = np.arange(examples.size) * GOLDEN % 1 * 2 - 1  # even over any stretch of specks, and not a pattern
        heights = self.heights[:, None] + JITTER * spread.reshape(examples.shape)
        return np.stack(np.broadcast_arrays(places, heights), axis=3).reshape(len(features), -1, 2)
