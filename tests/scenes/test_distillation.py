"""Students of a teacher, recomputed in float64, what theory says of them, and labels that teach nothing."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from scenes.latent_spectrum.distillation import SCENE, Distillation
from tests.conftest import default_data, default_run
from tests.scenes.richness_helpers import images

CONFIG = Distillation()
TARGETS = SCENE.targets(CONFIG)
MISSING = 3


def last(name: str) -> np.ndarray:
    array = default_data("distillation")[f"raw/{name}"][-1]
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def with_one(rows: np.ndarray) -> np.ndarray:
    return np.c_[rows, np.ones(len(rows))]


def named(scores: np.ndarray) -> np.ndarray:
    return scores[:, MISSING] > np.delete(scores, MISSING, axis=1).max(axis=1)


def test_images_are_those_of_the_digits_and_students_see_no_3():
    known = images()
    for part in ("", "test_"):
        inputs, labels = default_data("distillation")[f"raw/{part}inputs"][-1], last(f"{part}labels")
        assert [known[row.tobytes()] for row in inputs] == labels.tolist()
    assert len(last("labels")) == 1200
    count = (last("test_labels") == MISSING).sum()
    assert (last("test_labels")[:count] == MISSING).all()  # they come first
    state = jax.device_get(SCENE.init(CONFIG, jax.random.key(0)))
    np.testing.assert_array_equal(state.students.kept > 0, state.train.labels != MISSING)
    assert state.students.kept.sum() == pytest.approx(1, abs=1e-5)
    seen = with_one(np.asarray(state.train.inputs, np.float64)[state.train.labels != MISSING])
    curvature = np.linalg.eigvalsh(seen.T @ seen / len(seen))[-1]
    assert state.students.values[-1] == pytest.approx(curvature, rel=1e-4)


def test_both_students_are_at_the_optimum_of_their_loss():
    seen = last("labels") != MISSING
    rows, unseen = with_one(last("inputs")[seen]), with_one(last("test_inputs"))[last("test_labels") == MISSING]
    labels = {"hard": np.eye(10)[last("labels")[seen]], "soft": softmax(last("outputs")[seen] / 5, axis=1)}
    for arm, (name, tau) in enumerate({"hard": 1.0, "soft": 5.0}.items()):

        def loss(flat: np.ndarray, tau: float = tau, wanted: np.ndarray = labels[name]) -> tuple[float, np.ndarray]:
            weights = flat.reshape(65, 10)
            told = log_softmax(rows @ weights / tau, axis=1)
            slope = rows.T @ (tau * (np.exp(told) - wanted)) / len(rows) + 1e-4 * weights
            value = -(tau**2) * (wanted * told).sum() / len(rows) + 5e-5 * (weights**2).sum()
            return value, slope.ravel()

        found = last("weights")[arm]
        best = minimize(loss, found.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 150, "ftol": 1e-15})
        assert loss(found.ravel())[0] - best.fun < 1e-4
        ours, theirs = named(unseen @ found), named(unseen @ best.x.reshape(65, 10))
        assert (ours != theirs).sum() <= 3, name


def test_hard_labels_leave_only_negative_weights():
    weights = last("weights")[0]
    np.testing.assert_allclose(weights.sum(axis=1), 0, atol=0.02)  # 1,500 steps of float32
    assert weights[:, MISSING].max() < 1e-3
    rows = with_one(last("test_inputs")) @ weights
    assert rows[:, MISSING].max() < 0 < rows.max(axis=1).min()


@functools.cache
def program():
    """Soft students after 200 steps on labels that are given in place of the teacher's, and what is measured."""

    def learn(state, labels):
        state = state._replace(labels=state.labels.at[:, 1].set(labels))
        state = jax.lax.fori_loop(0, 200, lambda _, state: SCENE.step(CONFIG, state), state)
        return SCENE.measure(CONFIG, state)["recall"]["soft"]

    return jax.jit(learn)


def learned(labels: np.ndarray) -> float:
    """Recall of the soft student on labels (n, 10), of images in the order of the default run."""
    state = SCENE.init(CONFIG, jax.random.key(0))
    return float(program()(state._replace(count=state.count + CONFIG.teacher_steps), labels))


def test_what_teaches_is_which_other_digits_the_teacher_names_and_not_that_it_doubts():
    soft = softmax(last("outputs") / 5, axis=1)
    own = np.eye(10)[last("outputs").argmax(axis=1)]
    rest = 1 - (soft * own).sum(axis=1, keepdims=True)
    evened = np.where(own == 1, soft, rest / 9)
    rng = np.random.default_rng(0)
    shuffled = soft.copy()
    for row, winner in zip(shuffled, own.argmax(axis=1), strict=True):
        others = np.arange(10) != winner
        row[others] = rng.permutation(row[others])
    averaged = soft.copy()
    averaged[:, MISSING] = soft[last("labels") != MISSING, MISSING].mean()
    averaged /= averaged.sum(axis=1, keepdims=True)
    recalls = {name: learned(labels) for name, labels in (("evened", evened), ("shuffled", shuffled), ("own", own))}
    recalls["averaged"] = learned(averaged)
    assert TARGETS["soft"].met(learned(soft))
    assert not [name for name, recall in recalls.items() if TARGETS["soft"].met(recall)], recalls
    assert max(recalls.values()) <= 0.2  # 0 but for the one averaged


def test_what_is_drawn_is_what_is_measured():
    arrays = default_run("distillation").arrays
    unseen = int(arrays["unseen"])
    assert unseen == (last("test_labels") == MISSING).sum()
    for arm in ("hard", "soft"):
        np.testing.assert_array_equal(arrays[f"spots/{arm}"][..., 0], arrays[f"margins/{arm}"][:, :unseen:3])
        np.testing.assert_array_equal(arrays[f"named_now/{arm}"], arrays[f"spots/{arm}"][..., 0] > 0)
        np.testing.assert_array_equal(arrays[f"named/{arm}"], (arrays[f"margins/{arm}"][:, :unseen] > 0).sum(axis=1))
        label = arrays[f"label/{arm}"] + arrays[f"label_missing/{arm}"]
        assert label.sum() == pytest.approx(1, abs=1e-6)
    assert arrays["named/hard"].max() == 0
    assert arrays["student_step"][0] == 0
    assert arrays["student_step"][-1] == 1500
    np.testing.assert_allclose(arrays["hint_share"], 100 * arrays["hint_label"][-1, MISSING], rtol=1e-6)


def test_the_states_follow_the_recall():
    arrays = default_run("distillation").arrays
    state, recall = arrays["state"], arrays["recall/soft"]
    assert list(dict.fromkeys(state)) == [0, 1, 2, 3]
    hints, knows = (int(np.argmax(state == each)) for each in (2, 3))
    assert recall[hints] > 0 == recall[hints - 1]
    assert recall[knows] >= 0.8 > recall[knows - 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [("missing", 10), ("missing", -1), ("temperature", 0.0), ("temperature", -1.0), ("decay", 0.0), ("hidden", 10**9)],
)
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        Distillation(**{field: value})
