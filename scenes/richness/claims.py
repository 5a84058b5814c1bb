"""The figures of the paper, on its data and networks, and ours on digits and smaller ones: directions compare."""

from __future__ import annotations

from render.ledger.rows import Claim, Figure, Reading

PAPER = "Dynamical Richness"
SMALLER = "digits (8x8, 1200 points at most) and three layers of 128 instead of MNIST and the paper's networks"
E1 = "E.1's practical form, which the paper's figures follow, {}"

CLAIMS = (
    Claim(
        PAPER,
        "Fig. 1: a rich network has D_LR near 0 and reads the label in the pixels; a lazy one does neither",
        "D_LR 0.0087 rich, 0.63 lazy; test 10 % and 74 %",
        "rich-vs-lazy",
        (
            Figure("low_rank", "D_LR rich {}"),
            Figure(Reading("low_rank_practical/rich", (0.005, 0.06)), E1),
            Figure(Reading("low_rank/lazy", (0.3, 0.55), worst="smallest"), "lazy at least {}"),
            Figure("test", "test accuracy rich {}"),
            Figure(Reading("test_accuracy/lazy", (0.7, 0.9), worst="smallest"), "lazy at least {}"),
        ),
        "holds with our experiment",
        SMALLER,
    ),
    Claim(
        PAPER,
        "Table 2: dividing the targets by alpha orders D_LR",
        "0.049, 0.11, 0.56",
        "target-downscaling",
        (
            Figure(Reading("low_rank/small", (0.02, 0.2), seeds=32), "D_LR {} at 0.2"),
            Figure(Reading("low_rank/middle", (0.15, 0.5), seeds=32), "{} at 2"),
            Figure(Reading("low_rank/large", (0.5, 0.8), seeds=32), "{} at 20"),
            Figure("rise", "smallest rise {}"),
        ),
        "holds with our experiment",
        SMALLER,
    ),
    Claim(
        PAPER,
        "Table 1: weight decay without learning drives D_LR to 1 and NC1 to zero",
        "D_LR 0.59 to 1.0; NC1 1.2e5 to 7.5e-14",
        "weight-decay-only",
        (
            Figure("low_rank", "D_LR changes by {}"),
            Figure("fall", "NC1 with the ridge falls {}-fold"),
            Figure("nc1", "without it NC1 changes by {}"),
        ),
        "does not hold",
        "without biases D_LR is scale-free, and so is NC1 without its ridge; 1.0 needs outputs that round to constants",
    ),
    Claim(
        PAPER,
        "Fig. 9: on a step, the first eigenfunction alone becomes the target",
        "a picture",
        "heaviside-features",
        (
            Figure("quality", "quality {}"),
            Figure("utilization", "utilisation {}"),
        ),
        "holds",
    ),
    Claim(
        PAPER,
        "Table 3: D_LR falls while a network groks",
        "0.51 to 0.11",
        "grokking",
        (
            Figure("fall", "falls by {}"),
            Figure("low_rank", "to {}"),
            Figure(Reading("low_rank_practical", (0.01, 0.08)), E1),
        ),
        "holds with our experiment",
        "sums mod 23 and a bias-free network with a squared and a ReLU layer",
    ),
    Claim(
        PAPER,
        "Fig. 10: a scalar target uses one mode, ten classes use nine",
        "a picture",
        "scalar-regression",
        (
            Figure("modes/scalar", "{} for the scalar"),
            Figure("modes/classes", "{} for the classes"),
        ),
        "holds with our experiment",
        SMALLER,
    ),
    Claim(
        PAPER,
        "Fig. 15: shuffled labels are fitted as richly as true ones",
        "a picture",
        "label-shuffling",
        (
            Figure("low_rank", "largest D_LR {}"),
            Figure("spread", "they differ by {}"),
            Figure("test/all", "test accuracy {} when all are shuffled"),
        ),
        "holds with our experiment",
        SMALLER,
    ),
    Claim(
        PAPER,
        "Fig. 7: models of one span fit the same points by the waves that have large eigenvalues",
        "a picture",
        "inductive-bias",
        (
            Figure("energy/falling", "falling eigenvalues: {} of the energy in the first three waves"),
            Figure("energy/rising", "rising ones: {}"),
            Figure("off/falling", "off the interpolant of least norm by {}"),
        ),
        "holds",
    ),
    Claim(
        PAPER,
        "Eq. 25: a mode is learned at the rate of its eigenvalue",
        "a formula",
        "mode-saturation",
        (Figure("deviation", "farthest from 1 − exp(−ρt) {}"),),
        "holds",
    ),
    Claim(
        PAPER,
        "Fig. 23 (a): few samples give the eigenvalues, the last ones apart",
        "n = 10,000, p = 1,000; no number",
        "nystrom",
        (
            Figure("head", "squared error {} up to 0.8 p"),
            Figure("tail", "{} at the last"),
        ),
        "holds",
        "with n = 10 p, as there; our p is 100",
    ),
    Claim(
        PAPER,
        "Fig. 23 (b): an eigenfunction whose eigenvalue is large is found by few samples",
        "n = 10,000, p = 1,000; no number",
        "nystrom",
        (
            Figure("half", "of the first half {} is lost"),
            Figure("lost_from", "first lost at k = {} a√n"),
        ),
        "does not hold",
        "large against the median is needed and not enough: what decides is k/(a√n)",
    ),
    Claim(
        PAPER,
        "Fig. 23 (c): the space of the leading eigenfunctions is found by few samples",
        "n = 10,000, p = 1,000; no number",
        "nystrom",
        (Figure("space", "at most {} is lost, any k and a"),),
        "holds",
    ),
    Claim(
        PAPER,
        "Fig. 16: two networks score nearly alike on new images, one of them rich and the other lazy",
        "test accuracy 0.991 and 0.968; D_LR 0.043 rich, 0.47 more lazy",
        "same-score",
        (
            Figure("test/rich", "test accuracy rich {}"),
            Figure("test/lazy", "lazy {}"),
            Figure("test_gap", "they differ by at most {}"),
            Figure("low_rank", "D_LR rich {}"),
            Figure(Reading("low_rank_practical/rich", (0.001, 0.08), seeds=32), E1),
            Figure(Reading("low_rank/lazy", (0.3, 0.6), worst="smallest", seeds=32), "lazy at least {}"),
        ),
        "holds with our experiment",
        "digits (8x8, 1200 points) and layers of 64 and 384 instead of MNIST and the paper's networks",
    ),
    Claim(
        PAPER,
        "Fig. 4: the larger the learning rate, the lower D_LR and the fewer modes in use",
        "a picture",
        "rate-and-decay",
        (
            Figure("rate/low_rank", "D_LR falls by {} from the least rate to the largest"),
            Figure("rate/modes", "modes used by {} at each step"),
            Figure(Reading("low_rank/large", (0.02, 0.25), seeds=32), "to {}"),
        ),
        "holds with our experiment",
        "digits (8x8, 1200 points) and three layers of 96 instead of the paper's networks",
    ),
    Claim(
        PAPER,
        "Fig. 13: weight decay makes training richer",
        "a picture",
        "rate-and-decay",
        (
            Figure("decay/modes", "modes used fall by {} at each step"),
            Figure("decay/practical", "D_LR in E.1's form by {} in all"),
            Figure("decay/low_rank", "Eq. 4 at most {} without"),
        ),
        "holds with our experiment",
        "digits (8x8, 1200 points) and three layers of 96; rich even without decay",
    ),
    Claim(
        PAPER,
        "Fig. 17: with cross-entropy directions grow in turn, with the squared error together",
        "a picture",
        "rate-and-decay",
        (
            Figure("loss/uneven", "strongest over ninth: {} times as uneven after 100 steps"),
            Figure("loss/low_rank", "Eq. 4 higher by {}"),
            Figure("loss/practical", "E.1's form lower by {}"),
        ),
        "holds with our experiment",
        "digits (8x8, 1200 points) and three layers of 96; the two forms of D_LR put the losses in opposite order",
    ),
    *(
        Claim(PAPER, claim, "a picture", "", (), "not shown", because)
        for claim, because in (
            ("Fig. 2: D_LR along a learning curve", "our network has the direction and no transition to show"),
            (
                "Fig. 3: batch norm makes features richer",
                "our networks of digits say the opposite: another architecture is needed",
            ),
            ("Fig. 5: quality follows intensity", "the order is there before training: training does not make it"),
            ("Fig. 14: architecture decides between rich and lazy", "it needs data on which a plain network is lazy"),
            ("Fig. 21: layers trained greedily", "our layers are equally good at the task either way"),
        )
    ),
    Claim(
        PAPER,
        "Eq. 15, 16: what is learned of each eigenfunction from n samples, and the error that is left",
        "two formulas",
        "task-alignment",
        (
            Figure("learned", "share learned off by {}"),
            Figure("early", "error over Eq. 16: {} where the target aligns"),
            Figure("late", "{} where it does not"),
            Figure("worst", "which peaks at {}, with 1 for knowing nothing"),
        ),
        "holds",
    ),
)
