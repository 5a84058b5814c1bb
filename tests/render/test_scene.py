"""The contract: configurations reject what is senseless, targets judge, schedules increase."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.bounds import positive
from render.scene import (
    Config,
    Scene,
    even_schedule,
    field_types,
    geometric_schedule,
    gradual_schedule,
    last_frame_by,
    stretched_schedule,
)
from render.target import Target


@dataclass(frozen=True, kw_only=True)
class Configured(Config):
    rate: float = positive(0.5)
    width: int = 8
    kind: str = "plain"
    fast: bool = False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("frames", 0),
        ("frames", 1),
        ("frames", -3),
        ("frames", 10**9),
        ("frame_ms", 7),
        ("frame_ms", 0),
        ("frame_ms", 10),
        ("frame_ms", 65),
        ("frame_ms", -20),
        ("hold_ms", 15),
        ("hold_ms", 70_000),
        ("steps", 78),
        ("steps", -1),
        ("steps", 2**31),
        ("seed", -1),
        ("seed", 2**32),
        ("rate", 0.0),
        ("rate", -1.0),
        ("rate", math.nan),
        ("rate", math.inf),
        ("rate", "fast"),
        ("frames", 80.0),
        ("frames", "80"),
        ("frames", None),
        ("frames", True),
        ("seed", False),
        ("width", 8.5),
        ("width", True),
        ("rate", True),
        ("kind", 3),
        ("fast", 1),
    ],
)
def test_a_senseless_value_is_rejected_with_its_field_the_value_and_what_is_accepted(field, value):
    with pytest.raises(ValueError, match=field) as error:
        Configured(**{field: value})
    message = str(error.value)
    assert f"{field}={value!r}" in message
    assert len(message.split(f"{field} takes ")[1]) >= 5


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("frames", 1, "2 to 2000"),
        ("frame_ms", 7, "multiple of 10 from 20 to 60000"),
        ("steps", 10, "79"),
        ("rate", "x", "float"),
        ("width", 1.5, "int"),
        ("rate", math.nan, "finite"),
    ],
)
def test_the_message_says_what_would_be_accepted(field, value, accepted):
    with pytest.raises(ValueError, match="is not accepted") as error:
        Configured(**{field: value})
    assert accepted in str(error.value).split("takes")[1]


def test_limits_themselves_are_accepted():
    config = Configured(frames=2, steps=1, frame_ms=20, hold_ms=60_000, seed=2**32 - 1, rate=3)
    assert (config.frames, config.steps, config.rate) == (2, 1, 3)
    assert Configured(frames=2000, steps=1999).frames == 2000


def test_a_config_is_frozen_and_equal_configs_have_one_hash():
    config = Configured()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 3
    assert hash(config) == hash(Configured())
    assert config != Configured(seed=1)


def test_field_types_are_read_off_the_defaults():
    assert field_types(Configured) == {
        **dict.fromkeys(("seed", "frames", "frame_ms", "hold_ms", "steps", "width"), int),
        "rate": float,
        "kind": str,
        "fast": bool,
    }


def a_target(rule: str, goal: float = 1.0, **how) -> Target:
    return Target("name", "array", rule, goal, "formula", **how)


@pytest.mark.parametrize(
    ("rule", "value", "margin"),
    [
        ("at most", 0.25, 0.75),
        ("at most", 1.0, 0.0),
        ("at most", 1.5, -0.5),
        ("at least", 0.25, -0.75),
        ("at least", 1.0, 0.0),
        ("at least", 1.5, 0.5),
        ("within", 1.25, 0.25),
        ("within", 0.75, 0.25),
        ("within", 1.5, 0.0),
        ("within", 0.25, -0.25),
        ("within", 2.0, -0.5),
    ],
)
def test_the_margin_is_the_distance_inside_the_goal_and_negative_is_a_miss(rule, value, margin):
    target = a_target(rule, tolerance=0.5)
    assert target.margin(value) == margin
    assert target.met(value) == (margin >= 0)


@pytest.mark.parametrize("rule", ["at most", "at least", "within"])
@pytest.mark.parametrize("at", ["first", "last", "every"])
def test_nan_is_a_miss_even_among_good_values(rule, at):
    target = a_target(rule, tolerance=0.5, at=at)
    value = target.value({"array": np.array([[1.0, np.nan, 1.0]] * 3)})
    assert math.isnan(value)
    assert not target.met(value)


@pytest.mark.parametrize(
    ("rule", "first", "last", "every"), [("at most", 5.0, 3.0, 9.0), ("at least", 2.0, 1.0, 0.0), ("within", 5, 3, 9)]
)
def test_the_value_is_the_worst_among_the_frames_that_count(rule, first, last, every):
    array = np.array([[2.0, 5.0], [0.0, 9.0], [1.0, 3.0]])  # distances from 1: 1 4 | 1 8 | 0 2
    for at, expected in (("first", first), ("last", last), ("every", every)):
        assert a_target(rule, at=at).value({"array": array}) == expected


def test_the_worst_is_taken_over_all_further_axes():
    array = np.zeros((2, 3, 4))
    array[1, 2, 1] = 7.0
    array[0, 0, 0] = 50.0
    assert a_target("at most").value({"array": array}) == 7.0
    assert a_target("at most", at="first").value({"array": array}) == 50.0


@pytest.mark.parametrize("at", ["first", "last", "every"])
def test_a_scalar_counts_whatever_the_frame(at):
    assert a_target("at most", at=at).value({"array": np.float32(0.5)}) == 0.5


def test_one_number_a_frame_is_read_at_its_frame():
    arrays = {"array": np.array([3.0, 1.0, 2.0])}
    assert [a_target("at most", at=at).value(arrays) for at in ("first", "last", "every")] == [3.0, 2.0, 3.0]


def test_the_goal_in_words():
    assert a_target("at most", 0.005).goal_text == "≤ 0.005"
    assert a_target("at least", 3).goal_text == "≥ 3"
    assert a_target("within", 1.5, tolerance=0.25).goal_text == "= 1.5 ± 0.25"
    assert a_target("within", 1.5).goal_text == "= 1.5"


@st.composite
def frames_and_steps(draw) -> Config:
    frames = draw(st.integers(2, 400))
    extra = draw(st.one_of(st.just(0), st.integers(0, 50), st.integers(0, 10**6), st.integers(0, 2**31 - 1 - frames)))
    return Config(frames=frames, steps=frames - 1 + extra)


@pytest.mark.parametrize("schedule", [geometric_schedule, even_schedule])
@given(config=frames_and_steps())
def test_a_schedule_rises_strictly_from_zero_to_the_last_step(schedule, config):
    steps = schedule(config)
    assert steps.shape == (config.frames,)
    assert np.issubdtype(steps.dtype, np.integer)
    assert steps[0] == 0
    assert steps[-1] == config.steps
    assert (np.diff(steps) >= 1).all()


@pytest.mark.parametrize("schedule", [geometric_schedule, even_schedule])
def test_with_as_many_steps_as_gaps_every_step_has_a_frame(schedule):
    np.testing.assert_array_equal(schedule(Config(frames=57, steps=56)), np.arange(57))


def test_the_geometric_schedule_is_dense_early_and_the_even_one_everywhere_alike():
    config = Config(frames=50, steps=10_000)
    gaps = np.diff(geometric_schedule(config))
    assert gaps[0] == 1
    assert gaps[-1] > 1000
    even = np.diff(even_schedule(config))
    assert even.max() - even.min() <= 1


@pytest.mark.parametrize(
    "broken",
    [
        lambda config: np.arange(config.frames + 1),
        lambda config: np.arange(config.frames),
        lambda config: np.linspace(1, config.steps, config.frames).astype(int),
        lambda config: np.sort(np.append(np.zeros(config.frames - 1, int), config.steps)),
    ],
    ids=["too long", "ends early", "starts late", "stands still"],
)
def test_a_schedule_that_breaks_the_contract_raises(tiny, broken):
    scene = dataclasses.replace(tiny, schedule=broken)
    with pytest.raises(ValueError, match="shrinking: schedule must have 6 entries") as error:
        scene.steps(scene.config())
    assert "from 0 to 10" in str(error.value)


def test_the_description_has_the_last_frames_numbers(tiny: Scene):
    scene = dataclasses.replace(tiny, alt="{ratio:.2f} of {count}")
    assert scene.describe(scene.config(), {"ratio": np.array([3.0, 0.125]), "count": np.int64(7)}) == "0.12 of 7"


def test_a_gradual_schedule_is_even_at_first_and_geometric_later():
    config = Config(frames=101, steps=100_000)
    steps = gradual_schedule(config, 50)
    assert (steps[0], steps[-1]) == (0, 100_000)
    assert np.diff(steps[:6]).max() - np.diff(steps[:6]).min() <= 2
    np.testing.assert_allclose(steps[-10:] / steps[-11:-1], steps[-1] / steps[-2], rtol=1e-2)


def test_a_stretched_schedule_has_its_frames_where_they_are_said():
    steps = stretched_schedule(Config(frames=31, steps=500), (0, 10, 20, 30), (0, 10, 100))
    assert [steps[frame] for frame in (0, 10, 20, 30)] == [0, 10, 100, 500]
    halved = stretched_schedule(Config(frames=16, steps=500), (0, 10, 20, 30), (0, 10, 100))
    assert [halved[frame] for frame in (0, 5, 10, 15)] == [0, 10, 100, 500]


def test_the_last_frame_by_a_step_is_of_it_or_before_it_and_never_the_first():
    steps = np.array([0, 10, 20, 40])
    assert [last_frame_by(step, steps) for step in (20, 39, 40, 1000, 3)] == [2, 2, 3, 3, 1]
