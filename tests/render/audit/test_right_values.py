"""Values that once were wrong, each as it should be: planted data whose numbers are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot
from render.audit.report import Report, audit
from tests.render.audit.audit_helpers import Ended, clusters, save
from tests.render.audit.test_theory import simplex

Audit = Callable[..., Ended]


@pytest.fixture
def reported(tmp_path: Path) -> Callable[..., Report]:
    def report(goal: str | None = None, ignored: tuple[str, ...] = (), **arrays: np.ndarray) -> Report:
        return audit(open_snapshot(save(tmp_path / "a.npz", **arrays)), goal=goal, ignored=ignored)

    return report


def theory(report: Report) -> dict[str, Any]:
    return {number.name: number.theory for number in report.numbers}


@pytest.mark.parametrize(
    ("ratio", "participation", "entropy"),
    [(1, 9, 9), (10, 6.2475, 7.2913), (50, 4.2700, 5.4930), (100, 3.6922, 4.8466)],
)
def test_a_perfect_simplex_of_classes_that_differ_in_size_has_the_ranks_that_theory_says(
    reported: Callable[..., Report], ratio: float, participation: float, entropy: float
) -> None:
    labels = np.repeat(np.arange(10), np.round(1000 * ratio ** (-np.arange(10) / 9)).astype(int))
    found = reported(features=simplex(10, 20)[labels], labels=labels)
    for name, expected in (("participation_ratio", participation), ("entropy_rank", entropy)):
        np.testing.assert_allclose([found.values[name], theory(found)[name]], expected, atol=6e-5)
    assert {n.verdict for n in found.numbers if n.name in ("participation_ratio", "entropy_rank")} == {"as theory says"}


@pytest.mark.parametrize(("points", "dim", "expected"), [(100, 50, 33.0), (2000, 512, 407.4), (50, 50, 24.5)])
def test_isotropic_noise_is_told_as_such_however_few_points_there_are(
    reported: Callable[..., Report], points: int, dim: int, expected: float
) -> None:
    found = reported(features=np.random.default_rng(0).normal(size=(points, dim)).astype(np.float32))
    np.testing.assert_allclose(theory(found)["participation_ratio"], expected, rtol=1e-3)
    for name, rtol in (("participation_ratio", 0.02), ("entropy_rank", 0.04)):
        np.testing.assert_allclose(found.values[name], theory(found)[name], rtol=rtol)
    verdicts = {number.name: number.verdict for number in found.numbers}
    assert verdicts["participation_ratio"].endswith("% of isotropic noise's")


@pytest.mark.parametrize("classes", [2, 10, 200])
def test_nc1_is_the_papers_and_is_so_for_classes_that_differ_in_size(
    reported: Callable[..., Report], classes: int
) -> None:
    rng = np.random.default_rng(0)
    labels = np.r_[np.arange(classes), rng.integers(0, classes, 20 * classes) ** 2 // classes]
    features = rng.normal(size=(classes, 12))[labels] + 0.1 * rng.normal(size=(len(labels), 12))
    means = np.array([features[labels == c].mean(axis=0) for c in range(classes)])
    within, apart = features - means[labels], means - means.mean(axis=0)
    expected = np.trace(within.T @ within @ np.linalg.pinv(apart.T @ apart / classes)) / len(labels) / classes
    np.testing.assert_allclose(reported(features=features, labels=labels).values["nc1"], expected, rtol=1e-6)


def test_the_mean_cosine_is_that_of_all_pairs_to_the_last_digits(reported: Callable[..., Report]) -> None:
    rng = np.random.default_rng(0)
    features = (rng.normal(size=(700, 30)) + 3 * rng.normal(size=30)).astype(np.float32)
    unit = features.astype(float) / np.linalg.norm(features.astype(float), axis=1, keepdims=True)
    found = reported(features=features).values["mean_cosine"]
    np.testing.assert_allclose(found, (unit @ unit.T)[np.triu_indices(700, 1)].mean(), rtol=1e-6)
    features[5] = 0  # a zero row has no direction
    rest = np.delete(unit, 5, axis=0)
    expected = (rest @ rest.T)[np.triu_indices(699, 1)].mean()
    np.testing.assert_allclose(reported(features=features).values["mean_cosine"], expected, rtol=1e-6)


def test_zero_rows_are_counted_and_spoil_no_uniformity(reported: Callable[..., Report]) -> None:
    features = np.random.default_rng(0).normal(size=(1000, 64))
    rest = reported(features=features[200:]).values
    features[:200] = 0
    found = reported(features=features).values
    assert (found["zero_rows"], found["duplicate_rows"]) == (200, 0)
    np.testing.assert_allclose(found["uniformity"], rest["uniformity"], rtol=1e-6)
    assert rest["uniformity"] < -3.8
    np.testing.assert_allclose(
        [found[n] for n in ("row_length", "mean_cosine")], [rest["row_length"], rest["mean_cosine"]]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", ">f4"])
@pytest.mark.parametrize("dim", [1, 7, 64])
def test_duplicates_are_counted_wherever_they_lie(reported: Callable[..., Report], dtype: str, dim: int) -> None:
    rng = np.random.default_rng(dim)
    features = (rng.integers(-4, 5, (900, dim)) if dtype == "int8" else rng.normal(size=(900, dim))).astype(dtype)
    features[rng.permutation(900)[:300]] = features[rng.integers(0, 900, 300)]
    _, which, sizes = np.unique(features, axis=0, return_inverse=True, return_counts=True)
    expected = np.sum((sizes[which.ravel()] > 1) & features.any(axis=1))
    for size in (None, 77):
        path = open_snapshot(Path(reported(features=features).snapshot.path))
        assert audit(path, rows_at_once=size).values["duplicate_rows"] == expected


def test_rows_that_only_look_alike_are_no_duplicates(reported: Callable[..., Report]) -> None:
    """Of equal length, and equal in nearly all columns."""
    one_hot = np.eye(400, dtype=np.float32)
    signs = np.where(np.random.default_rng(0).integers(0, 2, (500, 40)) == 1, 1, -1).astype(np.float32)
    for features in (one_hot, signs):
        assert reported(features=features).values["duplicate_rows"] == 0


def test_of_very_many_rows_duplicates_are_estimated(
    reported: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    from render.audit.sums import chunks

    monkeypatch.setattr(chunks, "EXACT_ROWS", 3000)
    features = np.random.default_rng(0).normal(size=(20_000, 3))
    features[:8000:2] = features[1:8001:2]
    found = reported(features=features)
    assert not found.measured.duplicates.exact
    np.testing.assert_allclose(found.values["duplicate_rows"], 8000, rtol=0.1)


LABELS = clusters(90, 6, 3)["labels"]
READ: dict[str, tuple[np.ndarray, tuple[str, ...]]] = {
    "with gaps": (np.array([3, 7, 10**12])[LABELS], ("3", "7", "1000000000000")),
    "negative": (LABELS - 1, ("-1", "0", "1")),
    "names": (np.array(["cat", "dog", "truck"])[LABELS], ("cat", "dog", "truck")),
    "bytes": (np.array([b"cat", b"dog", b"truck"])[LABELS], ("cat", "dog", "truck")),
    "whole floats": (LABELS.astype(np.float32), ("0", "1", "2")),
    "a column": (LABELS[:, None], ("0", "1", "2")),
    "a column of floats": (LABELS[:, None].astype(float), ("0", "1", "2")),
    "one-hot": (np.eye(3)[LABELS], ("0", "1", "2")),
    "one-hot truths": (np.eye(3)[LABELS] > 0, ("0", "1", "2")),
}


@pytest.mark.parametrize("case", READ)
def test_labels_of_every_kind_give_the_numbers_of_whole_ones(reported: Callable[..., Report], case: str) -> None:
    data = clusters(90, 6, 3)
    labels, names = READ[case]
    expected = reported(**data).values
    found = reported(**{**data, "labels": labels})
    assert found.partial == ()
    assert tuple(found.class_names) == names
    for name in expected.keys() & found.values.keys():
        np.testing.assert_allclose(found.values[name], expected[name], rtol=1e-6, err_msg=name)
    assert expected.keys() - found.values.keys() <= {"accuracy", "nc4"}  # which column is whose is not known of all


@pytest.mark.parametrize("ignored", ["-100", "pad", "nan"])
def test_labels_that_are_ignored_leave_their_rows_out(reported: Callable[..., Report], ignored: str) -> None:
    data = clusters(90, 6, 3)
    labels = data["labels"].astype(float if ignored == "nan" else int)
    kept = np.arange(90) % 4 != 0
    marked = np.where(kept, labels, float(ignored)) if ignored != "pad" else np.where(kept, labels.astype(str), "pad")
    marked = marked.astype(int) if ignored == "-100" else marked
    found = reported(ignored=(ignored,), **{**data, "labels": marked})
    expected = reported(**{role: array[kept] for role, array in data.items()})
    assert (found.setting.points, found.rows.ignored) == (67, 23)
    for name, value in expected.values.items():
        if name in found.values:
            np.testing.assert_allclose(found.values[name], value, rtol=1e-6, err_msg=name)


def test_ignoring_all_rows_is_refused_in_a_line(audit: Audit) -> None:
    save(Path("a.npz"), features=np.eye(4), labels=np.full(4, -100))
    ended = audit("a.npz", "--ignore", -100, "--no-picture")
    assert (ended.code, ended.err) == (2, "render: a.npz: all 4 rows have labels that are ignored\n")


def test_two_class_means_have_no_rounding_for_numbers(reported: Callable[..., Report]) -> None:
    rng = np.random.default_rng(2)
    labels = np.arange(600) % 2
    found = reported(features=rng.normal(size=(600, 37)) + 3 * labels[:, None], labels=labels).values
    for name in ("class_cosine_spread", "class_cosine_error", "norm_variation"):
        assert found[name] == 0


@pytest.mark.parametrize("case", ["dead", "singletons", "many"])
def test_dead_units_single_points_and_very_many_classes_are_no_failure(audit: Audit, case: str) -> None:
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(2600, 5)), np.arange(2600) % 4
    if case == "dead":
        features[:, :2] = 0
    else:
        labels = np.arange(2600) // 2 if case == "many" else np.where(labels == 3, np.arange(2600), labels)
    save(Path("a.npz"), features=features, labels=labels)
    ended = audit("a.npz", "--no-picture", "--json", "-")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["snapshots"][0]["partial"] == []


def test_numbers_of_the_classifier_are_those_of_its_definition(reported: Callable[..., Report]) -> None:
    data = clusters(300, 8, 4, spread=1.5)
    logits = np.random.default_rng(0).normal(size=(300, 4)) + 2 * np.eye(4)[data["labels"]]
    found = reported(**{**data, "outputs": logits})
    right = logits.argmax(axis=1) == data["labels"]
    assert found.values["accuracy"] == pytest.approx(right.mean())
    recall = [right[data["labels"] == c].mean() for c in range(4)]
    np.testing.assert_allclose(found.measured.recall, recall)


def test_what_outputs_have_no_column_for_has_no_accuracy(reported: Callable[..., Report]) -> None:
    data = clusters(300, 8, 4)
    found = reported(**{**data, "outputs": data["outputs"][:, :2]})
    assert not {"accuracy", "nc4"} & found.values.keys()


def test_classes_that_the_sample_lacks_are_said(reported: Callable[..., Report]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(30_000) % 1000)
    found = reported(features=rng.normal(size=(30_000, 2)).astype(np.float32), labels=labels)
    told = len(np.unique(labels[found.sample.rows]))
    said = {remark.kind: remark for remark in found.findings()}["classes_not_sampled"]
    assert (told, said.value) == (1000 - int(said.value), 1000 - told)
    assert f"has {told:,} of 1,000 classes" in said.text


@pytest.mark.parametrize("odd", [0.0, 1e4])
def test_one_odd_step_takes_nothing_from_the_others(audit: Audit, odd: float) -> None:
    Path("run").mkdir()
    data = clusters(60, 4, 3)
    for step in range(3):
        features = data["features"] * (odd if step == 1 else 1)
        save(Path(f"run/step-{step}.npz"), **{**data, "features": features})
    ended = audit("run", "--no-picture", "--json", "-")
    assert (ended.code, ended.err) == (0, "")
    first, middle, last = (one["numbers"] for one in json.loads(ended.out)["snapshots"])
    assert first == last
    assert "nc1" in last
    if odd:
        np.testing.assert_allclose(middle["row_length"]["value"], odd * last["row_length"]["value"], rtol=1e-5)
    else:
        assert (middle["zero_rows"]["value"], "nc1" in middle) == (60, False)
