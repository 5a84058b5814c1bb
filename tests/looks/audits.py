"""The pictures of audits, of every kind of headline and of runs, keep the law of looks as far as it is theirs."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from render.audit.picture.album import Album
from render.audit.picture.dashboard import dashboard
from render.audit.report import audit
from render.film import Film
from render.picture.look import look
from render.picture.theme import THEMES
from tests.looks.rules import SMALLEST_PX, drawn_faults
from tests.render.audit.examples import COMPARISONS, SERIES, SNAPSHOTS, audited
from tests.render.audit.planted import PLANTED, snapshot

MOST_NUMBERS = {True: 5, False: 8}  # of an animation, in which the evidence may have one, and of a dashboard


@functools.cache
def picture(name: str) -> Film:
    """The dashboard of planted data of a kind, or an example."""
    if name not in PLANTED:
        return audited(name)
    rows, labels = PLANTED[name][1](np.random.default_rng(len(name)), 3)
    report = audit(snapshot(rows, labels))
    album = Album(report)
    return dashboard("planted", album, album.page(report))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in (*PLANTED, *SERIES, *SNAPSHOTS, *COMPARISONS)],
)
def test_the_picture_of_an_audit_keeps_the_law(name: str, theme: str) -> None:
    film = picture(name)
    assert drawn_faults(film, theme) == []
    if theme == "light":
        found = look(film)
        assert found["hero_share"] >= 0.45
        assert found["smallest_type_px"] >= SMALLEST_PX
        assert found["live_numbers"] <= MOST_NUMBERS[film.frames > 1]
