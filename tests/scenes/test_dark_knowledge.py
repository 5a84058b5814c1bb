"""The softmax over a graded codebook, recomputed in float64, from warm to cold and far below."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from render.training import trajectory
from render.training.trajectory import Trajectory
from scenes.latent_spectrum.dark_knowledge import SCENE, DarkKnowledge
from tests import conftest

C = 9


def default_run() -> Trajectory:
    return conftest.default_run(SCENE.name)


def cosines() -> np.ndarray:
    """Of a feature 6 % of the way from class 6 to class 5 to the codes of the graded kernel of width 2.2."""
    places, centre = np.arange(C), np.eye(C) - 1 / C
    values, vectors = np.linalg.eigh(centre @ np.exp(-(((places[:, None] - places) / 2.2) ** 2)) @ centre)
    codes = vectors[:, -2:] * np.sqrt(values[-2:])
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    feature = 0.94 * codes[6] + 0.06 * codes[5]
    return codes @ feature / np.linalg.norm(feature)


def mass_at(temperature: float) -> np.ndarray:
    return softmax(cosines() / temperature)


def test_every_frame_is_the_softmax_of_its_temperature():
    arrays = default_run().arrays
    temperatures = np.geomspace(0.9, 0.03, 80)
    np.testing.assert_allclose(arrays["temperature"], temperatures, rtol=1e-5)
    expected = np.array([mass_at(temperature) for temperature in temperatures])
    np.testing.assert_allclose(arrays["mass"], expected, atol=2e-5)
    np.testing.assert_allclose(arrays["dark_mass"], 1 - expected.max(axis=1), atol=2e-5)
    np.testing.assert_allclose(arrays["entropy"], entropy(expected, axis=1) / np.log(C), atol=5e-5)


def test_the_feature_lies_on_the_circle_as_its_codes_do():
    arrays = default_run().arrays
    np.testing.assert_allclose(np.linalg.norm(arrays["codes"], axis=1), 1, atol=1e-6)
    assert np.linalg.norm(arrays["feature"]) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(arrays["codes"] @ arrays["feature"], cosines(), atol=1e-5)


def test_warm_it_ranks_the_neighbours():
    mass = default_run().arrays["mass"][0]
    assert np.argsort(-mass)[:4].tolist() == np.argsort(-mass_at(0.9))[:4].tolist() == [6, 7, 5, 8]
    assert default_run().arrays["dark_mass"][0] >= 0.7


def test_cold_it_names_one_class():
    arrays = default_run().arrays
    assert arrays["mass"][-1].argmax() == mass_at(0.03).argmax() == 6
    assert arrays["dark_mass"][-1] <= 0.005


def test_cooling_only_ever_sharpens_and_never_jumps():
    arrays = default_run().arrays
    for name in ("dark_mass", "entropy"):
        assert (np.diff(arrays[name]) < 0).all()
        assert np.abs(np.diff(arrays[name])).max() < 0.03
    assert np.diff(arrays["state"]).tolist().count(1) == 2
    assert np.bincount(arrays["state"]).min() >= 5


def test_stems_stand_at_likeness_and_end_on_the_curve_of_theory():
    arrays, likeness = default_run().arrays, cosines()
    over_winner = np.exp((likeness - likeness[6]) / np.geomspace(0.9, 0.03, 80)[:, None])
    np.testing.assert_allclose(arrays["likeness"], likeness, atol=1e-5)
    np.testing.assert_allclose(arrays["relative"], over_winner, atol=2e-5)
    assert arrays["stems"].shape == (80, C, 2, 2)
    for frame in (0, 40, 79):
        feet, heads = arrays["stems"][frame].transpose(1, 0, 2)
        np.testing.assert_allclose(feet, np.stack([likeness, np.zeros(C)], axis=1), atol=1e-5)
        np.testing.assert_allclose(heads, np.stack([likeness, over_winner[frame]], axis=1), atol=2e-5)
        on_curve = np.interp(likeness, arrays["curve_x"], arrays["curve"][frame])
        np.testing.assert_allclose(on_curve, over_winner[frame], atol=2e-3)
    assert (np.diff(arrays["curve_x"]) > 0).all()
    assert arrays["curve_x"][0] == pytest.approx(-1)
    assert arrays["curve_x"][-1] == pytest.approx(likeness[6], abs=1e-5)
    np.testing.assert_array_equal(arrays["curve"][:, -1], 1)
    assert np.abs(np.diff(arrays["curve"], axis=1)).max() < 0.1  # smooth even where it is steepest
    assert arrays["off_curve"].max() < 1e-6


def test_threads_go_from_the_example_to_each_class():
    arrays = default_run().arrays
    assert arrays["star"].shape == (1, 2)
    assert np.linalg.norm(arrays["star"]) == pytest.approx(1.45, abs=1e-6)
    np.testing.assert_allclose(arrays["star"][0], 1.45 * arrays["feature"], atol=1e-6)
    np.testing.assert_array_equal(arrays["threads"][:, 0], np.tile(arrays["star"], (C, 1)))
    np.testing.assert_array_equal(arrays["threads"][:, 1], arrays["codes"].astype(float))


def test_all_are_ranked_warm_and_cold_the_alike_looks_as_the_unlike():
    arrays, likeness = default_run().arrays, cosines()
    assert arrays["nearest_first"].tolist() == np.argsort(-likeness).tolist() == [6, 7, 5, 8, 4, 3, 0, 1, 2]
    warm, cold = mass_at(0.9), mass_at(0.03)
    ranked = np.sort(warm / warm.max())
    assert arrays["least_step"][0] == pytest.approx(np.diff(ranked).min(), abs=1e-5)
    assert arrays["least_relative"][0] == pytest.approx(ranked[0], abs=1e-5)
    np.testing.assert_allclose(arrays["alike_unlike"][-1], cold[[7, 2]] / cold[6], atol=1e-5)
    np.testing.assert_allclose(arrays["winner_mass"] + arrays["dark_mass"], 1, atol=1e-6)
    assert arrays["alike_unlike"][-1].max() <= 0.01
    assert (arrays["least_step"][0] >= 0.002) & (arrays["least_relative"][0] >= 0.1)


def test_the_winner_has_an_ink_of_its_own_and_the_alike_and_the_unlike_are_marked_with_what_they_have_warm():
    arrays = default_run().arrays
    assert arrays["winner"].tolist() == [label == 6 for label in range(C)]
    assert (int(arrays["alike"]), int(arrays["unlike"])) == (7, 2)
    np.testing.assert_array_equal(arrays["relative_heads"], arrays["stems"][:, :, 1])
    np.testing.assert_array_equal(arrays["alike_unlike_heads"], arrays["relative_heads"][:, [7, 2]])
    alone = (arrays["mass"] < 0.01).sum(axis=1) == C - 1
    warm = mass_at(0.9)
    np.testing.assert_allclose((arrays["alike_warm"], arrays["unlike_warm"]), 100 * warm[[7, 2]] / warm[6], atol=1e-3)
    assert alone.tolist() == sorted(alone)
    assert not alone[0]
    assert alone[-1]


def test_the_story_names_the_classes_of_the_run():
    config = DarkKnowledge(classes=7, own=3, towards=4, warm=1.2)
    run = trajectory.run(SCENE, config)
    told = SCENE.told(config, run.arrays)
    assert "all 7 are ranked" in told.sentences[0]
    assert int(run.arrays["alike"]) == 4


def test_the_count_of_classes_falls_from_all_to_one_and_says_the_state():
    arrays = default_run().arrays
    expected = [np.count_nonzero(mass_at(temperature) >= 0.01) for temperature in np.geomspace(0.9, 0.03, 80)]
    assert arrays["counted"].tolist() == expected
    assert arrays["counted"][[0, 20, 40, -1]].tolist() == [9, 5, 4, 1]
    assert (np.diff(arrays["counted"]) <= 0).all()
    assert arrays["state"].tolist() == [0 if count == 9 else 2 if count == 1 else 1 for count in expected]
    assert sorted(set(arrays["state"])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("missed", "changed"),
    [("ranked", {"warm": 0.4}), ("seen", {"warm": 0.8}), ("same", {"cold": 0.05}), ("order", {"towards": 7})],
)
def test_what_the_picture_says_fails_at_another_temperature_or_example(missed, changed):
    config = DarkKnowledge(**changed)
    arrays = trajectory.run(SCENE, config).arrays
    target = SCENE.targets(config)[missed]
    assert not target.met(target.value(arrays))


def test_a_probability_off_the_curve_is_told():
    arrays = dict(default_run().arrays)
    mass = arrays["mass"].copy()
    mass[30, 3] += 1e-4
    reads = {name: arrays[name] for name in SCENE.derive_reads}
    wrong = SCENE.derive(DarkKnowledge(), **{**reads, "mass": mass})
    curve = SCENE.targets(DarkKnowledge())["curve"]
    assert curve.met(curve.value(arrays))
    assert not curve.met(curve.value(wrong))


def test_nothing_overflows_down_to_a_thousandth():
    arrays = trajectory.run(SCENE, DarkKnowledge(cold=1e-3)).arrays
    assert arrays["temperature"][-1] == pytest.approx(1e-3, rel=1e-4)
    for name in ("mass", "dark_mass", "entropy", "curve"):
        assert np.isfinite(arrays[name]).all()
    np.testing.assert_allclose(arrays["mass"].sum(axis=1, dtype=np.float64), 1, atol=1e-6)
    np.testing.assert_allclose(default_run().arrays["coldest_mass"], np.arange(C) == 6, atol=1e-6)
    for name in ("dark_mass", "entropy"):
        assert (np.diff(arrays[name]) <= 0).all()


def test_targets_hold_and_nothing_is_random():
    run = default_run()
    other = trajectory.run(SCENE, DarkKnowledge(seed=7))
    for target in SCENE.targets(run.config).values():
        assert target.met(target.value(run.arrays)), target.name
        assert target.seeds == 1
    for name, array in run.arrays.items():
        np.testing.assert_array_equal(array, other.arrays[name])


def test_a_target_is_missed_when_the_ranking_is_another():
    wrong = trajectory.run(SCENE, DarkKnowledge(share=0.4)).arrays
    order = SCENE.targets(DarkKnowledge())["order"]
    assert not order.met(order.value(wrong))


@pytest.mark.parametrize(
    ("field", "value"),
    [("classes", 3), ("width", 0.0), ("own", 9), ("towards", -1), ("share", 0.5), ("cold", 0.0), ("warm", 0.02)],
)
def test_a_senseless_value_is_named(field, value):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(DarkKnowledge(), **{field: value})
