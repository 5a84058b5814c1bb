"""Outputs of a PyTorch model's layers, by forward hooks: in a loop of one's own, and for the callbacks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from render.integrations.fixed_batch import FixedBatch, Seen, matching

try:
    import torch
except ImportError as error:
    raise ImportError("render.integrations.torch needs PyTorch: pip install torch", name="torch") from error


@contextmanager
def watch(model: torch.nn.Module, patterns: str | Sequence[str]) -> Iterator[dict[str, torch.Tensor]]:
    """The outputs of a model's layers in its last forward pass, by the layers' names, in the order in which they ran.

        with watch(model, ["conv*", "fc"]) as layers:
            outputs = model(x)
        rec.log(step, layers=layers, labels=y, outputs=outputs)

    patterns: names as `model.named_modules()` has them, or patterns as in a shell (`*` is also for dots). Each output
    is a copy without gradients, (N, ...) flattened to (N, d); of a layer that gives several tensors the first. Hooks
    are removed at the end, also after an error. Raises ValueError, with the names that there are, for a pattern that
    fits none.
    """
    layers = {name: layer for name, layer in model.named_modules() if name}
    seen: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(layer: Any, inputs: Any, outputs: Any) -> None:
            found = _first_tensor(outputs)
            if found is not None:  # copied: the next layer may work in place
                seen[name] = found.detach().reshape(len(found), -1).clone()

        return hook

    handles = []
    try:
        chosen = matching([*layers], patterns)
        handles.append(model.register_forward_pre_hook(lambda *_: seen.clear()))
        handles += [layers[name].register_forward_hook(keep(name)) for name in chosen]
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def look(model: torch.nn.Module, batch: FixedBatch) -> Seen:
    """What a model makes of a fixed batch, in evaluation, without gradients.

    outputs: what the model returns, or the `logits` of it, (N, C); None where it is something else. The mode of each
    layer and PyTorch's random numbers are afterwards as they were. Floating inputs get the dtype of the parameters.
    """
    model = _unwrapped(model)
    some = next((found for found in model.parameters() if found.is_floating_point()), torch.empty(0))

    def placed(value: Any) -> Any:
        found = torch.as_tensor(value)
        return found.to(some.device, some.dtype if found.is_floating_point() else None)

    inputs = batch.inputs
    with _at_rest(model, some.device), watch(model, batch.layers) as seen:
        if isinstance(inputs, Mapping):
            found = model(**{name: placed(value) for name, value in inputs.items()})
        else:
            found = model(*map(placed, inputs if isinstance(inputs, tuple) else (inputs,)))
    outputs = found if isinstance(found, torch.Tensor) else getattr(found, "logits", None)
    if outputs is None and isinstance(found, Mapping):
        outputs = found.get("logits")
    weights = None if batch.head is None else _weights(model, batch.head)
    return dict(seen), outputs if outputs is not None and outputs.ndim == 2 else None, weights


def _weights(model: torch.nn.Module, head: str) -> torch.Tensor:
    layers = dict(model.named_modules())
    (name, *_) = matching([name for name in layers if name], head)
    return layers[name].weight.detach()


@contextmanager
def _at_rest(model: torch.nn.Module, device: torch.device) -> Iterator[None]:
    modes = [(layer, layer.training) for layer in model.modules()]
    # a compiled model does not see hooks that are new
    compiled = "torch._dynamo" in sys.modules
    eager = torch.compiler.set_stance("force_eager") if compiled else nullcontext()
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad(), eager:
        model.eval()
        try:
            yield
        finally:
            for layer, mode in modes:
                layer.training = mode


def _unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The model that `torch.compile` or data parallelism has wrapped, under the names that its layers have."""
    wrappers = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    while isinstance(model, wrappers) or hasattr(model, "_orig_mod"):
        model = model.module if isinstance(model, wrappers) else model._orig_mod
    return model


def _first_tensor(found: Any) -> torch.Tensor | None:
    if isinstance(found, torch.Tensor):
        return found if found.ndim else None
    values = found.values() if isinstance(found, Mapping) else found if isinstance(found, list | tuple) else ()
    return next((one for one in map(_first_tensor, values) if one is not None), None)


__all__ = ["look", "watch"]
