"""Theory values and verdicts, on data that collapsed by construction and on the sphere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot
from render.audit.numbers import names
from render.audit.report import audit
from render.audit.theory import sphere_uniformity
from tests.render.audit.audit_helpers import clusters, save


def simplex(classes: int, dim: int) -> np.ndarray:
    """Corners of a regular simplex with edges along a rotated frame: rows (classes, dim)."""
    frame = np.linalg.qr(np.random.default_rng(5).normal(size=(dim, dim)))[0]
    return (np.eye(classes) - 1 / classes) @ frame[:classes]


def test_points_on_a_simplex_meet_every_theory_value_that_is_of_collapse(tmp_path: Path) -> None:
    labels = np.arange(400) % 5
    noise = 1e-4 * np.random.default_rng(0).normal(size=(400, 9))
    features = simplex(5, 9)[labels] + noise
    found = audit(
        open_snapshot(save(tmp_path / "simplex.npz", features=features, labels=labels, outputs=features[:, :5]))
    )
    verdicts = {number.name: number.verdict for number in found.numbers}
    for number in found.numbers:
        if number.theory and number.name not in ("numerical_rank", "output_rank", "nc4", "accuracy"):
            np.testing.assert_allclose(number.value, number.theory, rtol=1e-2, err_msg=number.name)
    assert {verdicts[name] for name in ("collapse_ratio", "nc1", "within_between_ratio")} == {"collapsed"}
    assert {verdicts[name] for name in names() if name.startswith("class_c") or name == "norm_variation"} == {"met"}
    assert verdicts["participation_ratio"] == "as theory says"
    assert verdicts["class_alignment"] == "aligned"


def test_where_a_simplex_has_no_room_only_the_welch_floor_is_asked_for(tmp_path: Path) -> None:
    data = clusters(300, 3, 6)
    found = audit(open_snapshot(save(tmp_path / "many.npz", features=data["features"], labels=data["labels"])))
    theory = {number.name: number.theory for number in found.numbers}
    for name in ("class_cosine_largest", "class_cosine_spread", "class_cosine_error", "class_simplex_error"):
        assert theory[name] is None
    assert theory["class_coherence"] == pytest.approx((3 / (3 * 5)) ** 0.5)
    assert theory["participation_ratio"] == 3


@pytest.mark.parametrize("dim", [2, 3, 64])
def test_uniformity_of_the_sphere_is_its_integral(dim: int) -> None:
    """ln of the mean of exp(-2 |x - y|^2) over the cosine of two points, whose density is (1 - c^2)^((d - 3)/2)."""
    angle = np.linspace(0, np.pi, 200_001)
    density = np.sin(angle) ** (dim - 2)
    mean = (np.exp(-4 * (1 - np.cos(angle))) * density).sum() / density.sum()
    np.testing.assert_allclose(sphere_uniformity(dim), np.log(mean), rtol=1e-4)


def test_what_theory_does_not_say_has_no_verdict(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    two = audit(open_snapshot(save(tmp_path / "two.npz", features=rng.normal(size=(80, 6)), labels=np.arange(80) % 2)))
    by_name = {number.name: number for number in two.numbers}
    for name in ("class_cosine_error", "norm_variation", "class_coherence", "class_welch_gap"):
        assert (by_name[name].theory, by_name[name].verdict) == (None, "")  # true of any two means
    outputs = audit(
        open_snapshot(save(tmp_path / "f.npz", features=rng.normal(size=(80, 30)), outputs=rng.normal(size=(80, 5))))
    )
    assert {n.name: n.verdict for n in outputs.numbers}["output_rank"] == "100% of what is possible"


def test_formulas_are_those_of_the_value_that_is_said(tmp_path: Path) -> None:
    labels = np.arange(400) % 20
    for dim, offset, formulas in (
        (30, 0.0, {"participation_ratio": "C−1", "effective_dimension": "C−1"}),
        (30, 9.0, {"participation_ratio": "C−1", "effective_dimension": "C−1 + mean"}),
        (6, 9.0, {"participation_ratio": "d", "effective_dimension": "d"}),
    ):
        features = np.random.default_rng(0).normal(size=(400, dim)) + offset
        features -= 0 if offset else features.mean(axis=0)
        found = audit(open_snapshot(save(tmp_path / "f.npz", features=features, labels=labels)))
        assert {n.name: n.formula for n in found.numbers if n.name in formulas} == formulas
