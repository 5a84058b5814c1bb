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
        "Three States",
        "the loss plateaus are the transitions between states, where plateaus are exact",
        "no number",
        "progressive-differentiation",
        (Figure("slow", "{} of the modes’ change happens while the loss is slow"),),
        "does not hold",
        "the opposite: two linear layers stand still in each plateau, and change state in the drops",
    ),
)
