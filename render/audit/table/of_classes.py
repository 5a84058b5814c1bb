"""Numbers of classes: their collapse, the angles of their means, and the class whose mean is nearest."""

from __future__ import annotations

from typing import Any

from render.audit import ladders, theory
from render.audit.number import Number
from render.metrics import collapse, geometry, richness

NC1_RIDGE = 1e-4  # that of arXiv 2410.04264v3, App. H.2


def _agreement(near: Any) -> Any:
    return collapse.decisions_agreement(near.rows, near.classes, near.means, near.counted)


def _nearest(near: Any) -> Any:
    return collapse.nearest_mean_accuracy(near.rows, near.classes, near.means, near.counted)


SPREADS: tuple[Number, ...] = (
    Number(
        "classes_present",
        "classes that have points",
        "labels",
        geometry.classes_present_of,
        theory.none,
        None,
        definition="number of classes with n_c > 0",
        source="",
        group="classes",
    ),
    Number(
        "within_class_variance",
        "mean squared distance to the class mean; depends on their scale",
        "classes",
        geometry.within_class_variance_of,
        theory.collapsed,
        ladders.SCALED,
        definition="Tr Σ_W = (1/N) Σ |z − μ_y|²",
        source="Papyan et al. 2020",
        group="collapse",
    ),
    Number(
        "within_between_ratio",
        "spread within classes over that between",
        "classes",
        geometry.within_between_ratio_of,
        theory.collapsed,
        ladders.COLLAPSE,
        definition="Tr Σ_W / Tr Σ_B, Σ_B weighed by the counts of the classes",
        source="Papyan et al. 2020",
        group="collapse",
    ),
    Number(
        "collapse_ratio",
        "share of the variance within classes",
        "classes",
        geometry.collapse_ratio_of,
        theory.collapsed,
        ladders.COLLAPSE,
        definition="Tr Σ_W / (Tr Σ_W + Tr Σ_B)",
        source="Papyan et al. 2020",
        group="collapse",
    ),
    Number(
        "nc1",
        "variability within classes, direction by direction, NC1",
        "classes",
        collapse.balanced_nc1_of,
        theory.collapsed,
        ladders.COLLAPSE,
        definition="(1/C) Tr(Σ_W Σ_B⁺), Σ_B the plain mean over the classes",
        source="Papyan et al. 2020, Fig. 6; Zhu et al. 2021",
        group="collapse",
    ),
    Number(
        "nc1_ridge",
        "NC1 with a ridge of 1e-4; depends on the scale of the features",
        "classes",
        lambda moments: richness.nc1_of(moments, NC1_RIDGE),
        theory.collapsed,
        ladders.SCALED,
        definition="Tr((Σ_B + 1e-4 I)⁻¹ Σ_W), Σ_B weighed by the counts of the classes",
        source="arXiv 2410.04264v3, App. H.2",
        group="collapse",
    ),
    Number(
        "cdnv",
        "spread of two classes over their distance, mean of pairs",
        "spreads",
        lambda spreads: collapse.cdnv(*spreads),
        theory.collapsed,
        ladders.COLLAPSE,
        definition="mean over pairs of (s_c² + s_c'²)/(2|μ_c − μ_c'|²), s_c² the variance of class c",
        source="Galanti, György & Hutter 2021",
        group="collapse",
    ),
    Number(
        "cdnv_worst",
        "the same of the two classes least apart",
        "spreads",
        lambda spreads: collapse.worst_cdnv(*spreads),
        theory.collapsed,
        ladders.COLLAPSE,
        definition="max over pairs of (s_c² + s_c'²)/(2|μ_c − μ_c'|²)",
        source="Galanti, György & Hutter 2021",
        group="collapse",
    ),
)

DECISIONS: tuple[Number, ...] = (
    Number(
        "nc3",
        "largest distance of a classifier row from its class mean",
        "duality",
        lambda both: geometry.self_duality(*both),
        theory.collapsed,
        ladders.DUAL,
        definition="max_c |w_c/|w_c| − m_c/|m_c||, m the centred class means",
        source="Papyan et al. 2020, NC3, row by row",
        group="collapse",
    ),
    Number(
        "nc3_frobenius",
        "distance of the classifier from the class means",
        "duality",
        lambda both: collapse.frobenius_self_duality(*both),
        theory.collapsed,
        ladders.DUAL,
        definition="|W/|W|_F − M/|M|_F|_F, M the centred class means",
        source="Papyan et al. 2020, Fig. 5",
        group="collapse",
    ),
    Number(
        "nc4",
        "share on which outputs and the nearest class mean agree",
        "decided",
        _agreement,
        theory.agreed,
        ladders.AGREES,
        sampled=True,
        definition="mean [argmax outputs = argmin_c |z − μ_c|]",
        source="Papyan et al. 2020, NC4",
        group="collapse",
    ),
    Number(
        "nearest_mean_accuracy",
        "share of points nearest to their own class mean",
        "nearest",
        _nearest,
        theory.agreed,
        ladders.AGREES,
        sampled=True,
        definition="mean [argmin_c |z − μ_c| = y]",
        source="Papyan et al. 2020",
        group="classes",
    ),
    Number(
        "nearest_mean_recall",
        "the same without the point in its mean, mean of classes",
        "nearest",
        lambda near: collapse.left_out_recall(near.rows, near.classes, near.means, near.counts, near.counted),
        theory.agreed,
        ladders.AGREES,
        sampled=True,
        definition="mean over classes of the share of its points that are nearest to its mean, taken without the point "
        "itself: 1/C where labels say nothing",
        source="Hastie, Tibshirani & Friedman 2009, Sec. 7.10, leaving one out",
        group="classes",
    ),
)
