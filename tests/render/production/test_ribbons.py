"""The curves of a scene's own seeds are kept, read while they are current, and drawn behind the default seed's."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from matplotlib.lines import Line2D

from render.loading import load_scene
from render.picture import figure
from render.picture.recording import record
from render.picture.theme import THEMES
from render.production import manifest, ribbons, sources
from scenes import SCENES
from tests.conftest import default_recording, default_run

PUBLIC = manifest.public_folder()
NAME = "rank-collapse"
ROUNDING = 1e-5  # of curves that are alike on all seeds


def drawn_curves(name: str) -> tuple[str, ...]:
    """The curves that should be kept of a scene; none where nothing is random."""
    scene = load_scene(SCENES[name])
    goals = scene.targets(scene.config())
    return ribbons.curves(scene.panels(scene.config(), goals)) if ribbons.random_seeds(goals.values()) else ()


@pytest.mark.locked
@pytest.mark.parametrize("name", SCENES)
def test_what_is_kept_is_current_and_has_the_default_seed_among_it(name: str) -> None:
    wanted, found = drawn_curves(name), ribbons.read(PUBLIC, SCENES[name], {})
    assert found.keys() == set(wanted), f"{name}: `make claims` keeps the curves of its seeds"
    recording = default_recording(name)
    for curve, values in found.items():
        own = recording.arrays[curve]
        assert values.dtype == np.float32
        assert len(values) == ribbons.random_seeds(verdict.target for verdict in recording.verdicts)
        assert values.shape[1:] == own.shape
        away = np.abs(values - own).mean(axis=1)
        assert away[0] <= away.min() + ROUNDING, f"{name}: {curve} of seed 0 is not the default run's"


def test_curves_of_other_code_or_damaged_ones_are_none(tmp_path) -> None:
    values = {"entropy_rank": np.ones((3, 80))}
    ribbons.write(tmp_path, SCENES[NAME], "another", values)
    assert ribbons.read(tmp_path, SCENES[NAME], {}) == {}
    ribbons.write(tmp_path, SCENES[NAME], sources.ledger(SCENES[NAME]).digest(), values)
    assert ribbons.read(tmp_path, SCENES[NAME], {})["entropy_rank"].shape == (3, 80)
    ribbons.path(tmp_path, SCENES[NAME]).write_bytes(b"PK damaged")
    assert ribbons.read(tmp_path, SCENES[NAME], {}) == {}
    ribbons.write(tmp_path, SCENES[NAME], "", {})
    assert not ribbons.path(tmp_path, SCENES[NAME]).exists()


@pytest.mark.locked
def test_they_are_drawn_pale_behind_the_curve_and_never_move() -> None:
    recording = record(default_run(NAME))
    found = ribbons.read(PUBLIC, SCENES[NAME], {})
    whole = ribbons.behind(recording, found)
    assert not ribbons.lacking(whole)
    assert ribbons.lacking(recording)
    with figure.default_style():
        _, plain = figure.new_picture(recording, THEMES["light"])
        _, behind = figure.new_picture(whole, THEMES["light"])
    lines = [len(picture.parent.findobj(Line2D)) for picture in (plain, behind)]
    assert lines[1] - lines[0] == len(found["entropy_rank"])
    assert len(behind.moving) == len(plain.moving)


def test_a_picture_is_out_of_date_once_its_curves_are_others(tmp_path, monkeypatch) -> None:
    from render.production.edition import Edition

    monkeypatch.setattr(manifest, "public_folder", lambda: tmp_path)
    edition = Edition(tmp_path)
    without = manifest.inputs_digest(SCENES[NAME], edition, {})
    ribbons.path(tmp_path, SCENES[NAME]).parent.mkdir()
    shutil.copy(ribbons.path(PUBLIC, SCENES[NAME]), ribbons.path(tmp_path, SCENES[NAME]))
    assert manifest.inputs_digest(SCENES[NAME], edition, {}) != without
    assert manifest.inputs_digest(SCENES[NAME], edition, {"seed": 1}) == manifest.inputs_digest(
        SCENES[NAME], Edition(tmp_path), {"seed": 1}
    )
