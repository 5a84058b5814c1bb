"""The numbers of an audit: one table, a row a number, that report, JSON, pictures and alarms read.

A number that is added here, with its metric in `render.metrics`, is in all of them. The order of the rows is the order
in which they are told and drawn.
"""

from __future__ import annotations

from render.audit import theory
from render.audit.number import Number, Place
from render.metrics import codes, contrastive, eigenfunctions, geometry, richness, spectrum

NC1_RIDGE = 1e-4  # that of arXiv 2410.04264v3, App. H.2


OVERALL, CLASSES = Place("dimensions, outputs and points"), Place("classes")  # the dashboard's two cards
SPECTRUM, COSINES = "spectrum of the covariance", "cosines of class means"  # the views beside the points


NUMBERS: tuple[Number, ...] = (
    Number(
        "classes_present", "classes that have points", "labels", geometry.classes_present_of, theory.none, None, None
    ),
    Number(
        "participation_ratio",
        "modes that share the variance, by its squares",
        "modes",
        lambda modes: spectrum.participation_ratio(modes.values),
        theory.modes,
        theory.MODES,
        OVERALL,
        course=Place("ranks"),
        beside=Place(SPECTRUM),
    ),
    Number(
        "entropy_rank",
        "modes that share the variance, by entropy",
        "modes",
        lambda modes: spectrum.entropy_rank(modes.values),
        theory.modes,
        theory.MODES,
        OVERALL,
        course=Place("ranks"),
        beside=Place(SPECTRUM),
    ),
    Number(
        "effective_dimension",
        "one and the entropy rank of the rest, uncentred",
        "features",
        lambda moments: spectrum.effective_dimension(spectrum.second_moment_eigenvalues_of(moments)),
        theory.modes_and_mean,
        theory.MODES,
        OVERALL,
    ),
    Number(
        "numerical_rank",
        "directions with more than rounding in them",
        "modes",
        spectrum.numerical_rank_of,
        theory.full_rank,
        theory.FULL,
        OVERALL,
    ),
    Number(
        "constant_columns",
        "features that never change",
        "features",
        geometry.constant_columns_of,
        theory.zero,
        theory.DEAD,
        OVERALL,
    ),
    Number(
        "within_class_variance",
        "mean squared distance to the class mean; depends on their scale",
        "classes",
        geometry.within_class_variance_of,
        theory.zero,
        theory.SCALED,
        None,
    ),
    Number(
        "within_between_ratio",
        "spread within classes over that between, NC1",
        "classes",
        geometry.within_between_ratio_of,
        theory.zero,
        theory.COLLAPSE,
        CLASSES,
    ),
    Number(
        "collapse_ratio",
        "share of the variance within classes",
        "classes",
        geometry.collapse_ratio_of,
        theory.zero,
        theory.COLLAPSE,
        CLASSES,
        course=Place("variance within classes"),
    ),
    Number(
        "nc1",
        "the same, direction by direction: Tr Σ_B⁺Σ_W",
        "classes",
        richness.nc1_of,
        theory.zero,
        theory.COLLAPSE,
        CLASSES,
    ),
    Number(
        "nc1_ridge",
        "with a ridge of 1e-4; depends on the scale of the features",
        "classes",
        lambda moments: richness.nc1_of(moments, NC1_RIDGE),
        theory.zero,
        theory.SCALED,
        None,
    ),
    Number(
        "class_cosine_largest",
        "cosine of the two class means closest to each other",
        "means",
        codes.closest_cosine,
        theory.simplex_cosine,
        theory.FIT,
        CLASSES,
    ),
    Number(
        "class_cosine_spread",
        "standard deviation of all such cosines: equiangular at 0, NC2",
        "means",
        codes.cosine_spread,
        theory.simplex,
        theory.FIT,
        CLASSES,
        beside=Place(COSINES),
    ),
    Number(
        "class_cosine_error",
        "distance from −1/(C−1) of the cosine that is farthest",
        "means",
        codes.simplex_cosine_error,
        theory.simplex,
        theory.FIT,
        CLASSES,
        beside=Place(COSINES, judged=True),
    ),
    Number(
        "norm_variation",
        "spread of the class means' lengths: equinorm at 0, NC2",
        "means",
        geometry.norm_variation,
        theory.equal,
        theory.FIT,
        CLASSES,
    ),
    Number(
        "class_simplex_error",
        "distance of the class means from a simplex",
        "means",
        codes.simplex_error,
        theory.simplex,
        theory.FIT,
        CLASSES,
    ),
    Number(
        "class_coherence",
        "largest |cosine| of two class means",
        "means",
        codes.coherence,
        theory.welch_floor,
        theory.FIT,
        CLASSES,
        course=Place("coherence of class means", judged=True),  # that of two means says nothing
    ),
    Number(
        "class_welch_gap",
        "how far that is above the Welch floor",
        "means",
        codes.centred_welch_gap,
        theory.equal,
        theory.FIT,
        CLASSES,
    ),
    Number(
        "low_rank_measure",
        "D_LR: 0 if features hold only what outputs need",
        "outputs",
        lambda outputs: richness.low_rank_measure_of(outputs.products),
        theory.zero,
        theory.RICH,
        OVERALL,
        course=Place("low-rank measure: 0 is rich"),
    ),
    Number(
        "output_rank",
        "directions that the outputs span",
        "outputs",
        lambda outputs: richness.output_rank_of(outputs.products),
        theory.output_modes,
        theory.MODES,
        OVERALL,
        possible=theory.output_columns,
    ),
    Number(
        "quality_dimension",
        "eigenfunctions that hold the targets",
        "targets",
        lambda targets: eigenfunctions.span_dimension_of(*targets),
        theory.modes,
        theory.MODES,
        OVERALL,
    ),
    Number(
        "utilization_dimension",
        "eigenfunctions that the outputs use",
        "outputs",
        lambda outputs: eigenfunctions.span_dimension_of(*outputs),
        theory.modes,
        theory.MODES,
        OVERALL,
    ),
    Number(
        "alignment",
        "mean squared distance of two points of a class, unit length",
        "pairs",
        lambda pairs: contrastive.alignment(*map(geometry.unit_rows, pairs)),
        theory.zero,
        theory.ALIGNED,
        OVERALL,
        sampled=True,
    ),
    Number(
        "uniformity",
        "ln of the mean Gaussian potential, unit length",
        "points",
        lambda rows: contrastive.uniformity(geometry.unit_rows(rows), theory.UNIFORMITY_T),
        theory.sphere,
        theory.SPREAD,
        OVERALL,
        course=Place("uniformity", instead_of="collapse_ratio"),
        sampled=True,
    ),
)


def names() -> tuple[str, ...]:
    """The names of all numbers, in the order of the table."""
    return tuple(number.name for number in NUMBERS)


__all__ = ["CLASSES", "COSINES", "NUMBERS", "OVERALL", "SPECTRUM", "Number", "Place", "names"]
