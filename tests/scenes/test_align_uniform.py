"""The numbers of alignment and uniformity, recomputed from the saved views in float64."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist
from scipy.special import i0

from tests.conftest import default_run


def test_every_frame_s_alignment_and_uniformity_are_those_of_its_points() -> None:
    arrays = default_run("align-uniform").arrays
    for frame in range(0, len(arrays["step"]), 9):
        first, second = (arrays[name][frame].astype(np.float64) for name in ("features", "partners"))
        np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
        alignment = ((first - second) ** 2).sum(axis=1).mean()
        uniformity = np.log(np.exp(-2 * pdist(np.concatenate([first, second]), "sqeuclidean")).mean())
        np.testing.assert_allclose(arrays["alignment"][frame], alignment, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(arrays["uniformity"][frame], uniformity, atol=1e-4)
        np.testing.assert_allclose(arrays["loss"][frame], alignment + uniformity, atol=2e-4)


def test_the_goal_of_uniformity_is_that_of_equal_spacing() -> None:
    run = default_run("align-uniform")
    goal = run.scene.targets(run.config)["uniformity"].goal
    assert len(run.arrays["labels"]) * 2 == 640
    np.testing.assert_allclose(goal, np.log((640 * np.exp(-4) * i0(4) - 1) / 639), atol=1e-5)


def test_every_step_up_to_40_is_shown() -> None:
    np.testing.assert_array_equal(default_run("align-uniform").arrays["step"][:41], np.arange(41))


def test_the_two_clocks_are_last_crossings() -> None:
    arrays = default_run("align-uniform").arrays
    alignment, uniformity = arrays["alignment"].tolist(), arrays["uniformity"].tolist()
    level = uniformity[0] + 0.9 * (uniformity[-1] - uniformity[0])
    spread = max(frame for frame, value in enumerate(uniformity) if value > level) + 1
    aligned = max(frame for frame, value in enumerate(alignment) if value > max(alignment) / 10) + 1
    assert arrays["frames_between_clocks"] == aligned - spread >= 1
    np.testing.assert_allclose(arrays["hump"], max(alignment) / alignment[0], rtol=1e-6)


def test_the_badge_goes_from_random_over_organized_to_structured() -> None:
    arrays = default_run("align-uniform").arrays
    for state, alignment, uniformity in zip(arrays["badge"], arrays["alignment"], arrays["uniformity"], strict=True):
        assert state == (0 if uniformity > -1.4 else 1 if alignment > 0.02 else 2)
    assert list(dict.fromkeys(arrays["badge"].tolist())) == [0, 1, 2]
