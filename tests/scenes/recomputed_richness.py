"""What the scenes on richness measure, again: scene -> the arrays of one frame, from `--data` and plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests import oracles
from tests.scenes.three_frames import Frame, signed_as

Arrays = dict[str, Any]


def by_run(name: str, values: dict[str, Any]) -> Arrays:
    return {f"{name}/{run}": value for run, value in values.items()}


def net(frame: Frame, run: str, modes: int) -> Arrays:
    """Both forms of D_LR and the three curves, of one network."""
    features, outputs, targets = (frame.raw(f"{name}{run}") for name in ("features", "outputs", "targets"))
    return {
        "low_rank": oracles.low_rank(features, outputs),
        "low_rank_practical": oracles.practical(features, outputs),
        "quality": oracles.share_in_modes(features, targets, modes),
        "utilization": oracles.share_in_modes(features, outputs, modes),
        "eigenvalues": oracles.relative_eigenvalues(features, modes),
    }


def nets(frame: Frame, *runs: str) -> tuple[Arrays, dict[str, float], dict[str, float]]:
    """Arrays of every network, and losses and train accuracies by network."""
    found = {run: net(frame, f"_{run}", frame.config["modes"]) for run in runs}
    arrays = {f"{name}/{run}": value for run, of_run in found.items() for name, value in of_run.items()}
    outputs, targets = ({run: frame.raw(f"{name}_{run}") for run in runs} for name in ("outputs", "targets"))
    losses = {run: oracles.squared_error(outputs[run], targets[run]) for run in runs}
    fitted = {run: oracles.accuracy(outputs[run], targets[run].argmax(axis=1)) for run in runs}
    return arrays, losses, fitted


def unseen_accuracies(frame: Frame, *runs: str) -> dict[str, float]:
    return {run: oracles.accuracy(frame.raw(f"test_outputs_{run}"), frame.raw("test_labels")) for run in runs}


def rich_vs_lazy(frame: Frame) -> Arrays:
    runs = ("rich", "lazy")
    arrays, losses, fitted = nets(frame, *runs)
    unseen = unseen_accuracies(frame, *runs)
    digits, strips = frame.raw("test_labels"), frame.raw("test_strips")
    lies = digits != strips
    asked = np.flatnonzero(lies & (digits == 6))[0]
    for run in runs:
        answers = frame.raw(f"test_outputs_{run}").argmax(axis=1)
        image, strip = (answers == digits)[lies].mean(), (answers == strips)[lies].mean()
        arrays[f"follows_image/{run}"], arrays[f"follows_strip/{run}"] = image, strip
        arrays[f"follows_neither/{run}"] = 1 - image - strip
        arrays[f"answers/{run}"] = answers[asked]
    return {
        **arrays,
        "image_says": digits[asked],
        "strip_says": strips[asked],
        **by_run("train_accuracy", fitted),
        **by_run("test_accuracy", unseen),
        "loss": losses["rich"],
        "loss_lazy": losses["lazy"],
        "low_rank_gap": arrays["low_rank/lazy"] - arrays["low_rank/rich"],
        "test_gap": unseen["lazy"] - unseen["rich"],
    }


def same_score(frame: Frame) -> Arrays:
    """D_LR is of all training images, the directions are of the first 100."""
    runs = ("rich", "lazy")
    arrays, losses, fitted = nets(frame, *runs)
    arrays = {name: values for name, values in arrays.items() if name.startswith("low_rank")}
    unseen = unseen_accuracies(frame, *runs)
    for run in runs:
        features, outputs = (frame.raw(f"{name}_{run}")[:100] for name in ("features", "outputs"))
        strength = oracles.variances(features)[:100] / oracles.variances(features).sum()
        shares = oracles.share_in_modes(features, outputs, 100)
        use = 9 * np.diff(shares, prepend=0)
        modes = frame.config["modes"]
        arrays[f"in_modes/{run}"], arrays[f"used/{run}"] = shares[8], (strength * use).sum()
        arrays[f"strength/{run}"], arrays[f"use/{run}"] = strength[:modes], use[:modes]
    return {
        **arrays,
        **by_run("train_accuracy", fitted),
        **by_run("test_accuracy", unseen),
        "loss": losses["rich"],
        "loss_lazy": losses["lazy"],
        "low_rank_gap": arrays["low_rank/lazy"] - arrays["low_rank/rich"],
        "test_gap": unseen["rich"] - unseen["lazy"],
    }


def rate_and_decay(frame: Frame) -> Arrays:
    rates, decays = ("small", "middle", "large"), ("none", "some", "much")
    runs = (*rates, *decays, "entropy")
    arrays, losses, fitted = nets(frame, *runs)
    arrays = {name: values for name, values in arrays.items() if name.startswith("low_rank")}
    exact, practical = ({run: arrays[f"{form}/{run}"] for run in runs} for form in ("low_rank", "low_rank_practical"))
    used = {}
    for run in runs:
        features, outputs = frame.raw(f"features_{run}"), frame.raw(f"outputs_{run}")
        shares = np.diff(oracles.share_in_modes(features, outputs, features.shape[1]), prepend=0)
        used[run] = oracles.entropy_rank(np.maximum(shares, 0))
        arrays[f"use/{run}"] = 9 * shares[: frame.config["modes"]]
        strength = oracles.variances(features)
        arrays[f"uneven/{run}"] = strength[0] / strength[8]
    return {
        **arrays,
        **by_run("modes_used", used),
        **by_run("train_accuracy", fitted),
        **by_run("test_accuracy", unseen_accuracies(frame, *runs)),
        "loss": losses["middle"],
        "rate_low_rank_fall": exact["small"] - exact["large"],
        "rate_modes_fall": -max(np.diff([used[run] for run in rates])),
        "decay_low_rank_fall": exact["none"] - exact["much"],
        "decay_practical_fall": practical["none"] - practical["much"],
        "decay_modes_fall": -max(np.diff([used[run] for run in decays])),
        "entropy_low_rank_rise": exact["entropy"] - exact["none"],
        "entropy_practical_fall": practical["none"] - practical["entropy"],
        "lowest_train_accuracy": min(fitted.values()),
    }


def label_shuffling(frame: Frame) -> Arrays:
    runs = ("none", "some", "all")
    arrays, losses, fitted = nets(frame, *runs)
    richness = [arrays[f"low_rank/{run}"] for run in runs]
    for run in runs:
        outputs = frame.raw(f"outputs_{run}")
        singular = np.linalg.svd(outputs - outputs.mean(axis=0), compute_uv=False)
        arrays[f"rank/{run}"] = (singular > 0.05 * singular[0]).sum()
        arrays[f"labels_wrong/{run}"] = (frame.raw(f"targets_{run}").argmax(axis=1) != frame.raw("labels")).mean()
    return {
        **arrays,
        **by_run("test_accuracy", unseen_accuracies(frame, *runs)),
        **by_run("fitted", fitted),
        "loss": losses["none"],
        "loss_some": losses["some"],
        "loss_all": losses["all"],
        "low_rank_most": max(richness),
        "low_rank_spread": np.ptp(richness),
        "train_accuracy": min(fitted.values()),
    }


def target_downscaling(frame: Frame) -> Arrays:
    runs = ("small", "middle", "large")
    arrays, losses, fitted = nets(frame, *runs)
    scaled = {run: losses[run] / frame.raw(f"targets_{run}").max() ** 2 for run in runs}  # in units of the targets
    labels, start = frame.raw("labels"), Frame(frame.data, frame.config, 0)
    for run in runs:
        features = frame.raw(f"features_{run}")
        arrays[f"kernel_left/{run}"] = oracles.kernel_alignment(start.raw(f"features_{run}"), features)
        arrays[f"nc1_ridge/{run}"] = oracles.nc1(features, labels, frame.config["ridge"])
        arrays[f"nc1_inverse/{run}"] = oracles.nc1(features, labels)
        arrays[f"squared_norm/{run}"] = (frame.raw(f"parameters_{run}") ** 2).sum()
        strength = oracles.variances(features)
        use = 9 * np.diff(oracles.share_in_modes(features, frame.raw(f"outputs_{run}"), features.shape[1]), prepend=0)
        arrays[f"used/{run}"] = (strength * use).sum() / strength.sum()
        arrays[f"use/{run}"] = use
        arrays[f"strength/{run}"] = strength / strength.sum()
    return {
        **arrays,
        "loss": scaled["small"],
        "loss_middle": scaled["middle"],
        "loss_large": scaled["large"],
        "smallest_gap": np.diff([arrays[f"low_rank/{run}"] for run in runs]).min(),
        "train_accuracy": min(fitted.values()),
    }


def scalar_regression(frame: Frame) -> Arrays:
    runs = ("scalar", "classes")
    arrays, losses, fitted = nets(frame, *runs)
    for run in runs:
        features, outputs = frame.raw(f"features_{run}"), frame.raw(f"outputs_{run}")
        shares = np.diff(oracles.share_in_modes(features, outputs, features.shape[1]), prepend=0)
        arrays[f"modes_used/{run}"] = oracles.entropy_rank(shares)
    return {
        **arrays,
        "loss": losses["scalar"],
        "loss_classes": losses["classes"],
        "train_accuracy": fitted["classes"],
    }


def weight_decay_only(frame: Frame) -> Arrays:
    features, labels, modes = frame.raw("features"), frame.raw("labels"), frame.config["modes"]
    arrays = net(frame, "", modes)
    curves = {f"{name}/net": arrays.pop(name) for name in ("quality", "utilization", "eigenvalues")}
    start = Frame(frame.data, frame.config, 0)
    ridge = frame.config["ridge"]
    ridged = oracles.nc1(features, labels, ridge)
    norm, norm_then = ((now.raw("parameters") ** 2).sum() for now in (frame, start))
    return {
        **arrays,
        **curves,
        "variances": oracles.variances(features)[:modes],
        "spread/inside": oracles.within_variance(features, labels),
        "spread/between": oracles.between_variance(features, labels),
        "factor": (norm / norm_then) ** 0.5,
        "squared_norm": norm,
        "nc1_ridge": ridged,
        "nc1_inverse": oracles.nc1(features, labels),
        "nc1_quotient": oracles.within_variance(features, labels) / oracles.between_variance(features, labels),
        "nc1_fall": oracles.nc1(start.raw("features"), labels, ridge) / ridged,
    }


def grokking(frame: Frame) -> Arrays:
    outputs, labels = frame.raw("outputs"), frame.raw("labels")
    features, unseen, test_labels = frame.raw("features"), frame.raw("test_outputs"), frame.raw("test_labels")
    classes, modes = outputs.shape[1], features.shape[1]
    targets, test_targets = oracles.one_hot(labels, classes), oracles.one_hot(test_labels, classes)
    every, right = np.concatenate([outputs, unseen]), np.concatenate([targets, test_targets]) > 0
    margins = np.empty((classes, classes))
    first, second = np.concatenate([frame.raw("pairs"), frame.raw("test_pairs")]).T
    margins[first, second] = every[right] - np.where(right, -np.inf, every).max(axis=1)
    return {
        "loss": oracles.squared_error(outputs, targets),
        "test_loss": oracles.squared_error(unseen, test_targets),
        "accuracy": oracles.accuracy(outputs, labels),
        "test_accuracy": oracles.accuracy(unseen, test_labels),
        "low_rank": oracles.low_rank(features, outputs),
        "low_rank_practical": oracles.practical(features, outputs),
        "quality": oracles.share_in_modes(features, targets, modes),
        "utilization": oracles.share_in_modes(features, outputs, modes),
        "relative_eigenvalues": oracles.relative_eigenvalues(features, modes),
        "margins": margins,
    }


def nystrom(frame: Frame) -> Arrays:
    """Of each draw, from its second moments: |e_hat - e|^2 = |e_hat|^2 - 2 <e_hat|e> + 1 where the e_k are known."""
    samples, dim = frame.config["fewest"] + frame.config["rows"] * frame.data["step"][frame.number], frame.config["dim"]
    pooled, moments = frame.config["pooled"], frame.raw("second_moments")
    arrays: Arrays = {"samples": samples, "errors": []}
    luck = ((np.diagonal(moments, axis1=1, axis2=2)[:, :pooled] - 1) ** 2).mean() - 2 / samples
    for exponent in ("1", "1_5", "2", "0_5"):
        true = np.arange(1.0, dim + 1) ** -float(exponent.replace("_", "."))
        values, vectors = np.linalg.eigh(true[:, None] ** 0.5 * moments * true**0.5)
        values, vectors = values[:, ::-1], vectors[:, :, ::-1]
        squares, most = vectors**2, np.arange(1, dim + 1)
        arrays[f"value_errors/{exponent}"] = ((values / true - 1) ** 2).mean(axis=0)
        same = np.diagonal(squares, axis1=1, axis2=2)
        arrays[f"direction_lost/{exponent}"] = 1 - (same[:, : dim // 2] ** 0.5).mean(axis=0)
        arrays[f"space_lost/{exponent}"] = 1 - np.array([squares[:, :k, :k].sum() / k for k in most]) / len(squares)
        if exponent == "1":
            arrays["single_found"] = same[:, : dim // 2].mean()
        values, vectors = values[:, :pooled], vectors[:, :, :pooled]
        coefficients = true[:, None] ** 0.5 * vectors / values[:, None] ** 0.5  # of e_hat in the e_k, (draws, dim, k)
        overlaps = np.abs(coefficients[:, np.arange(pooled), np.arange(pooled)])
        rows = frame.raw(f"features_{exponent}")[:samples]
        arrays["errors"].append(((values / true[:pooled] - 1) ** 2).mean() - (1 - dim / samples) * luck)
        arrays[f"function_errors/{exponent}"] = ((coefficients**2).sum(axis=1) - 2 * overlaps + 1).mean(axis=0)
        arrays[f"eigenvalues/{exponent}"] = np.linalg.eigvalsh(rows.T @ rows / samples)[::-1]
    return arrays


def heaviside_features(frame: Frame) -> Arrays:
    modes, features, outputs = frame.config["modes"], frame.raw("features"), frame.raw("outputs")
    functions = oracles.eigenfunctions(features)[:, :3] * len(features) ** 0.5
    quality = oracles.share_in_modes(features, frame.raw("targets"), modes)
    utilization = oracles.share_in_modes(features, outputs, modes)
    changes = np.count_nonzero(np.diff(functions > 0, axis=0), axis=0)
    return {
        "loss": ((outputs - frame.raw("targets")) ** 2).mean(),
        "output": outputs[:, 0],
        "functions": signed_as(functions, frame.measured("functions").T).T,
        "units": features[:, :24].T,
        "quality": quality,
        "utilization": utilization,
        "first_quality": quality[0],
        "first_utilization": utilization[0],
        "relative_eigenvalues": oracles.relative_eigenvalues(features, modes),
        "low_rank": oracles.low_rank(features, outputs),
        **{f"sign_changes/{k + 1}": changes[k] for k in range(3)},
    }


def mode_saturation(frame: Frame) -> Arrays:
    outputs, functions, modes = frame.raw("outputs"), frame.raw("true_functions"), frame.config["modes"]
    return {
        "loss": oracles.squared_error(outputs, frame.raw("targets")) / 2,
        "output": outputs[:, 0],
        "learned": functions.T @ outputs[:, 0] / len(outputs) / frame.constant("coefficients"),
        "utilization": oracles.share_in_modes(frame.raw("features"), outputs, modes),
        "target": frame.raw("targets")[:, 0],
    }


def inductive_bias(frame: Frame) -> Arrays:
    """Gradient flow in closed form: weights V (1 - exp(-S^2 t)) / S U'y, the time in units of 1/s_1^2."""
    config, points, values = frame.config, frame.constant("points"), frame.constant("values")
    k = np.arange(1, config["modes"] + 1)
    time = 10 ** (config["first"] + (config["last"] - config["first"]) * frame.turned)
    arrays: Arrays = {"time": time}
    for model, sign in {"falling": -1, "rising": 1}.items():
        amplitudes = k ** (sign * config["exponent"] / 2)
        amplitudes = amplitudes / amplitudes.max()
        sines, grid = (np.sin(np.pi * np.outer(x, k)) for x in (points, np.linspace(0, 1, 201)))
        left, singular, right = np.linalg.svd(sines * amplitudes, full_matrices=False)
        shares = -np.expm1(-((singular / singular[0]) ** 2) * time) / singular
        coefficients = amplitudes * (right.T @ (shares * (left.T @ values)))
        missed, energies = sines @ coefficients - values, coefficients**2 / (coefficients**2).sum()
        least = grid @ (amplitudes * (np.linalg.pinv(sines * amplitudes, rcond=1e-12) @ values))
        of_model = {
            "function": grid @ coefficients,
            "coefficients": coefficients,
            "loss": (missed**2).mean() / 2,
            "missed": np.abs(missed).max(),
            "energies": energies,
            "low_energy": energies[:3].sum(),
            "off": np.linalg.norm(grid @ coefficients - least) / np.linalg.norm(least),
        }
        arrays |= {f"{name}/{model}": value for name, value in of_model.items()}
    return arrays


def task_alignment(frame: Frame) -> Arrays:
    """By the definition, M = D Z'(Z D Z')^-1 Z, of the samples so far; the laws by bisection of their own."""
    config, rows, samples = frame.config, frame.raw("rows"), int(frame.measured("samples"))
    strengths = np.arange(1.0, config["dim"] + 1) ** -config["exponent"]
    seen = rows[:, :samples]
    spread = strengths[:, None] * np.swapaxes(seen, 1, 2)
    maps = spread @ np.linalg.solve(seen @ spread, seen)
    shares = np.diagonal(maps, axis1=1, axis2=2)
    expected = oracles.learnability(strengths, samples) if samples else np.zeros(len(strengths))
    early = np.sqrt(strengths / strengths.sum())
    arrays: Arrays = {
        "samples": samples,
        "trace_off": np.abs(shares.sum(axis=1) - samples).max() / max(samples, 1),
        "learned": shares.mean(axis=0),
        "expected_learned": expected,
    }
    for name, target in (("early", early), ("late", early[::-1])):
        answers = maps @ target
        left = ((1 - expected) ** 2 * target**2).sum()
        arrays |= {
            f"error/{name}": ((target - answers) ** 2).sum(axis=1).mean(),
            f"expected_error/{name}": left / (1 - (expected**2).sum() / max(samples, 1)),
            f"answer/{name}": np.sqrt((answers**2).mean(axis=0).reshape(10, -1).sum(axis=1)),
        }
    return arrays
