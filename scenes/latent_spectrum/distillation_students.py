"""Linear students: softmax regressions on one table of images, each on its own labels, at its own temperature."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from render.metrics import linear_algebra

from .. import digits


class Students(NamedTuple):
    """Weights (pixels + 1, students, classes), of now and of the step before.

    images: (n, pixels + 1), the last column 1. kept: (n,) weights that add up to 1, 0 for images that nobody sees.
    values, vectors: of the second moments of the images that are seen, the largest value last.
    """

    weights: Any
    before: Any
    images: Any
    kept: Any
    values: Any
    vectors: Any


def with_one(images: Any) -> Any:
    """Images with a pixel more, that is always on, in place of a bias: (n, pixels) -> (n, pixels + 1)."""
    return jnp.concatenate([images, jnp.ones((len(images), 1))], axis=1)


def start(images: Any, seen: Any, students: int) -> Students:
    """Students with weights 0. images: (n, pixels); seen: (n,), whether students see the image."""
    rows = with_one(images)
    kept = seen / jnp.sum(seen)
    blank = jnp.zeros((rows.shape[1], students, digits.CLASSES))
    return Students(blank, blank, rows, kept, *linear_algebra.eigh(rows.T @ (kept[:, None] * rows)))


def answers(weights: Any, rows: Any) -> Any:
    """Scores of every student: (pixels + 1, students, classes), (n, pixels + 1) -> (n, students, classes)."""
    return (rows @ weights.reshape(len(weights), -1)).reshape(-1, *weights.shape[1:])


def soft_labels(logits: Any, labels: Any, temperatures: Any) -> Any:
    """Labels of every student, (n, students, classes): hard ones for the first, then the teacher's, softened.

    logits: (n, classes), the teacher's. temperatures: (students,).
    """
    hard = jax.nn.one_hot(labels, digits.CLASSES)[:, None]
    return jnp.concatenate([hard, jax.nn.softmax(logits[:, None] / temperatures[1:, None], axis=2)], axis=1)


def gradient(students: Students, weights: Any, labels: Any, temperatures: Any, decay: float) -> Any:
    """Gradient of tau^2 mean KL(q | softmax(z / tau)) + decay |W|^2 / 2 of every student, in its weights."""
    heat = temperatures[:, None]
    apart = heat * (jax.nn.softmax(answers(weights, students.images) / heat, axis=2) - labels)
    flat = (students.kept[:, None, None] * apart).reshape(len(apart), -1)
    return (students.images.T @ flat).reshape(weights.shape) + decay * weights


def step(students: Students, count: Any, labels: Any, temperatures: Any, decay: float) -> Students:
    """One accelerated gradient step (Nesterov 1983), the loss being convex: of 1 over its largest curvature.

    count: 1 at the first.
    """
    ahead = students.weights + (count - 1) / (count + 2) * (students.weights - students.before)
    moved = ahead - gradient(students, ahead, labels, temperatures, decay) / (students.values[-1] / 2 + decay)
    return students._replace(weights=moved, before=students.weights)


def hottest(students: Students, logits: Any, decay: float) -> Any:
    """Weights of a student of infinite temperature, (pixels + 1, classes): a ridge regression on centred logits.

    W = (A'A / (C n) + decay I)^-1 A'Z / (C n), of the images A that are seen and the teacher's logits Z, less their
    mean over the classes.
    """
    centred = logits - logits.mean(axis=1, keepdims=True)
    moments = (students.images.T * students.kept) @ centred / digits.CLASSES
    strengths = jnp.maximum(students.values, 0) / digits.CLASSES + decay
    return students.vectors @ ((students.vectors.T @ moments) / strengths[:, None])


def margins(scores: Any, digit: int) -> Any:
    """Score of a digit less the largest of another: (..., classes) -> (...)."""
    return scores[..., digit] - jnp.delete(scores, digit, axis=-1).max(axis=-1)


def likest(students: Students, logits: Any, labels: Any, soft: Any, digit: int) -> Any:
    """Number of the image that students see, and the teacher names rightly, which it finds most like a digit.

    logits, soft: (n, classes), of the teacher. labels: (n,).
    """
    rightly = (students.kept > 0) & (logits.argmax(axis=1) == labels)
    return jnp.argmax(jnp.where(rightly, soft[:, digit], -1.0))
