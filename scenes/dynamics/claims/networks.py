"""What papers on small networks claim: stages, splits, nudges, ranks of starts; and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure
from render.target import Target

from .. import POST

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
    Claim(
        POST,
        "after a nudge at the output of a network at rest, the speeds of its neurons are the error derivatives of "
        "recurrent backpropagation (Scellier & Bengio 2019)",
        "a theorem; no number",
        "equilibrium-propagation",
        (Figure("velocity", "within {} of the largest"), Figure("same", "ways gone {} off")),
        "holds",
        "in discrete time, for small nudges, and where the weights are the same both ways",
    ),
    Claim(
        POST,
        "at every step of the second phase the update equals that of backpropagation through time "
        "(Ernoult et al. 2019)",
        "a theorem; curves that coincide",
        "equilibrium-propagation",
        (Figure("alone", "error of order {} in one nudge"), Figure("both", "{} with its opposite")),
        "holds",
        "in the limit of small nudges, of which the order is measured",
    ),
    Claim(
        POST,
        "the local rule that compares two phases descends the cost (Scellier & Bengio 2017)",
        "a derivation; no number",
        "equilibrium-propagation",
        (Figure("update", "{} off the gradient"), Figure("other", "other weights back: {:.2f} off")),
        "holds",
        "as the gradient of one batch; nothing is trained here",
    ),
    Claim(
        POST,
        "networks that are trained by equilibrium propagation learn to classify digits (Scellier & Bengio 2017)",
        "test errors on MNIST",
        "",
        (),
        "not shown",
        "the scene compares gradients and takes no step with them",
    ),
    Claim(
        POST,
        "first weights of high rank change less, and learn lazily; those of low rank learn richly (Liu et al. 2023)",
        "curves of kernel alignment; no number",
        "initial-rank",
        (
            Figure(Target("sixteen", "kept/sixteen", "at least", 0.9, "closed form"), "16 directions keep {:.2f}"),
            Figure(Target("four", "kept/four", "within", 0.7036, "closed form", tolerance=0.01), "4 keep {:.2f}"),
            Figure("one", "1 keeps {:.2f}"),
        ),
        "holds with our experiment",
        "at equal norm, whitened inputs and one output; the paper's rule is of an average over tasks",
    ),
    Claim(
        POST,
        "where first weights of low rank lie along the task, learning is lazy all the same (Liu et al. 2023)",
        "an exception; no number",
        "initial-rank",
        (Figure("unturned", "the task's own direction keeps {:.2f}"),),
        "holds with our experiment",
        "one direction that is the task itself",
    ),
    Claim(
        POST,
        "recurrent networks with connectivity of experiments, and how well they remember (Liu et al. 2023)",
        "curves over tasks of neuroscience",
        "",
        (),
        "not shown",
        "the scene has no recurrence, no measured connectivity and a single task",
    ),
)
