"""Moments of labelled rows: the few sums that every number about classes, covariances and spans is a function of.

They are arrays of NumPy or of JAX. Those of NumPy, in float64, are what a pass over many rows leaves behind
(`render.audit.sums`); those of JAX come from rows that are in memory, by `moments_of`, under `jit` and `vmap` as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from render.metrics.linear_algebra import matmul
from render.metrics.rows import Products, product


@dataclass(frozen=True)
class Moments:
    """Counts, means and scatter by class of N rows of k columns in C classes; a pytree.

    counts (C,): n_c. means (C, k): mu_c, zero for a class without rows. scatter (k, k), within classes:
    sum_i (z_i - mu_{y_i})(z_i - mu_{y_i})'. Rows without labels are one class. `epsilon`: relative rounding of the
    products that were added up, which float64 sums of float32 products do not have less of; static under jit.
    Units are those of the rows, and their squares for scatter.
    """

    counts: Any
    means: Any
    scatter: Any
    epsilon: float

    @property
    def count(self) -> Any:
        """Number of all rows: N, ()."""
        return self.counts.sum()

    @property
    def mean(self) -> Any:
        """Mean of all rows, sum_c n_c mu_c / N: (k,); zero without rows."""
        return self._apart[0]

    @property
    def _apart(self) -> tuple[Any, Any]:
        """The mean of all rows, and the class means less it; both from one class mean, so that equal ones give 0."""
        origin = self.means[(self.counts > 0).argmax()]
        apart = self.means - origin
        mean = _product(self.counts, apart) / (self.count + (self.count == 0))
        return origin + mean, apart - mean

    @property
    def centre(self) -> Any:
        """Mean of the means of the classes that have points: (k,); not `mean` where classes differ in size."""
        return class_centre(self.counts, self.means)

    @property
    def factor(self) -> Any:
        """Rows sqrt(n_c) (mu_c - mu), whose products are the scatter between classes: (C, k).

        Its singular values have twice the digits that eigenvalues of the products have.
        """
        return (self.counts**0.5)[:, None] * self._apart[1]

    @property
    def between(self) -> Any:
        """Scatter between classes: sum_c n_c (mu_c - mu)(mu_c - mu)', (k, k)."""
        return _product(self.factor.T, self.factor)

    @property
    def total(self) -> Any:
        """Scatter around the mean of all rows, within + between: (k, k)."""
        return self.scatter if len(self.counts) == 1 else self.scatter + self.between

    def columns(self, chosen: slice) -> Moments:
        """Moments of some of the columns."""
        return Moments(self.counts, self.means[:, chosen], self.scatter[chosen, chosen], self.epsilon)

    def products(self, first: slice, second: slice) -> Products:
        """Inner products of two groups of columns, each centred and divided by its largest standard deviation."""
        total = self.total
        return _scaled(total[first, first], total[second, first], total[second, second])

    def class_products(self, columns: slice, classes: Any) -> Products:
        """Inner products of columns and one-hot labels, as `products` gives them, of the classes named: (C',)."""
        counts = self.counts[classes]
        cross = counts[:, None] * self._apart[1][classes, columns]
        return _scaled(self.total[columns, columns], cross, _one_hot_products(counts, self.count))


def _product(first: Any, second: Any) -> Any:
    """A product of arrays of NumPy, as the accumulators' float64 are, or of JAX, in full precision on any device."""
    return first @ second if isinstance(first, np.ndarray) else matmul(first, second)


jax.tree_util.register_dataclass(Moments, ["counts", "means", "scatter"], ["epsilon"])


@jax.jit
def _one_hot_products(counts: Any, count: Any) -> Any:
    """Products of the centred one-hot columns of classes with these counts, of so many rows: (C', C')."""
    return jnp.diag(counts) - jnp.outer(counts, counts) / count


@jax.jit
def _scaled(gram: Any, cross: Any, other: Any) -> Products:
    """Products of columns of order one, whose squares stay within the range of their type."""
    left, right = (jnp.sqrt(jnp.max(jnp.diag(matrix))) for matrix in (gram, other))
    left, right = (jnp.where(scale > 0, scale, 1.0) for scale in (left, right))
    return Products(gram / left / left, cross / left / right, other / right / right)


def class_counts(labels: Int[Array, " points"], classes: int) -> Float[Array, " classes"]:
    """Number of points of each class: labels (points,) -> (classes,)."""
    return jnp.zeros(classes).at[labels].add(1.0)


def class_means(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int
) -> Float[Array, "classes dim"]:
    """Mean feature of each class.

    mu_c = (1/n_c) sum_{i: y_i = c} z_i; zero for a class without points.
    features (points, dim), labels (points,) -> (classes, dim), in the units of the features.
    """
    features = jnp.asarray(features)  # NumPy's float64 would be asked of a device that has float32
    sums = jnp.zeros((classes, features.shape[1]), features.dtype).at[labels].add(features)
    return sums / jnp.maximum(class_counts(labels, classes), 1.0)[:, None]


def class_centre(counts: Any, means: Any) -> Any:
    """Unweighted mean of the class means over the classes that have points; of NumPy and JAX alike.

    counts (classes,), means (classes, dim), zero for a class without points -> (dim,); zero without points.
    """
    present = (counts > 0).sum()
    return means.sum(axis=0) / (present + (present == 0))


def moments_of(
    features: Float[Array, "points dim"], labels: Int[Array, " points"] | None = None, classes: int = 1
) -> Moments:
    """Moments of rows that are in memory, for the metrics that are called `..._of`.

    features (points, dim), labels (points,) from 0 to classes - 1, or None for a single class -> `Moments` of the
    features' type. Means are taken first and products of deviations from them, so that an offset costs no digits.
    Raises ValueError for several classes without labels.
    """
    features = jnp.asarray(features)
    if labels is None and classes != 1:
        raise ValueError(f"got classes={classes} without labels: expected labels, or a single class")
    if labels is None:
        means = features.mean(axis=0)[None]
        counts, own = jnp.full(1, float(features.shape[0]), features.dtype), means
    else:
        means = class_means(features, labels, classes)
        counts, own = class_counts(labels, classes), means[labels]
    deviations = features - own
    return Moments(counts, means, product(deviations, deviations), float(jnp.finfo(features.dtype).eps))


__all__ = ["Moments", "class_centre", "class_counts", "class_means", "moments_of"]
