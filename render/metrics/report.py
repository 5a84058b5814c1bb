"""One dictionary of numbers about labelled features, to log from any training loop."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from render.metrics import codes, geometry, spectrum


def latent_geometry_report(
    features: Float[Array, "points dim"], labels: Int[Array, " points"], classes: int, normalize: bool = True
) -> dict[str, Array]:
    """Collapse, class geometry and dimensionality of labelled features, as scalars.

    Of the rows, made of unit length first with `normalize`:
    `within_class_variance`, `collapse_ratio`: as in `geometry`, around the class means;
    `class_simplex_error`, `class_coherence`: as in `codes`, of the centred class means;
    `welch_floor`: sqrt((C - d')/(d'(C - 1))), d' = min(d, C - 1), because C centred means span C - 1 dimensions at
    most: for C <= d it is a simplex's 1/(C - 1), where Welch's own bound is 0;
    `class_welch_gap`: `class_coherence` - `welch_floor`;
    `entropy_rank`, `participation_ratio`: of the eigenvalues of the covariance of all rows;
    `classes_present`: C, the number of classes that have points; the others are left out of everything above.
    features (points, dim), labels (points,), at least one point -> scalars (). Runs under jit (classes and normalize
    static) and vmap. Without NaN: constant features give ratio, variance, coherence and both ranks 0, simplex error 1;
    a single class gives simplex error 1, coherence and floor 0.
    """
    features = jnp.asarray(features)
    rows = geometry.unit_rows(features) if normalize else features
    rows = rows - rows[0]  # nothing below depends on the origin, and constant rows are exactly 0 from here on
    present = geometry.class_counts(labels, classes) > 0
    count = present.sum()
    means = geometry.centred_class_means(rows, labels, classes)
    eigenvalues = spectrum.covariance_eigenvalues(rows)
    coherence = codes.coherence(means)
    floor = codes.welch_floor(count, jnp.minimum(features.shape[1], count - 1))
    return {
        "within_class_variance": geometry.within_class_variance(rows, labels, classes),
        "collapse_ratio": geometry.collapse_ratio(rows, labels, classes),
        "class_simplex_error": codes.simplex_error(means, present),
        "class_coherence": coherence,
        "welch_floor": floor,
        "class_welch_gap": coherence - floor,
        "entropy_rank": spectrum.entropy_rank(eigenvalues),
        "participation_ratio": spectrum.participation_ratio(eigenvalues),
        "classes_present": count,
    }


__all__ = ["latent_geometry_report"]
