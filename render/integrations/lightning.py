"""Callback for Lightning that logs a fixed batch."""

from __future__ import annotations

from typing import Any

from render.integrations.fixed_batch import FixedBatch
from render.integrations.torch import look

try:
    from lightning.pytorch import Callback
except ImportError as error:
    needed = "render.integrations.lightning needs the package lightning: pip install lightning"
    raise ImportError(needed, name="lightning") from error


class RecorderCallback(Callback):
    """Logs a fixed batch into a `render.Recorder` when training starts, every so many steps, and when it ends.

        Trainer(callbacks=[RecorderCallback(Recorder("runs/a"), x, y, layers="body", every=50)])

    Arguments are those of `FixedBatch`: recorder, inputs, labels, layers, every, head. The model is called as
    `model(inputs)`, so it needs a `forward`; steps are Lightning's `global_step`.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.batch = FixedBatch(*arguments, **named)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._log(trainer, pl_module)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        if self.batch.is_due(trainer.global_step):
            self._log(trainer, pl_module)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._log(trainer, pl_module)

    def _log(self, trainer: Any, pl_module: Any) -> None:
        self.batch.log(trainer.global_step, lambda batch: look(pl_module, batch), trainer.is_global_zero)


__all__ = ["RecorderCallback"]
