"""Numeric claims of the post "Auditing Latent Space Geometry", what its own script gives, and our figures on them."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure, Reading
from render.target import Target

from . import studies

POST = "Auditing Latent Space"
FLOOR = Target("every start", "potential", "within", 7**2 / 3 - 7, "Benedetto & Fickus 2003", tolerance=1e-3)

CLAIMS = (
    Claim(
        POST,
        "the collapse ratio falls to zero with the noise",
        "an unlabelled pair of stills",
        "class-collapse",
        (
            Figure("end", "ends at {}"),
            Figure("ratio", "{} off 2σ²/(2σ²+1)"),
        ),
        "holds",
    ),
    Claim(
        POST,
        "the effective rank falls from 2 to 1",
        "stills",
        "rank-collapse",
        (Figure("start", "from {}"), Figure("end", "to {:.4f}")),
        "holds",
    ),
    Claim(
        POST,
        "the energy in the minor axis ends at 0.05",
        "0.05, a typed-in text",
        "rank-collapse",
        (Figure("share", "{}"),),
        "does not hold",
        "an axis of 0.045 holds 0.045²/(1 + 0.045²) of the variance",
    ),
    Claim(
        POST,
        "four codes in three dimensions descend to a tetrahedron",
        "coherence 0.343 and error 0.008 at the end; 1 seed of 64 is short, at 0.0067",
        "simplex-descent",
        (Figure("error", "simplex error {}"), Figure("coherence", "coherence {:.5f} of 0.33333")),
        "holds with our experiment",
        "a rate of 0.2 in place of 0.04 gets there in the same 900 steps",
    ),
    Claim(
        POST,
        "six codes in three dimensions reach the Welch floor 1/√5",
        "0.454 at the end; 49 of 1536 starts miss after 900 steps",
        "welch-descent",
        (Figure("coherence", "coherence {:.5f} of 0.44721"),),
        "holds with our experiment",
        "the rate decays; at a constant one codes settle and wander off",
    ),
    Claim(
        POST,
        "every random start reaches the frame potential's floor C²/d − C",
        "spread 0.0097 at the end",
        "benign-landscape",
        (Figure(FLOOR, "{:.5f} of 9.33333"), Figure("spread", "spread {}")),
        "holds",
    ),
    Claim(
        POST,
        "descending the frame potential alone gives a tight frame whose closest pair is still near 0.96",
        "near 0.96, in words",
        "unreachable-floor",
        (
            Figure("tight_even", "seven codes: eigenvalues {} off 7/3"),
            Figure("tight_alike", "coherence from {:.2f}"),
            Figure(Reading("coherence/tight", (0.6, 1.00001)), "to {:.4f}"),
        ),
        "holds",
        "0.96 in the middle of the seeds, before the descent as after: the potential does not see the closest pair",
    ),
    Claim(
        POST,
        "the tightness term of the loss matters: without it rank is wasted quietly",
        "no number",
        "",
        (
            Figure(
                Reading("rank_without", (0.5, 0.8), worst="smallest", seeds=64),
                "least eigenvalue of X'X over C/d {} without it",
            ),
            Figure(Reading("rank_with", (0.5, 0.8), worst="smallest", seeds=64), "{} with it"),
            Figure(Reading("coherence_gain", (-1e-4, 1e-3), worst="smallest", seeds=64), "coherence {} higher with it"),
        ),
        "does not hold",
        "no start of 5, 6 or 8 codes in space wastes a direction: crosstalk alone bends a flat arrangement open",
        studies.TIGHTNESS,
    ),
)
