"""Distillation: a student that never sees a digit learns it from what a teacher finds it like in other digits."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from render.bounds import between, positive
from render.scene import Config, Scene, last_frame_by, strictly
from render.target import Goals, Target

from .. import digits, networks, toys
from . import distillation_students as students
from .distillation_drawn import placed, told
from .distillation_picture import ARMS, AWAY, HINTS, KNOWN, START, STORY, panels
from .distillation_students import Students

MILD = (1.0, 1.5, 2.0, 3.0)  # temperatures at which more and more of the teacher's doubts are told
HOT = 20.0  # near enough to infinity for its law
SEEDS = 32  # a seed takes over 2 s
WAKES, KNOWS = 0.01, 0.8  # recall from which the soft student names the digit at all, and from which it knows it
EVEN_UNTIL = 12.0  # steps of the students in which frames are about evenly spaced
SEEN = 0.25  # of the students' steps: later an eye sees nothing move


@dataclass(frozen=True, kw_only=True)
class Distillation(Config):
    """A teacher of all digits, and students that are never shown one of them.

    missing: the digit that students never see. temperature: at which the soft student is taught. teacher_steps: before
    the students' first. decay: lambda of the students' loss, that of |W|^2 / 2.
    """

    hold_ms: int = 3000
    frames: int = 70
    steps: int = 1800
    missing: int = between(3, 0, 9)
    temperature: float = positive(5.0, low=0.1, high=1e3)
    train_points: int = between(1200, 200, digits.POINTS - 100)
    hidden: int = between(64, 10, 512)
    teacher_steps: int = between(300, 1, 10**6)
    learning_rate: float = positive(5e-3, high=1e3)
    decay: float = positive(1e-4, low=1e-6, high=1e2)

    @property
    def temperatures(self) -> tuple[float, ...]:
        """Of the students: hard labels, the soft ones that are drawn, milder ones and a hotter one."""
        return (1.0, self.temperature, *MILD, HOT)


class State(NamedTuple):
    """teacher: params; labels: (n, students, classes), what the students are taught. test: the missing digit first."""

    count: Any
    teacher: Any
    opt_state: Any
    train: digits.Samples
    test: digits.Samples
    logits: Any
    labels: Any
    students: Students


def optimiser(config: Distillation) -> optax.GradientTransformation:
    return optax.adam(optax.cosine_decay_schedule(config.learning_rate, config.teacher_steps))


def init(config: Distillation, key: Any) -> State:
    data_key, network_key = jax.random.split(key)
    images, names = (jnp.asarray(array) for array in digits.handwritten())
    order = jnp.argsort(toys.normals(data_key, (digits.POINTS,))[0])
    inputs, labels = images[order] / 16, names[order].astype(jnp.int32)
    n = config.train_points
    first = n + jnp.argsort(labels[n:] != config.missing, stable=True)
    train = digits.Samples(inputs[:n], labels[:n])
    teacher = networks.init_mlp(network_key, (64, config.hidden, config.hidden, digits.CLASSES))
    return State(
        jnp.int32(0),
        teacher,
        optimiser(config).init(teacher),
        train,
        digits.Samples(inputs[first], labels[first]),
        *taught(config, teacher, train),
        students.start(train.inputs, train.labels != config.missing, len(config.temperatures)),
    )


def taught(config: Distillation, teacher: networks.Layers, train: digits.Samples) -> tuple[Any, Any]:
    """What the teacher says of the images, (n, classes), and the labels of all students."""
    logits = networks.apply_mlp(teacher, train.inputs)
    return logits, students.soft_labels(logits, train.labels, jnp.array(config.temperatures))


def step(config: Distillation, state: State) -> State:
    """One step of the teacher, on all digits and their hard labels; once it is trained, one of all students."""

    def teach(state: State) -> State:
        def loss(params: Any) -> Any:
            scores = networks.apply_mlp(params, state.train.inputs)
            return optax.softmax_cross_entropy_with_integer_labels(scores, state.train.labels).mean()

        params, opt_state = networks.descend(loss, optimiser(config), state.teacher, state.opt_state)
        logits, labels = taught(config, params, state.train)
        return state._replace(teacher=params, opt_state=opt_state, logits=logits, labels=labels)

    def learn(state: State) -> State:
        count, heat = state.count - config.teacher_steps + 1, jnp.array(config.temperatures)
        return state._replace(students=students.step(state.students, count, state.labels, heat, config.decay))

    moved = jax.lax.cond(state.count < config.teacher_steps, teach, learn, state)
    return moved._replace(count=state.count + 1)


def measure(config: Distillation, state: State) -> dict[str, Any]:
    """Recall: share of the unseen images of the missing digit whose margin is above 0; at the start nothing is named.

    hint, hint_label: the image that the students see and the teacher finds most like the missing digit, and what the
    teacher says of it at the soft student's temperature.
    """
    heat, missing = jnp.array(config.temperatures), config.missing
    weights, kept = state.students.weights, state.students.kept
    scores = students.answers(weights, students.with_one(state.test.inputs))
    lead = students.margins(scores, missing)
    of_missing = state.test.labels == missing
    recall = jnp.sum((lead > 0) & of_missing[:, None], axis=0) / of_missing.sum()
    others = jnp.sum((lead > 0) & ~of_missing[:, None], axis=0) / jnp.sum(~of_missing)
    teacher = networks.apply_mlp(state.teacher, state.test.inputs)
    soft = state.labels[:, 1]
    like = students.likest(state.students, state.logits, state.train.labels, soft, missing)
    told = jax.nn.log_softmax(students.answers(weights, state.students.images)[:, 1] / heat[1])
    limit = students.hottest(state.students, state.logits, config.decay)
    slope = students.gradient(state.students, weights, state.labels, heat, config.decay)
    return {
        "loss": -jnp.sum(kept[:, None] * soft * told),
        "margins": {arm: lead[:, place] for place, arm in enumerate(ARMS)},
        "recall": {arm: recall[place] for place, arm in enumerate(ARMS)},
        "others_named": {arm: others[place] for place, arm in enumerate(ARMS)},
        "recall_mild": recall[2:-1],
        "weight": weights[:, 0, missing].max(),
        "score": scores[:, 0, missing].max(),
        "gradient": jnp.abs(slope).max(),
        "limit_error": HOT * jnp.linalg.norm(weights[:, -1] - limit) / jnp.linalg.norm(limit),
        "teacher_recall": jnp.sum((students.margins(teacher, missing) > 0) & of_missing) / of_missing.sum(),
        "hint": state.train.inputs[like].reshape(8, 8),
        "hint_class": state.train.labels[like],
        "hint_label": soft[like],
    }


def raw(config: Distillation, state: State) -> dict[str, Any]:
    weights = state.students.weights
    return {
        "labels": state.train.labels,
        "inputs": state.train.inputs,
        "test_labels": state.test.labels,
        "test_inputs": state.test.inputs,
        "outputs": state.logits,
        "test_outputs": networks.apply_mlp(state.teacher, state.test.inputs),
        "weights": jnp.moveaxis(weights, 0, 1),
    }


def constants(config: Distillation, state: State) -> dict[str, Any]:
    return {"test_images": state.test.inputs.reshape(-1, 8, 8), "is_missing": state.test.labels == config.missing}


def schedule(config: Distillation) -> np.ndarray:
    """The start, then frames evenly in log(1 + step / EVEN_UNTIL) of the students, whose teacher is trained by then."""
    learning = max(config.steps - config.teacher_steps, 1)
    turns = np.linspace(0, np.log1p(learning / EVEN_UNTIL), config.frames)[1:]
    spaced = config.teacher_steps + EVEN_UNTIL * np.expm1(turns)
    return strictly(np.concatenate([[0.0], np.minimum(spaced, config.steps)]), config)


def shown(config: Distillation) -> int:
    return last_frame_by(config.teacher_steps + SEEN * (config.steps - config.teacher_steps), schedule(config))


def derive(
    config: Distillation,
    *,
    step: np.ndarray,
    margins: dict[str, np.ndarray],
    recall: dict[str, np.ndarray],
    recall_mild: np.ndarray,
    hint: np.ndarray,
    hint_class: np.ndarray,
    hint_label: np.ndarray,
    test_images: np.ndarray,
    is_missing: np.ndarray,
) -> dict[str, Any]:
    unseen = int(is_missing.sum())  # they come first
    learned = np.maximum(step - config.teacher_steps, 0)
    moved = np.maximum.accumulate(learned > 0)
    wakes, knows = (moved & np.maximum.accumulate(recall["soft"] >= share) for share in (WAKES, KNOWS))
    return {
        "student_step": learned,
        "recall_drop": -np.diff(recall_mild.astype(np.float64), axis=1).min(axis=1),
        "unseen": np.float64(unseen),
        "named": {arm: np.round(recall[arm].astype(np.float64) * unseen) for arm in ARMS},
        "state": np.select([knows, wakes, moved], [KNOWN, HINTS, AWAY], START),
        **placed(margins, test_images, unseen),
        **told(config.missing, hint[-1], int(hint_class[-1]), hint_label[-1].astype(np.float64)),
    }


def targets(config: Distillation) -> Goals:
    target = functools.partial(Target, seeds=SEEDS)
    theorem, hinton = "pixels ≥ 0, hard labels: W_k ≤ 0, Σ W_c = 0", "Hinton, Vinyals & Dean 2015: the omitted digit"
    limit = "logits are matched as τ → ∞, with an error ∝ 1/τ"
    return {
        "hard": target("hard labels: recall", "recall/hard", "at most", 0, theorem, at="every"),
        "weight": target("hard labels: largest weight of it", "weight", "at most", 1e-3, theorem, at="every"),
        "score": target("hard labels: largest score of it", "score", "at most", 0, theorem, at="every"),
        "soft": target("soft labels: recall", "recall/soft", "at least", 0.75, hinton),
        "rises": target("largest fall of recall over τ = 1 to 3", "recall_drop", "at most", 0, hinton),
        "limit": target(f"{HOT:g} |W − W∞|/|W∞| at τ = {HOT:g}", "limit_error", "within", 1.4, limit, tolerance=0.6),
        "others": target("soft labels: other digits named it", "others_named/soft", "at most", 0.02, hinton),
        "gradient": target("largest gradient", "gradient", "at most", 2e-4, "the loss is convex"),
    }


SCENE = Scene(
    name="distillation",
    title="It never saw a {missing}, and knows one",
    subtitle="linear students of digits without any {missing}, on hard labels or on a teacher's soft ones",
    alt="Unseen images of a {missing} by how much two students favour it, who were never shown one: on hard labels a "
    "student names {named/hard:.0f} of {unseen:.0f}, on a teacher's soft labels {named/soft:.0f}.",
    post="Latent on the Spectrum, in JAX",
    source="Latent on the Spectrum, in JAX, dark knowledge; Hinton, Vinyals & Dean 2015 (arXiv 1503.02531, the omitted "
    "digit, matching logits)",
    output="distillation",
    message="A student learns a digit that it never sees, from what its teacher finds like it in other digits; from "
    "hard labels it never can.",
    look_for="Below, the digits turn round and cross the line; above, none ever does.",
    formulas=(
        ("soft labels of the teacher", r"p_j = \frac{e^{z_j / \tau}}{\sum_k e^{z_k / \tau}}"),
        ("towards its limit, where scores are matched", r"W(\tau) - W_\infty \propto \frac{1}{\tau}"),
    ),
    group="spectrum",
    story=STORY,
    config=Distillation,
    init=init,
    step=step,
    measure=measure,
    raw=raw,
    constants=constants,
    derive=derive,
    schedule=schedule,
    shown=shown,
    panels=panels,
    targets=targets,
)
