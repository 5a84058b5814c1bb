"""Numeric claims of the post "The Three States of Information", what its own script gives, and our figures on them."""

from __future__ import annotations

from render.ledger.claims import Claim, Figure

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
)
