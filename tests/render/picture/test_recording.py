"""A run as data: it comes back from its bytes as it was, and nothing but the project's own kinds is ever built."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import pytest

from render.picture import figure
from render.picture.panels.base import Panel
from render.picture.panels.points import Points
from render.picture.recording import Recording, Unrecordable, from_bytes, record, to_bytes
from render.picture.theme import THEMES
from render.training.trajectory import Trajectory
from scenes import SCENES
from tests.conftest import default_recording

POINTS = "render.picture.panels.points.Points"


def assert_same(one: Recording, other: Recording) -> None:
    for field in dataclasses.fields(Recording):
        if field.name != "arrays":
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert other.arrays[name].dtype == np.asarray(array).dtype
        np.testing.assert_array_equal(other.arrays[name], array)


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_comes_back_from_its_bytes_as_it_was(name: str) -> None:
    recording = default_recording(name)
    assert_same(from_bytes(to_bytes(recording)), recording)


def test_what_comes_back_is_drawn_the_same(tiny_recording: Recording) -> None:
    again = from_bytes(to_bytes(tiny_recording))
    for one, other in zip(*(figure.frames(r, THEMES["dark"]) for r in (tiny_recording, again)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_recording_says_what_was_run_and_what_came_of_it(tiny_run: Trajectory) -> None:
    recording = record(tiny_run)
    assert (recording.name, recording.title, recording.frames) == ("shrinking", "Points shrink", 6)
    assert recording.config == {"seed": 0, "frames": 6, "frame_ms": 60, "hold_ms": 1500, "steps": 10, "rate": 0.5}
    assert recording.overrides == {}
    assert recording.alt.endswith(f"falls to {tiny_run.measured['ratio'][-1]:.6f}.")
    assert {verdict.target.name: verdict.held for verdict in recording.verdicts} == {"ratio": 1, "start": 1}
    assert set(recording.measured) == {"step", "labels", "points", "ratio"}
    assert recording.arrays.keys() == {"step", "labels", "points", "ratio", "relative"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Own(Panel):
    points: str


def test_a_panel_of_a_kind_that_is_not_the_projects_is_refused(tiny_recording: Recording) -> None:
    with pytest.raises(Unrecordable, match="Own is no kind of value"):
        to_bytes(dataclasses.replace(tiny_recording, panels=(Own(title="own", points="points"),)))


def test_a_field_at_its_default_is_not_written_so_that_a_new_default_shows(tiny_recording: Recording) -> None:
    panel = Points(title="points", points="points", labels="labels")
    content = to_bytes(dataclasses.replace(tiny_recording, panels=(panel,)))
    with np.load(io.BytesIO(content)) as file:
        written = json.loads(file["recording"].tobytes())["panels"]
    assert written == [{"kind": POINTS, "fields": {"title": "points", "points": "points", "labels": "labels"}}]


@pytest.mark.parametrize(
    "panel",
    [
        {"kind": "subprocess.Popen", "fields": {"args": "true"}},
        {"kind": "render.picture.panels.gone.Gone", "fields": {}},
        {"kind": "render.picture.panels.points.np", "fields": {}},
        {"kind": POINTS, "fields": {"title": "points", "points": "points", "no_longer": 1}},
        {"kind": POINTS, "fields": {}},
    ],
)
def test_what_is_no_kind_of_today_is_not_built(tiny_recording: Recording, panel: dict) -> None:
    with np.load(io.BytesIO(to_bytes(tiny_recording))) as file:
        arrays = dict(file)
    values = json.loads(arrays["recording"].tobytes())
    arrays["recording"] = np.frombuffer(json.dumps({**values, "panels": [panel]}).encode(), np.uint8)
    changed = io.BytesIO()
    np.savez(changed, **arrays)
    with pytest.raises((ValueError, TypeError)):
        from_bytes(changed.getvalue())


def test_a_pickle_is_never_read() -> None:
    pickled = io.BytesIO()
    np.savez(pickled, recording=np.array([{"a": 1}], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        from_bytes(pickled.getvalue())
