"""Scenes of "Decoupling Dynamical Richness from Representation Learning" (arXiv 2410.04264)."""
