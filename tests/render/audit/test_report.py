"""The numbers of a report: against float64 NumPy, scikit-learn, SciPy, and the metrics that need all points at once."""

from __future__ import annotations

import json
from pathlib import Path

import jax
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from render.audit import numbers, one_pass
from render.audit import report as reports
from render.audit.theory import ENTRIES, Setting
from render.audit.sums.one_pass import accumulate, join
from render.audit.report import COLUMNS, NAMES, Report, audit
from render.audit.files.snapshots import Keys, open_snapshot
from render.metrics.report import latent_geometry_report
from tests.render.audit.audit_helpers import clusters, save, scatters
from tests.render.metrics.metric_helpers import fuzz


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


def test_every_number_that_has_an_entry_is_there_in_order(report: Report) -> None:
    assert tuple(number.name for number in report.numbers) == NAMES
    assert report.partial == ()
    assert report.snapshot.step == 30
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_spectrum_and_ranks_are_those_of_pca(report: Report, data: dict[str, np.ndarray]) -> None:
    points = len(data["features"])
    eigenvalues = PCA().fit(data["features"].astype(float)).explained_variance_ * (points - 1) / points
    np.testing.assert_allclose(report.measured.eigenvalues, eigenvalues, rtol=1e-5)
    values = report.values
    np.testing.assert_allclose(
        values["participation_ratio"], eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rtol=1e-5
    )
    np.testing.assert_allclose(values["entropy_rank"], np.exp(scipy.stats.entropy(eigenvalues)), rtol=1e-5)
    second = np.linalg.svd(data["features"].astype(float), compute_uv=False) ** 2
    np.testing.assert_allclose(values["effective_dimension"], 1 + np.exp(scipy.stats.entropy(second[1:])), rtol=1e-5)
    assert values["numerical_rank"] == np.linalg.matrix_rank(data["features"] - data["features"].mean(axis=0)) == 12


def test_scatter_is_that_of_discriminant_analysis(path: Path, data: dict[str, np.ndarray]) -> None:
    moments = accumulate(open_snapshot(path)).moments
    features, labels = data["features"].astype(float), data["labels"]
    within = LinearDiscriminantAnalysis(solver="eigen", store_covariance=True).fit(features, labels)
    found = moments.scatter[:12, :12] / moments.count
    np.testing.assert_allclose(found, within.covariance_, atol=1e-5 * np.abs(found).max())
    np.testing.assert_allclose(moments.means[:, :12], within.means_, rtol=1e-5)
    total = np.cov(features.T, bias=True)
    np.testing.assert_allclose(moments.total[:12, :12] / moments.count, total, atol=1e-5 * np.abs(total).max())


def test_class_numbers_are_those_of_the_definitions(report: Report, data: dict[str, np.ndarray]) -> None:
    means, within, total = scatters(data["features"], data["labels"])
    between, values = total - within, report.values
    points = len(data["labels"])
    centred = means - means.mean(axis=0)
    norms = np.linalg.norm(centred, axis=1)
    gram = centred @ centred.T / np.outer(norms, norms)
    cosines = gram[np.triu_indices(5, 1)]
    expected = {
        "classes_present": 5,
        "constant_columns": 0,
        "within_class_variance": np.trace(within) / points,
        "within_between_ratio": np.trace(within) / np.trace(between),
        "collapse_ratio": np.trace(within) / np.trace(total),
        "nc1": np.trace(np.linalg.pinv(between, rcond=1e-9) @ within),
        "nc1_ridge": np.trace(np.linalg.solve(between / points + 1e-4 * np.eye(12), within / points)),
        "class_cosine_largest": cosines.max(),
        "class_cosine_spread": cosines.std(),
        "class_cosine_error": np.abs(cosines + 0.25).max(),
        "norm_variation": scipy.stats.variation(norms),
        "class_simplex_error": np.linalg.norm(gram - (1.25 * np.eye(5) - 0.25)) / (5 / 2),
        "class_coherence": np.abs(cosines).max(),
        "class_welch_gap": np.abs(cosines).max() - 0.25,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(report.measured.cosines, cosines, rtol=1e-5, atol=1e-7)


def test_of_unit_rows_it_says_what_the_report_of_a_training_loop_says(path: Path, data: dict[str, np.ndarray]) -> None:
    found = audit(open_snapshot(path), normalize=True, rows_at_once=100).values
    with jax.enable_x64(True):
        compiled = jax.jit(latent_geometry_report, static_argnums=2)
        expected = jax.device_get(compiled(data["features"].astype(float), data["labels"], 5))
    floor = expected.pop("welch_floor")
    np.testing.assert_allclose(ENTRIES[NAMES.index("class_coherence")].theory(Setting(600, 12, 5)), floor)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_richness_is_that_of_bases_of_all_points(report: Report, data: dict[str, np.ndarray]) -> None:
    def basis(columns: np.ndarray, share: float) -> np.ndarray:
        left, singular, _ = np.linalg.svd(columns - columns.mean(axis=0), full_matrices=False)
        return left[:, singular > share * singular[0]]

    features, outputs = data["features"].astype(float), data["outputs"].astype(float)
    functions, centred = basis(features, 0), features - features.mean(axis=0)
    span, values = basis(outputs, 0.05), report.values
    overlap = np.linalg.norm(span.T @ centred) ** 2 / np.linalg.norm(centred.T @ centred)
    expected = {"output_rank": span.shape[1], "low_rank_measure": 1 - overlap / span.shape[1] ** 0.5}
    for name, columns in {"quality": np.eye(5)[data["labels"]], "utilization": outputs}.items():
        shares = ((functions.T @ basis(columns, 0.05)) ** 2).sum(axis=1)
        expected[f"{name}_dimension"] = np.exp(scipy.stats.entropy(shares))
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=name)


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
    for module in (numbers, reports):
        monkeypatch.setattr(module, "MOST_CLASSES", 3)
    found = audit(open_snapshot(path))
    np.testing.assert_array_equal(found.measured.compared, np.sort(np.argsort(-found.measured.counts)[:3]))
    assert found.measured.cosines.shape == (3,)
    assert found.values["classes_present"] == 5
    (said,) = found.partial
    assert "only the 3 largest classes" in said


def test_numbers_of_points_are_of_a_sample_that_is_always_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = clusters(500, 3, 2)
    path = save(folder / "sampled.npz", **data)
    monkeypatch.setattr(one_pass.sample_rows, "__defaults__", (60,))
    whole = accumulate(open_snapshot(path))
    parts = [accumulate(open_snapshot(path), a, min(a + 130, 500), rows_at_once=31) for a in (260, 0, 390, 130)]
    for sample in (whole.sample, join(*parts).sample):
        np.testing.assert_array_equal(sample.rows, one_pass.sample_rows(500))
        np.testing.assert_array_equal(sample.features, data["features"][sample.rows])
        np.testing.assert_array_equal(sample.labels, data["labels"][sample.rows])
    found = audit(open_snapshot(path))
    for number in found.numbers:
        assert number.sampled == (number.name in ("alignment", "uniformity"))
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
    assert list(told["numbers"]) == list(NAMES)
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
    assert "no variance" in found.partial[0]
    assert all(np.isfinite(number) for number in found.values.values())


def test_a_single_point_gives_what_one_point_has(folder: Path) -> None:
    found = audit(open_snapshot(save(folder / "one.npz", features=np.array([[1.0, 2.0]]))))
    assert found.values["participation_ratio"] == found.values["numerical_rank"] == 0
    assert "uniformity" not in found.values
    assert "fewer points than columns, 1 < 2" in " ".join(found.partial)
