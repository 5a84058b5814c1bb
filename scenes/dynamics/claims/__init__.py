"""What papers on the mechanics of learning claim, and what tiny runs show of it."""

from __future__ import annotations

from . import attention, networks, weights

CLAIMS = (*weights.CLAIMS, *networks.CLAIMS, *attention.CLAIMS)
