"""Reports on arrays in memory: the numbers of a file with them, of any framework, as a notebook shows them."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import matplotlib.figure
import numpy as np
import pytest
import scipy.sparse
from PIL import Image

import render
from render.audit.files.snapshots import open_snapshot
from render.audit.report import audit
from tests.render.audit.audit_helpers import clusters, save

DATA = clusters(200, 6, 3)
WEIGHTS = np.random.default_rng(1).normal(size=(3, 6))


def torch(array: np.ndarray) -> Any:
    module = pytest.importorskip("torch", reason="PyTorch is not installed")
    made = module.from_numpy(array)
    return made.requires_grad_() if made.is_floating_point() else made


@pytest.mark.parametrize("made", [np.asarray, jnp.asarray, torch, lambda array: array.tolist()])
def test_it_says_what_the_audit_of_the_file_says(tmp_path: Path, made: Any) -> None:
    arrays = {**DATA, "weights": WEIGHTS.astype(np.float32), "views": DATA["features"] + np.float32(0.1)}
    found = render.report(**{name: made(array) for name, array in arrays.items()})
    expected = audit(open_snapshot(save(tmp_path / "a.npz", **arrays)))
    assert found.values == pytest.approx(expected.values, rel=1e-4, abs=1e-6)
    assert found.headline.kind == expected.headline().kind
    assert [one.kind for one in found.findings] == [one.kind for one in expected.findings()]
    assert found["nc1"].value == found.values["nc1"]
    assert found["nc1"].theory == 0
    assert found.partial == ()
    assert found.as_json()["schema"] == 2


def test_printed_it_is_the_report_at_eighty_columns_and_shown_it_is_the_picture() -> None:
    found = render.report(DATA["features"], DATA["labels"], name="fc <b>2</b>")
    lines = str(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert found.headline.text[:30] in lines[0]
    assert repr(found) == f"<report on fc <b>2</b>: {found.headline.text}>"
    shown = found._repr_html_()
    tag = re.fullmatch(r'<img src="data:image/png;base64,([^"]+)" alt="([^"<>]+)" width="1100" style="[^"]+">', shown)
    assert tag is not None
    for content in (base64.b64decode(tag[1]), found._repr_png_()):
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.size == (1100, 760)
    assert tag[2].startswith("Audit of fc &lt;b&gt;2&lt;/b&gt;")


def test_its_figure_is_matplotlibs(tmp_path: Path) -> None:
    found = render.report(DATA["features"], DATA["labels"])
    figure = found.figure("dark")
    assert isinstance(figure, matplotlib.figure.Figure)
    figure.savefig(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").stat().st_size > 1000
    with pytest.raises(ValueError, match="theme is 'grey'"):
        found.figure("grey")


def test_what_a_run_claims_and_what_is_left_out_is_as_in_the_command() -> None:
    labels = np.where(np.arange(200) < 20, -100, DATA["labels"])
    found = render.report(DATA["features"], labels, goal="table", ignore=-100)
    assert found.as_json()["snapshots"][0]["goal"] == "table"
    assert found["classes_present"].value == 3
    assert found["classes_present"].points == 180


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"features": None}, "features is None: give an array"),
        ({"features": np.ones((3, 2)), "labels": [1, 2]}, "arrays: labels has 2 rows and features 3"),
        ({"features": [[1, "a"]]}, "arrays: features is text"),
        ({"features": [[1, 2], [3]]}, "features has rows of different lengths"),
        ({"features": {"a": 1}}, "features is no array of numbers, but dict"),
        ({"features": np.ones((3, 2)).astype(object)}, "features is no array of numbers"),
        ({"features": scipy.sparse.csr_matrix(np.eye(3))}, "features is a sparse matrix: give features.toarray()"),
        ({"features": np.ma.masked_greater(np.eye(3), 0.5)}, "features has masked entries"),
        ({"features": np.eye(3), "pairs": [[0, 5]]}, "pairs has row 5"),
        ({"features": np.ones(3)}, "arrays: features has shape (3,)"),
        ({"features": np.full((3, 2), np.nan)}, "arrays: features: 6 entries are NaN or infinite"),
        ({"features": np.ones((3, 2)), "goal": "win"}, "goal is 'win': say classifier, contrastive or table"),
    ],
)
def test_what_cannot_be_audited_is_said_in_one_line(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as caught:
        render.report(**arguments)
    assert "\n" not in str(caught.value)


def test_pairs_are_rows_of_all_the_points() -> None:
    found = render.report(DATA["features"], pairs=[[0, 1], [2, 3]])
    assert found["participation_ratio"].points == 200
    assert found["alignment"].points == 2


def test_labels_that_cannot_be_are_warned_of_and_said() -> None:
    with pytest.warns(UserWarning, match="render.report: labels"):
        found = render.report(DATA["features"], labels=DATA["labels"] + 0.5)
    assert "partial: labels" in str(found)


def test_a_number_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="no number called nc9 here; there are constant_columns, "):
        render.report(DATA["features"])["nc9"]
