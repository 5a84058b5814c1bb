"""Hooks: the outputs of layers by patterns, of the last forward pass, and nothing left behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed, pip install torch")

from render.integrations.fixed_batch import FixedBatch  # noqa: E402
from render.integrations.torch import look, watch  # noqa: E402


class Small(torch.nn.Module):
    """Two convolutions, the second's output changed in place, a layer of several outputs, and a last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = torch.nn.Conv2d(1, 3, 3), torch.nn.Conv2d(3, 2, 3)
        self.act = torch.nn.ReLU(inplace=True)
        self.drop, self.norm = torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(32)
        self.fc = torch.nn.Linear(32, 4)
        self.gru = torch.nn.GRU(4, 5, batch_first=True)

    def forward(self, x: Any, several: bool = False) -> Any:
        z = self.act(self.conv2(self.conv1(x)))
        outputs = self.fc(self.drop(self.norm(z.flatten(1))))
        self.gru(outputs[:, None])
        return outputs


def hooks(model: Any) -> int:
    return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.modules())


def test_layers_are_watched_by_patterns_in_the_order_in_which_they_run() -> None:
    model, x = Small(), torch.randn(6, 1, 8, 8)
    with watch(model, ["fc", "conv*", "gru"]) as layers:
        model(torch.zeros(2, 1, 8, 8))
        outputs = model(x)
        (outputs**2).sum().backward()
    assert [(name, tuple(one.shape)) for name, one in layers.items()] == [
        ("conv1", (6, 108)), ("conv2", (6, 32)), ("fc", (6, 4)), ("gru", (6, 5)),
    ]  # fmt: skip
    assert not any(one.requires_grad for one in layers.values())
    torch.testing.assert_close(layers["conv2"], model.conv2(model.conv1(x)).detach().flatten(1))
    assert layers["conv2"].min() < 0  # before the activation, which works in place
    torch.testing.assert_close(layers["fc"], outputs.detach())
    assert hooks(model) == 0


def test_what_did_not_run_last_is_not_there() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 4))
    with watch(model, "*") as layers:
        model(torch.zeros(5, 2))
        model[0](torch.zeros(6, 2))
        assert {name: len(one) for name, one in layers.items()} == {"0": 6, "1": 5}
        with pytest.raises(RuntimeError):
            model(torch.zeros(5, 3))
        assert layers == {}


def test_hooks_are_gone_after_an_error_and_an_unknown_pattern() -> None:
    model = Small()
    with pytest.raises(RuntimeError, match="mine"), watch(model, "fc"):
        raise RuntimeError("mine")
    for patterns in (["fc", "lin*"], "lin*"):
        with pytest.raises(ValueError, match=r"no layer is called 'lin\*'; the model has: conv1, conv2, act"):
            watch(model, patterns).__enter__()
    with pytest.raises(ValueError, match="no layer is called ''"):
        watch(model, []).__enter__()
    assert hooks(model) == 0


def test_of_many_layers_some_are_named() -> None:
    model = torch.nn.Sequential(*[torch.nn.ReLU() for _ in range(50)])
    with pytest.raises(ValueError, match=r"28, 29, and 20 more$"):
        watch(model, "fc").__enter__()


def test_a_look_leaves_modes_random_numbers_statistics_and_gradients_as_they_were() -> None:
    model, x = Small().train(), np.random.default_rng(0).normal(size=(6, 1, 8, 8))
    model.norm.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.random.get_rng_state()
    batch = FixedBatch(None, (x,), layers=["fc"], head="fc")  # type: ignore[arg-type]
    (first, outputs, weights), (second, _, _) = look(model, batch), look(model, batch)
    torch.testing.assert_close(first["fc"], second["fc"], rtol=0, atol=0)  # no dropout
    torch.testing.assert_close(first["fc"], outputs)
    assert weights.shape == (4, 32)
    assert [one.training for one in model.children()] == [True, True, True, True, False, True, True]
    assert torch.equal(random, torch.random.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(one.grad is None for one in model.parameters())
    with pytest.raises(TypeError, match="forward"):
        look(model, FixedBatch(None, {"y": x}, layers="fc"))  # type: ignore[arg-type]
    assert model.training
    assert not model.norm.training
    assert torch.is_grad_enabled()


def test_of_a_model_that_gives_no_rows_of_outputs_none_are_taken() -> None:
    class Several(Small):
        def forward(self, x: Any, several: bool = False) -> Any:
            return (super().forward(x), 1)

    x = torch.randn(6, 1, 8, 8, dtype=torch.float64)
    assert look(Several(), FixedBatch(None, x, layers="fc"))[1] is None  # type: ignore[arg-type]
    layers, outputs, _ = look(Small().bfloat16(), FixedBatch(None, x, layers="fc"))  # type: ignore[arg-type]
    assert layers["fc"].dtype == outputs.dtype == torch.bfloat16


def test_a_compiled_model_is_looked_at_under_its_own_names() -> None:
    model = Small()
    compiled = torch.compile(model, backend="eager")
    x = torch.randn(6, 1, 8, 8)
    compiled(x)
    assert [*look(compiled, FixedBatch(None, x, layers=["conv1", "fc"]))[0]] == ["conv1", "fc"]  # type: ignore[arg-type]
    model.compile(backend="eager")
    model(x)
    assert [*look(model, FixedBatch(None, x, layers=["conv1", "fc"]))[0]] == ["conv1", "fc"]  # type: ignore[arg-type]
