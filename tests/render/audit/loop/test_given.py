"""What a step is given: other views, pairs and layers, and what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from render import Recorder
from render.audit.files.snapshots import open_snapshot

ROWS = np.arange(300.0)[:, None] + np.array([0.0, 0.25])
LABELS = np.arange(300) % 7


def saved(rec: Recorder, **given: Any) -> dict[str, np.ndarray]:
    rec.log(0, **given)
    with np.load(rec.path(0), allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize("most", [40, 300])
@pytest.mark.parametrize("as_array", [np.asarray, jnp.asarray])
def test_views_keep_the_rows_of_the_features(tmp_path: Path, most: int, as_array: Any) -> None:
    rec = Recorder(tmp_path, max_points=most, numbers=False)
    found = saved(rec, features=as_array(ROWS), views=as_array(np.stack([ROWS + 0.5, -ROWS])), labels=LABELS)
    np.testing.assert_array_equal(found["views"][0], found["features"] + 0.5)
    np.testing.assert_array_equal(found["views"][1], -found["features"])
    assert len(found["features"]) == most
    snapshot = open_snapshot(rec.path(0))
    assert snapshot.unused == ()
    single = saved(Recorder(tmp_path / "b", max_points=most, numbers=False), features=ROWS, views=ROWS + 1)
    np.testing.assert_array_equal(single["views"], single["features"] + 1)


@pytest.mark.parametrize("most", [40, 300])
def test_pairs_become_features_and_views(tmp_path: Path, most: int) -> None:
    pairs = np.stack([np.arange(0, 300, 2), np.arange(1, 300, 2)], axis=1)
    rec = Recorder(tmp_path, max_points=most, numbers=False)
    found = saved(rec, features=ROWS, pairs=pairs, labels=LABELS, layers={"conv": 2 * ROWS})
    np.testing.assert_array_equal(found["views"], found["features"] + 1)
    np.testing.assert_array_equal(found["layer/conv"], 2 * found["features"])
    np.testing.assert_array_equal(found["labels"], found["features"][:, 0] % 7)
    assert len(found["features"]) == min(most, 150)
    assert "pairs" not in found


def test_tensors_of_torch_are_layers_views_and_scalars(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    rows = torch.tensor(ROWS, dtype=torch.bfloat16, requires_grad=True)
    rec = Recorder(tmp_path, max_points=40, numbers=False)
    found = saved(rec, features=2 * rows, views=2 * rows, layers={"fc": rows}, loss=(2 * rows).mean())
    assert {found[name].dtype for name in ("features", "views", "layer/fc")} == {np.dtype("float32")}
    assert found["scalar/loss"].shape == ()


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"views": ROWS[:9]}, r"views has shape \(9, 2\) and features \(300, 2\): give \(points, columns\) as of"),
        ({"views": np.zeros((300, 3))}, r"views has shape \(300, 3\)"),
        ({"views": np.zeros((0, 300, 2))}, r"views has shape \(0, 300, 2\)"),
        ({"views": ROWS.astype(complex)}, "views is complex128"),
        ({"pairs": [[0, 300]]}, "pairs has row 300, and features 300 rows: count rows from 0"),
        ({"pairs": [[-1, 3]]}, "pairs has row -1"),
        ({"pairs": [0, 3]}, r"pairs has shape \(2,\) and is int64: give \(pairs, 2\) whole numbers"),
        ({"pairs": [[0.5, 3]]}, "is float64: give"),
        ({"pairs": [[0, 1]], "views": ROWS}, "both views and pairs"),
        ({"features": None, "layers": {"fc": ROWS}, "views": ROWS}, "views are of the features: give features, too"),
        (
            {"layers": {"conv": np.zeros((300, 2, 2))}},
            r"layer/conv has shape \(300, 2, 2\): expected \(points",
        ),
        ({"layers": {"conv": ROWS[:9]}}, "layer/conv has 9 rows and features 300"),
        ({"layers": {3: ROWS}}, "a layer is called 3: give layers as {'conv1': array, ...}"),
        ({"layers": [ROWS]}, "layers is a list: give them by name"),
        ({"weights": np.zeros((7, 3))}, r"weights has shape \(7, 3\), and features 2 columns"),
        ({"features": None}, "features is None: give an array"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_and_nothing_is_saved(tmp_path: Path, arrays: Any, says: str) -> None:
    rec = Recorder(tmp_path, on_error="raise")
    with pytest.raises(ValueError, match=says):
        rec.log(0, **{"features": ROWS, **arrays})
    with pytest.warns(UserWarning, match=f"saves nothing: .*{says}"):
        assert Recorder(tmp_path).log(0, **{"features": ROWS, **arrays}) == {}
    assert not list(tmp_path.glob("step-*"))
