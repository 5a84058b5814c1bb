"""Chunks that a store lacks: what stands in their place is a fill value, which is data only where it was meant."""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from render.audit.files.arrays import Lack, short

DEEPEST = 64  # levels of metadata


def lack_of(path: Path, name: str, missing: int, chunks: int, fill: object, meant: bool, likely: bool) -> Lack | None:
    """What to say of chunks that are missing, of so many; None if none is.

    fill: what is read in their place; meant: whoever wrote the array chose it; likely: data may well be like that. A
    default that is unlikely data is refused with ValueError.
    """
    if not missing:
        return None
    some = f"{name}: {missing:,} of {chunks:,} chunks are not stored"
    if meant:
        return Lack(f"{some} and count as the fill value of the array, {fill}", True)
    if not likely or fill is None or missing == chunks:
        raise ValueError(
            f"{path}: {some}, and would be read as {'anything' if fill is None else fill}: copy the file again, or "
            f"write it with all its chunks (in Zarr write_empty_chunks=True)"
        )
    return Lack(
        f"{some} and count as {fill}; where they were lost that is wrong: write them too (in Zarr "
        f"write_empty_chunks=True)",
        False,
    )


def zarr_lack(path: Path, name: str, array: Any, role: str) -> Lack | None:
    """The same of an array of Zarr in the store at `path`: of its chunks, or of its shards where it has any."""
    if math.prod(array.shape) == 1:  # a step or scalar that is 0 is not stored
        return None
    sizes = array.shards or array.chunks
    counts = [-(-length // size) for length, size in zip(array.shape, sizes, strict=True)]
    total = math.prod(counts)
    folder = path / array.path
    there = {file.relative_to(folder).as_posix() for file in _files(folder)}
    if total > len(there):  # so many are promised that they are not to be gone through
        missing = total - sum(not one.endswith((".json", ".zarray", ".zattrs")) for one in there)
    else:
        keys = map(array.metadata.encode_chunk_key, itertools.product(*map(range, counts)))
        missing = sum(key not in there for key in keys)
    fill = array.metadata.fill_value
    meant = fill is not None and bool(fill != 0 and str(fill) != "")
    # labels may all be of class 0, of which no chunk is stored
    return lack_of(path, name, missing, total, fill, meant, likely=role == "labels")


def _files(folder: Path) -> Iterator[Path]:
    return (Path(where, name) for where, _, names in os.walk(folder) for name in names)


def hdf5_lack(path: Path, name: str, dataset: Any) -> Lack | None:
    """The same of an open dataset of HDF5, which stores all that is written."""
    import h5py

    if not dataset.size:
        return None
    if dataset.chunks:
        total = math.prod(-(-length // size) for length, size in zip(dataset.shape, dataset.chunks, strict=True))
        missing = total - dataset.id.get_num_chunks()
    else:
        total, missing = 1, int(dataset.id.get_storage_size() == 0 and not dataset.is_virtual and not dataset.external)
    how = dataset.id.get_create_plist().fill_value_defined()
    meant = how == h5py.h5d.FILL_VALUE_USER_DEFINED
    return lack_of(path, name, missing, total, dataset.fillvalue, meant, likely=False)


def require_plain(file: Path) -> dict[str, Any]:
    """Metadata of Zarr. Raises ValueError where they are no JSON, nested too deep, or name the codec pickle."""
    return plain(file, file.read_bytes())


def plain(file: Path, content: bytes) -> dict[str, Any]:
    """The same of the content of a file."""
    try:
        text = content.decode("utf-8")
        if _depth(text) > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        metadata = json.loads(text)
        if not isinstance(metadata, dict):
            raise ValueError("it is no object")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: is damaged ({short(error)}): write the store again") from error
    if re.search(r'"(id|name)": "[^"]*pickle', json.dumps(metadata)):  # reading a chunk would run it
        raise ValueError(f"{file}: stores Python objects (a pickle), which are never loaded: store numbers")
    return metadata


def _depth(text: str) -> int:
    """How deep brackets are nested, those in strings included."""
    deep = itertools.accumulate((1 if one in "[{" else -1 for one in re.findall(r"[\[\]{}]", text)), initial=0)
    return max(deep)


__all__ = ["DEEPEST", "hdf5_lack", "lack_of", "plain", "require_plain", "zarr_lack"]
