"""Counts over seeds from the stored ledger, for entries of the manifest, which are otherwise about a single run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from render.production import sources


def counts(path: Path, scene: str, reference: str) -> dict[str, dict[str, Any]]:
    """On how many seeds each target of a scene was checked and holds, by its name; empty if the ledger is out of date.

    seeds, seeds_met, lower_bound: as in `render.target.Verdict`. The ledger is out of date for a scene once the code
    behind its verdicts has changed (`sources.ledger`); changes in other scenes or in the claims do not matter.
    """
    try:
        ledger = json.loads(path.read_bytes())
        if ledger["sources"]["scenes"][scene] != sources.ledger(reference).digest():
            return {}
        kept = ("seeds", "seeds_met", "lower_bound")
        return {verdict["name"]: {key: verdict[key] for key in kept} for verdict in ledger["targets"][scene]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
