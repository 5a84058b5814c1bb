"""Opening of what a path names: a file or a store of any format, shards that are one table, or either on a server."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from render.audit.files.addresses import Address
from render.audit.files.arrays import Source
from render.audit.files.arrow import open_arrow
from render.audit.files.joining import joined
from render.audit.files.lines import open_json_lines
from render.audit.files.names import shown
from render.audit.files.numpys import open_npy
from render.audit.files.parquet import open_parquet
from render.audit.files.shards import files_of
from render.audit.files.sparse import open_dense
from render.audit.files.stores import is_zarr, open_safetensors, open_zarr
from render.audit.files.tables import open_text
from render.audit.files.tensors import open_hdf5, open_torch
from render.places import require_regular_files

FORMATS: dict[str, Callable[[Path], Source]] = {
    ".npy": open_npy,
    ".npz": open_dense,
    ".csv": open_text,
    ".tsv": open_text,
    ".parquet": open_parquet,
    ".safetensors": open_safetensors,
    ".zarr": open_zarr,
    ".jsonl": open_json_lines,
    ".pt": open_torch,
    ".pth": open_torch,
    ".h5": open_hdf5,
    ".hdf5": open_hdf5,
    ".arrow": open_arrow,
}
EXTRAS = {
    ".parquet": "parquet",
    ".safetensors": "safetensors",
    ".zarr": "zarr",
    ".pt": "torch",
    ".pth": "torch",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".arrow": "parquet",
}
OF_TRAINING = {".pt", ".pth", ".jsonl"}  # that a training writes for itself: checkpoints, a log
BY_RANGES = (".npy", ".parquet", ".zarr")  # formats that are read from a server


def source_of(path: Path, beside: Collection[str] = ()) -> Source:
    """What a path names, open: of a pattern, and of a folder that is no store, the shards that are one table.

    beside: files that hold other arrays of the same points, and are no shards. Raises ValueError for what is not there,
    for formats that are not read, and where a package is missing.
    """
    files = files_of(path, beside, FORMATS, OF_TRAINING)
    if files is not None:
        return joined(path, [(file, _open(file)) for file in files])
    return _open(path)


def _open(path: Path) -> Source:
    kind = _remote_kind(path) if isinstance(path, Address) else _local_kind(path)
    try:
        if kind == ".zarr" and isinstance(path, Address):
            from render.audit.files.remote_stores import open_remote_zarr

            return shown(path, open_remote_zarr(path))
        return shown(path, FORMATS[kind](path))
    except ImportError as error:
        extra = f"pip install 'frame-potential[{EXTRAS[kind]}]'" if kind in EXTRAS else "reinstall frame-potential"
        package = (error.name or kind).partition(".")[0] or kind  # of pyarrow.parquet, pyarrow
        raise ValueError(f"{path}: {kind} needs the package {package}: {extra}") from error


def _local_kind(path: Path) -> str:
    if not path.exists():
        what = "is a symlink to nothing, or to itself" if path.is_symlink() else "there is no such file or folder"
        raise ValueError(f"{path}: {what}; name a snapshot, or a folder of them")
    require_regular_files(path)
    kind = ".zarr" if is_zarr(path) else path.suffix.lower()
    if kind not in FORMATS or (path.is_dir() and kind != ".zarr"):
        raise ValueError(
            f"{path}: is none of the formats that are read, {', '.join(FORMATS)}; save the arrays with numpy.savez"
        )
    return kind


def _remote_kind(path: Address) -> str:
    kind = path.suffix.lower()
    if kind in BY_RANGES:
        return kind
    if kind not in FORMATS and path.remote.holds_store():
        return ".zarr"
    raise ValueError(
        f"{path}: of what is on a server {', '.join(BY_RANGES)} are read, by parts, or folders of them where the "
        f"server lists files: download it, or write it in one of these"
    )


__all__ = ["FORMATS", "OF_TRAINING", "source_of"]
