"""Arrays in `.safetensors` files and Zarr stores, where their packages are installed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Arrays, Column, naming

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
    """The arrays of a `.safetensors` file. Raises ValueError if it is damaged, ImportError without its package."""
    import ml_dtypes  # comes with jax
    from safetensors import SafetensorError, safe_open

    def column(name: str, found: Any) -> Column:
        kind, shape = found.get_dtype(), tuple(found.get_shape())
        # what NumPy has no type for is listed as raw bytes, and refused when it is asked for
        dtype = np.dtype(ml_dtypes.bfloat16 if kind == "BF16" else SAFETENSORS_KINDS.get(kind, "V1"))

        def read(start: int, stop: int) -> np.ndarray:
            with safe_open(path, framework="np") as file:  # opened each time: its map would hold what was read
                if not shape:
                    return file.get_tensor(name)
                return file.get_slice(name)[start:stop]

        return Column(name, shape, dtype, naming(path, name, read))

    try:
        with safe_open(path, framework="np") as file:
            return Arrays({name: column(name, file.get_slice(name)) for name in file.keys()})  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path}: is damaged or no safetensors file ({error}): write it again") from error


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return path.is_dir() and any((path / name).is_file() for name in ZARR_FILES)


def open_zarr(path: Path) -> Arrays:
    """The array of a Zarr store, or the arrays of its group, version 2 or 3.

    Raises ValueError for a damaged store and for one whose codecs would unpickle, ImportError without the package.
    """
    import zarr

    _refuse_pickles(path)
    try:
        found = zarr.open(path, mode="r")
        alone = isinstance(found, zarr.Array)
        arrays = {path.stem: found} if alone else dict(found.arrays())
        return Arrays({name: _zarr_column(path, name, array) for name, array in arrays.items()}, alone)
    except Exception as error:  # of damaged metadata zarr raises anything
        why = str(error).split("\n")[0]
        raise ValueError(f"{path}: is damaged or no Zarr store ({why}): copy or write it again") from error


def _zarr_column(path: Path, name: str, array: Any) -> Column:
    block = array.chunks[0] if array.chunks else 1
    dtype = array.dtype if isinstance(array.dtype, np.dtype) else np.dtype(object)

    def read(start: int, stop: int) -> np.ndarray:
        return np.asarray(array[start:stop] if array.shape else array[...])

    return Column(name, tuple(array.shape), dtype, naming(path, name, read), block)


def _refuse_pickles(path: Path) -> None:
    """Raise ValueError for a store of version 2 whose metadata name the codec pickle: reading a chunk would run it."""
    for folder in (path, *filter(Path.is_dir, path.iterdir())):
        for name in (*ZARR_FILES, ".zmetadata"):
            file = folder / name
            if not file.is_file():
                continue
            try:
                metadata = json.loads(file.read_bytes())
            except ValueError as error:
                raise ValueError(f"{file}: is damaged ({error}): write the store again") from error
            if re.search(r'"(id|name)": "[^"]*pickle', json.dumps(metadata)):
                raise ValueError(f"{file}: stores Python objects (a pickle), which are never loaded: store numbers")


__all__ = ["is_zarr", "open_safetensors", "open_zarr"]
