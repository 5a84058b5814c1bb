"""Scenes are drawn at the edges of their configuration, where parts of a picture have nothing in them."""

from __future__ import annotations

from typing import Any

import pytest

from render.loading import load_scene
from render.picture import figure
from render.picture.recording import record
from render.picture.theme import THEMES
from render.training import trajectory
from scenes import SCENES


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("spectrum-states", {"feature_dim": 4}),  # as wide as there are directions between classes
        ("spectrum-states", {"feature_dim": 3}),
        ("information-collapse", {"feature_dim": 4}),
        ("information-collapse", {"feature_dim": 3}),
        ("information-collapse", {"feature_dim": 2}),
        ("information-collapse", {"classes": 2}),
    ],
)
def test_a_feature_layer_that_is_narrow_or_has_nothing_to_spare_is_drawn(name: str, fields: dict[str, Any]) -> None:
    scene = load_scene(SCENES[name])
    recording = record(trajectory.run(scene, scene.config(frames=3, steps=40, **fields)))
    for cut in ("wide", "column"):
        assert len(list(figure.frames(recording.in_cut(cut), THEMES["light"]))) == recording.frames


def test_a_theory_without_a_size_is_refused_by_name() -> None:
    scene = load_scene(SCENES["information-collapse"])
    with pytest.raises(ValueError, match=r"decay=0\.0 is not accepted"):
        scene.config(decay=0.0)
