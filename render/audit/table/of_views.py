"""Numbers of points on the sphere: how evenly they lie, and how near the views of a point are."""

from __future__ import annotations

from render.audit import ladders, theory
from render.audit.number import Number
from render.audit.pieces import MOST_PARTNERS
from render.metrics import contrastive, geometry, views

NUMBERS: tuple[Number, ...] = (
    Number(
        "alignment",
        "mean squared distance of two views of a point, unit length",
        "views",
        views.alignment_of,
        theory.aligned,
        ladders.ALIGNED,
        definition="(2V/(V − 1)) (1 − mean |m|²), m the mean of a point's V views of unit length; of two mean |x − y|²",
        source="Wang & Isola 2020",
        group="points",
    ),
    Number(
        "alignment_ratio",
        "the same over that of views of two points: 1 for unrelated ones",
        "views",
        views.alignment_ratio_of,
        theory.aligned,
        ladders.PARTNERS,
        definition="mean |x_i − y_i|² / mean over i ≠ j of |x_i − y_j|², of unit length; 1 where all is one point",
        source="Wang & Isola 2020, over its value for unrelated views",
        group="points",
    ),
    Number(
        "view_gap",
        "squared distance of the mean views, a part of the alignment",
        "views",
        views.view_gap_of,
        theory.aligned,
        ladders.ALIGNED,
        definition="|mean x − mean y|², of unit length",
        source="Liang et al. 2022",
        group="points",
    ),
    Number(
        "partner_rank1",
        "points whose own other view is the nearest of all",
        "partners",
        lambda partners: views.partner_rank1(partners),
        theory.found,
        ladders.AGREES,
        sampled=True,
        definition="share of the sample whose nearest y is their own, ties by their share",
        source="",
        group="points",
        most=MOST_PARTNERS,
    ),
    Number(
        "class_alignment",
        "mean squared distance of two points of a class, unit length",
        "classmates",
        lambda mates: views.class_alignment(*mates),
        theory.aligned,
        ladders.ALIGNED,
        sampled=True,
        definition="Σ_c (2n_c² − 2|Σx|²) / Σ_c n_c(n_c − 1): mean |x − y|² over all pairs of points of a class in the "
        "sample, of unit length, zero rows left out",
        source="Wang & Isola 2020, of classes",
        group="points",
    ),
    Number(
        "uniformity",
        "ln of the mean Gaussian potential, unit length",
        "sphere",
        lambda some: contrastive.uniformity(geometry.unit_rows(some.rows), theory.UNIFORMITY_T, some.counted),
        theory.sphere,
        ladders.SPREAD,
        sampled=True,
        definition="ln mean exp(−2|x − y|²) over all pairs of the sample, all views of a point among them, of unit "
        "length, zero rows left out",
        source="Wang & Isola 2020",
        group="points",
    ),
)
