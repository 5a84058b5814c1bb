"""Tokens under layers of attention: the law of one number in float64, what breaks it, and what is drawn."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import softmax

from render.scene import family, flat
from render.training import trajectory
from scenes.dynamics.token_collapse import SCENE, STACKS, State, TokenCollapse, layer
from scenes.dynamics.token_collapse_drawn import turned_to
from tests import conftest

TARGETS = SCENE.targets(TokenCollapse())


def run() -> dict[str, np.ndarray]:
    return conftest.default_run(SCENE.name).arrays


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def test_each_stack_is_where_layers_in_float64_take_orthogonal_tokens():
    """All four from the axes of 32 dimensions: the cosine of two tokens decides everything else."""
    arrays, eye = run(), np.eye(32)
    layers = {"bare": (0, 1, 5), "skip": (1, 0.2, 1), "sharp": (1, 0.2, 6), "split": (1, 0.2, 1)}
    for arm, (skip, gain, sharpness) in layers.items():
        rows = eye.copy()
        for at in range(31):
            gram = rows @ rows.T
            weights = softmax(sharpness * gram, axis=1)
            omega = (1 + 31 * gram[0, 1]) / max(1 - gram[0, 1], 1e-12)
            if at % 6 == 0 and omega < 1e6:
                values = np.linalg.eigvalsh(gram)
                np.testing.assert_allclose(arrays[f"ratio/{arm}"][at], omega, rtol=1e-3)
                np.testing.assert_allclose(
                    arrays[f"directions/{arm}"][at], values.sum() ** 2 / (values**2).sum(), rtol=1e-3
                )
                apart = ((rows[None] - (weights @ rows)[:, None]) ** 2).sum(axis=2)
                np.testing.assert_allclose(arrays[f"derivative/{arm}"][at], (weights**2 * apart).sum(), rtol=1e-2)
            mixed = weights @ rows
            if arm == "split":
                rows = unit(rows - rows.mean(0) + gain * (mixed - mixed.mean(0)) + mixed.mean(0))
            else:
                rows = unit(skip * rows + gain * mixed)


def test_clouds_are_on_the_ball_and_their_averages_are_theirs():
    arrays = run()
    for arm, sharpness in (("soft", 1), ("sharp", 3)):
        for frame in (0, 12, 40):
            rows = arrays[f"cloud/{arm}"][frame].astype(np.float64)
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
            mixed = softmax(sharpness * rows @ rows.T, axis=1) @ rows
            np.testing.assert_allclose(arrays[f"averages/{arm}"][frame], mixed, atol=1e-5)
            if arrays["step"][frame + 1] == arrays["step"][frame] + 1:
                np.testing.assert_allclose(arrays[f"cloud/{arm}"][frame + 1], unit(rows + 0.2 * mixed), atol=1e-5)
            np.testing.assert_allclose(arrays[f"apart/{arm}"][frame], 1 - (rows @ rows.T).min(), atol=1e-5)


def test_soft_tokens_are_one_first_and_near_the_end_distances_shrink_by_the_same_factor_a_layer():
    arrays = run()
    first = {arm: arrays["step"][np.argmax(arrays[f"widest/{arm}"] < 6)] for arm in ("soft", "sharp")}
    assert arrays["later"] == first["sharp"] - first["soft"] > 0
    assert arrays["widest/sharper"].min() > 90
    there, layers = arrays["widest/soft"], arrays["step"]
    (late,) = np.nonzero((there < 1) & (there > 0.05))
    rate = (there[late[-1]] / there[late[0]]) ** (1 / (layers[late[-1]] - layers[late[0]]))
    assert rate == pytest.approx(1 / 1.2, rel=1e-3)


def missed(arrays: dict[str, np.ndarray], *keys: str) -> None:
    values = {key: TARGETS[key].value(arrays) for key in keys}
    assert not [key for key, value in values.items() if TARGETS[key].met(value)], values


def test_a_causal_mask_misses():
    def causal(rows: Any, sharpness: Any) -> Any:
        logits = jnp.where(jnp.tri(len(rows), dtype=bool), sharpness * rows @ rows.T, -jnp.inf)
        return jax.nn.softmax(logits, axis=1) @ rows

    def step(config: TokenCollapse, state: State) -> State:
        one = jax.vmap(functools.partial(layer, attend=causal))
        return State(one(state.stacks, config.layers(STACKS)), state.clouds)

    arrays = trajectory.run(dataclasses.replace(SCENE, step=step), TokenCollapse(steps=12, frames=4)).arrays
    missed(arrays, "ratio", "directions", "derivative", "uneven")


def derived(config: TokenCollapse, measured: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays of a run that measured something else."""
    given = {name: family(measured, name) for name in SCENE.derive_reads if name != "step"}
    return {**measured, **flat(SCENE.derive(config, **given, step=measured["step"]))}


def test_logits_of_half_the_size_and_layers_that_do_nothing_miss():
    arrays = run()
    missed(derived(TokenCollapse(sharp=12.0, bare=10.0), arrays), "ratio", "directions", "derivative")
    names = [name for name in arrays if name.split("/")[0] in SCENE.derive_reads and name != "step"]
    idle = derived(TokenCollapse(), {**arrays, **{name: arrays[name][:1].repeat(72, axis=0) for name in names}})
    missed(idle, "ratio", "directions", "derivative", "skip", "sharp", "soft_one", "soft_rate", "later")


def test_with_the_split_left_out_the_two_that_keep_apart_miss():
    """It is the skip stack then, which is drawn beside it."""
    arrays = dict(run())
    arrays |= {"directions/split": arrays["directions/skip"], "apart/split": arrays["apart/soft"]}
    missed(arrays, "split", "split_apart")


def test_what_is_drawn_is_what_was_measured_turned_once():
    arrays = run()
    turn = turned_to(arrays["cloud/soft"][-1].astype(np.float64).mean(axis=0))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    for arm in ("soft", "sharp"):
        np.testing.assert_allclose(arrays[f"dots/{arm}"], arrays[f"cloud/{arm}"] @ turn.T, atol=1e-6)
        np.testing.assert_allclose(arrays[f"hubs/{arm}"], arrays[f"averages/{arm}"] @ turn.T, atol=1e-6)
        np.testing.assert_array_equal(arrays[f"ties/{arm}"][:, :, 0], arrays[f"dots/{arm}"])
        one = arrays[f"widest/{arm}"] < 6
        assert (np.abs(arrays[f"end/{arm}"][~one]) > 1.05).all()
        assert (np.linalg.norm(arrays[f"end/{arm}"][one] - arrays[f"dots/{arm}"][one, 0], axis=1) < 0.11).all()
    assert arrays["dots/soft"][-1, 0, 2] > 0.8  # at the front
    widest = np.rad2deg(np.arccos(1 - arrays["apart/soft"][:20].astype(np.float64)))
    np.testing.assert_allclose(arrays["widest/soft"][:20], widest, atol=0.05)


def test_states_are_read_off_the_tokens_and_never_fall():
    arrays = run()
    states = arrays["state"]
    assert states.tolist() == sorted(states)
    assert set(states.tolist()) == {0, 1, 2, 3}
    np.testing.assert_array_equal(states >= 2, arrays["widest/soft"] < 6)
    np.testing.assert_array_equal(states == 3, arrays["widest/sharp"] < 6)


@pytest.mark.parametrize(
    ("field", "value"), [("gain", 0.0), ("sharp", 1e3), ("apart", 1), ("count", 10**6), ("dim", 16)]
)
def test_a_senseless_value_is_named_before_anything_runs(field, value):
    with pytest.raises(ValueError, match=rf"^{field}=.* is not accepted: {field} takes [^\n]*$"):
        TokenCollapse(**{field: value})
