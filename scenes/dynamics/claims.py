"""What papers on the mechanics of learning claim, and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure

POST = "Learning mechanics"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        POST,
        "deep linear networks learn in plateaus and rapid transitions (Saxe, McClelland & Ganguli 2013)",
        "no number",
        "progressive-differentiation",
        (
            Figure("product", "two layers off the exact solution by {} at most"),
            Figure("stages", "a level takes at least {} times as long as the stronger one before it"),
            Figure("one", "one layer off 1 − e⁻ᵗ in every mode by {}"),
        ),
        "holds with our experiment",
        "two layers, a balanced start near 0 and one-hot inputs; deeper networks, and orthogonal starts, at whose "
        "speed depth is said to change nothing, are not shown",
    ),
    Claim(
        POST,
        "deep linear networks from any balanced start are solved exactly (Braun et al. 2022, after Fukumizu 1998)",
        "no number",
        "progressive-differentiation",
        (
            Figure("gram", "inner products of hidden activity off the exact ones by {}"),
            Figure("root", "at the end off the root of T'T by {}"),
        ),
        "holds with our experiment",
        "two layers; what the paper says of prior knowledge, reversal and continual learning is not shown",
    ),
    Claim(
        POST,
        "prototypes begin to part at one over the largest eigenvalue of the covariance (Yang 2026)",
        "no number",
        "late-pitchfork",
        (
            Figure("curvature", "curvature at the mean off 1 − β/β_c by {}"),
            Figure("branch", "two settled prototypes off the fork by {} at most"),
            Figure("twelve", "twelve end {} from its two axes’ four ends"),
        ),
        "holds with our experiment",
        "points that stand still and are symmetric; encoders that learn at the same time, sparse autoencoders and the "
        "four regimes are not shown",
    ),
    Claim(
        POST,
        "the escape is delayed (Yang 2026)",
        "no number",
        "late-pitchfork",
        (
            Figure("late", "seen from {} times the critical sharpness"),
            Figure("escape", "off what its linear law says by {}"),
        ),
        "holds with our experiment",
        "a dial that is turned at a constant pace",
    ),
    Claim(
        POST,
        "the early purity of a prototype predicts its final one (Yang 2026)",
        "no number",
        "",
        (),
        "not shown",
        "our points have no labels, and our noise is mirrored, so that no side that is taken can be changed",
    ),
    Claim(
        "Three States",
        "the loss plateaus are the transitions between states, where plateaus are exact",
        "no number",
        "progressive-differentiation",
        (Figure("slow", "{} of the modes’ change happens while the loss is slow"),),
        "does not hold",
        "the opposite: two linear layers stand still in each plateau, and change state in the drops",
    ),
)
