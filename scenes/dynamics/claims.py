"""What papers on the mechanics of learning claim, and what tiny runs show of it."""

from __future__ import annotations

from render.ledger.rows import Claim

POST = "Learning mechanics"

CLAIMS: tuple[Claim, ...] = ()
