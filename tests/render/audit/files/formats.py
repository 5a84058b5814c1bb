"""What every format owes its readers: any rows in any order, and no file that stays open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot


def require_any_rows(path: Path, data: dict[str, np.ndarray]) -> None:
    """Features, labels and outputs are those of 40 rows of data, read in any order and again."""
    found = open_snapshot(path)
    assert set(found.columns) == {"features", "labels", "outputs"}
    for role, column in found.columns.items():
        assert column.shape == data[role].shape
        for start, stop in ((0, 10), (10, 11), (11, 40), (0, 40), (39, 40), (3, 20), (3, 20)):
            rows = column.read(start, stop)
            assert rows.shape == data[role][start:stop].shape
            np.testing.assert_allclose(rows, data[role][start:stop], rtol=1e-6)
    assert found.labels is not None
    assert found.labels.dtype.kind == "i"


def require_no_more_open_files(path: Path) -> None:
    """Files that are open do not become more with the files that are read."""
    held = Path("/proc/self/fd")
    if not held.is_dir():
        pytest.skip("this system does not list open files")
    open_snapshot(path).features.read(0, 40)  # what a library opens once
    before = len(list(held.iterdir()))
    snapshots = [open_snapshot(path) for _ in range(20)]
    for column in (column for one in snapshots for column in one.columns.values()):
        column.read(0, 39)
        column.read(39, 40)
    assert len(list(held.iterdir())) < before + 10
