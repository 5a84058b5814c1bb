"""Reports: against scikit-learn and the metrics that need all points at once, in parts, in chunks and as JSON."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from render.audit import measured
from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.numbers import NUMBERS, names
from render.audit.report import COLUMNS, Report, audit
from render.audit.sums.one_pass import accumulate, join
from render.audit.sums.samples import sample_rows
from render.audit.theory import Setting
from render.metrics.report import latent_geometry_report
from tests.render.audit.audit_helpers import clusters, save, scatters
from tests.render.metrics.metric_helpers import fuzz

SAMPLED = [
    "class_alignment",
    "uniformity",
    "mean_cosine_centred",
    "intrinsic_dimension",
    "nc4",
    "nearest_mean_accuracy",
    "nearest_mean_recall",
]
OF_VIEWS = ("alignment", "alignment_ratio", "view_gap", "partner_rank1")
WITHOUT_WEIGHTS = tuple(name for name in names() if not name.startswith("nc3") and name not in OF_VIEWS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("snapshots")


@pytest.fixture(scope="module")
def data() -> dict[str, np.ndarray]:
    return clusters(600, 12, 5)


@pytest.fixture(scope="module")
def path(folder: Path, data: dict[str, np.ndarray]) -> Path:
    return save(folder / "step-30.npz", **data)


@pytest.fixture(scope="module")
def report(path: Path) -> Report:
    return audit(open_snapshot(path), rows_at_once=77)


def test_every_number_of_the_table_is_there_in_order(report: Report) -> None:
    assert tuple(number.name for number in report.numbers) == WITHOUT_WEIGHTS
    assert report.partial == ()
    assert report.snapshot.step == 30
    assert len(set(names())) == len(NUMBERS)


def test_the_spectrum_is_that_of_pca(report: Report, data: dict[str, np.ndarray]) -> None:
    points = len(data["features"])
    eigenvalues = PCA().fit(data["features"].astype(float)).explained_variance_ * (points - 1) / points
    np.testing.assert_allclose(report.measured.eigenvalues, eigenvalues, rtol=1e-5)


def test_scatter_is_that_of_discriminant_analysis(path: Path, data: dict[str, np.ndarray]) -> None:
    moments = accumulate(open_snapshot(path)).moments
    features, labels = data["features"].astype(float), data["labels"]
    within = LinearDiscriminantAnalysis(solver="eigen", store_covariance=True).fit(features, labels)
    found = moments.scatter[:12, :12] / moments.count
    np.testing.assert_allclose(found, within.covariance_, atol=1e-5 * np.abs(found).max())
    np.testing.assert_allclose(moments.means[:, :12], within.means_, rtol=1e-5)
    total = np.cov(features.T, bias=True)
    np.testing.assert_allclose(moments.total[:12, :12] / moments.count, total, atol=1e-5 * np.abs(total).max())


def test_cosines_are_those_of_all_pairs_of_centred_means(report: Report, data: dict[str, np.ndarray]) -> None:
    means, _, _ = scatters(data["features"], data["labels"])
    centred = means - means.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(report.measured.cosines, (unit @ unit.T)[np.triu_indices(5, 1)], rtol=1e-5, atol=1e-7)


def test_of_unit_rows_it_says_what_the_report_of_a_training_loop_says(path: Path, data: dict[str, np.ndarray]) -> None:
    found = audit(open_snapshot(path), normalize=True, rows_at_once=100).values
    with jax.enable_x64(True):
        compiled = jax.jit(latent_geometry_report, static_argnums=2)
        expected = jax.device_get(compiled(data["features"].astype(float), data["labels"], 5))
    floor = expected.pop("welch_floor")
    goal = NUMBERS[names().index("class_coherence")].theory(Setting(600, 12, 5))
    assert goal is not None
    np.testing.assert_allclose(goal.value, floor)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_targets_take_the_place_of_labels_in_the_dimension_of_quality(
    folder: Path, data: dict[str, np.ndarray]
) -> None:
    one_hot = np.eye(5)[data["labels"]]
    with_labels = audit(open_snapshot(save(folder / "labels.npz", **data))).values
    rest = {name: data[name] for name in ("features", "outputs")}
    found = audit(open_snapshot(save(folder / "targets.npz", targets=one_hot.astype(np.float32), **rest)))
    np.testing.assert_allclose(found.values["quality_dimension"], with_labels["quality_dimension"], rtol=1e-5)
    assert "nc1" not in found.values
    assert found.setting.classes == 0
    assert found.partial == ()


def test_of_very_many_classes_only_the_largest_are_compared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "MOST_CLASSES", 3)
    found = audit(open_snapshot(path))
    np.testing.assert_array_equal(found.measured.compared, np.sort(np.argsort(-found.measured.counts)[:3]))
    assert found.measured.cosines.shape == (3,)
    assert found.values["classes_present"] == 5
    assert found.partial == ()


def test_numbers_of_points_are_of_a_sample_that_is_always_the_same(folder: Path) -> None:
    data = clusters(500, 3, 2)
    path = save(folder / "sampled.npz", **data)
    passing = partial(accumulate, sample_points=60)
    whole = passing(open_snapshot(path))
    parts = [passing(open_snapshot(path), a, min(a + 130, 500), rows_at_once=31) for a in (260, 0, 390, 130)]
    for sample in (whole.sample, join(*parts).sample):
        np.testing.assert_array_equal(sample.rows, sample_rows(500, 60))
        np.testing.assert_array_equal(sample.features, data["features"][sample.rows])
        np.testing.assert_array_equal(sample.labels, data["labels"][sample.rows])
    found = audit(open_snapshot(path), passing=passing)
    for number in found.numbers:
        assert number.sampled == (number.name in SAMPLED)
        assert number.points == (60 if number.sampled else 500)
        assert ("of 60 points" in number.cells()[-1]) == number.sampled
    unit = data["features"][whole.sample.rows].astype(float)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    apart = ((unit[:, None] - unit[None]) ** 2).sum(axis=2)[np.triu_indices(60, 1)]
    np.testing.assert_allclose(found.values["uniformity"], np.log(np.exp(-2 * apart).mean()), rtol=1e-6)


@given(size=st.integers(1, 700))
@fuzz
def test_chunks_change_no_number(path: Path, report: Report, size: int) -> None:
    found = audit(open_snapshot(path), rows_at_once=size).values
    for name, value in report.values.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_as_json_and_as_rows_it_says_the_same(report: Report) -> None:
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert (told["step"], told["points"], told["features"], told["classes"]) == (30, 600, 12, 5)
    assert tuple(told["numbers"]) == WITHOUT_WEIGHTS
    assert sum(told["class_counts"]) == 600
    for number in report.numbers:
        entry, cells = told["numbers"][number.name], dict(zip(COLUMNS, number.cells(), strict=True))
        assert entry["value"] == number.value
        assert cells["value"] == f"{number.value:.4g}"
        assert cells["verdict"] == entry["verdict"]
        assert cells["what it means"].startswith(entry["meaning"])


def test_means_that_coincide_give_an_infinite_number_that_json_can_hold(folder: Path) -> None:
    half = np.random.default_rng(0).integers(-9, 9, (50, 3)).astype(float)
    path = save(folder / "same.npz", features=np.concatenate([half, half]), labels=np.arange(100) // 50)
    found = audit(open_snapshot(path))
    assert found.values["within_between_ratio"] == float("inf")
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["numbers"]["nc1"]["value"] == "inf"


def test_keys_reach_the_arrays_under_any_name(folder: Path, data: dict[str, np.ndarray], report: Report) -> None:
    path = save(folder / "other.npz", z=data["features"], y=data["labels"], f=data["outputs"])
    found = audit(open_snapshot(path, Keys("z", "y", "f")), rows_at_once=77)
    assert found.values == report.values


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_constant_features_have_no_numbers_about_classes_and_give_no_nan(folder: Path, value: float) -> None:
    labels, outputs = np.arange(40) % 3, np.full((40, 3), value, np.float32)
    features = np.full((40, 5), value, np.float32)
    found = audit(open_snapshot(save(folder / "constant.npz", features=features, labels=labels, outputs=outputs)))
    zero = {name for name, number in found.values.items() if number == 0}
    assert zero >= {"participation_ratio", "entropy_rank", "numerical_rank", "output_rank", "utilization_dimension"}
    assert "collapse_ratio" not in found.values  # nothing over nothing
    assert found.values["low_rank_measure"] == pytest.approx(1)
    assert found.values["constant_columns"] == 5
    assert found.partial == ()
    assert all(np.isfinite(number) for number in found.values.values())


def test_a_single_point_gives_what_one_point_has(folder: Path) -> None:
    found = audit(open_snapshot(save(folder / "one.npz", features=np.array([[1.0, 2.0]]))))
    assert found.values["participation_ratio"] == found.values["numerical_rank"] == 0
    assert "uniformity" not in found.values
    assert found.partial == ()
