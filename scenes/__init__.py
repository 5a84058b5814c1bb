"""The registry: every scene by name, in gallery order. A scene is imported when it is asked for.

The columns of `render list` are stated here, so that listing imports no scene; a test compares them with the scenes.
"""

from __future__ import annotations

from render.registry import Entry

CLAIMS = f"{__name__}.claims"  # the module of the ledger's rows
# Those whose message a fresh reader says at once; the README shows them by poster, in this order,
# and the first large, in the reader's theme.
BEST = ("rich-vs-lazy", "neural-collapse", "simplicity-bias", "align-uniform", "dark-knowledge", "welch-descent")

# Those that take longest, the longest first: so they start where nothing is known of earlier runs.
LONGEST = (
    *("label-shuffling", "target-downscaling", "scalar-regression", "rich-vs-lazy", "rate-and-decay", "same-score"),
    *("nystrom", "mode-saturation", "neural-collapse", "align-uniform", "grokking", "heaviside-features"),
)


ENTRIES: dict[str, Entry] = {}


def _add(folder: str, post: str, *scenes: tuple[str, str, str, int, int]) -> None:
    """Add scenes of a post: (name, title, output, frames, number of targets). A module has the name of its scene."""
    for name, title, output, frames, targets in scenes:
        module = f"{__name__}.{folder}.{name.replace('-', '_')}"
        ENTRIES[name] = Entry(module, title, post, output, frames, targets)


_add(
    "three_states",
    "The Three States of Information, in JAX",
    ("spectrum-states", "Training keeps few directions: those that tell classes apart", "ts-spectrum-states", 80, 5),
    ("simplicity-bias", "First a straight line, then the bends", "ts-simplicity-bias", 80, 10),
    ("neural-collapse", "Training with decay puts all classes equally far apart", "ts-neural-collapse", 80, 17),
    ("align-uniform", "Contrastive learning: first spread out, then find your partner", "ts-align-uniform", 100, 9),
)
_add(
    "latent_spectrum",
    "Latent on the Spectrum, in JAX",
    ("spectral-codebook", "Likeness draws the map: a ring, a horseshoe, a triangle", "spectral-codebook", 109, 12),
    ("mds-reconstruction", "A few patterns rebuild the table, each weaker than the last", "mds-reconstruction", 80, 7),
    ("information-collapse", "Training keeps what separates classes, and nothing else", "information-collapse", 80, 5),
    ("dark-knowledge", "A warm softmax says who is alike, a cold one only who won", "dark-knowledge", 80, 11),
    (
        "smoothed-labels",
        "Cooling erases the wrong classes, smoothing only their differences",
        "smoothed-labels",
        80,
        12,
    ),
    ("distillation", "It never saw a 3, and knows one", "distillation", 70, 8),
)
_add(
    "latent_audit",
    "Auditing Latent Space Geometry in JAX",
    (
        "class-collapse",
        "Turn the noise down, and each class collapses onto its mean",
        "jax-welch/class-collapse",
        80,
        3,
    ),
    ("rank-collapse", "Squash a cloud, and it uses one direction, not two", "jax-welch/rank-collapse", 80, 4),
    (
        "simplex-descent",
        "Four directions part until every two are equally far apart",
        "jax-welch/simplex-descent",
        80,
        4,
    ),
    (
        "welch-descent",
        "Six lines spread until every two cross at the same angle",
        "jax-welch/welch-descent",
        77,
        5,
    ),
    (
        "unreachable-floor",
        "Six lines reach the floor; five and seven cannot",
        "jax-welch/unreachable-floor",
        80,
        9,
    ),
    (
        "benign-landscape",
        "Whatever the random start, descent ends on the same floor",
        "jax-welch/benign-landscape",
        80,
        9,
    ),
)
_add(
    "richness",
    "Decoupling Dynamical Richness from Representation Learning",
    ("rich-vs-lazy", "The richer network learns the wrong thing", "richness/rich-vs-lazy", 80, 8),
    ("same-score", "Nearly equal scores, yet one leaves features idle", "richness/same-score", 48, 7),
    ("target-downscaling", "Small targets leave most features idle", "richness/target-downscaling", 80, 4),
    ("rate-and-decay", "Larger steps and more decay use fewer directions", "richness/rate-and-decay", 48, 9),
    (
        "weight-decay-only",
        "Weights shrink, nothing is learned, and a score collapses",
        "richness/weight-decay-only",
        64,
        3,
    ),
    ("heaviside-features", "The strongest feature becomes the target itself", "richness/heaviside-features", 72, 5),
    ("inductive-bias", "Same points, two curves: each draws waves it favours", "richness/inductive-bias", 72, 6),
    ("mode-saturation", "Coarse waves are learned first, fine ones late", "richness/mode-saturation", 72, 1),
    ("grokking", "Learned by heart at once, understood much later", "richness/grokking", 72, 3),
    ("scalar-regression", "One number needs one direction, ten classes need nine", "richness/scalar-regression", 80, 4),
    ("label-shuffling", "Just as rich on labels that mean nothing", "richness/label-shuffling", 80, 7),
    ("task-alignment", "More data first hurts, if a task is learned last", "richness/task-alignment", 81, 5),
    ("nystrom", "Samples find a space long before its single directions", "richness/nystrom", 50, 10),
)
_add(
    "dynamics",
    "Learning mechanics",
    (
        "norm-equilibrium",
        "Steps lengthen weights, decay shortens them: all end on one circle",
        "dynamics/norm-equilibrium",
        72,
        11,
    ),
    (
        "curl-descent",
        "Flip one learning rule: large weights learn, small ones circle",
        "dynamics/curl-descent",
        115,
        13,
    ),
    (
        "progressive-differentiation",
        "Two layers learn big differences first, one layer all at once",
        "dynamics/progressive-differentiation",
        100,
        11,
    ),
    ("late-pitchfork", "Sharpening reveals two groups, but later than it could", "dynamics/late-pitchfork", 96, 8),
    ("token-collapse", "Attention pulls all tokens into one", "dynamics/token-collapse", 72, 12),
    (
        "equilibrium-propagation",
        "A nudge at the output runs back as the gradient",
        "dynamics/equilibrium-propagation",
        49,
        9,
    ),
    ("catapult", "Too large a rate throws weights to flatter ground", "dynamics/catapult", 71, 17),
    (
        "initial-rank",
        "The less of the task a start sees, the further it must turn",
        "dynamics/initial-rank",
        65,
        9,
    ),
    ("attention-entropy", "Sharp attention needs scores far apart", "dynamics/attention-entropy", 90, 7),
    (
        "controlled-divergence",
        "Cross-entropy survives a learning rate that blows squared error up",
        "dynamics/controlled-divergence",
        87,
        10,
    ),
)

SCENES = {name: entry.reference for name, entry in ENTRIES.items()}
