"""Callback for the `Trainer` of Hugging Face's transformers that logs a fixed batch."""

from __future__ import annotations

from typing import Any

from render.integrations.fixed_batch import FixedBatch
from render.integrations.torch import look

try:
    from transformers import TrainerCallback
except ImportError as error:
    needed = "render.integrations.huggingface needs the package transformers: pip install transformers"
    raise ImportError(needed, name="transformers") from error


class RecorderCallback(TrainerCallback):
    """Logs a fixed batch into a `render.Recorder` when training starts, every so many steps, and when it ends.

        Trainer(..., callbacks=[RecorderCallback(Recorder("runs/a"), dict(batch), y, layers="*pooler", every=50)])

    Arguments are those of `FixedBatch`: recorder, inputs, labels, layers, every, head. The model is called with the
    dict `inputs`, as a tokenizer gives it; its `logits` are the outputs.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.batch = FixedBatch(*arguments, **named)

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self._log(state, model)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        if self.batch.is_due(state.global_step):
            self._log(state, model)

    def on_train_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        self._log(state, model)

    def _log(self, state: Any, model: Any) -> None:
        self.batch.log(state.global_step, lambda batch: look(model, batch), state.is_world_process_zero)


__all__ = ["RecorderCallback"]
