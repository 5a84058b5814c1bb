from __future__ import annotations

import jax
import numpy as np
import pytest
from sklearn.datasets import make_moons

from scenes import toys


@pytest.mark.parametrize("count", [4, 7, 320])
def test_the_noiseless_curves_are_scikit_learn_s(count: int) -> None:
    outer, inner = toys.moon_curves(count)
    expected, labels = make_moons(count, shuffle=False)
    np.testing.assert_allclose(np.concatenate([outer, inner]), expected, atol=1e-6)
    assert (len(outer), len(inner)) == ((labels == 0).sum(), (labels == 1).sum())


def test_moons_are_standardised_and_half_of_each_class() -> None:
    inputs, labels = toys.moons(jax.random.key(3), 320, 0.18)
    np.testing.assert_allclose(np.asarray(inputs).mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.asarray(inputs).std(axis=0), 1, atol=1e-5)
    assert np.bincount(labels).tolist() == [160, 160]


def test_the_noise_has_the_standard_deviation_that_was_asked_for() -> None:
    clean, noisy = (np.asarray(toys.moons(jax.random.key(5), 20_000, noise)[0], float) for noise in (0.0, 0.18))
    slope = (clean * noisy).mean(axis=0)  # var(clean) / sqrt(var(clean) (var(clean) + noise^2)), before standardising
    spread = make_moons(20_000, shuffle=False)[0].var(axis=0)
    np.testing.assert_allclose(slope, np.sqrt(spread / (spread + 0.18**2)), atol=5e-3)
