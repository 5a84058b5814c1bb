"""Metrics of several views of each point, such as two augmentations of an image, on the unit sphere.

Wang & Isola 2020 (arXiv 2005.10242) for two views. Collapse makes their alignment 0, too: the ratio and the rank say
whether partners are nearer than strangers.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from render.metrics.geometry import unit_rows
from render.metrics.linear_algebra import matmul


class ViewSums(NamedTuple):
    """Sums over the points whose views are all longer than 0, which can be added to those of other points.

    number (): N of them. apart (): sum over points and views of |u_iv - m_i|^2, u_iv the view of unit length and m_i
    the mean of a point's views. units (views, dim): sum over the points of each view of unit length.
    """

    number: Float[Array, ""]
    apart: Float[Array, ""]
    units: Float[Array, "views dim"]


def present(views: Float[Array, "views points dim"]) -> Bool[Array, " points"]:
    """Which points have no view of length 0: (views, points, dim) -> (points,)."""
    return jnp.all(jnp.any(views != 0, axis=2), axis=0)


def view_sums(views: Float[Array, "views points dim"]) -> ViewSums:
    """What alignment, its ratio and the gap are made of: (views, points, dim) -> `ViewSums`.

    Raises ValueError for fewer than two views.
    """
    if views.ndim != 3 or views.shape[0] < 2:
        raise ValueError(f"got views of shape {views.shape}: expected (views, points, dim), two views at least")
    there = present(views)
    units = unit_rows(views) * there[:, None]
    apart = jnp.sum((units - jnp.mean(units, axis=0)) ** 2)
    return ViewSums(jnp.sum(there), apart, jnp.sum(units, axis=1))


def alignment_of(sums: ViewSums) -> Float[Array, ""]:
    """Mean squared distance of two views of a point, of unit length, over all pairs of views.

    (2/(V - 1)) (1/N) sum_iv |u_iv - m_i|^2 = (2V/(V - 1)) (1 - mean |m_i|^2); of two views mean |x_i - y_i|^2.
    `ViewSums` -> () in [0, 4]: 0 for equal views, 4 for opposite ones, 2 - 2 cos(delta) for views that are turned by
    delta in a plane, 2 in the mean for unrelated ones; 0 without points. Source: Wang & Isola 2020, alpha = 2.
    """
    return 2 / (len(sums.units) - 1) * sums.apart / jnp.maximum(sums.number, 1)


def view_gap_of(sums: ViewSums) -> Float[Array, ""]:
    """Squared distance between the mean views, over all pairs of views: what keeps views apart as a whole.

    Of two views |m_x - m_y|^2, m the mean over the points of unit length. `ViewSums` -> () in [0, alignment]; the rest
    of the alignment is scatter around that offset; 0 below rounding. Source: Liang et al. 2022 (arXiv 2203.02053), the
    modality gap.
    """
    means = sums.units / jnp.maximum(sums.number, 1)
    gap = 2 / (len(means) - 1) * jnp.sum((means - jnp.mean(means, axis=0)) ** 2)
    return jnp.where(gap > (16 * jnp.finfo(gap.dtype).eps) ** 2, gap, 0.0)


def alignment_ratio_of(sums: ViewSums) -> Float[Array, ""]:
    """Alignment over the same for views of two different points: whether partners are nearer than strangers.

    A over mean_{i != j} |x_i - y_j|^2 = (N (2 - 2 m_x·m_y) - A)/(N - 1), exact without a single pair. `ViewSums` ->
    () >= 0: 0 for equal views of different points, 1 for unrelated ones, A (N - 1)/(2N - A) for N even places on the
    circle; 1 where all is one point (0/0), and for fewer than two points.
    """
    count = jnp.maximum(sums.number, 1)
    aligned, means = alignment_of(sums), sums.units / count
    squared = jnp.mean(jnp.sum(means**2, axis=1))
    strangers = (count * (2 * (1 - squared) + view_gap_of(sums)) - aligned) / jnp.maximum(count - 1, 1)
    told = (sums.number > 1) & (strangers > 16 * jnp.finfo(strangers.dtype).eps)
    return jnp.where(told, aligned / jnp.where(told, strangers, 1.0), 1.0)


def partner_rank1(
    views: Float[Array, "views points dim"], counted: Bool[Array, " points"] | None = None
) -> Float[Array, ""]:
    """Share of the points whose first view is nearest to their own among all of another view; ties count their share.

    (views, points, dim), and which points (points,) are there, or None for those without a view of length 0 -> () in
    [0, 1]: 1 for equal views of different points, 1/N where all is one point; the mean over the other views where
    there are several; 0 without points. Time and memory grow with points^2.
    """
    there = present(views) if counted is None else counted
    units = unit_rows(views)
    rounding = 16 * jnp.finfo(units.dtype).eps
    shares = []
    for other in units[1:]:
        cosines = jnp.where(there[None, :], matmul(units[0], other.T), -2.0)
        beyond = cosines - jnp.diag(cosines)[:, None]
        ties = jnp.maximum(jnp.sum(beyond >= -rounding, axis=1), 1)
        shares.append(jnp.where(there & (jnp.max(beyond, axis=1) <= rounding), 1 / ties, 0.0))
    return jnp.sum(jnp.stack(shares)) / (len(shares) * jnp.maximum(jnp.sum(there), 1))


def class_alignment(units: Float[Array, "classes dim"], counts: Float[Array, " classes"]) -> Float[Array, ""]:
    """Mean squared distance of two points of a class, of unit length, over all pairs of every class.

    sum_c (2 n_c^2 - 2 |s_c|^2) / sum_c n_c (n_c - 1), exact without a single pair: sums s_c (classes, dim) of the
    points of unit length, and how many (classes,) they are -> () in [0, 4]; 0 where no class has two. Source: Wang &
    Isola 2020, with points of a class as views of it.
    """
    squares = 2 * counts**2 - 2 * jnp.sum(units**2, axis=1)
    pairs = jnp.sum(counts * (counts - 1))
    return jnp.maximum(jnp.sum(squares), 0.0) / jnp.maximum(pairs, 1)


__all__ = [
    "ViewSums",
    "alignment_of",
    "alignment_ratio_of",
    "class_alignment",
    "partner_rank1",
    "present",
    "view_gap_of",
    "view_sums",
]
