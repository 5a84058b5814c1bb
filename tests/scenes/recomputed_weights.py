"""What four scenes of learning mechanics measure, again: scene -> the arrays of one frame, from `--data` and NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from tests.scenes.three_frames import Frame, double

Arrays = dict[str, Any]


def at_first(frame: Frame, name: str) -> np.ndarray:
    """What is measured at the first frame, from which everything else follows."""
    return double(frame.data[name][0])


def steps_made(frame: Frame) -> int:
    return int(frame.data["step"][frame.number])


# Neurons of which only the direction counts


def norm_equilibrium(frame: Frame) -> Arrays:
    config, step, aims = frame.config, steps_made(frame), frame.constant("teachers")
    rows = {arm: frame.measured(f"weights/{arm}") for arm in ("flow", "steps", "decay")}
    norms = {arm: (array**2).sum(axis=1) for arm, array in rows.items()}
    first = (at_first(frame, "weights/steps") ** 2).sum(axis=1)
    lengths = np.sqrt(norms["decay"])
    noise = (config["rate"] * config["noise"]) ** 2
    return {
        "teachers": np.exp(2j * np.pi * np.arange(len(aims)) / len(aims)).view(float).reshape(-1, 2)[:, ::-1],
        "weights/flow": flowed(at_first(frame, "weights/flow"), aims, config["rate"] * step),
        **{f"law/{arm}": norms[arm] for arm in ("steps", "decay")},  # a step and w are at right angles
        "loss": (1 - (rows["decay"] * aims).sum(axis=1) / lengths).mean(),
        "average_off": np.abs(np.sqrt(frame.measured("average")) / norms["decay"] - 1).max(),
        "least_growth": (norms["steps"] / first).min(),
        "growth": (norms["steps"] ** 2).mean() / ((first**2).mean() + 2 * noise * step),
        "spread": lengths.std() / lengths.mean(),
    }


def flowed(start: np.ndarray, aims: np.ndarray, time: float) -> np.ndarray:
    """Weights after a time of gradient flow of 1 - cos alpha: |w| stays, d alpha/dt = -sin(alpha)/|w|^2 turns them."""
    places, goals = (rows @ [1, 1j] for rows in (start, aims))
    angles = np.angle(places / goals)
    left = 2 * np.arctan(np.tan(angles / 2) * np.exp(-time / np.abs(places) ** 2))
    now = np.abs(places) * goals * np.exp(1j * left)
    return np.stack([now.real, now.imag], axis=1)


# One layer's learning rule is flipped


def curl_descent(frame: Frame) -> Arrays:
    config = frame.config
    arms = {"gradient": 1.0, "flipped": config["flip"]}
    time = config["dt"] * steps_made(frame)
    places = {arm: frame.measured(f"weights/{arm}") for arm in arms}
    errors = {arm: 1 - rows[:, 0] * rows[:, 1] for arm, rows in places.items()}
    starts = [at_first(frame, name) for name in ("incoming", "readout")]
    incoming, readout, turn = network_course(*starts, time)
    output = (frame.measured("incoming") * frame.measured("readout")).sum(axis=1)
    half, learned = config["copies"] // 2, np.abs(errors["flipped"]) < 1e-3
    squares = {arm: rows**2 @ [-sign, 1] for (arm, rows), sign in zip(places.items(), (1, -1), strict=True)}
    return {
        **{f"weights/{arm}": pair_course(at_first(frame, f"weights/{arm}"), arms[arm], time) for arm in arms},
        **{f"errors/{arm}": error for arm, error in errors.items()},
        **{f"kept/{arm}": kept for arm, kept in squares.items()},  # a^2 - w^2, and a^2 + w^2
        "incoming": incoming,
        "readout": readout,
        "turn": turn,
        "output": output,
        "loss": (errors["flipped"] ** 2).mean() / 2,
        "outside_error": np.abs(errors["flipped"][half:]).max(),
        "missorted": learned[:half].sum() + (~learned[half:]).sum(),
        "networks_error": np.abs(1 - output[:3]).max(),
    }


def pair_course(start: np.ndarray, sign: float, time: float) -> np.ndarray:
    """Pairs (w, a) after a time of dw/dt = a e, da/dt = sign w e, e = 1 - a w."""

    def velocity(w: np.ndarray, a: np.ndarray) -> tuple[np.ndarray, ...]:
        error = 1 - a * w
        return a * error, sign * w * error

    return np.stack(course(velocity, (start[:, 0], start[:, 1]), time), axis=1)


def network_course(incoming: np.ndarray, readout: np.ndarray, time: float) -> tuple[np.ndarray, ...]:
    """The same of four networks, whose first 0, 3/8, 3/4 or all units are flipped; and the integral of their errors."""
    units = np.arange(incoming.shape[1]) / incoming.shape[1]
    sign = np.where(units < np.array([0, 3 / 8, 3 / 4, 1])[:, None], -1, 1)

    def velocity(w: np.ndarray, a: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, ...]:
        error = 1 - (w * a).sum(axis=1)
        return a * error[:, None], sign * w * error[:, None], error

    return course(velocity, (incoming, readout, np.zeros(len(incoming))), time)


def course(velocity: Callable[..., Any], start: tuple[np.ndarray, ...], time: float) -> tuple[np.ndarray, ...]:
    """Where arrays end that move with a velocity for a time, to ten digits."""
    cuts = np.cumsum([array.size for array in start])[:-1]

    def parts(row: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(part.reshape(array.shape) for part, array in zip(np.split(row, cuts), start, strict=True))

    def joined(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
        return np.concatenate([array.ravel() for array in arrays])

    if not time:
        return start
    found = solve_ivp(
        lambda _, row: joined(velocity(*parts(row))), (0, time), joined(start), "DOP853", rtol=1e-10, atol=1e-10
    )
    return parts(found.y[:, -1])


# Rates too large for where one is


def output_and_kernel(incoming: np.ndarray, readout: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of networks u.v/sqrt n in the last axis: what they answer, and the squared length of its gradient."""
    width = incoming.shape[-1]
    return (incoming * readout).sum(axis=-1) / width**0.5, (incoming**2 + readout**2).sum(axis=-1) / width


def catapult(frame: Frame) -> Arrays:
    config, step = frame.config, steps_made(frame)
    outputs, curvatures = output_and_kernel(frame.raw("incoming"), frame.raw("readout"))
    first = output_and_kernel(*(double(frame.data[f"raw/{name}"][0]) for name in ("incoming", "readout")))
    rates = np.append([1, 3, 3.7, 4.3], np.linspace(0.1, 3.9, 40)) / first[1]
    full, half = (
        descended(at_first(frame, name), rate, step)
        for name, rate in (("full", config["rate"]), ("half", config["rate"] / 2))
    )
    pairs, sharpness = frame.measured("full"), rates * curvatures
    off = np.abs(sharpness - rates * two_numbers(*first, rates, config["width"], step)[1])
    errors, losses = pairs.prod(axis=1) - 1, np.minimum(outputs**2 / 2, 1e8)
    kept = curvatures / first[1]
    return {
        "rates": rates,
        "outputs": outputs,
        "curvatures": curvatures,
        "full": full,
        "half": half,
        "loss": (errors**2).mean() / 2,
        "law_off": off[1:3].max(),
        "dial_off": off[4:].max(),
        "kept": kept[0],
        "caught_sharpness": sharpness[1:3],
        "caught_loss": losses[1:3],
        "divergent_loss": losses[3],
        "dial_kept": kept[4:][rates[4:] * first[1][4:] < 1.9].min(),
        "dial_sharpness": sharpness[4:][rates[4:] * first[1][4:] > 2.05].max(),
        "dial_output": np.abs(outputs[4:]).max(),
        "pair_sharpness": config["rate"] * (pairs**2).sum(axis=1).max(),
        "pair_error": np.abs(errors).max(),
    }


def descended(pairs: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """Pairs (u, v) after steps of gradient descent on (u v - 1)^2/2."""
    for _ in range(steps):
        pairs = pairs - rate * (pairs.prod(axis=1, keepdims=True) - 1) * pairs[:, ::-1]
    return pairs


def two_numbers(
    f: np.ndarray, kernel: np.ndarray, rates: np.ndarray, width: int, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and kernels after steps on f^2/2: f (1 - r k + r^2 f^2/n) and k + r f^2/n (r k - 4), until f > 1000 n."""
    for _ in range(steps):
        step = np.where(np.abs(f) <= 1e3 * width, rates, 0)
        f, kernel = (
            f * (1 - step * kernel + (step * f) ** 2 / width),
            kernel + step * f**2 / width * (step * kernel - 4),
        )
    return f, kernel


def controlled_divergence(frame: Frame) -> Arrays:
    yes, arms = frame.config["yes"], ("ce", "mse", "ce_fast", "mse_slow")
    widths = [4**power for power in range(2, 8)]
    found = [output_and_kernel(*(frame.raw(f"{name}_{width}") for name in ("incoming", "readout"))) for width in widths]
    outputs, kernels = (np.stack(each, axis=1) for each in zip(*found, strict=True))
    widest = outputs[0, -1]
    return {
        **{f"output/{arm}": row for arm, row in zip(arms, outputs, strict=True)},
        **{f"kernel/{arm}": row for arm, row in zip(arms, kernels, strict=True)},
        "loss": yes * np.log1p(np.exp(-widest)) + (1 - yes) * np.log1p(np.exp(widest)),
    }
