"""Arrays in `.safetensors` files and Zarr stores, where their packages are installed."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Arrays, Column, naming, naming_lack, short
from render.audit.files.chunks import require_plain, zarr_lack
from render.audit.files.segments import Lying

CHUNK = re.compile(r"c|\d+(\.\d+)*")  # what chunks of an array are called, or the folder of them
ZARR_FILES = ("zarr.json", ".zgroup", ".zarray")
SAFETENSORS_KINDS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}


def open_safetensors(path: Path) -> Arrays:
    """The arrays of a `.safetensors` file. Raises ValueError if it is damaged, ImportError without its package.

    Its package maps the file, which ends the process where the file is cut meanwhile: so it checks the header alone.
    """
    import ml_dtypes  # comes with jax
    from safetensors import SafetensorError, safe_open

    def column(name: str, told: dict[str, Any], start: int) -> Column:
        kind, shape = told["dtype"], tuple(told["shape"])
        # what NumPy has no type for is listed as raw bytes, and refused when it is asked for
        dtype = np.dtype(ml_dtypes.bfloat16 if kind == "BF16" else SAFETENSORS_KINDS.get(kind, "V1"))
        lying = Lying(path, start + told["data_offsets"][0], shape, dtype.newbyteorder("<"))
        across = naming(path, name, lying.across)
        return Column(name, shape, dtype, naming(path, name, lying.rows), fresh=True, across=across)

    try:
        with safe_open(path, framework="np") as file:
            names = [*file.keys()]  # which it gives once it has checked all that the header says
        with path.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            header = json.loads(raw.read(length))
        return Arrays({name: column(name, header[name], 8 + length) for name in names})
    except (SafetensorError, ValueError, LookupError) as error:
        raise ValueError(f"{path}: is damaged or no safetensors file ({short(error)}): write it again") from error


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return path.is_dir() and any((path / name).is_file() for name in ZARR_FILES)


def open_zarr(path: Path) -> Arrays:
    """The array of a Zarr store, or the arrays of its group, version 2 or 3.

    Raises ValueError for a damaged store and for one whose codecs would unpickle, ImportError without the package.
    """
    import zarr

    from render.audit.files.blosc import checked

    _check_metadata(path)
    try:
        with checked():
            found = zarr.open(path, mode="r")
            alone = isinstance(found, zarr.Array)
            arrays = {path.stem: found} if alone else dict(found.arrays())
        return Arrays({name: _zarr_column(path, name, array) for name, array in arrays.items()}, alone)
    except Exception as error:  # of damaged metadata zarr raises anything
        raise ValueError(f"{path}: is damaged or no Zarr store ({short(error)}): copy or write it again") from error


def _zarr_column(path: Path, name: str, array: Any) -> Column:
    block = array.chunks[0] if array.chunks else 1
    dtype = array.dtype if isinstance(array.dtype, np.dtype) else np.dtype(object)

    def read(start: int, stop: int) -> np.ndarray:
        return np.asarray(array[start:stop] if array.shape else array[...])

    lacking = naming_lack(path, name, partial(zarr_lack, path, name, array))
    return Column(name, tuple(array.shape), dtype, naming(path, name, read), block, lacking=lacking)


def _check_metadata(path: Path) -> None:
    """Raise ValueError for metadata that are damaged or would run code, and for an array in a group that has none."""
    found = {}
    for folder in (path, *(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))):
        files = [file for name in (*ZARR_FILES, ".zmetadata", ".zattrs") if (file := folder / name).is_file()]
        found[folder] = {file.name: require_plain(file) for file in files}
    if ".zgroup" in found[path] or found[path].get("zarr.json", {}).get("node_type") == "group":
        for folder, metadata in found.items():
            if not metadata and any(CHUNK.fullmatch(one.name) for one in folder.iterdir()):
                raise ValueError(f"{path}: {folder.name} has chunks and no metadata: copy the store again")


__all__ = ["is_zarr", "open_safetensors", "open_zarr"]
