"""Rich and lazy, recomputed in NumPy from the networks; the shortcut is in the training images alone."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from scenes.richness import rich_vs_lazy
from scenes.richness.rich_vs_lazy import SCENE, RichVsLazy
from tests.conftest import default_run
from tests.scenes.richness_helpers import check_runs, images, responses, trained

SMALL = RichVsLazy(train_points=200, hidden=32, steps=100)


@functools.cache
def small() -> tuple:
    return trained(SCENE, SMALL, steps=40)


def test_what_is_measured_is_what_the_networks_say():
    state, measured = small()
    check_runs(state, measured, ("rich", "lazy"))
    for run, name in enumerate(("rich", "lazy")):
        _, outputs = responses(state.params, state.train.inputs, run)
        _, unseen = responses(state.params, state.test.inputs, run)
        train = (outputs.argmax(axis=1) == state.train.labels).mean()
        test = (unseen.argmax(axis=1) == state.test.labels).mean()
        assert measured[f"train_accuracy/{name}"] == pytest.approx(train, abs=0.006)
        assert measured[f"test_accuracy/{name}"] == pytest.approx(test, abs=0.002)
        loss = ((outputs - np.eye(10)[state.train.labels]) ** 2).sum(axis=1).mean()
        assert measured["loss" if run == 0 else "loss_lazy"] == pytest.approx(loss, rel=1e-4)
    assert measured["low_rank_gap"] == measured["low_rank/lazy"] - measured["low_rank/rich"]
    assert measured["test_gap"] == measured["test_accuracy/lazy"] - measured["test_accuracy/rich"]


def test_pixels_tell_the_label_in_training_and_nothing_in_the_test():
    state, _ = small()
    for part in (state.train, state.test):
        np.testing.assert_allclose(np.unique(part.inputs[:, :10]), [0, 0.6], rtol=1e-6)
        np.testing.assert_array_equal((part.inputs[:, :10] > 0).sum(axis=1), 1)
    np.testing.assert_array_equal(state.train.inputs[:, :10].argmax(axis=1), state.train.labels)
    told = (state.test.inputs[:, :10].argmax(axis=1) == state.test.labels).mean()
    assert told == pytest.approx(0.1, abs=4 * (0.09 / len(state.test.labels)) ** 0.5)


def test_the_rich_net_fits_learns_the_digits_first_and_ends_at_the_shortcut():
    run = default_run("rich-vs-lazy").arrays
    assert run["train_accuracy/rich"][-1] == 1
    assert run["test_accuracy/rich"].max() > 0.6
    assert run["test_accuracy/rich"][-1] <= 0.2
    assert run["test_accuracy/lazy"][-1] >= run["test_accuracy/rich"][-1] + 0.5
    assert run["low_rank/rich"][-1] <= 0.05
    assert run["low_rank/lazy"][-1] >= run["low_rank/rich"][-1] + 0.3


def test_they_start_alike_and_the_features_of_the_lazy_one_never_move():
    run = default_run("rich-vs-lazy").arrays
    for name in ("low_rank", "quality", "utilization", "eigenvalues", "test_accuracy"):
        np.testing.assert_allclose(run[f"{name}/rich"][0], run[f"{name}/lazy"][0], atol=1e-4)
    np.testing.assert_allclose(run["eigenvalues/lazy"], run["eigenvalues/lazy"][:1].repeat(80, axis=0), atol=1e-5)


def test_the_rich_features_end_as_the_nine_dimensions_of_the_classes():
    run = default_run("rich-vs-lazy").arrays
    np.testing.assert_allclose(run["ideal"], np.minimum(np.arange(1, 25) / 9, 1), rtol=1e-6)
    np.testing.assert_allclose(run["quality/rich"][-1], run["ideal"], atol=0.01)
    np.testing.assert_allclose(run["utilization/rich"][-1], run["ideal"], atol=0.01)
    assert run["eigenvalues/rich"][-1][9] < 0.05 < 0.3 < run["eigenvalues/rich"][-1][8]
    assert run["quality/lazy"][-1][8] < 0.6


def test_answers_follow_the_image_the_strip_or_neither_where_the_two_differ():
    state, measured = small()
    strips = state.test.inputs[:, :10].argmax(axis=1)
    kept = [row for row, strip in enumerate(strips) if strip != state.test.labels[row]]
    asked = next(row for row in kept if state.test.labels[row] == 6)
    for run, name in enumerate(("rich", "lazy")):
        answers = responses(state.params, state.test.inputs, run)[1].argmax(axis=1)
        image = sum(int(answers[row] == state.test.labels[row]) for row in kept) / len(kept)
        strip = sum(int(answers[row] == strips[row]) for row in kept) / len(kept)
        assert measured[f"follows_image/{name}"] == pytest.approx(image, abs=2 / len(kept))
        assert measured[f"follows_strip/{name}"] == pytest.approx(strip, abs=2 / len(kept))
        assert measured[f"follows_neither/{name}"] == pytest.approx(1 - image - strip, abs=2 / len(kept))
        assert measured[f"answers/{name}"] == answers[asked]


def test_an_image_whose_strip_is_right_is_in_no_share():
    labels, strips = np.array([3, 4, 5, 6, 7]), np.array([1, 4, 9, 2, 7])
    inputs = np.concatenate([0.6 * np.eye(10)[strips], np.ones((5, 54))], axis=1)
    samples = rich_vs_lazy.digits.Samples(inputs, labels)
    shares = rich_vs_lazy.follows(np.array([[3, 4, 9, 0, 0], [1, 0, 9, 2, 7]]), samples)
    assert {what: np.round(np.asarray(share) * 3).tolist() for what, share in shares.items()} == {
        "image": [1, 0],
        "strip": [1, 3],
        "neither": [1, 0],
    }
    for share in shares.values():
        np.testing.assert_allclose(np.asarray(share) * 3, np.round(np.asarray(share) * 3), atol=1e-6)


def test_the_image_shown_is_a_six_of_the_data_whose_strip_says_another():
    run = default_run("rich-vs-lazy").arrays
    assert run["image_says"] == 6 != run["strip_says"]
    column, row = run["strip_pixels"].T
    assert (column + 8 * row).tolist() == list(range(10))
    strip = run["test_image"][row, column]
    assert (strip.argmax(), strip.max()) == (run["strip_says"], pytest.approx(0.6))
    assert np.count_nonzero(strip) == 1
    beside = run["test_image"].ravel()[10:]
    assert {label for image, label in images().items() if (np.frombuffer(image, np.float32)[10:] == beside).all()} == {
        6
    }


def test_shares_sum_to_one_and_stand_in_the_order_of_the_stack():
    run = default_run("rich-vs-lazy").arrays
    for name in ("rich", "lazy"):
        np.testing.assert_allclose(run[f"follows/{name}"].sum(axis=1), 1, atol=1e-6)
        for column, what in enumerate(("image", "neither", "strip")):
            np.testing.assert_array_equal(run[f"follows/{name}"][:, column], run[f"follows_{what}/{name}"])


def test_the_rich_net_reads_the_image_and_then_the_strip_and_says_so_of_the_image_shown():
    run = default_run("rich-vs-lazy").arrays
    image, strip, state = run["follows_image/rich"], run["follows_strip/rich"], run["state"]
    assert sorted(set(state)) == [0, 1, 2]
    reads_image, reads_strip = state.tolist().index(1), state.tolist().index(2)
    assert (image[:reads_image] < 0.5).all()
    assert image[reads_image] >= 0.5
    assert (image >= strip)[reads_image:reads_strip].all()
    assert (strip > image)[reads_strip:].all()
    assert run["image_peak"] == image.max() >= 0.75
    assert image.argmax() < reads_strip
    assert (run["answers/rich"][image.argmax()], run["answers/rich"][-1]) == (run["image_says"], run["strip_says"])
    assert run["answers/lazy"][-1] == run["image_says"]


def test_a_state_stays_and_a_strip_that_leads_before_the_image_is_read_is_a_guess():
    image, strip = np.array([0.1, 0.3, 0.6, 0.4, 0.3, 0.5]), np.array([0.2, 0.1, 0.1, 0.2, 0.6, 0.2])
    families = {"rich": image, "lazy": image}, {"rich": strip, "lazy": strip}, {"rich": 1 - image - strip}
    shares = dict(zip(("follows_image", "follows_strip", "follows_neither"), families, strict=True))
    shares["follows_neither"]["lazy"] = shares["follows_neither"]["rich"]
    answers = {"rich": np.array([0, 3, 6, 6, 5, 5]), "lazy": np.array([5, 6, 0, 6, 6, 6])}
    says = {"image_says": np.array(6), "strip_says": np.array(5)}
    test = np.linspace(0, 1, 64).reshape(8, 8)
    images = {"test_image": test, "train_image": test.T}
    derived = SCENE.derive(RichVsLazy(amplitude=2.0), **shares, answers=answers, **says, **images)
    assert derived["state"].tolist() == [0, 0, 1, 1, 2, 2]
    assert derived["image_peak"] == 0.6
    assert derived["answer_follows"]["rich"].tolist() == [0, 0, 1, 1, 2, 2]
    assert derived["answer_follows"]["lazy"].tolist() == [2, 1, 0, 1, 1, 1]
    for which, image in (("test", test), ("train", test.T)):
        pixels = image.ravel()
        np.testing.assert_array_equal(derived["strip_row"][which], [pixels[:10] / 2])
        np.testing.assert_array_equal(derived["digit"][which].ravel(), [*[0] * 10, *pixels[10:]])


@pytest.mark.parametrize("value", [0.0, -0.6])
def test_an_amplitude_is_positive(value):
    with pytest.raises(ValueError, match=f"amplitude={value}"):
        RichVsLazy(amplitude=value)
