"""The registry: every scene by name, in gallery order. A scene is imported when it is asked for.

The columns of `render list` are stated here, so that listing imports no scene; a test compares them with the scenes.
"""

from __future__ import annotations

from render.registry import Entry

CLAIMS = f"{__name__}.claims"  # the module of the ledger's rows


ENTRIES: dict[str, Entry] = {}


def _add(folder: str, post: str, *scenes: tuple[str, str, str, int, int]) -> None:
    """Add scenes of a post: (name, title, output, frames, number of targets). A module has the name of its scene."""
    for name, title, output, frames, targets in scenes:
        module = f"{__name__}.{folder}.{name.replace('-', '_')}"
        ENTRIES[name] = Entry(module, title, post, output, frames, targets)


_add(
    "three_states",
    "The Three States of Information, in JAX",
    ("spectrum-states", "Training reshapes the spectrum: three states", "ts-spectrum-states", 80, 3),
    ("simplicity-bias", "First a straight line, then the bends", "ts-simplicity-bias", 80, 10),
    ("neural-collapse", "Training with decay puts all classes equally far apart", "ts-neural-collapse", 80, 17),
    ("align-uniform", "Contrastive learning: first spread out, then find your partner", "ts-align-uniform", 100, 9),
)
_add(
    "latent_spectrum",
    "Latent on the Spectrum, in JAX",
    ("spectral-codebook", "Likeness draws the map: a ring, a horseshoe, a triangle", "spectral-codebook", 109, 12),
    ("mds-reconstruction", "Few modes rebuild a graded label kernel", "mds-reconstruction", 80, 7),
    ("information-collapse", "Collapse grinds the information spectrum to zero", "information-collapse", 80, 4),
    ("dark-knowledge", "A warm softmax says who is alike, a cold one only who won", "dark-knowledge", 80, 11),
)
_add(
    "latent_audit",
    "Auditing Latent Space Geometry in JAX",
    (
        "class-collapse",
        "Turn the noise down, and classes collapse onto their means",
        "jax-welch/class-collapse",
        80,
        3,
    ),
    ("rank-collapse", "Squash one axis, and the rank falls from two to one", "jax-welch/rank-collapse", 80, 4),
    ("simplex-descent", "Four codes find their one fair angle: a tetrahedron", "jax-welch/simplex-descent", 80, 3),
    (
        "welch-descent",
        "Six lines spread until every two cross at the same angle",
        "jax-welch/welch-descent",
        77,
        5,
    ),
    ("benign-landscape", "Every random start reaches the same floor", "jax-welch/benign-landscape", 80, 7),
)
_add(
    "richness",
    "Decoupling Dynamical Richness from Representation Learning",
    ("rich-vs-lazy", "The richer network learns the wrong thing", "richness/rich-vs-lazy", 80, 8),
    ("target-downscaling", "Smaller targets, lazier features", "richness/target-downscaling", 80, 2),
    (
        "weight-decay-only",
        "Weights shrink, nothing is learned, and NC1 collapses",
        "richness/weight-decay-only",
        64,
        3,
    ),
    ("heaviside-features", "The first eigenfunction becomes the target", "richness/heaviside-features", 72, 5),
    ("inductive-bias", "The same span, the same points, another function", "richness/inductive-bias", 72, 6),
    ("mode-saturation", "Each mode is learned at the rate of its eigenvalue", "richness/mode-saturation", 72, 1),
    ("grokking", "Grokking is a fall of the low-rank measure", "richness/grokking", 72, 3),
    ("scalar-regression", "As many feature dimensions as the targets ask for", "richness/scalar-regression", 80, 4),
    ("label-shuffling", "Just as rich on labels that mean nothing", "richness/label-shuffling", 80, 7),
    ("nystrom", "Samples find a space long before its single directions", "richness/nystrom", 50, 10),
)

SCENES = {name: entry.reference for name, entry in ENTRIES.items()}
