"""Numbers of outputs."""

from __future__ import annotations

from render.audit import ladders, theory
from render.audit.number import Number
from render.metrics import eigenfunctions, richness

NUMBERS: tuple[Number, ...] = (
    Number(
        "accuracy",
        "share of points that outputs put into their class",
        "hits",
        lambda hits: hits.right.sum() / hits.counts.sum(),
        theory.agreed,
        ladders.AGREES,
        definition="mean [argmax outputs = y]",
        source="",
        group="outputs",
    ),
    Number(
        "low_rank_measure",
        "D_LR: 0 if features hold only what outputs need",
        "outputs",
        lambda outputs: richness.low_rank_measure_of(outputs.products),
        theory.collapsed,
        ladders.RICH,
        definition="1 − |B'Φ|²_F / (|Φ'Φ|_F √r), B a basis of the r directions of the outputs",
        source="arXiv 2410.04264v3, Eq. 4",
        group="outputs",
    ),
    Number(
        "output_rank",
        "directions that the outputs span",
        "outputs",
        lambda outputs: richness.output_rank_of(outputs.products),
        theory.output_modes,
        ladders.MODES,
        possible=theory.output_columns,
        definition="singular values of the centred outputs above 0.05 of the largest",
        source="arXiv 2410.04264v3",
        group="outputs",
    ),
    Number(
        "quality_dimension",
        "eigenfunctions that hold the targets",
        "targets",
        lambda targets: eigenfunctions.span_dimension_of(*targets),
        theory.modes,
        ladders.MODES,
        definition="entropy rank of the shares that each eigenfunction has in the span of the targets",
        source="arXiv 2410.04264v3",
        group="outputs",
    ),
    Number(
        "utilization_dimension",
        "eigenfunctions that the outputs use",
        "outputs",
        lambda outputs: eigenfunctions.span_dimension_of(*outputs),
        theory.modes,
        ladders.MODES,
        definition="entropy rank of the shares that each eigenfunction has in the span of the outputs",
        source="arXiv 2410.04264v3",
        group="outputs",
    ),
)
