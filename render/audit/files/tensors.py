"""Tensors in `.pt` and `.pth` files and datasets in HDF5, where PyTorch or h5py is installed."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.audit.files.arrays import Arrays, Column, Lack, naming, naming_lack, short
from render.audit.files.checksums import Members
from render.audit.files.chunks import DEEPEST, hdf5_lack

SAFE = (2, 6)  # the first PyTorch whose weights_only runs no code of a prepared file


def open_torch(path: Path) -> Arrays:
    """The tensors of a dict that `torch.save` wrote, those of a dict in it as outer/inner; or its only tensor.

    Numbers, and lists of numbers or names, are arrays too. Nothing is unpickled but tensors, and they are mapped, not
    loaded. Raises ValueError for a file that holds more than these, for one that is damaged, and for PyTorch before
    2.6; ImportError without PyTorch.
    """
    import torch

    if tuple(map(int, torch.__version__.split(".")[:2])) < SAFE:
        raise ValueError(f"{path}: is read with PyTorch 2.6 or newer, and this is {torch.__version__}: update it")
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path}: is damaged, a bare pickle, or of PyTorch before 1.6: save a dict of tensors anew with torch.save"
        )
    loaded, verify = _loaded(path), Members(path).verify
    if isinstance(loaded, torch.Tensor):
        return Arrays({path.stem: _tensor_column(path, path.stem, loaded, (), verify)}, alone=True)
    if not isinstance(loaded, Mapping):
        raise ValueError(f"{path}: holds a {type(loaded).__name__}: save one tensor, or a dict of tensors")
    columns = {}
    for places, value in _leaves(path, loaded):
        name = "/".join(map(str, places))
        found = value if isinstance(value, torch.Tensor) else _listed_values(value)
        if isinstance(found, torch.Tensor):
            columns[name] = _tensor_column(path, name, found, places, verify)
        elif found is not None:
            columns[name] = _array_column(path, name, found)
    return Arrays(columns)


def _loaded(path: Path) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path}: holds Python objects (a pickle), which are never loaded: save a dict of tensors, such as "
            f"model.state_dict(), not the model"
        ) from error
    except Exception as error:  # of damaged bytes PyTorch raises anything
        raise ValueError(f"{path}: is damaged or no file of tensors ({short(error)}): write it again") from error


def _leaves(path: Path, found: Mapping, above: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    if len(above) > DEEPEST:
        raise ValueError(f"{path}: has dicts in dicts, more than {DEEPEST} deep: save tensors in one dict")
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _leaves(path, value, (*above, key))
        else:
            yield (*above, key), value


def _listed_values(value: Any) -> np.ndarray | None:
    """Numbers and names as an array; None for what is neither."""
    values = value if isinstance(value, list | tuple) else [value]
    same = next((kind for kind in (str, int | float) if all(isinstance(one, kind) for one in values)), None)
    return np.array(value) if values and same is not None else None


def _tensor_column(path: Path, name: str, tensor: Any, places: tuple, verify: Callable[[], None]) -> Column:
    import torch

    short = tensor.is_floating_point() and tensor.element_size() < 4 and tensor.dtype != torch.float16
    readable = tensor.layout == torch.strided and not tensor.is_quantized
    # what NumPy has no type for is listed as raw bytes, and refused when it is asked for; bfloat16 is made float32
    empty = torch.empty(0, dtype=torch.float32 if short else tensor.dtype) if readable else None
    dtype = np.dtype("V1") if empty is None else empty.numpy().dtype

    def read(start: int, stop: int) -> np.ndarray:
        found = _loaded(path)  # each time: its map would hold what was read
        for place in places:
            found = found[place]
        rows = (found[start:stop] if found.ndim else found).detach()
        return np.array((rows.float() if short else rows).resolve_conj().resolve_neg().numpy())

    return Column(name, tuple(tensor.shape), dtype, naming(path, name, read), fresh=True, verify=verify)


def _array_column(path: Path, name: str, array: np.ndarray) -> Column:
    def read(start: int, stop: int) -> np.ndarray:
        return array[start:stop] if array.ndim else array

    return Column(name, array.shape, array.dtype, naming(path, name, read))


def open_hdf5(path: Path) -> Arrays:
    """The datasets of an HDF5 file, those in a group as group/dataset.

    Raises ValueError for a file that is damaged or that is written at the moment, ImportError without h5py.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            columns = {name: _dataset_column(path, name, found) for name, found in _datasets(file, "", set())}
    except Exception as error:  # of damaged bytes h5py raises anything
        raise ValueError(
            f"{path}: is damaged, no HDF5 file, or still written ({short(error)}): close it, copy it or write it again"
        ) from error
    return Arrays(columns)


def _datasets(group: Any, above: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """The datasets of a group and of those in it, each once: a group may be in itself."""
    import h5py

    if above.count("/") > DEEPEST:
        raise ValueError(f"groups are nested more than {DEEPEST} deep")
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        found = group[name]
        address = h5py.h5o.get_info(found.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(found, h5py.Group):
            yield from _datasets(found, f"{above}{name}/", seen)
        elif isinstance(found, h5py.Dataset) and found.shape is not None:
            yield above + name, found


def _dataset_column(path: Path, name: str, dataset: Any) -> Column:
    import h5py

    text = h5py.check_string_dtype(dataset.dtype) is not None
    dtype = np.dtype(str) if text else dataset.dtype
    block = dataset.chunks[0] if dataset.chunks else 1

    def read(start: int, stop: int) -> np.ndarray:
        with h5py.File(path, "r") as file:  # opened each time: a run may have more files than may be open
            found = file[name].asstr() if text else file[name]
            rows = found[start:stop] if dataset_shape else found[()]
            return np.asarray(rows).astype(str) if text else np.asarray(rows)

    def lacking(role: str) -> Lack | None:
        with h5py.File(path, "r") as file:
            return hdf5_lack(path, name, file[name])

    dataset_shape = tuple(dataset.shape)
    return Column(name, dataset_shape, dtype, naming(path, name, read), block, lacking=naming_lack(path, name, lacking))


__all__ = ["open_hdf5", "open_torch"]
