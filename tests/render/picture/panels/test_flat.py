"""Runs in which nothing differs, or nothing is left, are drawn as well: an axis has two ends whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Panel, apart
from render.picture.panels.histogram import Histogram
from render.picture.panels.history import Curve, History
from render.picture.panels.lines import Line, Lines
from render.picture.panels.points import Points
from render.picture.theme import LIGHT

FRAMES = 3


def drawn(panel: Panel, **arrays: np.ndarray):
    """The axes of a panel that was moved through every frame; a warning is an error here."""
    figure = Figure()
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    moving = panel.build(axes, {"step": np.arange(FRAMES), **arrays}, LIGHT)
    for frame in range(FRAMES):
        moving.update(frame)
    figure.canvas.draw()
    for low, high in (axes.get_xlim(), axes.get_ylim()):
        assert np.isfinite([low, high]).all()
        assert low != high
    return axes


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("value", [0.0, 1e-30, 0.5, 1.0, 1e30, -1.0, -1e30])
def test_numbers_that_are_all_the_same(scale: str, value: float) -> None:
    flat, table = np.full(FRAMES, value), np.full((FRAMES, 4), value)
    drawn(History(title="", curves=(Curve("flat"),), y_axis=Axis(scale=scale)), flat=flat)
    drawn(Lines(title="", curves=(Line("table"),), y_axis=Axis(scale=scale)), table=table)
    drawn(Bars(title="", series=(Heights("table"),), y_axis=Axis(scale=scale)), table=np.abs(table))
    if value >= 0:
        points = np.broadcast_to(table[:, :, None], (FRAMES, 4, 2))
        drawn(Points(title="", points="points"), points=points)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_one_mode_alone(scale: str) -> None:
    drawn(Lines(title="", curves=(Line("one", points=True),), x_axis=Axis(scale=scale)), one=np.ones((FRAMES, 1)))


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_dial_that_does_not_move_and_one_that_goes_back(scale: str) -> None:
    curves = History(title="", curves=(Curve("y"),), x="dial", x_axis=Axis(scale=scale))
    drawn(curves, y=np.arange(FRAMES), dial=np.full(FRAMES, 2.0))
    axes = drawn(curves, y=np.arange(FRAMES), dial=np.array([8.0, 4.0, 2.0]))
    assert axes.get_xlim() == (8.0, 2.0)


def test_a_histogram_of_nothing() -> None:
    drawn(
        Histogram(title="", counts="counts", edges="edges"),
        counts=np.zeros((FRAMES, 4), int),
        edges=np.linspace(-1, 1, 5),
    )


def test_a_logarithmic_axis_of_zeros_ends_around_its_floor() -> None:
    axes = drawn(History(title="", curves=(Curve("y"),), y_axis=Axis(scale="log", floor=1e-4)), y=np.zeros(FRAMES))
    low, high = axes.get_ylim()
    assert low < 1e-4 < high


def test_limits_that_differ_stay_as_they_are() -> None:
    assert apart(0.0, 1e-30) == (0.0, 1e-30)
    assert apart(1.0, 1.0 + 1e-9) == (1.0, 1.0 + 1e-9)
    for low, high in (apart(3.0, 3.0), apart(0.0, 0.0), apart(-1e30, -1e30), apart(2.0, 2.0, log=True)):
        assert low < high
    assert apart(2.0, 2.0, log=True)[0] > 0
