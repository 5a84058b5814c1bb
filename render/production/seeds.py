"""Targets over many seeds, in groups: what is measured of a group is let go before the next one trains."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from render.loading import load_scene
from render.target import Verdict

if TYPE_CHECKING:
    from render.terminal.progress import Board

# Seeds a core and group: as many as the training program takes in one batch. Of a scene that reads all of its points a
# run is 5 MB, and 1,024 of them at once would be 11 GB.
EACH = 32


def check_all(
    references: Mapping[str, str], seeds: int | None, first_seed: int, board: Board, most: int | None = None
) -> dict[str, list[Verdict]]:
    """Verdicts on all targets of scenes, name -> reference, as `render.training.checks.check_all` gives them.

    most: seeds in a group, EACH a core unless given. seeds: None for each target's own number, which is small.
    """
    from render.training import checks

    most = most or EACH * (os.cpu_count() or 1)
    if seeds is None or seeds <= most or first_seed + seeds > 2**32:  # the last is refused before anything trains
        return checks.check_all(references, seeds, first_seed, board)
    size = -(-seeds // -(-seeds // most))  # groups of one size, so that one program is compiled
    starts = [*range(0, seeds - size, size), seeds - size]  # the last may overlap the one before
    verdicts = {}
    with board:
        for name, reference in references.items():
            scene = load_scene(reference)
            with board.line(name) as stages:
                groups = [checks.check(scene, size, first_seed + start, stages) for start in starts]
            verdicts[name] = [joined(parts, starts, first_seed) for parts in zip(*groups, strict=True)]
    return verdicts


def joined(parts: Sequence[Verdict], starts: Sequence[int], first_seed: int = 0) -> Verdict:
    """One verdict from those on groups of seeds of one target. starts: of each group, from `first_seed`, ascending.

    Where groups overlap, what they share counts once.
    """
    target = parts[0].target
    values: list[float] = []
    for part, start in zip(parts, starts, strict=True):
        values += part.values[len(values) - start :]
    worst = min(parts, key=lambda part: (part.margin == part.margin, part.margin))  # NaN is the worst there is
    return Verdict(target, worst.worst, worst.worst_seed, sum(map(target.met, values)), tuple(values))


__all__ = ["check_all"]
