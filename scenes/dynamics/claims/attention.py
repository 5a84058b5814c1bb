"""What papers on attention claim: tokens, and logits that bound entropy; and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure

from .. import POST

CLAIMS: tuple[Claim, ...] = (
    Claim(
        POST,
        "Geshkovski et al. 2023: on a sphere attention drives tokens into clusters, and in the end into one",
        "theorems on tokens in continuous depth",
        "token-collapse",
        (
            Figure("soft_one", "soft: 1 − least cosine ends at {}"),
            Figure("soft_rate", "distances shrink by 1/1.2 a layer, {} off"),
            Figure("later", "sharp: at least {} layers later"),
            Figure("sharper_apart", "sharper: {} in clusters after 120"),
        ),
        "holds with our experiment",
        "layers, not continuous depth, and identities for weights; sharp tokens wait in clusters, some beyond the run",
    ),
    Claim(
        POST,
        "Dong, Cordonnier & Loukas 2021: without skips attention loses rank doubly exponentially with depth",
        "a bound on the residual",
        "token-collapse",
        (Figure("ratio", "ω′ = ω((skip + gain)/(skip + gain κ))², ln ω off by {}"),),
        "holds with our experiment",
        "for tokens equally far apart: the law has ω³/γ² as its limit without skip, and a factor (1 + g)² with it",
    ),
    Claim(
        POST,
        "Geometric and Dynamic Scaling in Deep Transformers: representations grow redundant and lose rank with depth",
        "abstract, qualitative",
        "token-collapse",
        (Figure("skip", "participation ratio 32 → {} with skip"), Figure("sharp", "{} with sharp attention")),
        "holds with our experiment",
        "skip and normalisation are there, trained weights are not",
    ),
    Claim(
        POST,
        "Geometric and Dynamic Scaling in Deep Transformers: manifold-constrained connections and deltas keep rank",
        "abstract, qualitative",
        "",
        (),
        "not shown",
        "nothing is trained here, and neither is built",
    ),
    Claim(
        POST,
        "Mean Mode Screaming: tokens split exactly into mean and centred part; a residual that splits keeps rank",
        "abstract, qualitative",
        "token-collapse",
        (
            Figure("split", "participation ratio ≥ {} of 32"),
            Figure("split_apart", "on the sphere 1 − least cosine {}"),
            Figure("derivative", "derivative by the logits {} off its law, which dies with the centred part"),
        ),
        "holds with our experiment",
        "tokens that start anywhere end at two opposite poles: never one, but not spread either",
    ),
    Claim(
        POST,
        "Mean Mode Screaming: gradients of training set off the collapse as a sudden event",
        "abstract, qualitative",
        "",
        (),
        "not shown",
        "the scene goes forward through layers without weights; nothing is trained",
    ),
)
