"""What papers on the mechanics of learning claim, and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure

POST = "Learning mechanics"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        POST,
        "a symmetry of the loss keeps a quantity of the weights in gradient flow, and finite steps break it",
        "Tanaka & Kunin 2021: a theory, with experiments",
        "norm-equilibrium",
        (
            Figure("flow_kept", "flow: |w|² kept to {}"),
            Figure("growth", "steps: mean |w|⁴ {} of what steps add"),
            Figure("law", "|w|² off the law of its motion by {}"),
        ),
        "holds",
        "for scale invariance; momentum and the Lagrangian are not tried",
    ),
    Claim(
        POST,
        "with decay, normalised weights move as under RMSProp: the rate is over a root of averaged squared gradients",
        "Tanaka & Kunin 2021: an analogy, in formulas",
        "norm-equilibrium",
        (Figure("average", "|w|² off that root by {} at the end"),),
        "holds with our experiment",
        "only near the end: where steps turn much, early on, it is off by tenths",
    ),
    Claim(
        POST,
        "decay and steps balance at one length of the weights, and there every step turns them by √(2ηλ)",
        "van Laarhoven 2017; Wan et al. 2020; Kosson et al. 2023: theory, with experiments",
        "norm-equilibrium",
        (
            Figure("radius", "mean |w| {} of theory"),
            Figure("spread", "spread {}"),
            Figure("turn", "squared turn {} of 2ηλ"),
        ),
        "holds",
        "without momentum; that balanced turns make training better is not tried",
    ),
    Claim(
        POST,
        "by its rate gradient descent stays near its start, is thrown to where the curvature is lower, or diverges",
        "Lewkowycz et al. 2020: a solvable model, and networks on images; borders at 2/λ₀ and, for that model, 4/λ₀",
        "catapult",
        (
            Figure("lazy", "at 1/λ₀: λ {} of λ₀"),
            Figure("caught", "at 3 and 3.7/λ₀: ηλ ends at {}"),
            Figure("diverges", "at 4.3/λ₀: loss {}"),
        ),
        "holds",
        "in the solvable model, at width 256; deep networks are not tried",
    ),
    Claim(
        POST,
        "while the loss first grows, the curvature falls until the rate is small enough for it",
        "Lewkowycz et al. 2020: a law of two numbers, and curves of networks",
        "catapult",
        (
            Figure("climbs", "at 3/λ₀: f² grows {} times"),
            Figure("sign", "steps against the law's sign: {}"),
            Figure("course", "ηλ off that law by {}"),
            Figure("pairs_caught", "two weights end at η(u² + v²) = {}"),
        ),
        "holds",
        "that flatter minima generalise better is not tried: there is one sample",
    ),
)
