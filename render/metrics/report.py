"""One dictionary of numbers about labelled features, to log from any training loop."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from render.metrics import codes, contrastive, eigenfunctions, geometry, richness, spectrum
from render.metrics import views as views_of

MOST_PAIRED = 1024  # rows of which all pairs are looked at: their number grows with the square


def _richness(
    features: Float[Array, "points dim"],
    outputs: Float[Array, "points outputs"],
    targets: Float[Array, "points classes"],
) -> dict[str, Array]:
    """The part of the report that needs what leaves the last layer."""
    _, functions = eigenfunctions.eigenfunctions(features)
    return {
        "low_rank_measure": richness.low_rank_measure(features, outputs),
        "output_rank": richness.output_rank(outputs),
        "effective_dimension": spectrum.effective_dimension(spectrum.second_moment_eigenvalues(features)),
        "quality_dimension": eigenfunctions.span_dimension(functions, targets),
        "utilization_dimension": eigenfunctions.span_dimension(functions, outputs),
    }


def _cosines(means: Float[Array, "classes dim"], present: Array) -> dict[str, Array]:
    """Equiangularity: of the cosines of all pairs of the classes that are present the standard deviation, the largest
    distance from -1/(C - 1), and the largest; 0 without any."""
    cosines, pairs = codes.gram(geometry.unit_rows(means)), jnp.triu(present[:, None] & present, k=1)
    count, classes = jnp.maximum(pairs.sum(), 1), jnp.maximum(present.sum(), 2)
    mean = jnp.sum(cosines, where=pairs) / count
    return {
        "class_cosine_spread": jnp.sqrt(jnp.sum((cosines - mean) ** 2, where=pairs) / count),
        "class_cosine_error": jnp.max(jnp.abs(cosines + 1 / (classes - 1)), where=pairs, initial=0.0),
        "class_cosine_largest": jnp.where(pairs.any(), jnp.max(cosines, where=pairs, initial=-1.0), 0.0),
    }


def _of_views(rows: Float[Array, "views points dim"]) -> dict[str, Array]:
    """The part of the report that needs other views of the points."""
    sums, some = views_of.view_sums(rows), rows[:, _evenly(rows.shape[1])]
    return {
        "alignment": views_of.alignment_of(sums),
        "alignment_ratio": views_of.alignment_ratio_of(sums),
        "view_gap": views_of.view_gap_of(sums),
        "partner_rank1": views_of.partner_rank1(some),
    }


def _uniformity(rows: Float[Array, "views points dim"]) -> Float[Array, ""]:
    """Uniformity of all views of points that lie evenly among them, MOST_PAIRED rows at most, none of them zero; 0 of a
    single point, whatever its views."""
    count = rows.shape[1]
    some = rows[:, _evenly(count, MOST_PAIRED // len(rows))]
    there = views_of.present(some)
    there = jnp.tile(there & (jnp.sum(there) > 1), len(rows))
    return contrastive.uniformity(geometry.unit_rows(some.reshape(-1, rows.shape[2])), counted=there)


def _evenly(points: int, most: int = MOST_PAIRED) -> np.ndarray:
    """Numbers of the rows of which all pairs are looked at: all, or `most` that lie evenly."""
    return np.unique(np.linspace(0, points - 1, min(points, most)).round().astype(int))


def latent_geometry_report(
    features: Float[Array, "points dim"],
    labels: Int[Array, " points"],
    classes: int,
    normalize: bool = True,
    outputs: Float[Array, "points outputs"] | None = None,
    views: Float[Array, "points dim"] | Float[Array, "others points dim"] | None = None,
) -> dict[str, Array]:
    """Collapse, class geometry and dimensionality of labelled features, as scalars.

    Of the rows, made of unit length first with `normalize`:
    `within_class_variance`, `collapse_ratio`: as in `geometry`, around the class means;
    `class_simplex_error`, `class_coherence`: as in `codes`, of the centred class means;
    `welch_floor`: sqrt((C - d')/(d'(C - 1))), d' = min(d, C - 1), because C centred means span C - 1 dimensions at
    most: for C <= d it is a simplex's 1/(C - 1), where Welch's own bound is 0;
    `class_welch_gap`: `class_coherence` - `welch_floor`;
    `class_cosine_spread`, `class_cosine_error`, `class_cosine_largest`: of the cosines of the centred class means the
    standard deviation, the largest distance from -1/(C - 1), and the largest: 0, 0, -1/(C - 1) for a simplex;
    `uniformity`: as in `contrastive`, of rows of unit length whether or not `normalize`, of all views where there are
    several; of more than 1,024 rows, of 1,024 that lie evenly among them, for it looks at all pairs;
    `entropy_rank`, `participation_ratio`: of the eigenvalues of the covariance of all rows;
    `classes_present`: C, the number of classes that have points; the others are left out of everything above.
    With `outputs`, what leaves the last layer, also how rich it is, of the features as they enter that layer, for rows
    of unit length are not what the outputs are linear in:
    `low_rank_measure`, `output_rank`: as in `richness`, with the default tolerance;
    `effective_dimension`: of the uncentred second moment (arXiv 2410.04264v3, Eq. 9);
    `quality_dimension`, `utilization_dimension`: the `entropy_rank` (Eq. 8) of the shares that each eigenfunction has
    in the span of the one-hot labels, and in that of the outputs.
    With `views`, other views of the points such as augmentations, also, of unit length whether or not `normalize`:
    `alignment`, `alignment_ratio`, `view_gap`, `partner_rank1`: as in `views`, the last of 1,024 points at most.
    features (points, dim), labels (points,), outputs (points, outputs), views (points, dim), or several of them
    (others, points, dim), at least one point -> scalars (). Runs under jit (classes and normalize static) and vmap.
    Without NaN: constant features give ratio, variance, coherence and both ranks 0, simplex error 1, cosine error 1/(C
    - 1); a single class gives simplex error 1, coherence and floor 0. Constant features or outputs give low-rank
    measure 1 and dimension of utilization 0; constant features or a single class, of quality 0.
    Raises ValueError for outputs that are no matrix with a row a point, and views of another shape than the features.
    """
    features = jnp.asarray(features)
    given = None if views is None else jnp.asarray(views)
    others = None if given is None else given.reshape(-1, *given.shape[-2:])
    if given is not None and (given.ndim not in (2, 3) or given.shape[-2:] != features.shape):
        raise ValueError(f"got views of shape {given.shape} for features {features.shape}: expected the same")
    seen = features[None] if others is None else jnp.concatenate([features[None], others])
    rows = geometry.unit_rows(features) if normalize else features
    rows = rows - rows[0]  # nothing below depends on the origin, and constant rows are exactly 0 from here on
    present = geometry.class_counts(labels, classes) > 0
    count = present.sum()
    means = geometry.centred_class_means(rows, labels, classes)
    eigenvalues = spectrum.covariance_eigenvalues(rows)
    coherence = codes.coherence(means)
    floor = codes.centred_welch_floor(count, features.shape[1])
    rich = {} if outputs is None else _richness(features, outputs, jax.nn.one_hot(labels, classes))
    return {
        "within_class_variance": geometry.within_class_variance(rows, labels, classes),
        "collapse_ratio": geometry.collapse_ratio(rows, labels, classes),
        "class_simplex_error": codes.simplex_error(means, present),
        "class_coherence": coherence,
        "welch_floor": floor,
        "class_welch_gap": coherence - floor,
        **_cosines(means, present),
        "uniformity": _uniformity(seen),
        "entropy_rank": spectrum.entropy_rank(eigenvalues),
        "participation_ratio": spectrum.participation_ratio(eigenvalues),
        "classes_present": count,
        **rich,
        **({} if others is None else _of_views(seen)),
    }


__all__ = ["latent_geometry_report"]
