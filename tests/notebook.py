"""What a notebook shows, on a real kernel: `make test-notebook`."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")

CELLS = (
    "import numpy as np\nfrom render import report\nrng = np.random.default_rng(0)\n"
    "labels = rng.integers(0, 4, 300)\nz = 3 * np.eye(4, 8)[labels] + rng.normal(size=(300, 8))",
    "r = report(z, labels=labels)\nr",
    "print(r)",
    'r["nc1"].value',
    'report(z, labels="none")',
)


def test_a_report_is_a_picture_in_a_notebook() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(notebook, timeout=300, allow_errors=True, kernel_name="python3").execute()
    shown, printed, value, refused = (cell.outputs for cell in notebook.cells[1:])
    data = shown[0].data
    assert data["text/html"].startswith('<img src="data:image/png;base64,')
    assert 'alt="Audit of arrays, 300 rows: ' in data["text/html"]
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as picture:
        assert picture.size == (1100, 760)
    assert "participation_ratio" in printed[0].text
    assert float(value[0].data["text/plain"]) > 0
    assert refused[0].ename == "ValueError"
    assert "labels" in refused[0].evalue
