"""What a notebook shows, on a real kernel: `make test-notebook`."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")

PROJECT = Path(__file__).parent.parent
CELLS = (
    "import numpy as np\nfrom render import report\nrng = np.random.default_rng(0)\n"
    "labels = rng.integers(0, 4, 300)\nz = 3 * np.eye(4, 8)[labels] + rng.normal(size=(300, 8))",
    "r = report(z, labels=labels)\nr",
    "print(r)",
    'r["nc1"].value',
    'report(z, labels="none")',
)

SCENES = (
    "import render\nfrom render.scene import Scene",
    'render.show("neural-collapse", frames=4, steps=8)',
    'from pathlib import Path\nPath("own.py").write_text(Path({tiny!r}).read_text())\nrender.show("own.py")',
    "import importlib, dataclasses\nexec(Path('own.py').read_text())\n"
    "mine = dataclasses.replace(SCENE, alt='a <b> \"c\"')\nrender.show(mine, theme='dark')",
    'render.show("neural-colapse")',
)


def test_a_scene_is_an_animation_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    tiny = str(Path(__file__).with_name("tiny_scene.py"))
    cells = [nbformat.v4.new_code_cell(cell.replace("{tiny!r}", repr(tiny))) for cell in SCENES]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=300, allow_errors=True, kernel_name="python3").execute()
    named, of_file, of_cell, refused = (cell.outputs[-1] for cell in notebook.cells[1:])
    for shown in (named, of_file, of_cell):
        assert shown.output_type == "execute_result", shown
        head, _, rest = shown.data["text/html"].partition(",")
        assert head == '<img src="data:image/gif;base64'
        with Image.open(io.BytesIO(base64.b64decode(rest.partition('"')[0]))) as animation:
            assert animation.is_animated
        assert 'alt="' in rest
        with Image.open(io.BytesIO(base64.b64decode(shown.data["image/png"]))) as still:
            assert still.size == animation.size
    assert named.data["text/plain"].startswith("<neural-collapse: ")
    assert "4 frames" in named.data["text/plain"]
    assert 'alt="a &lt;b&gt; &quot;c&quot;"' in of_cell.data["text/html"]
    assert (refused.ename, "did you mean 'neural-collapse'?" in refused.evalue) == ("ValueError", True)
    assert [path.name for path in tmp_path.iterdir()] == ["own.py"]


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
