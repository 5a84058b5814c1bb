"""The numbers of alignment and uniformity, recomputed from the saved views in float64."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.special import i0

from render.picture.marks.level import Level
from scenes.three_states import align_uniform as module
from scenes.three_states.align_uniform_rings import rings
from tests.conftest import default_recording, default_run

ARMS = pytest.mark.parametrize("arm", ["", "weak_"], ids=["strong", "weak"])


@ARMS
def test_every_frame_s_alignment_and_uniformity_are_those_of_its_points(arm: str) -> None:
    arrays = default_run("align-uniform").arrays
    for frame in range(0, len(arrays["step"]), 9):
        first, second = (arrays[f"{arm}{name}"][frame].astype(np.float64) for name in ("features", "partners"))
        np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)
        alignment = ((first - second) ** 2).sum(axis=1).mean()
        uniformity = np.log(np.exp(-2 * pdist(np.concatenate([first, second]), "sqeuclidean")).mean())
        np.testing.assert_allclose(arrays[f"{arm}alignment"][frame], alignment, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(arrays[f"{arm}uniformity"][frame], uniformity, atol=1e-4)
        if not arm:
            np.testing.assert_allclose(arrays["loss"][frame], alignment + uniformity, atol=2e-4)


def test_the_goal_of_uniformity_is_that_of_equal_spacing() -> None:
    run = default_run("align-uniform")
    goal = run.scene.targets(run.config)["uniformity"].goal
    assert len(run.arrays["labels"]) * 2 == 640
    np.testing.assert_allclose(goal, np.log((640 * np.exp(-4) * i0(4) - 1) / 639), atol=1e-5)


def test_every_step_up_to_40_is_shown() -> None:
    np.testing.assert_array_equal(default_run("align-uniform").arrays["step"][:41], np.arange(41))


def crossings(alignment: np.ndarray, uniformity: np.ndarray) -> tuple[int, int]:
    """Frames after the last ones at which less than 90 % of the way is made, and more than a tenth is left."""
    level = uniformity[0] + 0.9 * (uniformity[-1] - uniformity[0])
    spread = max(frame for frame, value in enumerate(uniformity.tolist()) if value > level) + 1
    return spread, max(frame for frame, value in enumerate(alignment.tolist()) if value > max(alignment) / 10) + 1


@ARMS
def test_the_two_clocks_are_last_crossings(arm: str) -> None:
    arrays = default_run("align-uniform").arrays
    spread, aligned = crossings(arrays[f"{arm}alignment"], arrays[f"{arm}uniformity"])
    assert arrays[f"{arm}frames_between_clocks"] == aligned - spread >= 1


def test_humps_are_measured_against_the_start_and_against_the_weak_arm_s() -> None:
    arrays = default_run("align-uniform").arrays
    alignment, weak = arrays["alignment"].tolist(), arrays["weak_alignment"].tolist()
    spread, _ = crossings(arrays["alignment"], arrays["uniformity"])
    np.testing.assert_allclose(arrays["hump"], max(alignment) / alignment[0], rtol=1e-6)
    np.testing.assert_allclose(arrays["apart_once_spread"], alignment[spread] / max(alignment), rtol=1e-6)
    np.testing.assert_allclose(arrays["peak_over_weak"], max(alignment) / max(weak), rtol=1e-6)


def test_shares_are_of_the_way_to_equal_spacing_and_of_the_peak() -> None:
    arrays = default_run("align-uniform").arrays
    uniformity = arrays["uniformity"].astype(np.float64)
    optimum = np.log((640 * np.exp(-4) * i0(4) - 1) / 639)
    expected = (uniformity[0] - uniformity) / (uniformity[0] - optimum)
    np.testing.assert_allclose(arrays["spread_share"], expected, atol=1e-5)
    assert arrays["spread_share"][0] == 0
    assert abs(arrays["spread_share"][-1] - 1) < 1e-3
    alignment = arrays["alignment"].astype(np.float64)
    np.testing.assert_allclose(arrays["apart_share"], alignment / alignment.max(), rtol=1e-6)


def test_the_arms_differ_in_the_strength_of_their_noise_alone() -> None:
    config = module.AlignUniform(per_class=5)
    state = module.SCENE.init(config, jax.random.key(3))
    for strong, weak in zip(jax.tree.leaves(state.strong[:2]), jax.tree.leaves(state.weak[:2]), strict=True):
        np.testing.assert_array_equal(strong, weak)
    strong, weak = (np.asarray(arm.views, np.float64) for arm in (state.strong, state.weak))
    np.testing.assert_allclose(strong[0] - strong[1], 14 * (weak[0] - weak[1]), atol=1e-4)
    np.testing.assert_allclose((14 * weak - strong)[0], (14 * weak - strong)[1], atol=1e-4)  # 13 times the points


def test_arms_with_the_same_noise_stay_the_same() -> None:
    config = module.AlignUniform(per_class=5, weak_view_noise=1.4)
    state = module.SCENE.init(config, jax.random.key(3))
    for _ in range(3):
        state = module.SCENE.step(config, state)
    measured = module.SCENE.measure(config, state)
    for name in ("features", "partners", "alignment", "uniformity"):
        np.testing.assert_allclose(measured[name], measured[f"weak_{name}"], rtol=1e-5, atol=1e-6)
    other = module.SCENE.init(dataclasses.replace(config, weak_view_noise=0.1), jax.random.key(3))
    np.testing.assert_array_equal(other.strong.views, module.SCENE.init(config, jax.random.key(3)).strong.views)


def test_threads_join_every_eighth_point_on_one_ring_to_its_partner_on_the_other() -> None:
    arrays = default_run("align-uniform").arrays
    features, partners = arrays["features"], arrays["partners"]
    np.testing.assert_array_equal(arrays["outer"], features)
    np.testing.assert_allclose(arrays["inner"], 0.66 * partners, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(arrays["inner"], axis=2), 0.66, rtol=1e-5)
    assert arrays["threads"].shape == (100, 40, 2, 2)
    assert np.bincount(arrays["labels"][::8]).tolist() == [5] * 8
    np.testing.assert_array_equal(arrays["threads"][:, :, 0], features[:, ::8])
    np.testing.assert_allclose(arrays["threads"][:, :, 1], 0.66 * partners[:, ::8], rtol=1e-6)
    assert arrays["thread_ends"].shape == (100, 80, 2)
    for end in (0, 1):
        ends = arrays["thread_ends"][:, 40 * end : 40 * (end + 1)]
        np.testing.assert_array_equal(ends, arrays["threads"][:, :, end])


@pytest.mark.parametrize(("points", "threads"), [(2, 2), (39, 39), (41, 40), (5000, 40)])
def test_there_are_forty_threads_or_one_a_point(points: int, threads: int) -> None:
    angles = np.linspace(0, 6, 3 * points).reshape(3, points)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    drawn = rings(circle, circle)
    assert drawn["threads"].shape == (3, threads, 2, 2)
    assert len(np.unique(drawn["threads"][0], axis=0)) == threads
    lengths = np.linalg.norm(drawn["threads"][:, :, 0] - drawn["threads"][:, :, 1], axis=-1)
    np.testing.assert_allclose(lengths, 0.34, rtol=1e-6)  # spokes where partners are together


def test_states_begin_where_spreading_and_alignment_last_cross_their_limits() -> None:
    arrays = default_run("align-uniform").arrays
    state, alignment, uniformity = (arrays[name].tolist() for name in ("state", "alignment", "uniformity"))
    assert sorted(set(state)) == [0, 1, 2]
    assert state == sorted(state)
    spread, together = state.index(1), state.index(2)
    assert uniformity[spread - 1] > -1.4 >= max(uniformity[spread:])
    assert alignment[together - 1] > 0.02 >= max(alignment[together:])


def test_a_state_never_goes_back_where_its_limits_are_crossed_twice() -> None:
    uniformity = np.array([0.0, -1.5, -1.3, -1.5, -1.5, -1.5, -1.5])
    alignment = np.array([0.0, 0.3, 0.3, 0.3, 0.01, 0.03, 0.01])
    circle = np.tile([1.0, 0.0], (7, 4, 1))
    derived = module.derive(
        module.AlignUniform(frames=7),
        features=circle,
        partners=circle,
        alignment=alignment,
        uniformity=uniformity,
        weak_alignment=alignment,
        weak_uniformity=uniformity,
    )
    assert derived["state"].tolist() == [0, 0, 0, 1, 1, 1, 2]


def test_the_picture_ends_at_the_frame_nearest_step_320() -> None:
    run = default_run("align-uniform")
    steps, last = run.arrays["step"].tolist(), default_recording("align-uniform").frames - 1
    assert abs(steps[last] - 320) == min(abs(step - 320) for step in steps)
    goals = run.scene.targets(run.config)  # what its last sentence says holds where the play ends, too
    for key in ("alignment", "uniformity"):
        assert goals[key].met(float(run.arrays[goals[key].array][last])), key


def test_the_dashed_levels_are_the_optimum_of_spreading_and_the_goal_of_alignment() -> None:
    run = default_run("align-uniform")
    goals = run.scene.targets(run.config)
    marks = [mark for frame in run.scene.panels(run.config, goals)[1].frames for mark in frame.marks]
    assert [mark.value for mark in marks if isinstance(mark, Level)] == [goals["alignment"], 1.0]
