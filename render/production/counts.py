"""What the ledger's file says of a scene's targets over seeds, for the manifest, which speaks of one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from render.production import sources


def counts(path: Path, scene: str, reference: str) -> dict[str, dict[str, Any]]:
    """On how many seeds each target of a scene was checked and holds, by its name; empty where that was another scene.

    seeds, seeds_met, lower_bound: as in `render.target.Verdict`. A scene is another once what decides its verdicts has
    changed; a change in other scenes or in the ledger's rows takes nothing away.
    """
    try:
        ledger = json.loads(path.read_bytes())
        if ledger["sources"]["scenes"][scene] != sources.ledger(reference).digest():
            return {}
        kept = ("seeds", "seeds_met", "lower_bound")
        return {verdict["name"]: {key: verdict[key] for key in kept} for verdict in ledger["targets"][scene]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
