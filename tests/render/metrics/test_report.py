from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy, ortho_group

from render.metrics.report import latent_geometry_report
from tests.render.metrics.metric_helpers import SEEDS, fuzz

KEYS = {
    "class_coherence",
    "class_cosine_error",
    "class_cosine_largest",
    "class_cosine_spread",
    "class_simplex_error",
    "class_welch_gap",
    "classes_present",
    "collapse_ratio",
    "entropy_rank",
    "participation_ratio",
    "uniformity",
    "welch_floor",
    "within_class_variance",
}
RICH = {
    "effective_dimension",
    "low_rank_measure",
    "output_rank",
    "quality_dimension",
    "utilization_dimension",
}
report = jax.jit(latent_geometry_report, static_argnames=("classes", "normalize"))


def plain(features: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The report in NumPy, for labels of which each has points; rows as they are."""
    names = np.unique(labels)
    count, dim = len(names), min(features.shape[1], len(names) - 1)
    means = np.stack([features[labels == c].mean(axis=0) for c in names])
    within = np.mean([np.sum((z - means[names == c][0]) ** 2) for z, c in zip(features, labels, strict=True)])
    total = features.var(axis=0).sum()
    centred = means - means.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    table, ideal = unit @ unit.T, np.where(np.eye(count), 1, -1 / (count - 1))
    coherence = np.abs(table - np.diag(np.diag(table))).max()
    floor = np.sqrt((count - dim) / (dim * (count - 1)))
    cosines = table[np.triu_indices(count, k=1)]
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    first, second = np.triu_indices(len(rows), k=1)
    potentials = np.exp(-2 * ((rows[first] - rows[second]) ** 2).sum(axis=1))
    values = np.linalg.eigvalsh(np.cov(features.T, bias=True)).clip(0)
    return {
        "within_class_variance": within,
        "collapse_ratio": within / total,
        "class_simplex_error": np.linalg.norm(table - ideal) / np.linalg.norm(ideal),
        "class_coherence": coherence,
        "welch_floor": floor,
        "class_welch_gap": coherence - floor,
        "class_cosine_spread": cosines.std(),
        "class_cosine_error": np.abs(cosines + 1 / (count - 1)).max(),
        "class_cosine_largest": cosines.max(),
        "uniformity": np.log(potentials.mean()),
        "entropy_rank": np.exp(entropy(values)),
        "participation_ratio": values.sum() ** 2 / (values**2).sum(),
        "classes_present": count,
    }


def labelled(seed: int, points: int, dim: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, points - classes)])
    return rng.normal(size=(classes, dim))[labels] + 0.5 * rng.normal(size=(points, dim)), labels


def agree(found: dict, expected: dict) -> None:
    assert set(found) == set(expected) == KEYS
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-3, atol=1e-4, err_msg=key)


@pytest.mark.parametrize(
    ("points", "dim", "classes", "normalize"),
    [(30, 4, 3, True), (30, 4, 3, False), (30, 4, 12, True), (6, 20, 4, True)],
)
def test_against_plain_numpy(points: int, dim: int, classes: int, normalize: bool) -> None:
    features, labels = labelled(0, points, dim, classes)
    rows = features / np.linalg.norm(features, axis=1, keepdims=True) if normalize else features
    agree(report(features, labels, classes=classes, normalize=normalize), plain(rows, labels))


def test_rows_are_normalized_by_default() -> None:
    features, labels = labelled(1, 30, 4, 3)
    stretched = features * np.random.default_rng(1).uniform(0.1, 10, size=(30, 1))
    agree(report(stretched, labels, classes=3), {k: float(v) for k, v in report(features, labels, classes=3).items()})


@fuzz
@given(SEEDS)
def test_axes_order_and_names_do_not_matter(seed: int) -> None:
    features, labels = labelled(seed, 30, 4, 3)
    rng = np.random.default_rng(seed)
    order = rng.permutation(30)
    moved = (features @ ortho_group.rvs(4, random_state=seed))[order]
    expected = {key: float(value) for key, value in report(features, labels, classes=3).items()}
    agree(report(moved, rng.permutation(3)[labels][order], classes=3), expected)


def test_perfect_collapse_onto_a_simplex() -> None:
    corners = np.eye(3, 4) - np.array([1, 1, 1, 0]) / 3
    found = report(np.repeat(corners, 10, axis=0), np.repeat(np.arange(3), 10), classes=3)
    expected = {
        "within_class_variance": 0,
        "collapse_ratio": 0,
        "class_simplex_error": 0,
        "class_coherence": 1 / 2,
        "class_cosine_spread": 0,
        "class_cosine_error": 0,
        "class_cosine_largest": -1 / 2,
        "welch_floor": 1 / 2,
        "class_welch_gap": 0,
        "uniformity": np.log((135 + 300 * np.exp(-6)) / 435),  # corners are at a squared distance of 3
        "entropy_rank": 2,
        "participation_ratio": 2,
        "classes_present": 3,
    }
    agree(found, expected)


def test_of_many_rows_some_that_lie_evenly_are_paired() -> None:
    features, labels = labelled(6, 5000, 4, 3)
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    of_all = plain(rows, labels)["uniformity"]
    assert report(features, labels, classes=3)["uniformity"] == pytest.approx(of_all, abs=0.02)


def test_classes_without_points_are_left_out_and_counted() -> None:
    features, labels = labelled(2, 30, 4, 3)
    spread = np.array([1, 4, 11])[labels]
    agree(report(features, spread, classes=12, normalize=False), plain(features, labels))


@pytest.mark.parametrize(("classes", "normalize"), [(1, True), (3, False), (12, True), (12, False)])
@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_constant_features(classes: int, normalize: bool, value: float) -> None:
    found = report(np.full((30, 4), value), np.arange(30) % classes, classes=classes, normalize=normalize)
    span = min(4, classes - 1)
    floor = np.sqrt((classes - span) / (span * (classes - 1))) if span else 0
    zero = dict.fromkeys(KEYS, 0.0) | {"class_cosine_error": 1 / (classes - 1) if classes > 1 else 0.0}
    agree(
        found,
        zero | {"class_simplex_error": 1, "welch_floor": floor, "class_welch_gap": -floor, "classes_present": classes},
    )


def test_a_single_class_and_a_single_point() -> None:
    features, _ = labelled(3, 30, 4, 2)
    found = report(features, np.full(30, 2), classes=12)
    assert found["classes_present"] == 1
    assert found["class_coherence"] == found["welch_floor"] == 0
    np.testing.assert_allclose(found["collapse_ratio"], 1, rtol=1e-5)
    assert all(np.isfinite(v) for v in found.values())
    assert all(np.isfinite(v) for v in report(features[:1], np.zeros(1, dtype=int), classes=2).values())


@fuzz
@given(SEEDS, st.sampled_from([1e-30, 1.0, 1e15]))
def test_never_nan(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(6, 20)) * rng.integers(0, 2, size=(6, 1)) * scale
    found = report(features.astype(np.float32), rng.integers(0, 4, size=6), classes=4)
    assert all(np.isfinite(value) for value in found.values()), found


def test_under_vmap_each_run_has_its_own_classes() -> None:
    features, labels = zip(labelled(4, 30, 4, 3), labelled(5, 30, 4, 2), strict=True)
    batched = jax.jit(jax.vmap(lambda x, y: latent_geometry_report(x, y, 3)))(jnp.stack(features), jnp.stack(labels))
    np.testing.assert_array_equal(batched["classes_present"], [3, 2])
    for index in range(2):
        expected = report(features[index], labels[index], classes=3)
        agree({key: value[index] for key, value in batched.items()}, {k: float(v) for k, v in expected.items()})


def centring(count: int) -> np.ndarray:
    return np.eye(count) - 1 / count


def richness_of(features: np.ndarray, outputs: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """The part with outputs by operators between points, formed in full."""
    points = len(features)
    kernel = centring(points) @ features @ features.T @ centring(points)
    functions = np.linalg.eigh(kernel)[1][:, ::-1][:, : features.shape[1]]

    def shares(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        left, singular, _ = np.linalg.svd(centring(points) @ rows, full_matrices=False)
        basis = left[:, singular > 0.05 * singular[0]]
        return np.sum((basis.T @ functions) ** 2, axis=0), basis @ basis.T

    quality, _ = shares(targets)
    utilization, projection = shares(outputs)
    rank = np.trace(projection)
    moments = np.linalg.eigvalsh(features.T @ features)[::-1]
    return {
        "low_rank_measure": 1 - np.sum(kernel * projection) / np.linalg.norm(kernel) / np.sqrt(rank),
        "output_rank": rank,
        "effective_dimension": 1 + np.exp(entropy(moments[1:])),
        "quality_dimension": np.exp(entropy(quality)),
        "utilization_dimension": np.exp(entropy(utilization)),
    }


@pytest.mark.parametrize("normalize", [True, False])
def test_outputs_add_richness_of_the_features_as_they_are(normalize: bool) -> None:
    features, labels = labelled(6, 30, 4, 3)
    outputs = features @ np.random.default_rng(6).normal(size=(4, 2))
    found = report(features, labels, classes=3, normalize=normalize, outputs=outputs)
    assert set(found) == KEYS | RICH
    for key, value in richness_of(features, outputs, np.eye(3)[labels]).items():
        np.testing.assert_allclose(found[key], value, rtol=1e-3, atol=1e-4, err_msg=key)
    without = report(features, labels, classes=3, normalize=normalize)
    agree(without, {key: float(found[key]) for key in KEYS})


def test_outputs_of_a_network_that_is_constant() -> None:
    features, labels = labelled(7, 30, 4, 3)
    still = np.full((30, 2), 0.1)
    found = report(features, labels, classes=3, outputs=still)
    assert (found["low_rank_measure"], found["output_rank"], found["utilization_dimension"]) == (1, 0, 0)
    found = report(np.full((30, 4), 0.1), labels, classes=3, outputs=still)
    assert (found["low_rank_measure"], found["quality_dimension"], found["effective_dimension"]) == (1, 0, 1)
    assert report(features, np.full(30, 2), classes=12, outputs=features)["quality_dimension"] == 0
    with pytest.raises(ValueError, match="with the same samples"):
        report(features, labels, classes=3, outputs=still[1:])
