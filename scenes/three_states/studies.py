"""Studies of the post "The Three States of Information": what it says of runs, and no picture shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.ledger.rows import Study
from render.training import trajectory

from . import align_uniform, simplicity_bias, spectrum_states
from .align_uniform_arms import AlignUniform

ACCURACIES = {"95": 0.95, "98": 0.98}  # from which on a run counts as saturated, by name
NEARLY = 0.005  # below the accuracy at the end: the third way to say so
CLIMBS = 1.1  # times the boundary complexity then: more is a climb
STRENGTHS = (0.7, 0.3)  # of augmentations, as standard deviations of a view; the scene itself has 1.4 and 0.1
SPREAD, TOGETHER = 0.05, 0.02  # from the end of uniformity, and alignment: nearer is spread, less is together


def saturation(draws: int) -> dict[str, Any]:
    """Shares of runs whose boundary gets more complex by a tenth after accuracy saturates, in three senses of it."""
    config = simplicity_bias.SCENE.config()
    runs = trajectory.run_seeds(simplicity_bias.SCENE, config, range(draws), {"accuracy", "complexity"})

    def climbing(saturated: list[np.ndarray]) -> float:
        growth = [
            run["complexity"][-1] / run["complexity"][int(np.argmax(at))]
            for run, at in zip(runs, saturated, strict=True)
        ]
        return float(np.mean(np.array(growth) >= CLIMBS))

    by_accuracy = {name: [run["accuracy"] >= least for run in runs] for name, least in ACCURACIES.items()}
    by_end = [run["accuracy"] >= run["accuracy"][-1] - NEARLY for run in runs]
    return {f"climbs_from/{name}": climbing(at) for name, at in {**by_accuracy, "end": by_end}.items()}


def plateaus(draws: int) -> dict[str, Any]:
    """How fast the loss falls where the state changes, over its steepest fall, and how many plateaus lie between.

    Rates are of log loss an e-fold of steps. A plateau is a least rate below half of what comes before and after it.
    """
    scene, config = spectrum_states.SCENE, spectrum_states.SCENE.config()
    runs = trajectory.run_seeds(scene, config, range(draws), {"loss", "state"})
    trained = scene.steps(config) >= 1
    time = np.log(scene.steps(config)[trained])
    found: dict[str, list[float]] = {"first": [], "second": [], "plateaus": []}
    for run in runs:
        rate = -np.gradient(np.log(run["loss"][trained].astype(float)), time)
        state = run["state"][trained]
        before, after = np.maximum.accumulate(rate), np.maximum.accumulate(rate[::-1])[::-1]
        low = rate < np.minimum(before, after) / 2
        found["plateaus"].append(float(np.sum(np.diff(low.astype(int)) > 0)))
        for name, reached in (("first", 1), ("second", 2)):
            found[name].append(rate[int(np.argmax(state >= reached))] / rate.max())
    return {name: np.array(values) for name, values in found.items()}


def augmentations(draws: int) -> dict[str, Any]:
    """How long a contrastive encoder is spread out before partners are together, at other strengths of augmentations.

    ahead (draws,): share of the frames, the least over STRENGTHS; weaker_hump (draws,): the largest alignment with the
    weaker views over that with the stronger ones. On half as many points a class as the scene has.
    """
    ahead, peaks = [], []
    for strength in STRENGTHS:
        config = AlignUniform(view_noise=strength, per_class=20)
        runs = trajectory.run_seeds(align_uniform.SCENE, config, range(draws), {"alignment", "uniformity"})
        peaks.append(np.array([run["alignment"].max() for run in runs]))
        ahead.append(np.array([_ahead(run["alignment"], run["uniformity"]) for run in runs], float))
    return {"ahead": np.min(ahead, axis=0), "weaker_hump": peaks[1] / peaks[0]}


def _ahead(alignment: np.ndarray, uniformity: np.ndarray) -> float:
    """Share of the frames from when points are spread for good to when partners are together for good."""
    spread = align_uniform.last_frame(np.abs(uniformity - uniformity[-1]) > SPREAD)
    return (align_uniform.last_frame(alignment > TOGETHER) - spread) / len(alignment)


SATURATION = Study("boundary complexity once accuracy has saturated", saturation, draws=32, few=8)
PLATEAUS = Study("rates of the loss where states change", plateaus, draws=32, few=4)
AUGMENTATIONS = Study("augmentations of other strengths", augmentations, draws=8, few=1)
