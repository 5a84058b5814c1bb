"""The figures of the paper, on its data and networks, and ours on digits and smaller ones: directions compare."""

from __future__ import annotations

from render.claims import Claim, Figure, number

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
            Figure("rich: D_LR", "D_LR rich {}"),
            number(E1, "low_rank_practical_rich"),
            number("lazy at least {}", "low_rank_lazy", "at least"),
            Figure("rich: test accuracy", "test accuracy rich {}"),
            number("lazy at least {}", "test_accuracy_lazy", "at least"),
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
            number("D_LR {} at 0.2", "low_rank_small"),
            number("{} at 2", "low_rank_middle"),
            number("{} at 20", "low_rank_large"),
            Figure("D_LR, smallest rise with alpha", "smallest rise {}"),
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
            Figure("change of D_LR", "D_LR changes by {}"),
            Figure("fall of NC1 with the ridge", "NC1 with the ridge falls {}-fold"),
            Figure("change of NC1 without", "without it NC1 changes by {}"),
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
            Figure("quality of e₁ alone", "quality {}"),
            Figure("utilisation of e₁ alone", "utilisation {}"),
        ),
        "holds",
    ),
    Claim(
        PAPER,
        "Table 3: D_LR falls while a network groks",
        "0.51 to 0.11",
        "grokking",
        (
            Figure("D_LR falls between them by", "falls by {}"),
            Figure("D_LR at the end", "to {}"),
            number(E1, "low_rank_practical"),
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
            Figure("scalar: modes used", "{} for the scalar"),
            Figure("classes: modes used", "{} for the classes"),
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
            Figure("largest D_LR", "largest D_LR {}"),
            Figure("spread of D_LR", "they differ by {}"),
            Figure("test accuracy, 100 % shuffled", "test accuracy {} when all are shuffled"),
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
            Figure("slope, a = 1", "slope {} at a = 1"),
            Figure("slope, a = 2", "{} at a = 2"),
            number("{} at a = 0.5", "slope_0_5"),
        ),
        "holds with our experiment",
        "for spectra that fall as k^-1 or faster; at k^-0.5 it falls faster",
    ),
)
