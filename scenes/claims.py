"""The numeric claims of the posts and the paper, what their own scripts give, and our figures that speak of them."""

from __future__ import annotations

from render.claims import Claim, Figure, number
from render.scene import Target

from .richness import claims as richness

T, L, W = "Three States", "Latent on the Spectrum", "Auditing Latent Space"
FLOOR = Target("every start", "potential", "within", 7**2 / 3 - 7, "Benedetto & Fickus 2003", tolerance=1e-3, seeds=64)


POSTS = (
    Claim(
        T,
        "the untrained participation ratio is about 12",
        "7.56 at step 0, 4.66 in the first frame shown",
        "spectrum-states",
        (Figure("participation ratio, start", "{}"),),
        "holds with our experiment",
        "the initial features are whitened; He weights alone are not isotropic",
    ),
    Claim(
        T,
        "it ends at about 3.9 = C−1",
        "3.86",
        "spectrum-states",
        (Figure("participation ratio, end", "{}"),),
        "holds",
    ),
    Claim(
        T,
        "a representation is random, then organized, then structured",
        "the first state is never on screen",
        "spectrum-states",
        (Figure("frames of the shortest state, in order", "the shortest state lasts {} frames"),),
        "holds with our experiment",
        "a warm-up and frames spaced geometrically show what is over in two steps without",
    ),
    Claim(
        T,
        "low-order structure is fit first",
        "no number",
        "simplicity-bias",
        (
            Figure("agreement with the linear classifier, peak", "agreement with the linear classifier peaks at {}"),
            Figure("accuracy against the linear classifier's, at the peak", "accuracy is then {} from its own"),
        ),
        "holds",
    ),
    Claim(
        T,
        "boundary complexity grows later",
        "curves without axes",
        "simplicity-bias",
        (Figure("boundary complexity, end over peak", "times {} after the peak of agreement"),),
        "holds",
    ),
    Claim(
        T,
        "the spread of class-mean cosines shrinks toward zero",
        "0.368 at step 0, 0.230 in the first frame, 0.182 at the end",
        "neural-collapse",
        (Figure("spread of the cosines", "{}"),),
        "holds with our experiment",
        "it needs decay on features and classifier, and training to the end",
    ),
    Claim(
        T,
        "every cosine becomes −1/(C−1) = −0.2",
        "farthest 0.394 away",
        "neural-collapse",
        (Figure("largest |cosine + 1/(C−1)|", "farthest {} away"),),
        "holds with our experiment",
        "as above",
    ),
    Claim(
        T,
        "uniformity reaches the optimum of the circle",
        "−1.581, no target drawn",
        "align-uniform",
        (Figure("uniformity", "{:.5f} of −1.58104"),),
        "holds",
    ),
    Claim(
        T,
        "alignment rises before it falls to zero",
        "0.836 at step 0, a hump of 0.464 at step 9, then 0",
        "align-uniform",
        (Figure("alignment's hump over its start", "hump {} times the start"), Figure("alignment", "ends at {}")),
        "holds with our experiment",
        "from a cone, as untrained encoders start; from the published start the hump is below the first value",
    ),
    Claim(
        T,
        "spread first, then snap together",
        "no number",
        "align-uniform",
        (Figure("frames between the two clocks", "{} frames apart"),),
        "holds",
    ),
    Claim(
        L,
        "turning the label kernel from flat to graded morphs the codebook smoothly",
        "codes jump by 0.36 at the first notch, then barely move",
        "spectral-codebook",
        (
            number("straight dial: jump of {}", "straight_jump", seeds=1),
            Figure("largest move of a code in a frame", "ours: at most {} a frame"),
        ),
        "does not hold",
        "the flat kernel is a multiple of the identity: any mix has the graded eigenvectors; the way round does morph",
    ),
    Claim(
        L,
        "the block kernel's spectrum is [1, ~.5, ~0]",
        "[1, 1, 1, 0, …]",
        "spectral-codebook",
        (
            number("double-centred: second {}", "block_second", seeds=1),
            number("third {}", "block_third", seeds=1),
        ),
        "does not hold",
        "three equal superclasses are equally far apart: their modes are equal",
    ),
    Claim(
        L,
        "the graded kernel's spectrum is [1, ~.7, ~.3]",
        "[1, .705, .304] less the overall mean",
        "spectral-codebook",
        (
            number("less the overall mean: second {}", "post_second", seeds=1),
            number("third {}", "post_third", seeds=1),
            number("double-centred: second {}", "graded_second", seeds=1),
        ),
        "holds",
        "with the post's centring",
    ),
    Claim(
        L,
        "subtracting the overall mean centres as classical scaling does",
        "least eigenvalue −0.24",
        "spectral-codebook",
        (
            number("least eigenvalue {}", "post_least", rule="at least", seeds=1),
            number("double-centred {}", "graded_least", rule="at least", seeds=1),
        ),
        "does not hold",
        "a Gram has no negative eigenvalue: rows and columns must be centred",
    ),
    Claim(
        L,
        "the rank-d Gram rebuilds the kernel as d grows",
        "error stops at 0.081 and alignment at 0.9967 from d = 6 on",
        "mds-reconstruction",
        (
            Figure("error from rank C−1 on", "error {}"),
            Figure("alignment from rank C−1 on", "alignment {}"),
        ),
        "holds with our experiment",
        "double-centred; less the overall mean only, the negative eigenvalue stays out",
    ),
    Claim(
        L,
        "collapse grinds the within-class spectrum to zero",
        "Σ_W/Σ_B 1.54 at step 0, 0.72 in the first frame, 0.112 at the end",
        "information-collapse",
        (Figure("Σ_W/Σ_B, start", "Σ_W/Σ_B from {}"), Figure("Σ_W/Σ_B", "to {}")),
        "holds with our experiment",
        "decay on features and classifier, training to the end",
    ),
    Claim(
        L,
        "what is left is the prototype frame, C−1 modes",
        "third over first eigenvalue 0.50",
        "information-collapse",
        (
            Figure("modes of Σ_B, every frame", "{} modes"),
            Figure("last over first mode of Σ_B", "last over first {}"),
        ),
        "holds with our experiment",
        "as above; C−1 modes are there from step 0, even ones only at collapse",
    ),
    Claim(
        L,
        "a warm softmax carries dark knowledge, a cold one none",
        "a still",
        "dark-knowledge",
        (Figure("warm: dark mass", "dark mass {} warm"), Figure("cold: dark mass", "{} cold")),
        "holds",
    ),
    Claim(
        W,
        "the collapse ratio falls to zero with the noise",
        "an unlabelled pair of stills",
        "class-collapse",
        (
            Figure("collapse ratio, end", "ends at {}"),
            Figure("collapse ratio / closed form − 1", "{} off 2σ²/(2σ²+1)"),
        ),
        "holds",
    ),
    Claim(
        W,
        "the effective rank falls from 2 to 1",
        "stills",
        "rank-collapse",
        (Figure("entropy rank, start", "from {}"), Figure("entropy rank, end", "to {:.4f}")),
        "holds",
    ),
    Claim(
        W,
        "the energy in the minor axis ends at 0.05",
        "0.05, a typed-in text",
        "rank-collapse",
        (Figure("energy in the minor axis, end", "{}"),),
        "does not hold",
        "an axis of 0.045 holds 0.045²/(1 + 0.045²) of the variance",
    ),
    Claim(
        W,
        "four codes in three dimensions descend to a tetrahedron",
        "coherence 0.343 and error 0.008 at the end; 1 seed of 64 is short, at 0.0067",
        "simplex-descent",
        (Figure("simplex error", "simplex error {}"), Figure("coherence", "coherence {:.5f} of 0.33333")),
        "holds with our experiment",
        "a rate of 0.2 in place of 0.04 gets there in the same 900 steps",
    ),
    Claim(
        W,
        "six codes in three dimensions reach the Welch floor 1/√5",
        "0.454 at the end; 49 of 1536 starts miss after 900 steps",
        "welch-descent",
        (Figure("coherence", "coherence {:.5f} of 0.44721"),),
        "holds with our experiment",
        "the rate decays; at a constant one codes settle and wander off",
    ),
    Claim(
        W,
        "every random start reaches the frame potential's floor C²/d − C",
        "spread 0.0097 at the end",
        "benign-landscape",
        (Figure(FLOOR, "{:.5f} of 9.33333"), Figure("spread between the starts", "spread {}")),
        "holds",
    ),
)

CLAIMS = (*POSTS, *richness.CLAIMS)
