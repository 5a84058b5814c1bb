"""Verdicts over seeds from the stored ledger, and counts for entries of the manifest, which are about a single run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from render.production import sources


def verdicts(path: Path, scene: str, reference: str) -> list[dict[str, Any]]:
    """Verdicts on a scene's targets over seeds, as in `render.target.Verdict`; none if the ledger is out of date.

    It is so for a scene once the code behind its verdicts has changed (`sources.ledger`); changes in other scenes or in
    the claims do not matter.
    """
    try:
        ledger = json.loads(path.read_bytes())
        if ledger["sources"]["scenes"][scene] != sources.ledger(reference).digest():
            return []
        return list(ledger["targets"][scene])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def counts(path: Path, scene: str, reference: str) -> dict[str, dict[str, Any]]:
    """On how many seeds each target of a scene was checked and holds, by its name; empty if the ledger is out of date.

    seeds, seeds_met, lower_bound: as in `verdicts`.
    """
    kept = ("seeds", "seeds_met", "lower_bound")
    return {v["name"]: {key: v[key] for key in kept} for v in verdicts(path, scene, reference)}
