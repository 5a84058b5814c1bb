"""What headlines are shown by: the null of a spectrum, the kinds over a run, and steps that lack something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.audit.files.series import open_series
from render.audit.headline import KINDS
from render.audit.picture import dashboard, told
from render.audit.picture.evidence import evidence
from render.audit.picture.rows import isotropic
from render.audit.report import audit
from render.audit.series import AuditedSeries, audit_series
from render.picture.group import Group
from tests.render.audit.audit_helpers import save
from tests.render.audit.planted import simplex


@pytest.mark.parametrize(("points", "dim"), [(4000, 50), (300, 100), (60, 90)])
def test_the_null_of_a_spectrum_is_that_of_isotropic_noise(points: int, dim: int) -> None:
    rows = np.random.default_rng(0).normal(size=(points, dim))
    values = np.sort(np.linalg.eigvalsh(np.cov(rows.T)))[::-1]
    spanned = min(dim, points - 1)
    expected = isotropic(points, dim)
    assert expected[:spanned].sum() == pytest.approx(1)
    np.testing.assert_allclose(expected[:spanned], values[:spanned] / values.sum(), atol=0.15 / spanned, rtol=0.2)
    assert (expected[spanned:] < 1e-5).all()


def run(folder: Path, odd: int | None = None) -> AuditedSeries:
    """Four steps of classes that collapse, one of them of zeros if it is `odd`."""
    rng = np.random.default_rng(0)
    folder.mkdir(exist_ok=True)
    labels = np.arange(300) % 3
    corners, noise = simplex(rng, 3, 12), rng.normal(size=(300, 12))
    for step, spread in enumerate((1.0, 0.3, 0.05, 0.02)):
        features = corners[labels] + spread * noise
        save(folder / f"step-{step}.npz", features=0 * features if step == odd else features, labels=labels)
    return audit_series(open_series(folder).snapshots, audit)


def test_the_strip_says_of_each_step_what_kind_it_was(tmp_path: Path) -> None:
    course = run(tmp_path)
    film = dashboard.animation("run", course.album, course.drawn, 4, course.headline)
    assert course.headline.kind in ("collapsing", "collapsed")
    assert film.story is not None
    assert film.story.names[-1] in ("collapsing", "collapsed")
    assert (np.diff(film.arrays["state"]) >= 0).all()
    assert film.arrays["state"][-1] == len(film.story.names) - 1


def test_one_odd_step_leaves_the_others_their_evidence(tmp_path: Path) -> None:
    whole, odd = run(tmp_path / "whole"), run(tmp_path / "odd", odd=1)
    for course in (whole, odd):
        film = dashboard.animation("run", course.album, course.drawn, 4, course.headline)
        assert next(group.heading for group in film.panels if isinstance(group, Group)).startswith("a dot: a row")
        ratio = film.arrays["value/within_between_ratio"]
        assert np.isfinite(np.delete(ratio, 1)).all()
        assert np.isnan(ratio[1]) == (course is odd)


def test_a_scale_that_jumps_is_seen(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for step, scale in enumerate((1.0, 1.0, 1e4)):
        save(tmp_path / f"step-{step}.npz", features=scale * rng.normal(size=(90, 8)))
    course = audit_series(open_series(tmp_path).snapshots, audit)
    film = dashboard.animation("run", course.album, course.drawn, 3, course.headline)
    assert "mean length of a row" in [group.heading for group in film.panels if isinstance(group, Group)]


def test_every_kind_has_evidence_a_number_and_a_word(tmp_path: Path) -> None:
    course = run(tmp_path)
    arrays = course.album.arrays(course.pages)
    for kind in KINDS:
        assert evidence(kind.name, course.album, arrays, moving=False).groups
        assert kind.name in told.ABOUT
        assert kind.name in dashboard.SAID


def test_powers_of_ten_are_written_as_they_are_read() -> None:
    assert dashboard._spoken("spread 5.6e-08, of 1e+05") == "spread 5.6·10⁻⁸, of 1·10⁵"
