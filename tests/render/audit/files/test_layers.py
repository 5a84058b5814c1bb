"""Layers of files: their order, the ones that patterns name, and steps that have other ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from render.audit.files.layers import name_of
from render.audit.files.series import open_series
from render.audit.files.snapshots import Keys, Snapshot, open_snapshot
from tests.render.audit.audit_helpers import save

Z = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
WIDE = np.tile(Z, 2)


def file(path: Path, *names: str, **more: Any) -> Path:
    return save(path, **{f"layer/{name}": Z + place for place, name in enumerate(names)}, **more)


def names(one: Snapshot) -> list[str]:
    return [name_of(column) for column in one.layers]


def test_layers_are_in_the_order_in_which_they_were_saved_and_the_last_is_the_features(tmp_path: Path) -> None:
    one = open_snapshot(file(tmp_path / "a.npz", "stem", "conv10", "conv2", "fc", labels=np.arange(20) % 2))
    assert names(one) == ["stem", "conv10", "conv2", "fc"]
    assert one.features.name == "layer/fc"
    assert one.keys.features == "layer/fc"  # which finds it again in another process
    assert one.unused == one.left_out == ()


def test_features_that_are_there_are_the_features_and_the_deepest_layer(tmp_path: Path) -> None:
    path = file(tmp_path / "a.npz", "conv", "fc", features=2 * Z)
    assert names(open_snapshot(path)) == ["conv", "fc", "features"]
    assert open_snapshot(path).features.name == "features"
    other = open_snapshot(path, Keys(features="layer/conv"))
    assert (other.features.name, names(other)) == ("layer/conv", ["conv", "fc"])


def test_one_layer_alone_is_a_plain_table(tmp_path: Path) -> None:
    assert open_snapshot(file(tmp_path / "a.npz", "fc")).layers == ()
    one = open_snapshot(file(tmp_path / "b.npz", "conv", "fc", "head", features=Z), layers=["fc"])
    assert (one.features.name, one.layers, one.unused) == ("layer/fc", (), ("features (20, 4) float32",))


def test_patterns_choose_layers_in_their_own_order_and_any_array_where_none_fits(tmp_path: Path) -> None:
    path = file(tmp_path / "a.npz", "conv1", "conv2", "fc", hidden0=Z, hidden1=Z)
    assert names(open_snapshot(path, layers=["fc", "conv*"])) == ["fc", "conv1", "conv2"]
    assert names(open_snapshot(path, layers=["hidden*"])) == ["hidden0", "hidden1"]
    with pytest.raises(ValueError, match=r"no layer called conv9, it has: conv1 \(20, 4\), conv2 \(20, 4\), fc"):
        open_snapshot(path, layers=["conv9"])
    with pytest.raises(ValueError, match="no array called layer/NAME, only: z"):
        open_snapshot(save(tmp_path / "b.npz", z=Z), layers=["fc"])
    with pytest.raises(ValueError, match="both --layer and --features z"):
        open_snapshot(path, Keys(features="z"), layers=["fc"])


def test_weights_belong_to_the_last_layer(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", **{"layer/a": WIDE, "layer/b": Z}, weights=np.ones((3, 4)))
    assert open_snapshot(path).weights is not None
    first = open_snapshot(path, layers=["a"])
    assert (first.weights, first.left_out) == (None, ())


def test_a_layer_of_another_form_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", **{"layer/a": Z[:9], "layer/b": Z[:, :, None], "layer/c": Z, "layer/d": Z})
    one = open_snapshot(path)
    assert names(one) == ["c", "d"]
    short, deep = one.left_out
    assert short.startswith("layer/a has 9 rows and layer/d 20")
    assert deep.startswith("layer/b has shape (20, 4, 1): expected (points, columns); reshape it")


def test_formats_that_sort_their_arrays_have_numbers_in_their_order(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    safetensors.save_file({f"layer/h{k}": Z for k in (10, 2, 1)}, tmp_path / "a.safetensors")
    assert names(open_snapshot(tmp_path / "a.safetensors")) == ["h1", "h2", "h10"]


def run(folder: Path, *steps: dict[str, np.ndarray]) -> Path:
    for step, layers in enumerate(steps):
        save(folder / f"step-{step}.npz", **{f"layer/{name}": array for name, array in layers.items()})
    return folder


def test_steps_have_the_layers_in_common_with_most_and_say_what_differs(tmp_path: Path) -> None:
    usual = {"a": Z, "b": Z, "fc": Z}
    odd = ({"a": Z, "fc": Z}, {"a": Z, "b": Z, "more": Z, "fc": Z}, {"a": WIDE, "b": Z, "fc": Z}, {"fc": Z})
    series = open_series(run(tmp_path, usual, usual, *odd))
    assert series.unread == ()
    assert [names(one) for one in series.snapshots[2:]] == [["a", "fc"], ["a", "b", "fc"], ["b", "fc"], ["fc"]]
    lacks, has, wide, alone = (one.left_out[0] for one in series.snapshots[2:])
    assert lacks == "layers: this step lacks b, most have a, b, fc; the report is of those in common"
    assert "has more (20, 4), most have" in has
    assert "has a (20, 8), most have" in wide
    assert "lacks a, b, most have" in alone


def test_the_same_layer_is_audited_at_every_step(tmp_path: Path) -> None:
    usual = {"a": Z, "fc": Z}
    series = open_series(run(tmp_path, usual, usual, {"fc": Z, "a": Z}, {"a": Z, "b": Z}))
    assert [one.features.name for one in series.snapshots] == ["layer/fc"] * 3
    (line,) = series.unread
    assert line.endswith("has a, b, and most others a, fc: fc is audited, and it is missing")
