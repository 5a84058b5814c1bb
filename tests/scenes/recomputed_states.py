"""What the scenes of three posts measure, again: scene -> the arrays of one frame, from `--data` and plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import softmax

from tests import oracles
from tests.scenes.three_frames import Frame, signed_as

Arrays = dict[str, Any]


# The Three States of Information


def collapsing(frame: Frame) -> Arrays:
    """What the three scenes with the classifier share."""
    features, outputs, labels = frame.raw("features"), frame.raw("outputs"), frame.raw("labels")
    sizes = (frame.raw("weights") ** 2).sum() + (features**2).sum(axis=1).mean()
    return {
        "features": features,
        "loss": oracles.cross_entropy(outputs, labels) + frame.config["decay"] / 2 * sizes,
        "accuracy": oracles.accuracy(outputs, labels),
        "class_means": oracles.centred(oracles.class_means(features, labels)),
        "within_between_ratio": oracles.within_variance(features, labels) / oracles.between_variance(features, labels),
        "participation_ratio": oracles.participation_ratio(oracles.variances(features)),
    }


def neural_collapse(frame: Frame) -> Arrays:
    arrays = collapsing(frame)
    means, labels = oracles.class_means(arrays["features"], frame.raw("labels")), frame.raw("labels")
    lengths, rows = np.linalg.norm(arrays["class_means"], axis=1), oracles.unit(frame.raw("weights").T)
    cosines = oracles.cosines(arrays["class_means"])
    nearest = np.linalg.norm(arrays["features"][:, None] - means, axis=2).argmin(axis=1)
    return arrays | {
        "cosines": cosines,
        "cosine_std": cosines.std(),
        "cosine_deviation": np.abs(cosines + 1 / labels.max()).max(),
        "equinorm": lengths.std() / lengths.mean(),
        "self_duality": np.linalg.norm(rows - oracles.unit(arrays["class_means"]), axis=1).max(),
        "nearest_centre": (nearest == frame.raw("outputs").argmax(axis=1)).mean(),
        "features_free": frame.raw("features_free"),
        "accuracy_free": oracles.accuracy(frame.raw("outputs_free"), labels),
        **apart(arrays["features"], frame.raw("outputs"), labels),
        **{
            f"{name}_free": array
            for name, array in apart(frame.raw("features_free"), frame.raw("outputs_free"), labels).items()
        },
    }


def apart(features: np.ndarray, outputs: np.ndarray, labels: np.ndarray) -> Arrays:
    distances = oracles.distances(oracles.class_means(features, labels))
    return {
        "distances": distances,
        "distance_ratio": distances.max() / distances.min(),
        "low_rank": oracles.low_rank(features, outputs),
    }


def spectrum_states(frame: Frame) -> Arrays:
    values = oracles.variances(frame.raw("features"))
    shared = collapsing(frame)
    del shared["within_between_ratio"]
    return shared | {"spectrum": values / values[0]}


def information_collapse(frame: Frame) -> Arrays:
    arrays = collapsing(frame)
    features, labels = arrays["features"], frame.raw("labels")
    del arrays["participation_ratio"]
    within = oracles.variances(features - oracles.class_means(features, labels)[labels])
    between = oracles.variances(oracles.class_means(features, labels)[labels])
    return arrays | {
        "between_spectrum": between / between[0],
        "within_spectrum": within / between[0],
        "within_total": within.sum() / between[0],
        "between_modes": np.count_nonzero(between > 1e-6 * between[0]),
        "between_flatness": between[labels.max() - 1] / between[0],
    }


def simplicity_bias(frame: Frame) -> Arrays:
    outputs, labels, points = frame.raw("outputs"), frame.raw("labels"), frame.constant("points")
    linear, regions = oracles.discriminant_decisions(points, labels), frame.measured("margin") > 0
    grid = np.stack(np.meshgrid(*[np.linspace(-2.4, 2.4, len(regions))] * 2), axis=-1)
    linear_regions = grid @ frame.constant("linear_weights") + frame.constant("linear_bias") > 0
    return {
        "loss": oracles.cross_entropy(outputs, labels),
        "accuracy": oracles.accuracy(outputs, labels),
        "agreement": oracles.accuracy(outputs, linear),
        "region_agreement": (regions == linear_regions).mean(),
        "complexity": oracles.boundary_complexity(regions),
        "linear_accuracy": (linear == labels).mean(),
        "linear_complexity": oracles.boundary_complexity(linear_regions),
    }


def align_uniform(frame: Frame) -> Arrays:
    arrays = {}
    for arm in ("", "weak_"):
        views = [frame.measured(f"{arm}{name}") for name in ("features", "partners")]
        arrays[f"{arm}alignment"] = oracles.squared_error(*views)
        arrays[f"{arm}uniformity"] = oracles.uniformity(np.concatenate(views))
    return arrays | {"loss": arrays["alignment"] + arrays["uniformity"]}


# Latent on the Spectrum


def spectral_codebook(frame: Frame) -> Arrays:
    """Eigenvectors of equal eigenvalues are not unique: those found are put to the test instead."""
    config, kernel, found = frame.config, frame.measured("kernel"), frame.measured("embedding")
    ends = [round(share * config["steps"]) for share in (0, 1 / 9, 1 / 3, 1 / 2, 19 / 27, 1)]
    peak, opening, closing, gather, alike = np.clip(
        (frame.data["step"][frame.number] - ends[:-1]) / np.diff(ends), 0, 1
    )
    cut = (opening - closing) ** 1.5 / (1 + 6 * (1 - opening + closing))
    classes = np.arange(config["classes"])
    group, size = classes // (len(classes) // 3), len(classes) // 3
    apart = np.abs(np.subtract.outer(*[(1 - gather) * classes + gather * (size * group + (size - 1) / 2)] * 2))
    line, cycle = np.abs(np.subtract.outer(classes, classes)), np.minimum(apart, len(classes) - apart)
    graded = oracles.graded_kernel((1 - cut) * cycle + cut * line, config["width"])
    unlike = np.exp(-((len(classes) / 3 / config["width"]) ** 2))
    likeness = unlike + alike * (0.9 - unlike)
    pair = (group[:, None] < 2) & (group < 2) & (group[:, None] != group)
    centred = oracles.double_centred(kernel)
    values, lengths = np.linalg.eigvalsh(centred)[::-1], np.linalg.norm(found, axis=0)
    arrays = {
        "dial": frame.turned,
        "cut": cut,
        "gather": gather,
        "likeness": likeness,
        "kernel": np.where((alike > 0) & pair, likeness, (1 - peak) * np.eye(len(line)) + peak * graded),
        "end_similarity": kernel[0, -1],
        "embedding": centred @ (found / lengths) / values[:2] ** 0.5,
        "raw_codes": oracles.unit(found),
        "spectrum": values,
        "participation_ratio": oracles.participation_ratio(np.maximum(values, 0)),
    }
    if frame.which:  # at the start the straight dial's kernel is the identity, and any codes are as good as others
        vectors = np.linalg.eigh(oracles.double_centred(frame.raw("kernel_straight")))
        places = vectors[1][:, :-3:-1] * vectors[0][:-3:-1] ** 0.5
        arrays["raw_straight_codes"] = signed_as(oracles.unit(places), frame.measured("raw_straight_codes"))
    return arrays


def mds_reconstruction(frame: Frame) -> Arrays:
    kernel, classes, rest = frame.raw("kernel"), frame.config["classes"], frame.config["rest"]
    target = oracles.double_centred(kernel)
    whole, part = divmod(1 + (classes - 1) * frame.turned, 1)
    budget = whole + np.clip((part - rest) / (1 - rest), 0, 1)
    weights, values = np.clip(budget - np.arange(classes), 0, 1), np.linalg.eigvalsh(target)[::-1]
    gram = oracles.weighted_modes(target, weights)
    alone = kernel - kernel.mean()
    kept = oracles.weighted_modes(alone, weights * (np.linalg.eigvalsh(alone)[::-1] > 0))
    return {
        "target": target,
        "budget": budget,
        "weights": weights,
        "gram": gram,
        "error": np.linalg.norm(gram - target) / np.linalg.norm(target),
        "alignment": (gram * target).sum() / np.linalg.norm(gram) / np.linalg.norm(target),
        "eigenvalues": values,
        "spent": weights * values,
        "mean_centred_error": np.linalg.norm(kept - alone) / np.linalg.norm(alone),
    }


def dark_knowledge(frame: Frame) -> Arrays:
    feature, codes, own = frame.constant("feature"), frame.constant("codes"), frame.config["own"]
    temperature = frame.config["warm"] * (frame.config["cold"] / frame.config["warm"]) ** frame.turned
    mass = oracles.soft_assignment(feature, codes, temperature)
    likest_last, relative = np.argsort(codes @ feature), mass / mass.max()
    return {
        "temperature": temperature,
        "mass": mass,
        "dark_mass": np.sort(mass)[:-1].sum(),
        "entropy": oracles.entropy(mass) / np.log(len(mass)),
        "coldest_mass": oracles.soft_assignment(feature, codes, 1e-3),
        "own_margin": mass[own] - np.delete(mass, own).max(),
        "relative": relative,
        "winner_mass": mass.max(),
        "counted": np.count_nonzero(mass >= 0.01),
        "least_relative": relative.min(),
        "least_step": np.diff(relative[likest_last]).min(),
        "alike_unlike": relative[likest_last[[-2, 0]]],
    }


def smoothed_labels(frame: Frame) -> Arrays:
    config, codes, features = frame.config, frame.constant("codes"), frame.constant("features")
    own, classes, step = frame.constant("own"), config["classes"], frame.data["step"][frame.number]
    turned = min(np.log1p(step / 10) / np.log1p(config["steps"] / 15), 1)
    temperature = config["warm"] * (config["cold"] / config["warm"]) ** turned
    scores = {arm: frame.measured(f"logits/{arm}") for arm in ("smoothed", "hard")}
    wrong = np.arange(classes) != own[:, None]
    arrays: Arrays = {"temperature": temperature}
    for arm, logits in {"cooled": features @ codes.T / temperature, **scores}.items():
        told = logits - logits.max(axis=1, keepdims=True)
        told = told - np.log(np.exp(told).sum(axis=1, keepdims=True))
        rest = logits[wrong].reshape(len(own), -1)
        shares = np.exp(rest - rest.max(axis=1, keepdims=True))
        evenness = [oracles.entropy(part / part.sum()) / np.log(classes - 1) for part in shares]
        arrays |= {
            f"log_probabilities/{arm}": told,
            f"others/{arm}": np.exp(told)[wrong].reshape(len(own), -1).sum(axis=1),
            f"evenness/{arm}": evenness,
            f"others_mean/{arm}": np.exp(told)[wrong].sum() / len(own),
            f"evenness_mean/{arm}": np.mean(evenness),
        }
    labels = np.where(wrong, config["smoothing"] / classes, 1 - config["smoothing"] * (classes - 1) / classes)
    parted = np.subtract(arrays["evenness/smoothed"], arrays["evenness/cooled"]).min()
    loss = -(labels * arrays["log_probabilities/smoothed"]).sum(axis=1).mean()
    return arrays | {"loss": loss, "parted": parted}


def distillation(frame: Frame) -> Arrays:
    config, missing = frame.config, frame.config["missing"]
    heat = np.array([1, config["temperature"], 1, 1.5, 2, 3, 20])
    images, unseen = (
        np.c_[frame.raw(f"{part}inputs"), np.ones(len(frame.raw(f"{part}inputs")))] for part in ("", "test_")
    )
    labels, unseen_labels, logits = frame.raw("labels"), frame.raw("test_labels"), frame.raw("outputs")
    seen, arms = labels != missing, frame.raw("weights")
    A, count = images[seen], seen.sum()
    soft, leads, slopes = softmax(logits / heat[1], axis=1), [], []
    for arm, (weights, tau) in enumerate(zip(arms, heat, strict=True)):
        told = softmax(logits / tau, axis=1) if arm else np.eye(10)[labels]
        slopes.append(
            A.T @ (tau * (softmax(A @ weights / tau, axis=1) - told[seen])) / count + config["decay"] * weights
        )
        scores = unseen @ weights
        leads.append(scores[:, missing] - np.delete(scores, missing, axis=1).max(axis=1))
    named, of_it = np.array(leads) > 0, unseen_labels == missing
    recall, others = named[:, of_it].mean(axis=1), named[:, ~of_it].mean(axis=1)
    centred = logits[seen] - logits[seen].mean(axis=1, keepdims=True)
    limit = np.linalg.solve(A.T @ A / (10 * count) + config["decay"] * np.eye(65), A.T @ centred / (10 * count))
    right = seen & (logits.argmax(axis=1) == labels)
    like = np.where(right, soft[:, missing], -1).argmax()
    teacher = frame.raw("test_outputs")[of_it]
    rest = np.delete(teacher, missing, axis=1).max(axis=1)
    scored = softmax(A @ arms[1] / heat[1], axis=1)
    return {
        "loss": -(soft[seen] * np.log(scored)).sum() / count,
        **{f"margins/{arm}": leads[place] for place, arm in enumerate(("hard", "soft"))},
        **{f"recall/{arm}": recall[place] for place, arm in enumerate(("hard", "soft"))},
        **{f"others_named/{arm}": others[place] for place, arm in enumerate(("hard", "soft"))},
        "recall_mild": recall[2:6],
        "weight": arms[0][:, missing].max(),
        "score": (unseen @ arms[0])[:, missing].max(),
        "gradient": np.abs(slopes).max(),
        "limit_error": 20 * np.linalg.norm(arms[-1] - limit) / np.linalg.norm(limit),
        "teacher_recall": (teacher[:, missing] > rest).mean(),
        "hint": images[like, :64].reshape(8, 8),
        "hint_class": labels[like],
        "hint_label": soft[like],
    }


# Auditing Latent Space Geometry


def benign_landscape(frame: Frame) -> Arrays:
    codes = frame.measured("codes")
    potential = np.array([oracles.frame_potential(start) for start in codes])
    eigenvalues = np.stack([oracles.frame_eigenvalues(start) for start in codes])
    return {
        "loss": potential.mean(),
        "potential": potential,
        "spread": np.ptp(potential),
        "frame_eigenvalues": eigenvalues,
        **{f"potential/{start}": value for start, value in enumerate(potential)},
        "unsquared": [2 * np.abs(oracles.cosines(start)).sum() for start in frame.measured("unsquared_codes")],
    }


def class_collapse(frame: Frame) -> Arrays:
    features, labels, config = frame.measured("features"), frame.constant("labels"), frame.config
    within = oracles.within_variance(features, labels)
    return {
        "sigma": (1 - frame.turned) * config["noise_start"] + frame.turned * config["noise_end"],
        "class_means": oracles.class_means(features, labels),
        "within_class_variance": within,
        "collapse_ratio": within / (within + oracles.between_variance(features, labels)),
    }


def rank_collapse(frame: Frame) -> Arrays:
    values = oracles.variances(frame.measured("features"))
    return {
        "minor": 1 - frame.turned + frame.turned * frame.config["minor_end"],
        "eigenvalues": values,
        "entropy_rank": oracles.entropy_rank(values),
        "minor_energy": values[1] / values.sum(),
    }


def simplex_descent(frame: Frame) -> Arrays:
    codes = frame.measured("codes")
    gram, ideal = codes @ codes.T, oracles.simplex_gram(len(codes))
    return {
        "cosines": gram,
        "loss": ((gram - ideal) ** 2).mean(),
        "simplex_error": np.linalg.norm(gram - ideal) / np.linalg.norm(ideal),
        "coherence": np.abs(oracles.cosines(codes)).max(),
        "entropy_rank": oracles.entropy_rank(oracles.frame_eigenvalues(codes)),
    }


def welch_descent(frame: Frame) -> Arrays:
    codes, config = frame.measured("codes"), frame.config
    count, sizes = len(codes), np.abs(oracles.cosines(codes))
    level, eigenvalues = count / 3, oracles.frame_eigenvalues(codes)
    smooth, angles = np.log(np.exp(config["beta"] * sizes).sum()) / config["beta"], np.rad2deg(np.arccos(sizes))
    return {
        "angles": angles,
        "narrowest": angles.min(),
        "cosines": codes @ codes.T,
        "loss": smooth + config["tightness"] * ((eigenvalues - level) ** 2).sum() / (count * level),
        "coherence": sizes.max(),
        "welch_gap": max(sizes.max() - ((count - 3) / (3 * (count - 1))) ** 0.5, 0),
        "frame_eigenvalues": eigenvalues,
        "tightness_gap": np.abs(eigenvalues - level).max(),
    }


def unreachable_floor(frame: Frame) -> Arrays:
    config, step = frame.config, frame.data["step"][frame.number]
    sharpness = config["blunt"] * (config["sharp"] / config["blunt"]) ** (step / config["steps"])
    arrays: Arrays = {}
    losses = []
    for arm, count in (("five", 5), ("six", 6), ("seven", 7), ("tight", 7)):
        rows = frame.measured(f"codes/{arm}")
        sizes, values = np.abs(oracles.cosines(rows)), oracles.frame_eigenvalues(rows)
        arrays |= {
            f"overlaps/{arm}": sizes,
            f"coherence/{arm}": sizes.max(),
            f"frame_eigenvalues/{arm}": values,
        }
        smooth = sizes.max() + np.log(np.exp(sharpness * (sizes - sizes.max())).sum()) / sharpness
        losses.append(smooth + config["tightness"] * ((values / count - 1 / 3) ** 2).sum())
    even = {arm: np.abs(arrays[f"frame_eigenvalues/{arm}"] - 7 / 3).max() for arm in ("seven", "tight")}
    return arrays | {
        "loss": np.mean(losses[:3]),
        "potential": 2 * (arrays["overlaps/tight"] ** 2).sum(),
        "cube_off": np.abs(np.sort(arrays["overlaps/seven"]) - ([0] * 3 + [1 / 3] * 6 + [3**-0.5] * 12)).max(),
        "uneven/five": np.abs(np.sort(arrays["frame_eigenvalues/five"]) - [1, 2, 2]).max(),
        **{f"uneven/{arm}": value for arm, value in even.items()},
    }
