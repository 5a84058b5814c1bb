"""Callback for Keras, on any of its backends, that logs a fixed batch."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np

from render.integrations.fixed_batch import FixedBatch, Seen, matching

try:
    import keras
except ImportError as error:
    raise ImportError("render.integrations.keras needs the package keras: pip install keras", name="keras") from error


class RecorderCallback(keras.callbacks.Callback):
    """Logs a fixed batch into a `render.Recorder` when training starts, every so many steps, and when it ends.

        model.fit(..., callbacks=[RecorderCallback(Recorder("runs/a"), x, y, layers="body", every=50)])

    Arguments are those of `FixedBatch`: recorder, inputs, labels, layers, every, head. Of a functional or sequential
    model, whose layers have symbolic outputs. Steps are the optimiser's, so another `fit` goes on counting.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__()
        self.batch = FixedBatch(*arguments, **named)

    def on_train_begin(self, logs: Any = None) -> None:
        self._log(self._iterations())

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._before = self._iterations()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.batch.is_due(self._before + batch + 1):  # not asked of the model: with JAX that costs a copy
            self._log(self._before + batch + 1)

    def on_train_end(self, logs: Any = None) -> None:
        self._log(self._iterations())

    def _iterations(self) -> int:
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _log(self, step: int) -> None:
        self.batch.log(step, lambda batch: look(self.model, batch))


def look(model: Any, batch: FixedBatch) -> Seen:
    """What a model makes of a fixed batch, in evaluation, without gradients; outputs (N, C), or None if others."""
    with _no_gradients():
        if not model.built:
            model(batch.inputs, training=False)
        if not hasattr(model, "inputs"):
            raise ValueError("outputs of layers need a functional or sequential Keras model, this one is subclassed")
        layers = {layer.name: layer for layer in model.layers}
        names = matching([*layers], batch.layers)
        ends = model.outputs if len(model.outputs) == 1 else []
        inputs: Any = model.inputs if len(model.inputs) > 1 else model.inputs[0]
        if isinstance(batch.inputs, dict):
            inputs = {one.name: one for one in model.inputs}
        probe = keras.Model(inputs, [*(layers[name].output for name in names), *ends])
        found = [keras.ops.convert_to_numpy(one) for one in _listed(probe(batch.inputs, training=False))]
    seen = {name: one.reshape(len(one), -1) for name, one in zip(names, found, strict=False)}
    outputs = found[-1] if ends and found[-1].ndim == 2 else None
    return seen, outputs, None if batch.head is None else _weights(layers, batch.head)


def _weights(layers: dict[str, Any], head: str) -> np.ndarray:
    (name, *_) = matching([*layers], head)
    return np.asarray(keras.ops.convert_to_numpy(layers[name].kernel)).T


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]


def _no_gradients() -> Any:
    if keras.backend.backend() != "torch":
        return nullcontext()
    import torch

    return torch.no_grad()


__all__ = ["RecorderCallback", "look"]
