"""Groups of scenes, in the order of the gallery."""

from __future__ import annotations

TITLES = {
    "states": "States of training",
    "spectrum": "Spectra and likeness",
    "frames": "Directions that share a space",
    "richness": "Rich and lazy training",
    "collapse": "Neural collapse",
    "dynamics": "Laws of learning",
    "generative": "Models that generate",
}
OTHER = "Others"  # scenes of packages that are installed may be of groups of their own


def title(group: str) -> str:
    """The heading of a group."""
    return TITLES.get(group) or group.capitalize() or OTHER


def place(group: str) -> int:
    """Where a group stands among all."""
    known = list(TITLES)
    return known.index(group) if group in known else len(known)
