"""Every picture that tells a story keeps the law of looks, in both themes and both cuts."""

from __future__ import annotations

import pytest

from render.film import CUTS
from render.picture.theme import THEMES
from scenes import SCENES
from tests.conftest import default_recording
from tests.looks.rules import faults, poster_faults

every_story = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SCENES]
)


@every_story
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("cut", CUTS)
def test_the_picture_keeps_every_rule(name: str, theme: str, cut: str) -> None:
    assert faults(default_recording(name).in_cut(cut), theme) == []


@every_story
def test_heroes_side_by_side_on_its_poster_keep_to_their_places(name: str) -> None:
    assert poster_faults(default_recording(name).in_cut("wide"), "light") == []
