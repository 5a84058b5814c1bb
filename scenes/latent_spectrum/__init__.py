"""Scenes of the post *Latent on the Spectrum, in JAX*."""
