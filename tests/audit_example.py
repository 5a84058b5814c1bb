"""`make example`: the training loop of docs/audit.md, run as it stands, and its audit drawn into public/audit/."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from render.production.manifest import ROOT

FILES = ("digits-audit.gif", "digits-audit.png", "digits-last-audit.png")


def code(framework: str) -> str:
    """The example of docs/audit.md for "jax" or "torch"."""
    pattern = rf"<!-- {framework} example -->\n```python\n(.*?)```"
    (found,) = re.findall(pattern, (ROOT / "docs" / "audit.md").read_text(), flags=re.DOTALL)
    return found


def run(framework: str, folder: Path, installed: Path = ROOT) -> Path:
    """Run an example in a folder, as a reader would, in a process of its own: the snapshots that it records there.

    installed: where `render` is.
    """
    script = folder / "example.py"
    script.write_text(code(framework))
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    environment.pop("XLA_FLAGS", None)  # that of the tests: a reader's loop is compiled as jax likes
    subprocess.run([sys.executable, script.name], cwd=folder, env=environment, check=True)
    (recorded,) = (folder / "runs").iterdir()
    return recorded


def main() -> None:
    audit = [sys.executable, str(ROOT / "cli.py"), "audit", "--out", "out"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorded = run("jax", folder)
        shutil.copy(sorted(recorded.iterdir())[-1], folder / "digits-last.npz")
        for path, *more in ((recorded,), (folder / "digits-last.npz", "--layer", "layer 3")):
            subprocess.run(
                [*audit, str(path), *more], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
            )
        (ROOT / "public" / "audit").mkdir(exist_ok=True)
        for file in FILES:
            shutil.copy(folder / "out" / file, ROOT / "public" / "audit" / file)


if __name__ == "__main__":
    main()
