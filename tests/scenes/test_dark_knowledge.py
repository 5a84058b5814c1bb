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
    others = np.delete(expected, 6, axis=1)
    shares = np.delete(arrays["dark_shares"], 6, axis=1)
    np.testing.assert_allclose(shares, others / others.sum(axis=1, keepdims=True), atol=1e-4)
    np.testing.assert_array_equal(arrays["dark_shares"][:, 6], 0)


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
    assert np.bincount(arrays["state"]).min() >= 10


def test_nothing_overflows_down_to_a_thousandth():
    arrays = trajectory.run(SCENE, DarkKnowledge(cold=1e-3)).arrays
    assert arrays["temperature"][-1] == pytest.approx(1e-3, rel=1e-4)
    for name in ("mass", "dark_mass", "entropy", "dark_shares"):
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
