"""Two losses at one rate against descent in float64, what breaks the laws, and what is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from render.metrics.factored_output import output_and_kernel
from render.training import trajectory
from scenes.dynamics import controlled_divergence as module
from scenes.dynamics.controlled_divergence import SCENE, ControlledDivergence, limit
from tests import conftest

TARGETS = SCENE.targets(ControlledDivergence())
WIDTHS = (16, 64, 256, 1024, 4096, 16384)
SLOPES = {"ce": lambda f: 1 / (1 + np.exp(-f)) - 0.7, "mse": lambda f: f - 0.4}


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def by_step(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    """An array after each step of descent."""
    made = arrays["step"] // 8
    return arrays[name][np.unique(made, return_index=True)[1]].astype(float)


def descent(kernel: float, width: int, rate: float, slope: Any, steps: int) -> np.ndarray:
    """Output and kernel (steps + 1, 2) of u.v/sqrt n in float64, from other orthogonal weights of the same kernel."""
    rng = np.random.default_rng(7)
    u, v = rng.normal(size=(2, width))
    v -= (u @ v) / (u @ u) * u
    u, v = (each * np.sqrt(kernel * width / (u @ u + v @ v)) for each in (u, v))
    found = []
    for _ in range(steps + 1):
        f = u @ v / np.sqrt(width)
        found.append((f, (u @ u + v @ v) / width))
        pull = rate * slope(f) / np.sqrt(width)
        u, v = u - pull * v, v - pull * u
    return np.array(found)


@pytest.mark.parametrize(("place", "width"), list(enumerate(WIDTHS))[:4])
def test_outputs_and_kernels_are_those_of_any_weights_with_the_same_kernel(place: int, width: int) -> None:
    """Directions and seeds decide nothing: descent from other weights gives the same two numbers."""
    arrays, root = run(), np.sqrt(width)
    for arm, loss, rate, steps in (
        ("ce", "ce", root, 10),
        ("mse", "mse", root, 2),
        ("ce_fast", "ce", width, 2),
        ("mse_slow", "mse", 0.5, 40),
    ):
        outputs, kernels = (by_step(arrays, f"{kind}/{arm}")[: steps + 1, place] for kind in ("output", "kernel"))
        expected = descent(kernels[0], width, rate, SLOPES[loss], steps)
        scale = np.abs(expected).max(axis=0)
        np.testing.assert_allclose(outputs / scale[0], expected[:, 0] / scale[0], atol=2e-3)
        np.testing.assert_allclose(kernels / scale[1], expected[:, 1] / scale[1], atol=2e-3)


def test_the_limit_is_the_one_that_is_written_down() -> None:
    """From a kernel of 2, by hand; and networks of 16,384 units are on it until outputs are of order 1."""
    written = [(0, 2), (0.4, 2.08), (-0.188, 1.787), (0.971, 2.137), (0.417, 1.164), (0.106, 0.768)]
    np.testing.assert_allclose(np.stack(limit(ControlledDivergence(), np.array(2.0)), axis=1), written, atol=6e-4)
    arrays = run()
    start = by_step(arrays, "kernel/ce")[0, -1] / 2  # both numbers go with the kernel at the start
    outputs, kernels = (by_step(arrays, f"{kind}/ce")[:6, -1] for kind in ("output", "kernel"))
    np.testing.assert_allclose(np.stack([outputs / 128, kernels], axis=1), start * np.array(written), atol=2e-3)


def test_cross_entropy_stays_where_the_squared_error_leaves() -> None:
    arrays = run()
    largest = np.abs(arrays["output/ce"]).max(axis=0) / np.sqrt(WIDTHS)
    assert largest[2:] == pytest.approx(np.full(4, 0.97), abs=0.25)
    assert largest.max() < 1.3
    assert (np.abs(arrays["output/mse"][-1]) > 1e5 * np.array(WIDTHS)).all()
    assert arrays["output/ce"][-1, -1] == pytest.approx(np.log(0.7 / 0.3), abs=0.05)  # where the slope is 0
    assert arrays["rest"] == pytest.approx(arrays["output/ce"][-1, -1])
    assert arrays["away"] == pytest.approx(by_step(arrays, "output/mse")[2, -1])


def missed(arrays: dict[str, np.ndarray], *keys: str) -> dict[str, float]:
    """Values of targets that all must be missed."""
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values
    return values


def test_rates_without_the_root_of_the_width_and_an_output_of_another_scale_miss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With 2 u.v/sqrt n in place of u.v/sqrt n weights move by the wrong slope: that is what misses the law."""

    def doubled(incoming: Any, readout: Any) -> tuple[Any, Any]:
        output, kernel = output_and_kernel(incoming, readout)
        return 2 * output, kernel

    monkeypatch.setattr(module, "rates", lambda config, width: np.float32([1, 1, 1, 0.5]))
    monkeypatch.setattr(module, "output_and_kernel", doubled)
    arrays = trajectory.run(SCENE, ControlledDivergence(steps=64, frames=65)).arrays
    missed(arrays, "law", "limit", "largest", "root", "kernel", "squared", "fast")


def test_half_a_step_misses_the_limit() -> None:
    """Half the rate at infinite width: its first steps are nowhere near those of the whole rate."""
    whole, half = limit(ControlledDivergence(), np.array(2.0)), limit(ControlledDivergence(rate=0.5), np.array(2.0))
    tolerance = TARGETS["limit"].goal
    assert np.abs(whole[0] - half[0]).max() > 10 * tolerance
    assert np.abs(whole[1] - half[1]).max() > 10 * tolerance


def test_labels_of_which_half_say_yes_pull_nowhere() -> None:
    outputs, kernels = limit(ControlledDivergence(yes=0.5), np.array([2.0, 1.9]))
    np.testing.assert_array_equal(outputs, 0)
    np.testing.assert_array_equal(kernels, np.broadcast_to([2.0, 1.9], (6, 2)))


def test_before_any_step_the_targets_of_the_end_are_missed() -> None:
    arrays = run()
    early = ControlledDivergence()
    read = {name: {arm: arrays[f"{name}/{arm}"][:2] for arm in module.ARMS} for name in ("output", "kernel")}
    missed(SCENE.derive(early, **read, step=arrays["step"][:2]), "root", "largest", "kernel", "squared", "fast")


def test_what_is_drawn_is_what_was_measured() -> None:
    arrays = run()
    made, ticks = arrays["step"] // 8, arrays["step"] % 8
    losses = {
        "ce": lambda f: 0.7 * np.logaddexp(0, -f) + 0.3 * np.logaddexp(0, f),
        "mse": lambda f: (f - 0.4) ** 2 / 2,
    }
    for name, loss in losses.items():
        outputs, balls = arrays[f"output/{name}"][:, -1].astype(float), arrays[f"ball/{name}"][:, 0]
        landed = (ticks == 0) & (made < (3 if name == "mse" else 41))
        np.testing.assert_allclose(balls[landed, 0], outputs[landed], rtol=1e-6)
        np.testing.assert_allclose(balls[landed, 1], loss(outputs[landed]), rtol=1e-4)
        np.testing.assert_allclose(arrays[f"hill/{name}"], loss(arrays["across"]), rtol=1e-9)
    arcs, ends = arrays["arcs/ce"], by_step(arrays, "output/ce")[:, -1]
    for jump in range(3):  # an arc is seen once the ball has landed, and joins where it was to where it is
        seen = made > jump
        np.testing.assert_allclose(arcs[seen, jump, 0, 0], ends[jump], rtol=1e-6)
        np.testing.assert_allclose(arcs[seen, jump, -1, 0], ends[jump + 1], rtol=1e-6)
        np.testing.assert_allclose(np.ptp(arcs[~seen, jump], axis=1), 0, atol=1e-9)
    np.testing.assert_array_equal(arrays["kernel_now"], arrays["kernel/ce"][:, -1])
    drawn = arrays["kernel_limit"][-1, 0, :, 1]
    np.testing.assert_allclose(drawn, arrays["kernel/ce"][: len(drawn), -1], atol=1e-3)


def test_the_states_are_what_they_say() -> None:
    arrays = run()
    made, states = arrays["step"] / 8, arrays["state"]
    assert sorted(set(states.tolist())) == [0, 1, 2, 3, 4]
    assert (made[states == 0] == 0).all()
    assert (made[states == 1] < 1).all()
    assert made[states == 2].min() == 1
    assert (arrays["output/mse"][states == 3, -1] > 1e5).all()
    assert np.abs(np.diff(arrays["output/ce"][states == 4, -1])).max() < 12


@pytest.mark.parametrize(("field", "value"), [("yes", 1.0), ("rate", 0.0), ("slow", 99.0), ("steps", 3)])
def test_a_senseless_value_is_named_before_anything_trains(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        ControlledDivergence(**{field: value})
