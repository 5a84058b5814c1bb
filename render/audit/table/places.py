"""Where a dashboard and an animation show numbers."""

from __future__ import annotations

from render.audit.number import Place

OVERALL, CLASSES = Place("dimensions, outputs and points"), Place("classes")  # the dashboard's two cards
SPECTRUM, COSINES = "spectrum of the covariance", "cosines of class means"  # the views beside the points

__all__ = ["CLASSES", "COSINES", "OVERALL", "SPECTRUM"]
