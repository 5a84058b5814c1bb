"""Scalars under the evidence: which are drawn, and on what axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.audit.picture import scalars
from render.picture.frames import Plane
from tests.render.audit.examples import audited


def planes(**values: Any) -> dict[str, Plane]:
    arrays = {f"scalar/{name}": np.array(some, float) for name, some in values.items()}
    return {frame.heading: frame for frame in scalars.curves(arrays).frames if isinstance(frame, Plane)}


def test_the_first_three_that_have_two_values_are_drawn() -> None:
    nan = float("nan")
    drawn = planes(a=[1, 2], none=[nan, nan], one=[nan, 3], b=[nan, 1, nan, 2], constant=[4, 4], d=[1, 2])
    assert [*drawn] == ["a", "b", "constant"]
    assert scalars.there({"value/nc1": np.ones(3), "scalar/inf": np.full(3, np.inf)}) == []


def test_what_falls_over_decades_has_a_log_axis_and_its_ends_are_told() -> None:
    drawn = planes(loss=[2.0, 0.002], lr=[0.1, 0.05], signed=[-1.0, 1000.0])
    assert [plane.y.log for plane in drawn.values()] == [True, False, False]
    assert drawn["loss"].y.ticks == (0.002, 2.0)
    for plane in drawn.values():
        assert plane.y.low is not None
        assert plane.y.high is not None
        assert plane.y.low < plane.y.ticks[0] < plane.y.ticks[-1] < plane.y.high
    assert planes(constant=[4.0, 4.0])["constant"].y.ticks == (4.0,)


def test_only_an_animation_has_them() -> None:
    film = audited("audit of a trace of scalars")
    assert film.height_px > audited("audit of points").height_px
    assert [frame.heading for frame in film.panels[-1].frames] == ["loss", "lr", "a_name_that_i…"]  # type: ignore[union-attr]
