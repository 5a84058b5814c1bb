"""Numbers of class means alone: their angles and lengths."""

from __future__ import annotations

from render.audit import ladders, theory
from render.audit.number import Number
from render.metrics import codes, collapse, geometry

NUMBERS: tuple[Number, ...] = (
    Number(
        "class_cosine_largest",
        "cosine of the two class means closest to each other",
        "means",
        codes.closest_cosine,
        theory.simplex_cosine,
        ladders.FIT,
        definition="largest cosine of two class means, less the plain mean of the means",
        source="Papyan et al. 2020, NC2",
        group="collapse",
    ),
    Number(
        "class_cosine_spread",
        "standard deviation of all such cosines: equiangular at 0, NC2",
        "means",
        codes.cosine_spread,
        theory.simplex,
        ladders.FIT,
        definition="standard deviation of the cosines of all pairs of centred class means",
        source="Papyan et al. 2020, Fig. 3",
        group="collapse",
    ),
    Number(
        "class_cosine_error",
        "distance from −1/(C−1) of the cosine that is farthest",
        "means",
        codes.simplex_cosine_error,
        theory.simplex,
        ladders.FIT,
        definition="max |cos + 1/(C−1)| over all pairs of centred class means",
        source="Papyan et al. 2020, Fig. 4, there the mean",
        group="collapse",
    ),
    Number(
        "norm_variation",
        "spread of the class means' lengths: equinorm at 0, NC2",
        "means",
        geometry.norm_variation,
        theory.equal,
        ladders.FIT,
        definition="std |m_c| / mean |m_c| of the centred class means",
        source="Papyan et al. 2020, Fig. 2",
        group="collapse",
    ),
    Number(
        "class_simplex_error",
        "distance of the class means from a simplex",
        "means",
        codes.simplex_error,
        theory.simplex,
        ladders.FIT,
        definition="|G − G*|_F / |G*|_F, G the cosines of the centred class means, G* those of a simplex",
        source="Papyan et al. 2020, NC2",
        group="collapse",
    ),
    Number(
        "class_coherence",
        "largest |cosine| of two class means",
        "means",
        codes.coherence,
        theory.welch_floor,
        ladders.FIT,
        # that of two means says nothing
        definition="max |cos| over all pairs of centred class means",
        source="Welch 1974",
        group="collapse",
    ),
    Number(
        "class_welch_gap",
        "how far that is above the Welch floor",
        "means",
        codes.centred_welch_gap,
        theory.equal,
        ladders.FIT,
        definition="class_coherence − sqrt((C−d')/(d'(C−1))), d' = min(d, C−1)",
        source="Welch 1974",
        group="collapse",
    ),
    Number(
        "gnc2",
        "energy of the directions of the class means",
        "means",
        collapse.uniformity_gap,
        theory.simplex_energy,
        ladders.FIT,
        definition="mean over pairs of −ln |m_c/|m_c| − m_c'/|m_c'||, of the centred class means",
        source="Wu & Papyan 2024, GNC2",
        group="collapse",
    ),
)
