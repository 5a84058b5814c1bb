"""Formulas of `render.metrics` on NumPy, for tables so small that the start of JAX would take longer than the audit.

There is one formula a number. It is written with JAX, which has to be imported, to trace each formula and to load its
program before the first number comes. All that formulas use of it has the same name in NumPy, or is a few lines here:
while their modules are imported, what they know as `jax` is this. Later imports of JAX get JAX.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from render.device import CPU

if TYPE_CHECKING:
    from render.audit.files.snapshots import Snapshot

MOST_ENTRIES = 2**22  # of all arrays of a snapshot
MOST_COLUMNS = 512  # whose products are decomposed
MOST_SNAPSHOTS = 8  # of a longer series JAX compiles once what each of them needs

WITH_JAX = ("against", "workers", "scheduler", "device")  # options of which one asks for more than formulas


def suits(snapshots: Sequence[Snapshot], asked: Mapping[str, Any]) -> bool:
    """Whether an audit of these, with these options of the command, is over before JAX would have started."""
    if any(asked.get(name) for name in WITH_JAX):
        return False
    if len(snapshots) > MOST_SNAPSHOTS or os.environ.get("JAX_PLATFORMS", CPU) != CPU or "jax" in sys.modules:
        return False
    shapes = [[column.shape for column in one.arrays.values()] for one in snapshots if not one.layers]
    small = [sum(map(np.prod, some)) <= MOST_ENTRIES for some in shapes]
    narrow = [all(shape[-1] <= MOST_COLUMNS for shape in some if len(shape) > 1) for some in shapes]
    return len(shapes) == len(snapshots) and all(small) and all(narrow)


def load() -> None:
    """Import the audit with its formulas on NumPy; it stays so in this process. Before JAX is imported."""
    with instead_of_jax():
        from render.audit import report, series  # noqa: F401
        from render.audit.against import likeness  # noqa: F401 - whose names pictures and conditions know


@contextmanager
def instead_of_jax() -> Iterator[None]:
    """Let modules that are imported in the block, and have not been before, import NumPy as `jax`."""
    given = {"jax": _JAX, "jax.numpy": _JAX.numpy, "jaxtyping": _Types("jaxtyping")}
    before = {name: sys.modules.get(name) for name in given}
    sys.modules.update(given)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class _Module(ModuleType):
    """A module with some names of its own, and behind them those of another one."""

    def __init__(self, name: str, behind: ModuleType | None = None, **own: Any) -> None:
        super().__init__(name)
        self.__dict__.update(own, _behind=behind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__dict__.get("_behind") is None:
            raise AttributeError(f"{self.__name__} has no {name} here")
        return getattr(self._behind, name)


class _Types(ModuleType):
    """Types of arrays, none of which is ever looked at."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Type


class _Type:
    def __class_getitem__(cls, item: Any) -> type:
        return cls


class _Array(np.ndarray):
    """An array whose `at` gives changed copies of it."""

    @property
    def at(self) -> _At:
        return _At(self)


class _At:
    def __init__(self, array: np.ndarray, places: Any = None) -> None:
        self._array, self._places = array, places

    def __getitem__(self, places: Any) -> _At:
        return _At(self._array, places)

    def add(self, values: Any) -> np.ndarray:
        changed = self._array.copy()
        np.add.at(changed, self._places, values)
        return changed

    def set(self, values: Any) -> np.ndarray:
        changed = self._array.copy()
        changed[self._places] = values
        return changed


def _as_written(function: Any = None, **_: Any) -> Any:
    """`jax.jit`, which compiles nothing here; as compiled programs do, it says nothing of overflow and 0/0."""
    if function is None:
        return _as_written

    @functools.wraps(function)
    def quiet(*given: Any, **named: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*given, **named)

    return quiet


def _with_rule(function: Callable[..., Any]) -> Any:
    """`jax.custom_jvp` and `jax.custom_batching.custom_vmap`: a function whose rules nobody asks for."""

    def plain(*given: Any) -> Any:
        return function(*given)

    functools.update_wrapper(plain, function)
    plain.defjvp = plain.def_vmap = lambda rule: rule  # type: ignore[attr-defined]
    return plain


def _or_nan(factored: Callable[..., Any], *sizes: Callable[[int, int], tuple[int, ...]]) -> Callable[..., Any]:
    """A factorisation that that is NaN where the matrix is not finite, as JAX has it. sizes: of its factors."""

    def factors(matrix: np.ndarray, **_: Any) -> Any:
        if np.isfinite(matrix).all():
            return factored(matrix)
        return tuple(np.full(size(*matrix.shape), np.nan) for size in sizes)

    return factors


def _fori_loop(start: int, stop: int, body: Callable[[int, Any], Any], value: Any) -> Any:
    for index in range(start, stop):
        value = body(index, value)
    return value


def _slice(array: np.ndarray, start: int, size: int) -> np.ndarray:
    start = min(start, len(array) - size)
    return array[start : start + size]


def _update_slice(array: np.ndarray, rows: np.ndarray, start: int, axis: int) -> np.ndarray:
    changed, start = array.copy(), min(start, len(array) - len(rows))
    changed[start : start + len(rows)] = rows
    return changed


def _map(function: Callable[..., Any], *trees: Any) -> Any:
    if not isinstance(trees[0], tuple):
        return function(*trees)
    parts = [_map(function, *some) for some in zip(*trees, strict=True)]
    return type(trees[0])(*parts) if hasattr(trees[0], "_fields") else tuple(parts)


def _logsumexp(values: np.ndarray) -> Any:
    largest = np.max(values)
    return largest + np.log(np.sum(np.exp(values - largest))) if np.isfinite(largest) else largest


def _one_hot(labels: np.ndarray, classes: int, dtype: Any = float) -> np.ndarray:
    return (np.asarray(labels)[..., None] == np.arange(classes)).astype(dtype)


_LINALG = _Module(
    "jax.numpy.linalg",
    np.linalg,
    eigh=_or_nan(np.linalg.eigh, lambda n, _: (n,), lambda n, _: (n, n)),
    svd=_or_nan(
        functools.partial(np.linalg.svd, full_matrices=False),
        lambda m, n: (m, min(m, n)),
        lambda m, n: (min(m, n),),
        lambda m, n: (min(m, n), n),
    ),
)
_JAX = _Module(
    "jax",
    __path__=[],
    numpy=_Module(
        "jax.numpy",
        np,
        linalg=_LINALG,
        matmul=lambda first, second, precision=None: np.matmul(first, second),
        zeros=lambda *form: np.zeros(*form).view(_Array),
        zeros_like=lambda array: np.zeros_like(array).view(_Array),
    ),
    Array=np.ndarray,
    jit=_as_written,
    custom_jvp=_with_rule,
    custom_batching=_Module("jax.custom_batching", custom_vmap=_with_rule),
    core=_Module("jax.core", Tracer=type("Tracer", (), {})),
    device_get=lambda values: values,
    enable_x64=lambda on: nullcontext(),
    eval_shape=lambda function, *given: function(*given),
    lax=_Module(
        "jax.lax",
        fori_loop=_fori_loop,
        dynamic_slice_in_dim=_slice,
        dynamic_update_slice_in_dim=_update_slice,
        optimization_barrier=lambda array: array,
        stop_gradient=lambda array: array,
    ),
    nn=_Module("jax.nn", logsumexp=_logsumexp, one_hot=_one_hot),
    tree=_Module("jax.tree", map=_map),
    tree_util=_Module("jax.tree_util", register_dataclass=lambda *_: None),
)

__all__ = ["instead_of_jax", "load", "suits"]
