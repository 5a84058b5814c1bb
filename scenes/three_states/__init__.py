"""Scenes of the post *The Three States of Information, in JAX*."""
