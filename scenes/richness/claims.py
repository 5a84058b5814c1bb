"""The figures of the paper, on its data and networks, and ours on digits and smaller ones: directions compare."""

from __future__ import annotations

from render.ledger.claims import Claim, Figure, Reading

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
        "Fig. 23: the squared error of a relative eigenvalue falls as 1/n",
        "slope -1 on log-log axes",
        "nystrom",
        (
            Figure("slope/1", "slope {} at a = 1"),
            Figure("slope/2", "{} at a = 2"),
            Figure(Reading("slope/0_5", (-1.7, -1.3)), "{} at a = 0.5"),
        ),
        "holds with our experiment",
        "for spectra that fall as k^-1 or faster; at k^-0.5 it falls faster",
    ),
)
