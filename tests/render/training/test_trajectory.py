"""The driver: what it measures is what a plain loop measures, compiled once, and the same every time."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from render.picture import figure
from render.picture.recording import record
from render.picture.theme import DARK, LIGHT
from render.scene import Scene
from render.training import finite, trajectory
from render.training.trajectory import NotFinite


def counting(scene: Scene) -> tuple[Scene, list[None]]:
    """The scene, and a list that grows by one at each trace of `measure`."""
    calls: list[None] = []

    def measure(config, state):
        calls.append(None)
        return scene.measure(config, state)

    return dataclasses.replace(scene, measure=measure), calls


def plain_loop(scene: Scene, config, schedule) -> list[dict[str, np.ndarray]]:
    """What is measured at each step of the schedule, by a Python loop."""
    state, measured, step = scene.init(config, jax.random.key(config.seed)), [], 0
    for stop in schedule:
        while step < stop:
            state, step = scene.step(config, state), step + 1
        measured.append({name: np.asarray(array) for name, array in scene.measure(config, state).items()})
    return measured


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_frame_k_is_what_a_plain_loop_has_after_schedule_k_steps(tiny, seed):
    config = tiny.config(seed=seed, steps=13)
    run = trajectory.run(tiny, config)
    schedule = np.round(np.linspace(0, 13, 6)).astype(int)
    assert len(set(np.diff(schedule))) > 1
    np.testing.assert_array_equal(run.arrays["step"], schedule)
    for frame, expected in enumerate(plain_loop(tiny, config, schedule)):
        for name, array in expected.items():
            np.testing.assert_allclose(run.arrays[name][frame], array, rtol=2e-5, atol=1e-6, err_msg=name)


def test_the_first_frame_is_the_untrained_state(tiny, tiny_run):
    state = tiny.init(tiny.config(), jax.random.key(0))
    np.testing.assert_allclose(tiny_run.measured["points"][0], state.points, rtol=1e-6, atol=1e-7)
    assert tiny_run.arrays["step"][0] == 0


def test_a_run_has_measured_constant_and_derived_arrays_by_name(tiny, tiny_run):
    assert set(tiny_run.measured) == {"points", "ratio"}
    assert set(tiny_run.constants) == {"labels"}
    assert set(tiny_run.arrays) == {"points", "ratio", "labels", "relative", "step"}
    assert tiny_run.measured["points"].shape == (6, 20, 2)
    np.testing.assert_array_equal(tiny_run.arrays["labels"], np.repeat([0, 1], 10))
    ratio = tiny_run.measured["ratio"]
    np.testing.assert_allclose(tiny_run.arrays["relative"], ratio / ratio[0])
    assert all(isinstance(array, np.ndarray) for array in tiny_run.arrays.values())


def test_derive_sees_the_arrays_that_it_reads_and_nothing_else(tiny):
    seen = []

    def derive(config, *, labels, points, step):
        seen.append((config.seed, labels.shape, points.shape, step.tolist()))
        return {}

    scene = dataclasses.replace(tiny, derive=derive)
    trajectory.run(scene, scene.config(seed=3))
    assert seen == [(3, (20,), (6, 20, 2), [0, 2, 4, 6, 8, 10])]


def test_nested_arrays_are_named_by_their_path_and_derive_is_given_the_family(tiny):
    def measure(config, state):
        return {"spread": {"x": state.points[:, 0].std(), "y": state.points[:, 1].std()}, "other": state.points.sum()}

    def derive(config, *, spread):
        assert set(spread) == {"x", "y"}
        return {"quotient": {"now": spread["x"] / spread["y"]}}

    scene = dataclasses.replace(tiny, measure=measure, derive=derive)
    run = trajectory.run(scene, scene.config())
    assert set(run.measured) == {"spread/x", "spread/y", "other"}
    assert set(run.arrays) == {*run.measured, "labels", "quotient/now", "step"}
    np.testing.assert_array_equal(run.arrays["quotient/now"], run.arrays["spread/x"] / run.arrays["spread/y"])
    (row,) = trajectory.run_seeds(scene, scene.config(), [0], ["quotient/now"])
    np.testing.assert_allclose(row["quotient/now"], run.arrays["quotient/now"], rtol=1e-5)
    (row,) = trajectory.run_seeds(scene, scene.config(), [0], ["spread/x"])
    np.testing.assert_allclose(row["spread/x"], run.arrays["spread/x"], rtol=1e-5)


def test_one_trace_a_program_whatever_the_seed_the_delays_and_the_theme(tiny):
    scene, calls = counting(tiny)
    config = scene.config()
    run = trajectory.run(scene, config)
    assert len(calls) == 1
    for change in ({"seed": 1}, {"seed": 2**32 - 1}, {"frame_ms": 100}, {"hold_ms": 3000}, {"seed": 5, "frame_ms": 20}):
        trajectory.run(scene, dataclasses.replace(config, **change))
    for theme in (LIGHT, DARK):
        next(figure.frames(record(run), theme))
    assert len(calls) == 1
    trajectory.run(scene, dataclasses.replace(config, frames=9))
    trajectory.run(scene, dataclasses.replace(config, frames=9, seed=4))
    assert len(calls) == 2
    trajectory.run(scene, config)
    assert len(calls) == 2


def test_another_seed_is_another_run_and_a_delay_is_not(tiny, tiny_run):
    other = trajectory.run(tiny, tiny.config(seed=1))
    slow = trajectory.run(tiny, tiny.config(frame_ms=200, hold_ms=4000))
    assert np.abs(other.measured["points"] - tiny_run.measured["points"]).max() > 0.1
    np.testing.assert_array_equal(slow.measured["points"], tiny_run.measured["points"])


@pytest.mark.parametrize("names", [["points", "ratio"], ["relative"], ["labels", "relative", "step", "ratio"]])
def test_a_row_of_a_batch_is_the_run_with_that_seed(tiny, names):
    seeds = [3, 0, 2**32 - 1]
    rows = trajectory.run_seeds(tiny, tiny.config(), seeds, names)
    assert len(rows) == len(seeds)
    for seed, row in zip(seeds, rows, strict=True):
        alone = trajectory.run(tiny, tiny.config(seed=seed)).arrays
        assert set(row) == set(names)
        for name in names:
            assert row[name].shape == alone[name].shape
            np.testing.assert_allclose(row[name], alone[name], rtol=1e-5, atol=1e-6, err_msg=f"{name} of {seed}")


def test_a_batch_computes_only_what_is_asked_for(tiny):
    def measure(config, state):
        return {**tiny.measure(config, state), "broken": jnp.log(-1.0 + 0 * state.points[0, 0])}

    scene = dataclasses.replace(tiny, measure=measure)
    for names in (["ratio"], ["relative"], ["labels"]):
        (row,) = trajectory.run_seeds(scene, scene.config(), [0], names)
        assert set(row) == set(names)
    with pytest.raises(NotFinite, match="broken"):
        trajectory.run_seeds(scene, scene.config(), [0], ["broken"])
    with pytest.raises(NotFinite, match="broken"):
        trajectory.run(scene, scene.config())


def test_derive_is_left_out_of_a_batch_that_needs_nothing_derived(tiny):
    def derive(config, *, ratio):
        raise AssertionError("nothing derived was asked for")

    scene = dataclasses.replace(tiny, derive=derive)
    trajectory.run_seeds(scene, scene.config(), [0, 1], ["ratio", "labels"])


def test_a_batch_gives_derive_the_config_of_each_seed(tiny):
    scene = dataclasses.replace(tiny, derive=lambda config: {"of": np.array(config.seed)})
    rows = trajectory.run_seeds(scene, scene.config(), [4, 9], ["of"])
    assert [int(row["of"]) for row in rows] == [4, 9]


def test_an_unknown_name_raises_key_error(tiny):
    with pytest.raises(KeyError, match="ratios"):
        trajectory.run_seeds(tiny, tiny.config(), [0], ["ratios"])


def test_what_is_not_finite_is_named_with_scene_array_frame_and_step(tiny, tiny_run):
    spread = np.ptp(tiny_run.measured["points"][:, :10, 0], axis=1)
    threshold = float(spread[2] + spread[3]) / 2

    def measure(config, state):
        small = jnp.ptp(state.points[:10, 0]) < threshold
        return {**tiny.measure(config, state), "broken": jnp.where(small, jnp.inf, 0.0)}

    scene = dataclasses.replace(tiny, measure=measure)
    for run in (
        lambda: trajectory.run(scene, scene.config()),
        lambda: trajectory.run_seeds(scene, scene.config(), [0], ["broken"]),
    ):
        with pytest.raises(NotFinite) as error:
            run()
        message = str(error.value)
        assert "shrinking: 'broken' is not finite in frame 3 (step 6, seed 0)" in message
        assert "\n" not in message


def test_a_constant_that_is_not_finite_is_named_too(tiny):
    scene = dataclasses.replace(tiny, constants=lambda config, state: {"weights": jnp.array([1.0, jnp.nan])})
    with pytest.raises(NotFinite, match="'weights'"):
        trajectory.run(scene, scene.config())


def test_the_array_that_goes_astray_first_is_named_with_what_was_asked_for(tiny):
    def measure(config, state):
        moved = jnp.abs(state.points[0, 0]) * 0
        return {**tiny.measure(config, state), "later": moved, "sooner": moved}

    def derive(config):
        later, sooner = np.zeros(config.frames), np.zeros(config.frames)
        later[4:], sooner[2:] = np.inf, np.nan
        return {"a_later": later, "sooner_still": sooner, "whole": np.zeros(3)}

    scene = dataclasses.replace(tiny, measure=measure, derive=derive)
    with pytest.raises(NotFinite) as error:
        trajectory.run(scene, scene.config(rate=0.25, steps=20, seed=3, hold_ms=2000))
    assert str(error.value) == (
        "shrinking: 'sooner_still' is not finite in frame 2 (step 8, seed 3) with steps=20, rate=0.25 "
        "(by default steps=10, rate=0.5)"
    )
    with pytest.raises(NotFinite, match=r"'sooner_still' .* \(step 4, seed 0\); a lower learning rate"):
        trajectory.run(scene, scene.config())


def test_a_run_that_no_memory_holds_is_refused_before_it_is_compiled(tiny, monkeypatch):
    monkeypatch.setattr(finite.os, "sysconf", lambda name: 64)
    config = tiny.config(frames=20, steps=40)
    says = (
        r"shrinking: 0\.0 GB are measured in 20 frames with frames=20, steps=40 \(by default .*: ask for fewer frames"
    )
    with pytest.raises(ValueError, match=says):
        trajectory.run(dataclasses.replace(tiny, alt="compiled for itself"), config)
    shapes = {"points": jax.ShapeDtypeStruct((1000, 10), jnp.float32), "labels": jax.ShapeDtypeStruct((), jnp.int32)}
    finite.require_room(tiny, config, shapes, room=40_004)
    with pytest.raises(ValueError, match="are measured in 20 frames"):
        finite.require_room(tiny, config, shapes, room=40_003)


def test_what_cannot_be_derived_is_one_line_with_what_was_asked_for(tiny):
    def derive(config):
        raise ValueError("all points coincide\nand more")

    scene = dataclasses.replace(tiny, derive=derive)
    with pytest.raises(NotFinite) as error:
        trajectory.run(scene, scene.config(rate=0.25))
    says = "shrinking: nothing can be derived from this run with rate=0.25 (by default rate=0.5): all points coincide"
    assert str(error.value) == says


def test_deriving_warns_of_nothing(tiny):
    derive = lambda config: {"ratio_of": np.maximum(0, np.zeros(6) / np.zeros(6) > 0)}  # noqa: E731
    scene = dataclasses.replace(tiny, derive=derive)
    trajectory.run(scene, scene.config())  # a warning is an error here


def test_an_error_of_the_scene_reaches_the_caller_as_it_is(tiny):
    def step(config, state):
        raise ZeroDivisionError("of the scene")

    scene = dataclasses.replace(tiny, step=step)
    with pytest.raises(ZeroDivisionError, match="of the scene"):
        trajectory.run(scene, scene.config())


def test_two_runs_have_the_same_bits_and_so_has_a_second_compilation(tiny, tiny_run):
    again = trajectory.run(tiny, tiny.config())
    anew = trajectory.run(dataclasses.replace(tiny, title="compiled for itself"), tiny.config())
    for name, array in tiny_run.arrays.items():
        assert again.arrays[name].tobytes() == array.tobytes()
        assert anew.arrays[name].tobytes() == array.tobytes()


def test_what_is_measured_is_single_precision(tiny_run):
    assert {tiny_run.measured[name].dtype for name in ("points", "ratio")} == {np.dtype(np.float32)}


def test_batches_of_seeds_are_the_same_at_once_and_one_after_another(tiny, monkeypatch):
    arrays = []
    for threads in ("1", "64"):
        monkeypatch.setenv("NPROC", threads)
        arrays.append(trajectory.run_seeds(tiny, tiny.config(), range(5), {"points"}))
    for one, other in zip(*arrays, strict=True):
        np.testing.assert_array_equal(one["points"], other["points"])


@pytest.mark.parametrize(
    ("seeds", "cores", "batches", "size"), [(5, 2, 2, 3), (1, 4, 1, 1), (64, 2, 2, 32), (65, 2, 4, 17), (256, 2, 8, 32)]
)
def test_a_batch_is_no_larger_than_memory_allows(tiny, monkeypatch, seeds, cores, batches, size):
    monkeypatch.setattr(trajectory.os, "cpu_count", lambda: cores)
    sizes = []

    def call(program, batch, steps):
        sizes.append(len(batch))
        return {"ratio": np.tile(np.array(batch, float)[:, None], (1, len(steps)))}, {}

    monkeypatch.setattr(trajectory, "_call", call)
    rows = trajectory.run_seeds(tiny, tiny.config(), range(seeds), {"ratio"})
    assert sizes == [size] * batches
    assert [row["ratio"][0] for row in rows] == list(range(seeds))
