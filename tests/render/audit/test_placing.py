"""Where rows are summed up: on a GPU that is asked for, or worth it; and what is said where there is none."""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import pytest

from render.audit import placing
from render.audit.sums.on_device import OnDevice
from render.audit.sums.one_pass import accumulate
from tests.render.audit.audit_helpers import Ended, clusters, require_line, save


@dataclass
class Sized:
    """A snapshot of so many points."""

    points: int
    columns: dict[str, Any]


@dataclass
class Wide:
    shape: tuple[int, int]


LARGE = Sized(10**6, {"features": Wide((10**6, 4096))})
SMALL = Sized(10**6, {"features": Wide((10**6, 512))})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(tmp_path / "a.npz", **clusters(300))


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with JAX's plugin for a GPU, and with its node."""
    monkeypatch.setattr(placing, "SAID", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    return monkeypatch


def unusable(kind: str) -> list[Any]:
    raise RuntimeError(f"Unable to initialize backend '{kind}': no driver\nand more")


def chosen(device: str | None, *snapshots: Any) -> Any:
    with placing.passing(device, None, None, snapshots) as found:
        return getattr(found, "__self__", found)


def test_a_gpu_that_is_not_there_is_one_line(audit: Callable[..., Ended], path: Path) -> None:
    require_line(
        audit(path, "--device", "gpu"),
        "--device gpu: JAX finds no such device here",
        "leave it out to audit on the CPU",
    )
    assert [*path.parent.rglob("*.png")] == []
    assert jax.devices()[0].platform == "cpu"
    assert audit(path, "--no-picture").code == 0


def test_a_gpu_that_jax_cannot_use_is_one_line_if_it_was_asked_for(
    audit: Callable[..., Ended], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jax, "devices", unusable)
    require_line(audit(path, "--device", "gpu"), "(Unable to initialize backend 'cuda': no driver)")


@pytest.mark.filterwarnings("default")
def test_a_gpu_that_jax_cannot_use_is_said_and_the_cpu_does_it(
    audit: Callable[..., Ended], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = audit(path, "--no-picture")
    monkeypatch.setattr(placing, "_large", lambda snapshots: True)
    monkeypatch.setattr(jax, "devices", unusable)
    ended = audit(path, "--no-picture")
    assert (ended.code, ended.out) == (0, expected.out)
    assert ended.err == (
        "render: warning: a GPU is here, and JAX cannot use it (Unable to initialize backend 'cuda': no driver): "
        "the rows are summed up on the CPU\n"
    )


def test_the_report_from_a_device_is_that_of_the_cpu(
    audit: Callable[..., Ended], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, used = audit(path, "--no-picture"), []

    def cpu(asked: bool) -> Any:
        used.append(asked)
        return jax.devices("cpu")[0]

    monkeypatch.setattr(placing, "_gpu", cpu)
    assert audit(path, "--no-picture", "--device", "gpu") == expected
    assert audit(path, "--no-picture", "--device", "cpu") == expected
    assert used == [True]


def test_what_is_large_goes_to_a_gpu_and_what_is_small_never_asks_for_one(there: pytest.MonkeyPatch) -> None:
    gpu = jax.devices("cpu")[0]
    there.setattr(placing, "_gpu", lambda asked: gpu)
    assert chosen(None, SMALL, LARGE) == OnDevice(gpu)
    assert chosen("gpu", SMALL) == OnDevice(gpu)
    there.setattr(placing, "_gpu", lambda asked: pytest.fail("JAX was asked for a GPU"))
    assert chosen(None, SMALL) is accumulate
    assert chosen("cpu", LARGE) is accumulate
    with placing.passing(None, None, None, None) as found:  # a run that is watched, whose sizes are still to come
        assert found is accumulate


@pytest.mark.parametrize("lacking", ["plugin", "node", "by the environment"])
def test_without_a_gpu_jax_is_not_asked(there: pytest.MonkeyPatch, lacking: str) -> None:
    there.setattr(placing, "_gpu", lambda asked: pytest.fail("JAX was asked for a GPU"))
    if lacking == "plugin":
        there.setattr(importlib.util, "find_spec", lambda name: None)
    elif lacking == "node":
        there.setattr(os.path, "exists", lambda path: False)
    else:
        there.setattr(placing, "SAID", "cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert chosen(None, LARGE) is accumulate


@pytest.mark.parametrize("other", [("--workers", "2"), ("--scheduler", "tcp://127.0.0.1:9")])
def test_a_device_is_of_this_process(audit: Callable[..., Ended], path: Path, other: tuple[str, str]) -> None:
    require_line(audit(path, "--device", "gpu", *other), other[0], "--device", "give one of them")
