"""Neural collapse, recomputed in float64 from the features, the labels and the classifier that training leaves."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest

from render.film import CUTS
from render.picture import figure
from render.picture.composition import Composition
from render.picture.marks.level import Level
from render.picture.recording import record
from render.picture.stage import Stage
from render.picture.theme import LIGHT
from render.training import trajectory
from scenes import classifier
from scenes.three_states.collapse_arms import NeuralCollapse
from scenes.three_states.neural_collapse import SCENE
from tests.conftest import default_data, default_recording, default_run

CLASSES = 6


def centred_means(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    means = np.array([features[labels == label].mean(axis=0) for label in range(CLASSES)])
    return means - means.mean(axis=0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cosines(means: np.ndarray) -> np.ndarray:
    units = unit(means)
    return np.array([units[i] @ units[j] for i in range(CLASSES) for j in range(i + 1, CLASSES)])


def equinorm(means: np.ndarray) -> float:
    norms = np.linalg.norm(means, axis=1)
    return norms.std() / norms.mean()


def within_over_between(features: np.ndarray, labels: np.ndarray) -> float:
    within = between = 0.0
    for label in range(CLASSES):
        of_class = features[labels == label]
        within += ((of_class - of_class.mean(axis=0)) ** 2).sum()
        between += len(of_class) * ((of_class.mean(axis=0) - features.mean(axis=0)) ** 2).sum()
    return within / between


def nearest_centre(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    means = np.array([features[labels == label].mean(axis=0) for label in range(CLASSES)])
    return np.linalg.norm(features[:, None] - means[None], axis=2).argmin(axis=1)


@functools.cache
def raw() -> dict[str, np.ndarray]:
    """features (3, N, d), outputs (3, N, C) and weights (3, d, C) of the first, middle and last frame; labels (N,)."""
    data = default_data("neural-collapse")
    found = {name: data[f"raw/{name}"].astype(np.float64) for name in ("features", "outputs", "weights")}
    return {**found, "labels": data["raw/labels"][0].astype(int)}


class TestCollapse:
    def test_there_is_something_to_see_at_the_start(self):
        run = raw()
        assert cosines(centred_means(run["features"][0], run["labels"])).std() >= 0.15
        assert within_over_between(run["features"][0], run["labels"]) > 0.5

    def test_the_cosines_end_at_those_of_a_simplex(self):
        run = raw()
        found = cosines(centred_means(run["features"][-1], run["labels"]))
        assert len(found) == 15
        assert found.std() <= 0.005
        assert np.abs(found + 0.2).max() <= 0.015

    def test_the_means_end_equally_long(self):
        run = raw()
        assert equinorm(centred_means(run["features"][-1], run["labels"])) <= 0.01

    def test_the_spread_within_classes_vanishes(self):
        run = raw()
        assert within_over_between(run["features"][-1], run["labels"]) <= 0.01

    def test_every_point_is_classified_and_its_nearest_centre_agrees(self):
        run = raw()
        logits = run["outputs"][-1]
        np.testing.assert_array_equal(logits.argmax(axis=1), run["labels"])
        np.testing.assert_array_equal(nearest_centre(run["features"][-1], run["labels"]), logits.argmax(axis=1))

    def test_the_classifier_ends_along_the_means(self):
        run = raw()
        away = unit(run["weights"][-1].T) - unit(centred_means(run["features"][-1], run["labels"]))
        assert np.linalg.norm(away, axis=1).max() <= 0.05

    def test_the_means_end_in_five_dimensions(self):
        run = raw()
        singular = np.linalg.svd(centred_means(run["features"][-1], run["labels"]), compute_uv=False)
        assert singular[4] > 0.95 * singular[0]
        assert singular[5] < 1e-4 * singular[0]


@functools.cache
def default() -> dict[str, np.ndarray]:
    arrays = default_run("neural-collapse").arrays
    return {name: array.astype(np.float64) if array.dtype.kind == "f" else array for name, array in arrays.items()}


def test_what_the_scene_measures_is_what_the_features_say_in_every_frame():
    run = default()
    labels = run["labels"]
    for frame, features in enumerate(run["features"]):
        means = centred_means(features, labels)
        found = cosines(means)
        eigenvalues = np.linalg.eigvalsh(np.cov(features.T))
        for name, expected in {
            "class_means": means,
            "cosines": found,
            "cosine_std": found.std(),
            "cosine_deviation": np.abs(found + 0.2).max(),
            "equinorm": equinorm(means),
            "within_between_ratio": within_over_between(features, labels),
            "participation_ratio": eigenvalues.sum() ** 2 / (eigenvalues**2).sum(),
        }.items():
            np.testing.assert_allclose(run[name][frame], expected, rtol=2e-3, atol=2e-6, err_msg=f"{name}, {frame}")


def test_the_default_run_collapses_too():
    run = default()
    found = cosines(centred_means(run["features"][-1], run["labels"]))
    assert found.std() <= 0.005
    assert np.abs(found + 0.2).max() <= 0.015
    assert within_over_between(run["features"][-1], run["labels"]) <= 0.01
    assert run["features"].shape == (80, 360, 6)
    np.testing.assert_array_equal(np.bincount(run["labels"]), [60] * 6)


def test_the_loss_is_cross_entropy_with_decay_on_features_and_classifier():
    config = NeuralCollapse(classes=4, per_class=5, input_dim=6, hidden=7, feature_dim=3, decay=0.3)
    both = SCENE.init(config, jax.random.key(9))
    state = both.decayed
    as_numpy = functools.partial(np.asarray, dtype=np.float64)
    hidden_layer, feature_layer = ({key: as_numpy(array) for key, array in layer.items()} for layer in state.encoder)
    ((weights, bias),) = ((as_numpy(layer["weights"]), as_numpy(layer["bias"])) for layer in state.classifier)
    hidden = np.maximum(as_numpy(state.inputs) @ hidden_layer["weights"] + hidden_layer["bias"], 0)
    features = hidden @ feature_layer["weights"] + feature_layer["bias"]
    logits = features @ weights + bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.repeat(np.arange(4), 5)
    expected = -np.log(probabilities[np.arange(20), labels]).mean()
    expected += 0.3 / 2 * ((weights**2).sum() + (features**2).sum(axis=1).mean())
    params = (state.encoder, state.classifier)
    assert float(classifier.loss(config, params, state.inputs, state.labels)) == pytest.approx(expected, rel=1e-5)
    measured = SCENE.measure(config, both)
    assert float(measured["loss"]) == pytest.approx(expected, rel=1e-5)
    assert float(measured["accuracy"]) == pytest.approx((logits.argmax(axis=1) == labels).mean())


def test_the_loss_ends_lower_than_it_starts_and_no_frame_is_the_worst_but_an_early_one():
    losses = default()["loss"]
    assert losses[-1] < 0.1 * losses[0]
    assert losses.argmax() < 10


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classes", 1),
        ("classes", 11),
        ("per_class", 1),
        ("hidden", 0),
        ("feature_dim", 0),
        ("input_dim", 5000),
        ("noise", 0.0),
        ("spread", -1.0),
        ("learning_rate", 0.0),
        ("decay", -0.1),
        ("decay", 0.0),
        ("learned", 1.1),
        ("warmup", 1.0),
        ("warmup", -0.1),
    ],
)
def test_a_senseless_value_is_rejected_by_name(field, value):
    with pytest.raises(ValueError, match=f"{field}={value}"):
        NeuralCollapse(**{field: value})


@pytest.mark.parametrize("classes", [2, 10])
def test_any_number_of_classes_up_to_ten_is_drawn(classes):
    config = NeuralCollapse(classes=classes, per_class=3, hidden=8, steps=2, frames=2)
    film = record(trajectory.run(SCENE, config))
    for cut in CUTS:
        assert len(list(figure.frames(film.in_cut(cut), LIGHT))) == 2
    assert film.arrays["row_means"].shape[1] == classes * (classes - 1) // 2


def stages_of(cut: str) -> tuple[Composition, dict[int, list[Stage]]]:
    with figure.default_style():
        picture = figure.new_picture(default_recording("neural-collapse").in_cut(cut), LIGHT)[1]
    return picture, picture.stages


def test_every_mean_of_both_arms_is_inside_its_axes_in_every_frame():
    run = default()
    _, stages = stages_of("wide")
    for stage, ends in ((stages[0][0], run["row_ends"]), (stages[1][1], run["free_row_ends"])):
        shares = stage.shares(ends)
        assert shares.min() > 0
        assert shares.max() < 1


@pytest.mark.parametrize("cut", CUTS)
def test_a_cosine_stands_beside_the_row_of_its_pair(cut):
    run = default()
    _, stages = stages_of(cut)
    (rows,), (cosines,) = stages[0], stages[2]
    np.testing.assert_allclose(cosines.px(run["row_cosines"][0])[:, 1], rows.px(run["row_ends"][0, 1::2])[:, 1])
    assert cosines.shares(run["row_cosines"]).min() > 0
    assert cosines.shares(run["row_cosines"]).max() < 1


def test_dashed_are_the_distance_of_theory_and_the_cosine_of_a_simplex():
    goals = SCENE.targets(SCENE.config())
    groups = SCENE.panels(SCENE.config(), goals)
    levels = [mark for group in groups for frame in group.frames for mark in frame.marks if isinstance(mark, Level)]
    assert [level.value for level in levels] == [goals["distances"], -1 / 5]
    assert all(level.along == "x" for level in levels)


def test_only_once_decay_is_off_is_the_other_arm_said_to_have_none():
    run = default()
    picture, _ = stages_of("wide")
    for frame, step in enumerate(run["step"]):
        picture.show(frame)
        said = {text.get_text() for text in picture.visible_texts()}
        assert ("without decay" in said) == (step > run["decay_off_step"]) == ("the same run" not in said), step
        assert f"decay off from step {run['decay_off_step']:.0f}" in said
