"""Passes over files: the digits that are promised, whatever the form of the data, and what is too large to begin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from render.audit.files.snapshots import open_snapshot
from render.audit.report import audit
from render.audit.sums.chunks import MOST_COLUMNS, chunk_rows
from render.audit.sums.one_pass import accumulate


@pytest.mark.parametrize("kind", ["ramp", "step"])
def test_narrow_data_that_drift_keep_five_digits(tmp_path: Path, kind: str) -> None:
    rows = np.linspace(0, 1, 3_000_000, dtype=np.float32)[:, None]
    if kind == "step":
        rows = (rows > 0.3).astype(np.float32) * 0.1 + 5
    np.save(tmp_path / "rows.npy", rows)
    snapshot = open_snapshot(tmp_path / "rows.npy")
    moments = accumulate(snapshot).moments
    assert moments.total[0, 0] / len(rows) == pytest.approx(rows.astype(np.float64).var(), rel=1e-5)


def test_chunks_hold_8_mb_and_never_so_many_rows_that_float32_loses_digits(tmp_path: Path) -> None:
    for columns, rows in ((512, 4096), (1, 16384), (4096, 4096)):
        np.save(tmp_path / "rows.npy", np.zeros((2, columns), np.float32))
        assert chunk_rows(open_snapshot(tmp_path / "rows.npy")) == rows


def test_more_columns_than_can_be_multiplied_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((2, MOST_COLUMNS + 1), np.float32))
    with pytest.raises(ValueError, match=r"rows.npy: 16,385 columns in all are too many, .* 2 GB: project them"):
        accumulate(open_snapshot(tmp_path / "rows.npy"))


def test_huge_numbers_have_their_ranks_and_those_beyond_their_type_say_so(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4))
    np.save(tmp_path / "rows.npy", 1e100 * rows)
    assert audit(open_snapshot(tmp_path / "rows.npy")).values["numerical_rank"] == 4
    np.save(tmp_path / "rows.npy", 1e170 * rows)
    with pytest.raises(ValueError, match=r"rows.npy: .*divide them"):
        audit(open_snapshot(tmp_path / "rows.npy"))
