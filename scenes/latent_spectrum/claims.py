"""Numeric claims of the post "Latent on the Spectrum", what its own script gives, and our figures on them."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure, Reading

from . import studies

POST = "Latent on the Spectrum"

CLAIMS = (
    Claim(
        POST,
        "turning the label kernel from flat to graded morphs the codebook smoothly",
        "codes jump by 0.36 at the first notch, then barely move",
        "spectral-codebook",
        (
            Figure(Reading("straight_jump", (0.355, 0.365), seeds=1), "straight dial: jump of {}"),
            Figure("smooth", "ours: at most {} a frame"),
        ),
        "does not hold",
        "the flat kernel is a multiple of the identity: any mix has the graded eigenvectors; the way round does morph",
    ),
    Claim(
        POST,
        "the block kernel's spectrum is [1, ~.5, ~0]",
        "[1, 1, 1, 0, …]",
        "spectral-codebook",
        (
            Figure(Reading("block_second", (1 - 1e-5, 1 + 1e-5), seeds=1), "double-centred: second {}"),
            Figure(Reading("block_third", (-1e-5, 1e-5), seeds=1), "third {}"),
        ),
        "does not hold",
        "printed [1, 1, 1, 0], centred [1, 1, 0]: three equal superclasses are equally far apart; [1, ½, 0] comes once "
        "two of them are alike, at b = (3 + 4b₀)/7",
    ),
    Claim(
        POST,
        "the block kernel puts classes in clusters",
        "as printed 3 of the 9 codes are the zero vector",
        "spectral-codebook",
        (
            Figure("gathered", "spread in a group {}"),
            Figure("gather_angle", "groups {}° off 120° apart"),
            Figure("gathered_third", "third over first eigenvalue {}"),
        ),
        "holds with our experiment",
        "double-centred: without that one group has no code",
    ),
    Claim(
        POST,
        "the flat kernel puts classes on an even ring",
        "codes at 0, 180 and ±83 degrees",
        "",
        (Figure(Reading("nearest", (0.1, 0.9), seeds=20_000), "the evenest has a gap {:.0%} off"),),
        "does not hold",
        "its eigenvalues are all equal: the ring is one plane of many, and 20,000 drawn at random are none",
        studies.FLAT_PLANES,
    ),
    Claim(
        POST,
        "the graded kernel's spectrum is [1, ~.7, ~.3]",
        "[1, .705, .304] less the overall mean",
        "spectral-codebook",
        (
            Figure(Reading("post_second", (0.704, 0.706), seeds=1), "less the overall mean: second {}"),
            Figure(Reading("post_third", (0.303, 0.305), seeds=1), "third {}"),
            Figure(Reading("graded_second", (0.655, 0.657), seeds=1), "double-centred: second {}"),
        ),
        "holds",
        "with the post's centring",
    ),
    Claim(
        POST,
        "subtracting the overall mean centres as classical scaling does",
        "least eigenvalue −0.24",
        "spectral-codebook",
        (
            Figure(Reading("post_least", (-0.245, -0.235), worst="smallest", seeds=1), "least eigenvalue {}"),
            Figure(Reading("graded_least", (-1e-5, 1e-5), worst="smallest", seeds=1), "double-centred {}"),
        ),
        "does not hold",
        "a Gram has no negative eigenvalue: rows and columns must be centred",
    ),
    Claim(
        POST,
        "the rank-d Gram rebuilds the kernel as d grows",
        "error stops at 0.081 and alignment at 0.9967 from d = 6 on",
        "mds-reconstruction",
        (
            Figure("centred_error", "error {}"),
            Figure("centred_aligned", "alignment {}"),
        ),
        "holds with our experiment",
        "double-centred; less the overall mean only, the negative eigenvalue stays out",
    ),
    Claim(
        POST,
        "collapse grinds the within-class spectrum to zero",
        "Σ_W/Σ_B 1.54 at step 0, 0.72 in the first frame, 0.112 at the end",
        "information-collapse",
        (Figure("ratio_at_start", "Σ_W/Σ_B from {}"), Figure("ratio", "to {}")),
        "holds with our experiment",
        "decay on features and classifier, training to the end",
    ),
    Claim(
        POST,
        "what is left is the prototype frame, C−1 modes",
        "third over first eigenvalue 0.50",
        "information-collapse",
        (
            Figure("modes", "{} modes"),
            Figure("flatness", "last over first {}"),
        ),
        "holds with our experiment",
        "as above; C−1 modes are there from step 0, even ones only at collapse",
    ),
    Claim(
        POST,
        "a warm softmax carries dark knowledge, a cold one none",
        "a still",
        "dark-knowledge",
        (Figure("warm", "dark mass {} warm"), Figure("cold", "{} cold")),
        "holds",
    ),
    Claim(
        POST,
        "label smoothing and a low temperature erase the relation between classes in the same way",
        "a sentence",
        "smoothed-labels",
        (
            Figure("sharp", "how evenly wrong classes share, of 1: cooled {:.2f}"),
            Figure("even", "smoothed {:.4f}"),
            Figure("gone", "mass left to them: cooled {:.3f}"),
            Figure("kept", "smoothed {:.4f}"),
        ),
        "does not hold",
        "cooling takes their mass and sharpens the relation, smoothing keeps ε(C−1)/C for them and flattens it",
    ),
    Claim(
        POST,
        "a teacher's dark knowledge is what distillation passes on",
        "a sentence",
        "distillation",
        (
            Figure("hard", "recall of a digit that the student never saw: {} from hard labels"),
            Figure("soft", "{:.2f} from the teacher's"),
        ),
        "holds",
    ),
)
