"""Recorder of a training loop: it saves what `render audit` reads, in one line, and says what it would say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from render.audit import alarms as conditions
from render.audit.alarms import Rang, Step, Watch
from render.audit.files.scalars import PREFIX
from render.audit.files.steps import LARGEST_STEP
from render.audit.loop import folder as folders
from render.audit.loop import values
from render.audit.loop.given import Given, given, scalar
from render.audit.loop.said import Said
from render.audit.sums.samples import sample_rows, stratified_rows
from render.places import replacing, require_folder


class Recorder:
    """Saves some points of a representation every now and then, a file a step, for `render audit FOLDER`.

        rec = Recorder("runs/a", alarms=["mean_cosine>0.9"])
        seen = rec.log(step, features=z, labels=y, outputs=f, weights=W, loss=loss)   # {"mean_cosine": 0.12, ...}

    Of the points given, the same `max_points` are kept at every step: rows drawn once, without replacement, that depend
    on the number of rows and on the first labels alone, of each class as many as its share, one at least. So give the
    same points in the same order each time: a fixed batch, held out or not. A file is whole or not there, and audits of
    a run that is still going see those that are. A step that is logged again, as after a restart, replaces its file.

    numbers: which numbers `log` returns: True for those that cost little beside saving, of up to 2,048 columns, "all"
    for all, names for some, False for none. alarms: conditions as `render audit --fail-on` has them, on these numbers
    (others are taken too, for them), on those of a layer, "fc:nc1<0.1", and on scalars, "loss>3"; over the steps that
    this recorder logs. What rings is said when it begins to, or, with `on_alarm` "raise", ends the training with a
    RuntimeError; the step is saved by then.

    A training never ends because of anything else: what cannot be saved is warned of, once for each cause, and left
    out, unless `on_error` is "raise". Of several processes, such as ranks, the first that logs into a folder writes to
    it until it ends; the others are told once, save nothing and get no numbers.

    Raises ValueError for `max_points` below 2, for numbers that there are not, for another `on_error` or `on_alarm`;
    and, with "raise", for alarms that are no conditions and for a folder that cannot be written to.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        max_points: int = 2048,
        on_error: Literal["warn", "raise"] = "warn",
        *,
        numbers: bool | Literal["all"] | Sequence[str] = True,
        alarms: Iterable[str] | None = None,
        on_alarm: Literal["warn", "raise"] = "warn",
    ):
        if not isinstance(max_points, int | np.integer) or max_points < 2:
            raise ValueError(f"max_points is {max_points}: keep a whole number of points, 2 at least")
        for name, choice in (("on_error", on_error), ("on_alarm", on_alarm)):
            if choice not in ("warn", "raise"):
                raise ValueError(f"{name} is {choice!r}: say 'warn' or 'raise'")
        self.folder, self.max_points, self.on_error, self.on_alarm = Path(folder), max_points, on_error, on_alarm
        self._rows: dict[int, np.ndarray] = {}  # kept of so many points
        self._said = Said()
        self._form: folders.Form | None = None  # of the first step
        self._own: set[Path] = set()  # files that it wrote
        self._wanted = values.Wanted.of(numbers)
        self._watches: list[Watch] = []
        self._writes = True
        for text in alarms if isinstance(alarms, Iterable) and not isinstance(alarms, str) else [alarms]:
            if text is None:
                continue
            try:
                self._watches += map(Watch, conditions.parse([text], scalars=None))
            except (ValueError, TypeError) as error:
                self._failed(error, f"alarms has {error}; it is left out")
        of_alarms = {watch.alarm.name.rpartition(":")[2] for watch in self._watches}
        self._wanted.add(of_alarms & {*values.names()} if of_alarms else set())
        try:
            require_folder(self.folder)
        except (ValueError, OSError) as error:
            self._writes = False
            self._failed(error)

    def path(self, step: int) -> Path:
        """The file of a step, whether it is there or not."""
        return self.folder / f"step-{int(step):09d}.npz"

    def log(
        self,
        step: int,
        features: Any = None,
        labels: Any = None,
        outputs: Any = None,
        targets: Any = None,
        weights: Any = None,
        *,
        layers: Mapping[str, Any] | None = None,
        views: Any = None,
        pairs: Any = None,
        **scalars: Any,
    ) -> dict[str, float]:
        """Save a step, and say its numbers by name, as `render audit` says them of its file.

        features (N, d), labels (N,), outputs and targets (N, C), weights (C, d) of the last layer. layers: more
        features of the same points, (N, d_NAME) by name, the first first; without features, the last layer is audited.
        views: the same points seen otherwise, (N, d) or (V - 1, N, d); or pairs (P, 2): rows of features that are two
        views of one point. Anything else is a scalar of the step, such as loss=0.3, and is among the numbers; numbers
        of a layer are called LAYER:NAME.

        Arrays may be of JAX, of PyTorch on any device, with or without gradients, or whatever NumPy can read; numbers
        of less than float32 are saved as float32. Warns of arrays that `render audit` would refuse and of a file that
        cannot be written, and saves nothing: {}; with `on_error` "raise", ValueError and OSError. Raises RuntimeError
        for alarms with `on_alarm` "raise" alone.
        """
        if not self._writes:
            return {}
        try:
            self._take()
            path = self._checked(step)
            arrays = {"features": features, "labels": labels, "outputs": outputs, "targets": targets}
            there = given(path, arrays, layers or {}, views, weights, pairs)
            saved: dict[str, Any] = there.kept(self._kept(there))
            saved |= {PREFIX + name: one for name, one in self._scalars(scalars)}
            self._save(path, int(step), saved)
        except Exception as error:  # whatever it is, it is not worth a training
            self._failed(error)
            return {}
        seen = self._seen(path, saved)
        try:
            self._judge(Step(int(step), seen))
        except Rang:
            raise
        except Exception as error:
            self._failed(error, f"cannot judge its alarms: {error}")
        return seen

    def _take(self) -> None:
        try:
            folders.take(self.folder)
        except ValueError:
            self._writes = self.on_error == "raise"  # then it says so every time
            raise

    def _checked(self, step: int) -> Path:
        if int(step) != step or not 0 <= step <= LARGEST_STEP:
            raise ValueError(f"step is {step}: count steps from 0, in whole numbers up to {LARGEST_STEP}")
        return self.path(step)

    def _scalars(self, scalars: Mapping[str, Any]) -> Iterable[tuple[str, np.float64]]:
        for name, value in scalars.items():
            try:
                yield name, np.float64(scalar(name, value))
            except Exception as error:
                self._failed(error, str(error))

    def _save(self, path: Path, step: int, saved: Mapping[str, np.ndarray]) -> None:
        form = folders.form_of(saved)
        if path not in self._own and path.exists() and folders.form_at(path) not in (None, form):
            other = folders.said(folders.form_at(path) or {})
            raise ValueError(
                f"{path} is of another run, with {other}, and is not replaced: give this run its own folder"
            )
        if self._form is None:
            self._said.once(folders.earlier(self.folder, path, form))
        elif form != self._form:
            self._said.once(f"step {step} {folders.differences(form, self._form)}", key=str(form))
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, step=np.int64(step), **saved)  # type: ignore[arg-type]
        self._form = self._form or form
        self._own.add(path)

    def _kept(self, there: Given) -> np.ndarray | None:
        """Rows that are kept of so many, drawn at the first log of as many; None for all."""
        points = there.points
        if points <= self.max_points:
            return None
        if points not in self._rows:
            known = there.labels
            if known is None:
                self._rows[points] = sample_rows(points, self.max_points)
            else:
                self._rows[points] = stratified_rows(known, self.max_points)
                count = len(np.unique(known))
                if count > self.max_points:
                    self._said.once(f"of {count:,} classes {self.max_points:,} are kept, a point each")
        return self._rows[points]

    def _seen(self, path: Path, saved: Mapping[str, np.ndarray]) -> dict[str, float]:
        """The numbers of what was saved, and its scalars."""
        seen = {name.removeprefix(PREFIX): float(one) for name, one in saved.items() if name.startswith(PREFIX)}
        if not self._wanted:
            return seen
        try:
            numbers, partial = values.numbers_of(path, saved, self._wanted)
        except Exception as error:
            self._failed(error, f"has no numbers of a step, which is saved: {error}")
            return seen
        for sentence in partial:
            self._said.once(f"{path}: {sentence}")
        for name in seen.keys() & numbers.keys():
            self._said.once(
                f"{name} is a number of the audit, which log returns: call the scalar otherwise, as mean_{name}"
            )
        return seen | numbers

    def _judge(self, one: Step) -> None:
        rung = []
        for watch in self._watches:
            name, before = watch.alarm.name, watch.ringing
            if name not in one.values:
                self._said.once(
                    f"alarm {watch.alarm} cannot be judged at step {one.step}: {values.missing(name, one.values)}",
                    key=name,
                )
            found = watch.rung(one)
            if found and not before:
                rung.append(f"{name} is {found[1]:.6g} at step {one.step}: {watch.alarm}")
        if rung and self.on_alarm == "raise":
            raise Rang("; ".join(rung))
        for sentence in rung:
            self._said.now(f"alarm: {sentence}")

    def _failed(self, error: Exception, text: str = "") -> None:
        if self.on_error == "raise":
            raise error
        self._said.once(text or f"saves nothing: {error}")


__all__ = ["Recorder"]
