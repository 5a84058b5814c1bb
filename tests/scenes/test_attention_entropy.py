"""Rows of attention as flows of their own that SciPy integrates, what breaks the laws, and what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import lambertw, softmax
from scipy.stats import entropy

from render.scene import family, flat
from render.training import trajectory
from scenes.dynamics.attention_entropy import SCENE, AttentionEntropy, State, gap_law, held_end
from tests import conftest

T, HEADS = 24, ("zero", "free", "held")
TARGETS = SCENE.targets(AttentionEntropy())
WANTED = np.log(T) / 2


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def least(gap: float) -> float:
    """Entropy of one score that stands over 23 equal ones."""
    return float(entropy(softmax(gap * np.eye(T)[0])))


@pytest.mark.parametrize(("head", "pull"), [("free", 0.0), ("held", 4.0)])
def test_the_row_that_is_drawn_follows_the_flow_of_free_logits(head, pull):
    """Queries and keys are orthonormal, so that the flow of the weights is that of each row's logits."""
    arrays = run()

    def flow(_: float, logits: np.ndarray) -> np.ndarray:
        shares = softmax(logits)
        bits = np.log(shares)
        spread = -(shares * bits).sum()
        return np.eye(T)[T // 2] - shares + pull * (spread - WANTED) * shares * (bits + spread)

    frames = [8, 30, 60, 89]
    times = 0.25 * arrays["step"][frames]
    start = arrays[f"scores/{head}"][0].astype(np.float64)
    assert np.linalg.norm(start) == pytest.approx(4, abs=1e-5)
    found = solve_ivp(flow, (0, 600), start, t_eval=times, rtol=1e-8, atol=1e-9).y.T
    np.testing.assert_allclose(arrays[f"scores/{head}"][frames], found, atol=3e-3)
    np.testing.assert_allclose(arrays[f"weights/{head}"][frames], softmax(found, axis=1), atol=1e-3)
    np.testing.assert_allclose(
        arrays[f"entropy/{head}"][frames, T // 2], entropy(softmax(found, axis=1), axis=1), atol=2e-3
    )
    np.testing.assert_allclose(arrays[f"length/{head}"][frames, T // 2], np.linalg.norm(found, axis=1), atol=5e-3)


def test_the_zero_start_opens_its_gap_as_lamberts_function_says_and_stays_on_the_edge():
    arrays = run()
    seen = [0, 5, 20, 50, 89]
    reach = (1 + T * 0.25 * arrays["step"][seen]) / (T - 1)
    exact = reach - lambertw(np.exp(reach) / (T - 1)).real
    np.testing.assert_allclose(gap_law(AttentionEntropy(), arrays["step"])[seen], exact, atol=1e-9)
    np.testing.assert_allclose(arrays["gap"][seen], np.tile(exact[:, None], T), atol=1e-4)
    np.testing.assert_allclose(arrays["entropy/zero"][seen, 0], [least(gap) for gap in exact], atol=1e-4)


def test_held_rows_stop_where_pull_and_training_are_in_balance():
    arrays = run()

    def slope(gap: float) -> float:
        weight = softmax(gap * np.eye(T)[0])[0]
        return 4 * (WANTED - least(gap)) * gap * weight - 1

    gap = brentq(slope, 3, 6)
    assert held_end(AttentionEntropy()) == pytest.approx((gap, least(gap)), abs=1e-9)
    assert (gap, least(gap)) == (pytest.approx(4.042, abs=1e-3), pytest.approx(1.502, abs=1e-3))
    np.testing.assert_allclose(arrays["entropy/held"][-1], least(gap), atol=0.02)
    assert arrays["length/held"].max() > 6 > 4.5 > arrays["length/held"][-1].max()
    assert arrays["looked/held"][-1] == pytest.approx(np.exp(least(gap)), abs=0.05)


def missed(arrays: dict[str, np.ndarray], *keys: str) -> None:
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values


def derived(changed: dict[str, np.ndarray], config: AttentionEntropy | None = None) -> dict[str, np.ndarray]:
    """Arrays of a run that measured something else, or was made by another configuration."""
    arrays = {**run(), **changed}
    given = {name: family(arrays, name) for name in SCENE.derive_reads}
    return {**arrays, **flat(SCENE.derive(config or AttentionEntropy(), **given))}


def test_entropies_in_bits_and_lengths_that_are_not_centred_miss():
    arrays = run()
    bits = {f"entropy/{head}": arrays[f"entropy/{head}"] / np.log(2) for head in HEADS}
    missed(derived(bits), "upper", "zero", "held")
    half = {f"length/{head}": arrays[f"length/{head}"] / 2 for head in HEADS}
    missed(derived({**half, "gap": arrays["gap"] / 2}), "lower", "gap", "zero")


def test_no_training_no_pull_and_another_rate_miss():
    arrays = run()
    names = [name for name in arrays if name.split("/")[0] in SCENE.derive_reads and name != "step"]
    missed(derived({name: arrays[name][:1].repeat(90, axis=0) for name in names}), "gap", "free", "held")
    missed(derived({"entropy/held": arrays["entropy/free"], "length/held": arrays["length/free"]}), "held")
    missed(derived({}, AttentionEntropy(dt=0.5)), "gap")


def test_keys_of_another_length_miss():
    def init(config: AttentionEntropy, key: Any) -> State:
        state = SCENE.init(config, key)
        return state._replace(keys=1.2 * state.keys)

    config = AttentionEntropy(steps=24, frames=3)
    missed(trajectory.run(dataclasses.replace(SCENE, init=init), config).arrays, "gap")


def test_what_is_drawn_is_what_was_measured():
    arrays = run()
    for head in ("free", "held"):
        np.testing.assert_allclose(arrays[f"rows/{head}"][..., 0], arrays[f"length/{head}"], rtol=1e-6)
        np.testing.assert_allclose(np.log(arrays[f"rows/{head}"][..., 1]), arrays[f"entropy/{head}"], atol=1e-6)
        np.testing.assert_array_equal(arrays[f"ringed/{head}"][:, 0], arrays[f"rows/{head}"][:, T // 2])
        np.testing.assert_array_equal(arrays[f"stems/{head}"][:, :, 1], arrays[f"tips/{head}"])
        np.testing.assert_allclose(arrays[f"tips/{head}"][..., 1], arrays[f"scores/{head}"])
        seen = arrays[f"weights/{head}"] > 0.06**2
        np.testing.assert_allclose(arrays[f"shares/{head}"][seen] ** 2, arrays[f"weights/{head}"][seen], rtol=1e-5)
        below = np.interp(arrays[f"rows/{head}"][..., 0], *arrays["border"][0].T)
        assert (arrays[f"rows/{head}"][..., 1] > below - 1e-2).all()
        there = arrays[f"named/{head}"][:, 0] < 50
        assert there[[60, 89]].all()
        assert not there[0]
        assert there[24] == (head == "held")  # where the clouds cross, one name is enough
    gap = arrays["border"][0, 50, 0] * (T / (T - 1)) ** 0.5
    assert np.log(arrays["border"][0, 50, 1]) == pytest.approx(least(gap), abs=1e-9)


def test_states_are_read_off_the_rows_and_never_fall():
    arrays = run()
    states = arrays["state"]
    assert states.tolist() == sorted(states)
    assert set(states.tolist()) == {0, 1, 2, 3}
    for state, head in ((2, "free"), (3, "held")):
        edge = -arrays["below_lowest"][:, HEADS.index(head)].mean(axis=1)
        np.testing.assert_array_equal(states >= state, edge < 0.25 * edge[0])


@pytest.mark.parametrize(("field", "value"), [("dt", 0.0), ("pull", 1e3), ("tokens", 2), ("level", 1.0), ("dim", 16)])
def test_a_senseless_value_is_named_before_anything_trains(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        AttentionEntropy(**{field: value})
