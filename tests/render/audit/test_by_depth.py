"""What is said by depth: where something is so, and nothing that is not certain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from render.audit.by_depth import labels, rows, sentence, where
from render.audit.depth import Depth
from render.audit.files.snapshots import open_snapshot
from render.audit.report import audit
from tests.render.audit.audit_helpers import save

NAMES = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        ([False] * 4, ""),
        ([None] * 4, ""),
        ([True] * 4, "in every layer"),
        ([False, False, True, True], "from c on"),
        ([False, None, True, True], "from c on at the latest"),
        ([None, False, False, True], "from d on"),
        ([True, True, False, False], "up to b and not after"),
        ([True, True, None, False], "up to b at least"),
        ([False, True, True, False], "from b to c"),
        ([False, False, True, False], "in c"),
        ([True, False, True, True], "in a, c and d"),
        ([True, None, None, True], "in a and d"),
    ],
)
def test_where_something_is_so(holds: Sequence[bool | None], words: str) -> None:
    assert where(holds, NAMES) == words


def test_many_layers_without_order_are_counted() -> None:
    assert where([True, False] * 4, list("abcdefgh")) == "in 4 of 8 layers"


def depth(number: str, *values: float, **more: Sequence[float]) -> Depth:
    columns = {number: values, **more}
    found = {name: {key: column[place] for key, column in columns.items()} for place, name in enumerate(NAMES)}
    return Depth(found, dict.fromkeys(NAMES, 5), "d", 100)


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        (
            (0.6, 0.9, 0.98, 0.99),
            "separate_classes",
            "classes separate from c on: right by the nearest mean 0.900 in b, 0.980 in c",
        ),
        (
            (0.98, 0.9, 0.8, 0.7),
            "separate_classes",
            "classes separate up to a and not after: right by the nearest mean 0.980 in a, 0.900 in b",
        ),
        (
            (0.6, 0.9, 0.93, 0.92),
            "overlapping_classes",
            "no layer separates the classes: right by the nearest mean 0.930 at most, in c",
        ),
        ((0.6, 0.9, 0.96, 0.92), "layers", "right by the nearest mean: 0.600 in a, 0.960 at most, in c"),
    ],
)
def test_classes_by_depth(values: tuple[float, ...], kind: str, text: str) -> None:
    assert sentence(depth("nearest_mean_recall", *values)) == (kind, text)


def test_collapse_is_said_behind_the_classes() -> None:
    found = depth("nearest_mean_recall", *(0.99,) * 4, within_between_ratio=(2.0, 0.5, 0.1, 0.005))
    assert sentence(found)[1].endswith("; spread within / between under 0.01 from d on")


def test_without_labels_a_cone_or_the_directions_are_said() -> None:
    ranks = (40.0, 30.0, 20.0, 9.5)
    found = depth("participation_ratio", *ranks, mean_cosine=(0.1, 0.3, 0.85, 0.95))
    assert sentence(found) == ("cone", "a cone from c on: mean cosine of two rows 0.300 in b, 0.850 in c")
    found = depth("participation_ratio", *ranks, mean_cosine=(0.1, 0.3, 0.5, 0.7))
    assert sentence(found) == ("layers", "directions in use: 40.0 in a, 9.50 in d")
    found = depth("participation_ratio", 40.0, 30.0, 0.0, 0.0, mean_cosine=(0.1, 0.3, 1.0, 1.0))
    assert sentence(found)[1].startswith("all rows are the same from c on")


def test_of_few_rows_no_layer_of_noise_separates_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    layers = {f"layer/{name}": rng.normal(size=(60, 300)) for name in "ab"}  # every row is nearest to its own mean
    found = audit(open_snapshot(save(tmp_path / "a.npz", **layers, labels=np.arange(60) % 6))).depth
    assert found is not None
    assert found.values["a"]["nearest_mean_accuracy"] == 1
    assert sentence(found)[0] == "overlapping_classes"


def test_names_are_without_what_they_share() -> None:
    assert [*labels(["model.blocks.3.mlp", "model.blocks.12.mlp"]).values()] == ["blocks.3", "blocks.12"]
    assert [*labels(["conv1", "fc"]).values()] == ["conv1", "fc"]
    assert [*labels(["a.b", "a.b.c"]).values()] == ["b", "b.c"]
    assert len(set(labels([f"{k}{'x' * 60}{k}" for k in range(3)]).values())) == 3
    assert labels(["only.one"]) == {"only.one": "one"}


def test_the_table_has_numbers_that_any_layer_has() -> None:
    found = depth("participation_ratio", 4.0, 3.0, 2.0, 1.0)
    assert rows(found) == [
        ["layer", "columns", "directions in use"],
        *([name, "5", value] for name, value in zip(NAMES, "4321", strict=True)),
    ]
