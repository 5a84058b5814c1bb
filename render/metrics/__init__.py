"""Metrics of representations: pure JAX functions that work under jit and vmap, in anyone's training loop."""
