"""Views of points: closed forms on the circle, one point, unrelated ones, and zero rows that are left out."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from render.metrics import contrastive
from render.metrics.report import latent_geometry_report
from render.metrics.views import (
    alignment_of,
    alignment_ratio_of,
    class_alignment,
    partner_rank1,
    view_gap_of,
    view_sums,
)


@pytest.fixture(autouse=True)
def wide():
    with jax.enable_x64(True):
        yield


def circle(count: int, turn: float = 0.0) -> np.ndarray:
    angle = 2 * np.pi * np.arange(count) / count + turn
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@jax.jit
def found_of(views):
    sums = view_sums(views)
    return alignment_of(sums), alignment_ratio_of(sums), view_gap_of(sums), partner_rank1(views)


def numbers(*views: np.ndarray) -> dict[str, float]:
    found = jax.device_get(found_of(np.stack(views)))
    return dict(zip(("alignment", "ratio", "gap", "rank1"), map(float, found), strict=True))


@pytest.mark.parametrize(("turn", "ratio"), [(0.1, 0.0049834), (np.pi / 2, 1.0), (np.pi, 2.0050)])
def test_even_places_that_are_turned(turn: float, ratio: float):
    found = numbers(circle(400), circle(400, turn))
    assert found["alignment"] == pytest.approx(2 - 2 * np.cos(turn))
    assert found["ratio"] == pytest.approx(ratio, rel=1e-4)
    assert found["ratio"] == pytest.approx(found["alignment"] * 399 / (800 - found["alignment"]))
    assert found["gap"] == pytest.approx(0, abs=1e-12)


def test_equal_and_opposite_views():
    same, opposite = numbers(circle(30), 3.0 * circle(30)), numbers(circle(30), -circle(30))
    assert same == pytest.approx({"alignment": 0, "ratio": 0, "gap": 0, "rank1": 1})
    assert opposite["alignment"] == pytest.approx(4)


def test_unrelated_views_are_two_apart_and_as_far_as_strangers():
    rng = np.random.default_rng(0)
    found = numbers(rng.normal(size=(2000, 8)), rng.normal(size=(2000, 8)))
    assert found["alignment"] == pytest.approx(2, abs=0.05)
    assert found["ratio"] == pytest.approx(1, abs=0.03)
    assert found["rank1"] < 0.01


def test_a_constant_offset_of_one_view_is_a_gap_and_no_more_than_the_alignment():
    rows = np.random.default_rng(1).normal(size=(300, 5))
    found = numbers(rows, rows + np.array([2.0, 0, 0, 0, 0]))
    assert 0.1 < found["gap"] <= found["alignment"]


def test_one_point_is_nothing_that_is_aligned():
    found = numbers(np.ones((20, 3)), np.ones((20, 3)))
    assert found == pytest.approx({"alignment": 0, "ratio": 1, "gap": 0, "rank1": 1 / 20})
    assert numbers(np.ones((1, 3)), np.eye(3)[:1])["ratio"] == 1
    assert numbers(np.zeros((4, 3)), np.ones((4, 3))) == pytest.approx(
        {"alignment": 0, "ratio": 1, "gap": 0, "rank1": 0}
    )


def test_several_views_are_the_mean_of_their_pairs():
    rng = np.random.default_rng(2)
    views = [circle(50) + 0.4 * rng.normal(size=(50, 2)) for _ in range(3)]
    pairs = [numbers(views[a], views[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    found = numbers(*views)
    for name in ("alignment", "gap"):
        assert found[name] == pytest.approx(np.mean([pair[name] for pair in pairs]))
    strangers = np.mean([pair["alignment"] / pair["ratio"] for pair in pairs])
    assert found["ratio"] == pytest.approx(found["alignment"] / strangers)
    assert found["rank1"] == pytest.approx((pairs[0]["rank1"] + pairs[1]["rank1"]) / 2)


def test_zero_rows_are_left_out_with_their_partners():
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(2, 40, 4))
    first[:3], second[5] = 0, 0
    rest = np.delete(np.arange(40), [0, 1, 2, 5])
    assert numbers(first, second) == pytest.approx(numbers(first[rest], second[rest]))


def test_points_of_a_class_over_all_their_pairs():
    rng = np.random.default_rng(4)
    rows, labels = rng.normal(size=(60, 3)), rng.integers(0, 4, 60)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    apart = ((units[:, None] - units[None]) ** 2).sum(axis=2)
    pairs = np.triu(labels[:, None] == labels, 1)
    sums = np.stack([units[labels == c].sum(axis=0) for c in range(4)])
    found = class_alignment(sums, np.bincount(labels, minlength=4).astype(float))
    assert float(found) == pytest.approx(apart[pairs].mean())
    assert float(class_alignment(sums, np.ones(4))) == 0


def test_what_the_posts_log_can_be_logged_in_the_loop():
    """Pairs that lie at a known distance, with labels of classes beside them, under jit."""
    rng = np.random.default_rng(5)
    rows, labels = rng.normal(size=(300, 6)), rng.integers(0, 5, 300)
    other = rows + 0.2 * rng.normal(size=rows.shape)
    found = jax.jit(lambda z, w, y: latent_geometry_report(z, y, 5, views=w))(rows, other, labels)
    assert {"participation_ratio", "class_cosine_spread", "class_cosine_error", "class_cosine_largest"} <= set(found)
    direct = numbers(rows, other)
    for name, value in (("alignment", "alignment"), ("alignment_ratio", "ratio"), ("partner_rank1", "rank1")):
        assert float(found[name]) == pytest.approx(direct[value])
    both = np.concatenate([rows, other])
    units = both / np.linalg.norm(both, axis=1, keepdims=True)
    assert float(found["uniformity"]) == pytest.approx(float(contrastive.uniformity(units)), rel=1e-6)
    assert "alignment" not in latent_geometry_report(rows, labels, 5)
    with pytest.raises(ValueError, match=r"views of shape \(300, 5\)"):
        latent_geometry_report(rows, labels, 5, views=other[:, :5])


def test_even_places_of_equal_pairs_reach_the_optimum_of_all_views():
    """Even places of 400 points, their equal views beside them: alignment costs no uniformity but that of the pairs."""
    found = jax.jit(lambda z, y: latent_geometry_report(z, y, 1, views=z))(circle(400), np.zeros(400, int))
    expected = float(contrastive.uniformity(np.concatenate([circle(400), circle(400)])))
    assert float(found["uniformity"]) == pytest.approx(expected, rel=1e-6)
    assert expected == pytest.approx(-1.579833, abs=1e-6)


def test_a_single_point_has_no_spread_in_the_loop():
    found = latent_geometry_report(np.ones((1, 3)), np.zeros(1, int), 1, views=np.eye(3)[:1])
    assert (float(found["alignment_ratio"]), float(found["uniformity"])) == (1, 0)


def test_a_simplex_has_cosines_of_theory():
    corners = np.eye(4) - 0.25
    found = latent_geometry_report(np.repeat(corners, 5, axis=0), np.repeat(np.arange(4), 5), 4)
    values = [float(found[f"class_cosine_{name}"]) for name in ("spread", "error", "largest")]
    np.testing.assert_allclose(values, [0, 0, -1 / 3], atol=1e-7)


def test_a_single_view_is_refused():
    with pytest.raises(ValueError, match="two views at least"):
        view_sums(np.ones((1, 5, 3)))
