"""Numeric claims of the post "The Three States of Information", what its own script gives, and our figures on them."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure, Reading

from . import studies

POST = "Three States"

CLAIMS = (
    Claim(
        POST,
        "the untrained participation ratio is about 12",
        "7.56 at step 0, 4.66 in the first frame shown",
        "spectrum-states",
        (Figure("start", "{}"),),
        "holds with our experiment",
        "the initial features are whitened; He weights alone are not isotropic",
    ),
    Claim(
        POST,
        "it ends at about 3.9 = C−1",
        "3.86",
        "spectrum-states",
        (Figure("end", "{}"),),
        "holds",
    ),
    Claim(
        POST,
        "a representation is random, then organized, then structured",
        "the first state is never on screen",
        "spectrum-states",
        (Figure("shortest", "the shortest state lasts {} frames"),),
        "holds with our experiment",
        "a warm-up and frames spaced geometrically show what is over in two steps without",
    ),
    Claim(
        POST,
        "the plateaus of the loss are the transitions between states",
        "no number",
        "",
        (
            Figure(Reading("plateaus", (-0.1, 0.1), seeds=32), "{} plateaus"),
            Figure(
                Reading("first", (0.4, 1.01), worst="smallest", seeds=32),
                "the loss falls at {} of its steepest rate where the first state ends",
            ),
            Figure(Reading("second", (0.05, 0.6), seeds=32), "at {} where the second does"),
        ),
        "does not hold",
        "the first transition is the steep descent, the second its slow end; nothing between them stands still",
        studies.PLATEAUS,
    ),
    Claim(
        POST,
        "low-order structure is fit first",
        "no number",
        "simplicity-bias",
        (
            Figure("peak", "agreement with the linear classifier peaks at {}"),
            Figure("gap", "accuracy is then {} from its own"),
        ),
        "holds",
    ),
    Claim(
        POST,
        "boundary complexity grows later",
        "curves without axes",
        "simplicity-bias",
        (Figure("bends", "times {} after the peak of agreement"),),
        "holds",
    ),
    Claim(
        POST,
        "boundary complexity keeps climbing well after accuracy saturates",
        "no number",
        "",
        (
            Figure(
                Reading("climbs_from/95", (0.6, 1.01), worst="smallest", seeds=32),
                "by a tenth or more on {:.0%} of the seeds after an accuracy of 95 %",
            ),
            Figure(Reading("climbs_from/98", (0.1, 0.9), seeds=32), "on {:.0%} after 98 %"),
            Figure(Reading("climbs_from/end", (-0.01, 0.4), seeds=32), "on {:.0%} once it is all but at its end"),
        ),
        "does not hold",
        "it does if 95 % counts as saturated; by the end of accuracy's rise the bends are there",
        studies.SATURATION,
    ),
    Claim(
        POST,
        "the spread of class-mean cosines shrinks toward zero",
        "0.368 at step 0, 0.230 in the first frame, 0.182 at the end",
        "neural-collapse",
        (Figure("spread", "{}"),),
        "holds with our experiment",
        "it needs decay on features and classifier, and training to the end",
    ),
    Claim(
        POST,
        "every cosine becomes −1/(C−1) = −0.2",
        "farthest 0.394 away",
        "neural-collapse",
        (Figure("farthest", "farthest {} away"),),
        "holds with our experiment",
        "as above",
    ),
    Claim(
        POST,
        "uniformity reaches the optimum of the circle",
        "−1.581, no target drawn",
        "align-uniform",
        (Figure("uniformity", "{:.5f} of −1.58104"),),
        "holds",
    ),
    Claim(
        POST,
        "alignment rises before it falls to zero",
        "0.836 at step 0, a hump of 0.464 at step 9, then 0",
        "align-uniform",
        (Figure("hump", "hump {} times the start"), Figure("alignment", "ends at {}")),
        "holds with our experiment",
        "from a cone, as untrained encoders start; from the published start the hump is below the first value",
    ),
    Claim(
        POST,
        "spread first, then snap together",
        "no number",
        "align-uniform",
        (Figure("clocks", "{} frames apart"),),
        "holds",
    ),
    Claim(
        POST,
        "with strong augmentations uniformity resolves first",
        "no number",
        "",
        (
            Figure(
                Reading("ahead", (0.05, 0.6), worst="smallest", seeds=8),
                "spread {:.0%} of the frames before partners are together, at half and a fifth of the scene's strength",
            ),
            Figure(
                Reading("weaker_hump", (0.2, 0.8), seeds=8), "alignment's hump at the weaker one is {} of the other's"
            ),
        ),
        "holds",
        "strength makes the hump, not the order: the scene's weak arm spreads first too",
        studies.AUGMENTATIONS,
    ),
)
