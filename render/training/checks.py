"""Targets against trajectories, over seeds: whether the theory that a picture states is what its numbers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from render.loading import load_scene
from render.scene import Scene
from render.stages import Stages
from render.target import Target, Verdict, judge

if TYPE_CHECKING:
    from render.terminal.progress import Board


def check(
    scene: Scene,
    seeds: int | None = 1,
    first_seed: int = 0,
    stages: Stages | None = None,
    targets: Sequence[Target] | None = None,
) -> list[Verdict]:
    """Verdicts on targets of a scene's default configuration, over `seeds` seeds from `first_seed`.

    seeds: None judges each target on its own number of seeds. targets: all of the scene's unless given. Raises
    ValueError for seeds beyond 2^32 - 1 and NoDevice as `render.training.trajectory.run`.
    """
    from render import device
    from render.training import trajectory  # imports jax, which a verdict does not need

    device.require()
    config = scene.config()
    targets = tuple(scene.targets(config).values()) if targets is None else targets
    if not targets:
        return []
    count = seeds or max(target.seeds for target in targets)
    numbers = range(first_seed, first_seed + count)
    if numbers[-1] >= 2**32:
        raise ValueError(f"seeds {numbers[0]} to {numbers[-1]}: a seed is an integer from 0 to 2^32 - 1")
    runs = trajectory.run_seeds(scene, config, numbers, {target.array for target in targets}, stages)
    own = [seeds or target.seeds for target in targets]
    return [judge(target, runs[:n], numbers[:n]) for target, n in zip(targets, own, strict=True)]


def check_all(
    references: Mapping[str, str], seeds: int | None, first_seed: int, board: Board
) -> dict[str, list[Verdict]]:
    """Verdicts on all targets of scenes, name -> reference, one scene after another."""
    verdicts = {}
    with board:
        for name, reference in references.items():
            with board.line(name) as stages:
                verdicts[name] = check(load_scene(reference), seeds, first_seed, stages)
    return verdicts
