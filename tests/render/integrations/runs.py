"""Small trainings of the digits by each trainer, with a callback or without; `python -m` of this makes full runs."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

IMAGES, LABELS = load_digits(return_X_y=True)
X, Y = (IMAGES / 16).astype(np.float32), LABELS.astype(np.int64)


def torch_model(seed: int = 0) -> Any:
    """The digits' classifier in PyTorch, with dropout, so that random numbers that are lost show."""
    import torch

    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Dropout(0.1), torch.nn.Linear(128, 64),
        torch.nn.ReLU(inplace=True), torch.nn.Linear(64, 10),
    )  # fmt: skip


def lightning_run(callbacks: list[Any], steps: int, decay: float = 0.5) -> dict[str, np.ndarray]:
    """A training by Lightning: the weights at its end."""
    import torch
    from lightning import pytorch as pl

    class Digits(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.body = torch_model()

        def forward(self, x: Any) -> Any:
            return self.body(x)

        def training_step(self, batch: Any, index: int) -> Any:
            return torch.nn.functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), lr=1e-3, weight_decay=decay)

    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    loader = torch.utils.data.DataLoader(data, batch_size=256, shuffle=True)
    model = Digits()
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    pl.Trainer(max_steps=steps, callbacks=callbacks, enable_checkpointing=False, **quiet).fit(model, loader)
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def huggingface_run(callbacks: list[Any], steps: int, decay: float = 0.5) -> dict[str, np.ndarray]:
    """A training by Hugging Face's Trainer: the weights at its end."""
    import torch
    from transformers import Trainer, TrainingArguments

    class Digits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = torch_model()

        def forward(self, x: Any, labels: Any = None) -> dict[str, Any]:
            logits = self.body(x)
            loss = {} if labels is None else {"loss": torch.nn.functional.cross_entropy(logits, labels)}
            return {**loss, "logits": logits}

    rows = [{"x": x, "labels": y} for x, y in zip(torch.tensor(X), torch.tensor(Y), strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, max_steps=steps, per_device_train_batch_size=256, learning_rate=1e-3, weight_decay=decay,
            lr_scheduler_type="constant", report_to="none", save_strategy="no", use_cpu=True, disable_tqdm=True,
            logging_strategy="no", seed=0,
        )  # fmt: skip
        model = Digits()
        Trainer(model, arguments, train_dataset=rows, callbacks=callbacks).train()
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def keras_run(callbacks: list[Any], steps: int, decay: float = 0.5, with_input: bool = True) -> dict[str, np.ndarray]:
    """A training by Keras, `steps` rounded up to epochs of eight: the weights at its end."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Dense(128, activation="relu"), keras.layers.Dropout(0.1),
        keras.layers.Dense(64, activation="relu", name="body"), keras.layers.Dense(10, name="fc"),
    ]  # fmt: skip
    model = keras.Sequential([keras.Input((64,)), *layers] if with_input else layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(1e-3, weight_decay=decay), loss)
    model.fit(X, Y, batch_size=256, epochs=-(-steps // 8), verbose=0, callbacks=callbacks)
    return {str(place): np.array(keras.ops.convert_to_numpy(one)) for place, one in enumerate(model.weights)}


RUNS = {
    "lightning": (lightning_run, {"layers": "body.4", "head": "body.5"}),
    "huggingface": (huggingface_run, {"layers": "body.4", "head": "body.5"}),
    "keras": (keras_run, {"layers": "body", "head": "fc"}),
}


def callback(name: str) -> Any:
    """The callback for a trainer, by the name of its module."""
    import importlib

    return importlib.import_module(f"render.integrations.{name}").RecorderCallback


def main() -> None:
    from render import Recorder

    for name in sys.argv[1:] or RUNS:
        run, named = RUNS[name]
        inputs = {"x": X} if name == "huggingface" else X
        run([callback(name)(Recorder(Path("runs") / name), inputs, Y, every=50, **named)], 2000)


if __name__ == "__main__":
    main()
