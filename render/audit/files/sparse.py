"""SciPy's sparse matrices in `.npz`, which are recognised, and answered with what to do."""

from __future__ import annotations

from pathlib import Path

from render.audit.files.arrays import Arrays
from render.audit.files.numpys import open_npz

SPARSE = {"format", "shape", "data"}  # that scipy.sparse.save_npz writes, of every layout


def open_dense(path: Path) -> Arrays:
    """The named arrays of a `.npz` file, as `open_npz`. Raises ValueError for a sparse matrix of SciPy, too."""
    arrays = open_npz(path)
    if set(arrays.columns) >= SPARSE and "features" not in arrays.columns:
        shape = tuple(int(length) for length in arrays.columns["shape"].read(0, 2))
        raise ValueError(
            f"{path}: is a sparse matrix of SciPy, {shape}, and rows are read dense: save "
            f"scipy.sparse.load_npz(file).toarray() with numpy.save, or, of very many columns, what "
            f"sklearn.decomposition.TruncatedSVD(256).fit_transform makes of it"
        )
    return arrays


__all__ = ["open_dense"]
