"""One state turns into the other in one view: the ends are the two states, and a turn alone moves nothing."""

from __future__ import annotations

import numpy as np
import pytest

from render.audit.against.comparison import compare
from render.audit.picture.album import Album
from render.audit.picture.morph import morph
from render.audit.report import audit
from render.film import Film
from tests.render.audit.planted import clouds, snapshot


def film_of(before: np.ndarray, after: np.ndarray, labels: np.ndarray | None) -> Film:
    second, first = (audit(snapshot(rows, labels)) for rows in (after, before))
    return morph("after", "before", Album(second), compare(second, first))


@pytest.mark.parametrize("labelled", [True, False])
def test_a_turn_and_a_scale_move_nothing_whatever_the_columns(labelled: bool) -> None:
    rng = np.random.default_rng(0)
    rows, labels = clouds(rng, 1, 0.3)
    turn = np.linalg.qr(rng.normal(size=(40, 40)))[0][: rows.shape[1]]
    before, after = (rows, 30 * rows @ turn + 1) if labelled else (rows @ turn, rows)
    points = film_of(before, after, labels if labelled else None).arrays["points"]
    assert np.ptp(points[0], axis=0).min() > 0.5
    np.testing.assert_allclose(points, np.broadcast_to(points[-1], points.shape), atol=1e-5)


def test_what_moves_goes_straight_from_one_state_to_the_other() -> None:
    rng = np.random.default_rng(1)
    rows, labels = clouds(rng, 1, 0.3)
    moved = rows.copy()
    moved[labels == 2] += 1.0
    film = film_of(rows, moved, labels)
    means, way = film.arrays["means"], film.arrays["percent"] / 100
    assert np.argmax(np.linalg.norm(means[-1] - means[0], axis=1)) == 2
    expected = means[0] + way[:, None, None] * (means[-1] - means[0])
    np.testing.assert_allclose(means, expected, atol=1e-12)
    np.testing.assert_allclose(film.arrays["paths"][:, :, 0], np.broadcast_to(means[0], means.shape))
    assert film.arrays["state"].tolist() == [0, *[1] * (film.frames - 2), 2]
    assert "'2'" in film.story.sentences[-1] if film.story else False


def test_constant_features_are_drawn() -> None:
    rng = np.random.default_rng(2)
    rows, labels = clouds(rng, 1, 0.3)
    for pair in ((rows, np.ones_like(rows)), (np.ones_like(rows), rows)):
        assert np.isfinite(film_of(*pair, labels).arrays["points"]).all()
