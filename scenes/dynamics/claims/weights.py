"""What papers on the dynamics of weights claim: lengths, flipped rules, large rates; and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure

from .. import POST

CURL = "copies of a w x and networks of 16 hidden units and one input in place of the paper's networks"


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
        "without momentum; whether networks learn better for it is not tried",
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
    Claim(
        POST,
        "Curl Descent: learning rules with some signs flipped, which descend no loss, can still learn",
        "an abstract",
        "curl-descent",
        (
            Figure("radius", "one layer flipped keeps a² + w² to {}"),
            Figure("outside", "outside the edge the error ends at {}"),
            Figure("learned", "and that of networks with up to 3/4 of their units flipped at {}"),
        ),
        "holds with our experiment",
        CURL,
    ),
    Claim(
        POST,
        "Curl Descent: beyond a critical amount of curl, solutions lose their stability",
        "an abstract",
        "curl-descent",
        (
            Figure("sorted", "copies on the wrong side of R² = 2: {:.0f}"),
            Figure("lower", "at rest where |a| < |w|, the half that repels: {:.0f}"),
            Figure("circles", "inside it the mean loss is {} off that of circles"),
        ),
        "holds with our experiment",
        f"{CURL}: with one input weights go round in circles",
    ),
    Claim(
        POST,
        "Curl Descent: weights may climb the loss for a while, and learn all the same",
        "an abstract",
        "curl-descent",
        (
            Figure("rises", "3/4 flipped: the loss rises {:.2f} times"),
            Figure("learned", "and ends at an error of {}"),
            Figure("falls", "none or 3/8: it never rises, {:.6f}"),
        ),
        "holds with our experiment",
        CURL,
    ),
    Claim(
        POST,
        "Curl Descent: under strong curl learning can be chaotic, or quicker than gradient descent past saddles",
        "an abstract",
        "",
        (),
        "not shown",
        "with one input there are only circles; neither chaos nor saddles are tried",
    ),
    Claim(
        POST,
        "Large Learning Rates: beyond the rate that wide networks should bear, logits diverge under cross-entropy, and "
        "training stays stable",
        "an abstract",
        "controlled-divergence",
        (
            Figure("root", "rate √n: logits of {:.2f} √n at least"),
            Figure("bounded", "the kernel at most {:.3f} of its start"),
            Figure("fast", "rate n: gone, 10^{:.1f} n at least"),
        ),
        "holds with our experiment",
        "u·v/√n on one input, in NTK parametrisation; for some steps the loss climbs with the logits",
    ),
    Claim(
        POST,
        "Large Learning Rates: at that edge training has a limit of infinite width, in which features move",
        "an abstract",
        "controlled-divergence",
        (
            Figure("limit", "16,384 units are {} off the limit for five steps"),
            Figure("kernel", "λ(5)/λ(0) off it by {} from 1,024 units on"),
        ),
        "holds with our experiment",
        "u·v/√n on one input, in NTK parametrisation, until outputs are of order 1",
    ),
    Claim(
        POST,
        "Large Learning Rates: under the squared error no such rate exists",
        "an abstract",
        "controlled-divergence",
        (
            Figure("squared", "rate √n: gone, 10^{:.1f} n at least"),
            Figure("slow", "rate 1/2: stays, and moves the kernel by {:.2f}/n"),
        ),
        "holds with our experiment",
        "u·v/√n on one input, in NTK parametrisation",
    ),
    Claim(
        POST,
        "Large Learning Rates: the exponents of standard parametrisation, for deep networks, optimisers and data",
        "an abstract",
        "",
        (),
        "not shown",
        "the network is u·v/√n in NTK parametrisation, with gradient descent on one input",
    ),
)
