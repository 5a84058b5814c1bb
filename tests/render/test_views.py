"""Linear maps to the plane: a simplex lands on its ghosts, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render import views


def polygon(classes: int) -> np.ndarray:
    """Corners of the regular polygon that shows the simplex I - 11'/C, whose rows' first Fourier pair is this long."""
    radius = (2 / classes) ** 0.5
    return np.array(
        [
            [radius * np.cos(2 * np.pi * corner / classes), radius * np.sin(2 * np.pi * corner / classes)]
            for corner in range(classes)
        ]
    )


def simplex(classes: int, dim: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """A perfect simplex, turned, scaled and moved at random: (classes, dim), dim at least classes - 1."""
    corners = np.eye(classes) - 1 / classes
    basis = np.linalg.svd(corners)[2][: classes - 1]
    padded = np.zeros((classes, dim))
    padded[:, : classes - 1] = corners @ basis.T
    rotation = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return scale * padded @ rotation + scale * rng.normal(size=dim)


def centred(means: np.ndarray) -> np.ndarray:
    return means - means.mean(axis=0)


@pytest.mark.parametrize("classes", range(3, 11))
def test_the_ghosts_are_a_regular_polygon(classes):
    np.testing.assert_allclose(views.fourier_pair(classes), polygon(classes), atol=1e-12)
    np.testing.assert_allclose(views.fourier_pair(classes).T @ views.fourier_pair(classes), np.eye(2), atol=1e-12)


@given(
    classes=st.integers(3, 10),
    extra=st.integers(0, 20),
    exponent=st.floats(-4, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_perfect_simplex_lands_on_its_ghosts_wherever_it_lies(classes, extra, exponent, seed):
    means = simplex(classes, classes - 1 + extra, 10.0**exponent, np.random.default_rng(seed))
    np.testing.assert_allclose(centred(means) @ views.simplex_map(means), polygon(classes), atol=1e-6)


def test_a_perfect_simplex_in_single_precision_lands_on_its_ghosts():
    means = simplex(6, 16, 3.0, np.random.default_rng(0)).astype(np.float32)
    np.testing.assert_allclose(centred(means) @ views.simplex_map(means), polygon(6), atol=1e-5)


@given(classes=st.integers(3, 10), extra=st.integers(0, 20), seed=st.integers(0, 2**32 - 1))
def test_the_map_is_a_similarity_onto_a_plane(classes, extra, seed):
    means = np.random.default_rng(seed).normal(size=(classes, classes - 1 + extra))
    gram = (lambda plane: plane.T @ plane)(views.simplex_map(means))
    scale = gram[0, 0]
    assert scale > 0
    np.testing.assert_allclose(gram, scale * np.eye(2), atol=1e-8 * scale)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_map_follows_a_rotation_a_scale_and_a_shift_of_the_means(seed):
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(6, 9))
    rotation = np.linalg.qr(rng.normal(size=(9, 9)))[0]
    moved = 7.0 * means @ rotation + rng.normal(size=9)
    shown = centred(means) @ views.simplex_map(means)
    np.testing.assert_allclose(centred(moved) @ views.simplex_map(moved), shown, atol=1e-9)


def farthest(means: np.ndarray) -> float:
    """Largest distance of a mean from its ghost, in radii of the polygon."""
    ghosts = polygon(len(means))
    shown = centred(means) @ views.simplex_map(means)
    return float((np.linalg.norm(shown - ghosts, axis=1) / np.linalg.norm(ghosts, axis=1)).max())


@pytest.mark.parametrize("classes", [5, 6, 8, 10])
def test_random_means_miss_the_ghosts_in_every_draw(classes):
    rng = np.random.default_rng(classes)
    misses = [farthest(rng.normal(size=(classes, dim))) for dim in (classes - 1, classes) for _ in range(200)]
    assert min(misses) > 0.2
    assert np.median(misses) > 0.5


def test_random_means_of_six_classes_in_sixteen_dimensions_miss_too():
    # Nearly orthogonal by chance, random means in many dimensions are not far from a simplex; they still miss.
    rng = np.random.default_rng(0)
    misses = [farthest(rng.normal(size=(6, 16))) for _ in range(300)]
    assert min(misses) > 0.1
    assert np.median(misses) > 0.35


def test_means_of_unequal_length_miss():
    means = simplex(6, 16, 1.0, np.random.default_rng(3))
    stretched = centred(means) * np.array([3.0, 1, 1, 1, 1, 1])[:, None]
    assert farthest(stretched) > 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 1e-3, -1e6])
def test_means_that_coincide_raise(dtype, value):
    with pytest.raises(ValueError, match="coincide"):
        views.simplex_map(np.full((6, 16), value, dtype))


def test_means_that_coincide_at_any_point_raise():
    rng = np.random.default_rng(0)
    for classes in range(2, 11):
        with pytest.raises(ValueError, match="coincide"):
            views.simplex_map(np.tile(rng.normal(size=16), (classes, 1)))


def test_means_that_are_close_but_apart_do_not_raise():
    means = 1.0 + simplex(6, 16, 1e-6, np.random.default_rng(0))
    np.testing.assert_allclose(centred(means) @ views.simplex_map(means), polygon(6), atol=1e-6)


@given(
    goal=st.floats(-1, 1),
    below=st.floats(0, 3),
    above=st.floats(0, 3),
    width=st.floats(0.01, 0.5),
)
def test_edges_have_a_bin_centred_on_the_goal_and_cover_the_range(goal, below, above, width):
    low, high = goal - below, goal + above
    edges = views.edges_around(goal, low, high, width)
    np.testing.assert_allclose(np.diff(edges), width, rtol=1e-9)
    assert np.abs((edges[:-1] + edges[1:]) / 2 - goal).min() < 1e-9
    assert edges[0] <= low + 1e-9
    assert edges[-1] >= high - 1e-9
    assert edges[0] > low - 1.001 * width
    assert edges[-1] < high + 1.001 * width


@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(1, 12))
def test_counts_are_those_of_a_plain_loop(seed, bins):
    rng = np.random.default_rng(seed)
    values, edges = rng.uniform(-1, 1, (4, 30)), np.linspace(-1, 1, bins + 1)
    values[0, :2] = -1, 1
    expected = np.zeros((4, bins), int)
    for frame, row in enumerate(values):
        for value in row:
            for index in range(bins):
                inside = edges[index] <= value < edges[index + 1] or (index == bins - 1 and value == edges[-1])
                expected[frame, index] += inside
    np.testing.assert_array_equal(views.histogram_counts(values, edges), expected)
    assert expected.sum() == values.size
