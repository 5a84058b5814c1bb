"""Scenes of the post "Auditing Latent Space Geometry in JAX"."""
