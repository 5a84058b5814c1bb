"""Numeric claims of the posts and the papers, in the order of the ledger."""

from __future__ import annotations

from .dynamics import claims as dynamics
from .latent_audit import claims as latent_audit
from .latent_spectrum import claims as latent_spectrum
from .richness import claims as richness
from .three_states import claims as three_states

CLAIMS = (*three_states.CLAIMS, *latent_spectrum.CLAIMS, *latent_audit.CLAIMS, *richness.CLAIMS, *dynamics.CLAIMS)
