"""Two views of each point, in files of every kind: their numbers, the headline, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import Keys, open_snapshot
from render.audit.report import Report, audit
from render.audit.sums import views
from tests.render.audit.audit_helpers import Ended, require_line, save

Audit = Callable[..., Ended]
POINTS = 500


def rows(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(POINTS, 8)).astype(np.float32)


def other(distance: float = 0.1) -> np.ndarray:
    return (rows() + distance * rows(1)).astype(np.float32)


def report(path: Path, **arrays: np.ndarray) -> Report:
    return audit(open_snapshot(save(path, **arrays)))


def of_views(found: Report) -> dict[str, float]:
    return {name: found.values[name] for name in ("alignment", "alignment_ratio", "view_gap", "partner_rank1")}


def test_views_and_pairs_say_the_same_and_class_labels_are_no_views(tmp_path: Path) -> None:
    first, second = rows(), other()
    units = [view / np.linalg.norm(view, axis=1, keepdims=True) for view in (first, second)]
    labels = np.arange(POINTS) % 7
    with_views = report(tmp_path / "a.npz", features=first, views=second, labels=labels)
    assert with_views.values["alignment"] == pytest.approx(((units[0] - units[1]) ** 2).sum(axis=1).mean(), rel=1e-6)
    assert with_views.setting.goal == "contrastive"
    assert with_views.values["class_alignment"] > 1.5
    pairs = np.random.default_rng(2).permutation(np.stack([np.arange(POINTS), np.arange(POINTS) + POINTS], axis=1))
    in_pairs = report(tmp_path / "b.npz", features=np.concatenate([first, second]), pairs=pairs)
    assert of_views(in_pairs) == pytest.approx(of_views(with_views), rel=1e-9)
    assert in_pairs.values["uniformity"] == pytest.approx(with_views.values["uniformity"], rel=1e-9)
    assert in_pairs.as_json()["arrays"]["pairs"] == f"pairs ({POINTS}, 2) int64"


def test_a_few_at_a_time_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"features": rows(), "views": np.stack([other(), other(0.3)])}
    whole = report(tmp_path / "a.npz", **arrays)
    monkeypatch.setattr(views, "CHUNK_ENTRIES", 8 * 3 * 37)
    assert of_views(report(tmp_path / "b.npz", **arrays)) == pytest.approx(of_views(whole), rel=1e-9)


def test_numbers_of_all_pairs_are_of_a_sample_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SAMPLE_ROWS", 200)
    found = {number.name: number for number in report(tmp_path / "a.npz", features=rows(), views=other()).numbers}
    assert (found["alignment"].points, found["alignment"].sampled) == (POINTS, False)
    for name in ("partner_rank1", "uniformity"):
        assert (found[name].points, found[name].sampled) == (100, True)


def test_zero_rows_and_ignored_labels_leave_their_pairs_out(tmp_path: Path) -> None:
    first, second = rows(), other()
    first[:3], second[7] = 0, np.nan
    rest = np.delete(np.arange(POINTS), [0, 1, 2, 7])
    found = report(tmp_path / "a.npz", features=first, views=second)
    assert of_views(found) == pytest.approx(
        of_views(report(tmp_path / "b.npz", features=first[rest], views=second[rest]))
    )
    assert {number.points for number in found.numbers if number.name == "alignment"} == {POINTS - 4}
    assert {remark.kind: remark.value for remark in found.findings()}["zero_views"] == 3
    assert [sentence for sentence in found.partial if "1 of 500 points have a view" in sentence]
    labels = np.where(np.arange(POINTS) < 50, -100, 1)
    ignoring = audit(
        open_snapshot(save(tmp_path / "c.npz", features=rows(), views=other(), labels=labels)), ignored=["-100"]
    )
    assert of_views(ignoring) == pytest.approx(
        of_views(report(tmp_path / "d.npz", features=rows()[50:], views=other()[50:]))
    )


@pytest.mark.parametrize(
    ("arrays", "kind", "status"),
    [
        ({"features": rows(), "views": other()}, "healthy", "good"),
        ({"features": rows(), "views": rows(5)}, "unmatched_views", "act"),
        ({"features": rows(), "views": other()[::-1]}, "unmatched_views", "act"),
        ({"features": 5 + 1e-3 * rows(), "views": 5 + 1e-3 * other()}, "cone", "act"),
    ],
)
def test_the_headline_of_a_run_with_views(tmp_path: Path, arrays: dict, kind: str, status: str) -> None:
    said = report(tmp_path / "a.npz", **arrays).headline()
    assert (said.kind, said.status) == (kind, status)


def test_of_a_single_point_nothing_is_praised_as_aligned(tmp_path: Path) -> None:
    found = report(tmp_path / "a.npz", features=5 + 1e-4 * rows(), views=5 + 1e-4 * other())
    verdicts = {number.name: number.verdict for number in found.numbers}
    assert verdicts["alignment"] == verdicts["view_gap"] == "collapsed"
    assert "collapsed" in found.headline().text
    assert "aligned" not in set(verdicts.values())


@pytest.mark.parametrize("seed", range(12))
def test_partners_are_not_said_to_be_unmatched_where_they_are_nearer(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(60, 12))
    near = report(tmp_path / "a.npz", features=first, views=first + rng.normal(size=first.shape))
    assert near.headline().kind == "healthy"
    far = report(tmp_path / "b.npz", features=first, views=rng.normal(size=first.shape))
    assert far.headline().kind == "unmatched_views"


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"views": rows()[:, :5]}, r"has shape (500, 5)"),
        ({"views": rows()[:400]}, r"has shape (400, 8)"),
        ({"pairs": np.array([[0, POINTS]])}, f"has rows 0 to {POINTS}"),
        ({"pairs": np.array([[0.5, 1.0]])}, "whole numbers of rows"),
    ],
)
def test_views_that_cannot_be_are_refused_where_they_are_named(audit: Audit, arrays: dict, says: str) -> None:
    (role,) = arrays
    save(Path("a.npz"), features=rows(), **arrays)
    ended = audit("a.npz", "--no-picture", f"--{role}", role)
    require_line(Ended(ended.code, "", ended.err), says, f"without {role}")
    assert audit("a.npz", "--no-picture").code == 2


def test_a_count_that_is_called_views_is_none_of_them(tmp_path: Path) -> None:
    found = report(tmp_path / "a.npz", features=rows(), views=np.arange(POINTS))
    assert found.setting.goal == "table"
    assert not found.partial
    assert found.snapshot.unused == (f"views ({POINTS},) int64",)


def test_pairs_that_were_planted_read_right_beside_labels_of_classes(tmp_path: Path) -> None:
    """A thousand pairs turned by one angle, in classes, also as pairs of rows of one array."""
    rng, angle = np.random.default_rng(3), 2 * np.arcsin(np.sqrt(0.0734) / 2)
    first, aside = rng.normal(size=(2, 1000, 16))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    aside -= np.vecdot(aside, first)[:, None] * first
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    second, labels = np.cos(angle) * first + np.sin(angle) * aside, np.arange(1000) % 10
    apart = report(tmp_path / "a.npz", features=first, views=second, labels=labels)
    stacked = report(
        tmp_path / "b.npz",
        features=np.concatenate([first, second]),
        labels=np.tile(labels, 2),
        pairs=np.stack([np.arange(1000), np.arange(1000) + 1000], axis=1),
    )
    for found in (apart, stacked):
        assert found.values["alignment"] == pytest.approx(0.0734)
        assert found.values["partner_rank1"] == 1
        assert found.values["class_alignment"] > 1.5
        assert found.setting.goal == "contrastive"


def test_a_single_point_has_no_spread_over_the_sphere(tmp_path: Path) -> None:
    found = report(tmp_path / "a.npz", features=rows()[:1], views=rows(1)[:1])
    assert (found.values["alignment_ratio"], found.values["uniformity"]) == (1, 0)
    assert found.values["alignment"] > 0


def test_several_views_in_one_file_are_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    views = np.stack([other(), other(0.3)])
    snapshot = open_snapshot(save(tmp_path / "a.npz", features=rows(), views=views))
    assert snapshot.partners is not None
    assert snapshot.partners.others.across is not None
    np.testing.assert_array_equal(snapshot.partners.read(20, 31)[1:], views[:, 20:31])
    np.save(tmp_path / "w.npy", np.asfortranarray(views))
    beside = open_snapshot(tmp_path / "a.npz", Keys(views=str(tmp_path / "w.npy")))
    assert of_views(audit(beside)) == pytest.approx(of_views(audit(snapshot)))
    np.savez_compressed(tmp_path / "b.npz", features=rows(), views=views)
    assert of_views(audit(open_snapshot(tmp_path / "b.npz"))) == pytest.approx(of_views(audit(snapshot)))


def test_another_array_of_views_is_named_by_its_key(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", z=rows(), w=other())
    found = audit(open_snapshot(path, Keys(features="z", views="w")))
    assert found.values["alignment_ratio"] < 0.1
    assert found.snapshot.unused == ()


def test_a_condition_on_alignment_says_what_it_means_now(audit: Audit) -> None:
    save(Path("a.npz"), features=rows(), views=other())
    save(Path("b.npz"), features=rows(), labels=np.arange(POINTS) % 5)
    conditions = ("--no-picture", "--fail-on", "alignment>0.5", "--fail-on", "alignment>0.6")
    ended = audit("b.npz", *conditions)
    assert ended.code == 2
    assert ended.err.count("is class_alignment") == 1
    ended = audit("a.npz", *conditions)
    assert (ended.code, ended.err) == (0, "")
    assert audit("a.npz", "--no-picture", "--fail-on", "alignment<0.5").code == 3


def test_views_that_are_all_zero_have_no_numbers(tmp_path: Path) -> None:
    found = report(tmp_path / "a.npz", features=rows(), views=np.zeros((POINTS, 8)))
    assert "alignment" not in found.values
    assert {remark.kind: remark.value for remark in found.findings()}["zero_views"] == POINTS
