"""Bounds of a configuration's fields, said beside them: `rate: float = positive(0.05)`, `n: int = between(4, 2, 10)`.

A field of a subclass that only changes the default keeps the bounds of the field that it replaces.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)

TINY, HUGE = 1e-30, 1e30  # well within float32, 1.2e-38 to 3.4e38: reciprocals and products stay finite
KEY = "bounds"  # under which a dataclass field's metadata has its bounds


@dataclass(frozen=True)
class Bounds:
    """Bounds of a field: low <= value <= high, a multiple of `of`; `accepts` says so in an error message."""

    low: float
    high: float
    accepts: str
    of: int = 1

    def hold(self, value: float) -> bool:
        return self.low <= value <= self.high and (self.of == 1 or value % self.of == 0)


ANY = {  # bounds of a field that declares none: what int32 and float32 can hold
    int: Bounds(-(2**31), 2**31 - 1, "an integer from -2^31 to 2^31 - 1"),
    float: Bounds(-HUGE, HUGE, f"a finite number from {-HUGE:g} to {HUGE:g}"),
}


def between(default: Number, low: Number, high: Number, why: str = "", of: int = 1) -> Number:
    """A field from `low` to `high`, both included, in multiples of `of`. why: text that an error message appends."""
    multiple = "" if of == 1 else f"a multiple of {of} from "
    return _field(default, low, high, f"{multiple}{_plain(low)} to {_plain(high)}{why}", of)


def positive(default: float, high: float = HUGE, low: float = TINY) -> float:
    """A field for positive numbers of float32, or for those from `low` to `high`."""
    return _field(default, low, high, f"a positive number from {_plain(low)} to {_plain(high)}")


def share(default: float, low: float = 0.0, high: float = 1.0) -> float:
    """A field for a part of a whole, from 0 to 1, or less."""
    return _field(default, low, high, f"a share from {_plain(low)} to {_plain(high)}")


def of(config: type) -> dict[str, Bounds]:
    """Name -> bounds of the fields of a dataclass that declare some, in its own body or in that of a base class."""
    found: dict[str, Bounds] = {}
    for base in config.__mro__:
        fields: Mapping[str, dataclasses.Field[Any]] = vars(base).get("__dataclass_fields__", {})
        found.update(
            {name: field.metadata[KEY] for name, field in fields.items() if KEY in field.metadata and name not in found}
        )
    return found


def require(config: Any) -> None:
    """Raise ValueError for the first field of a dataclass that has another type than its default, or is out of bounds.

    The message names field, value and what is accepted.
    """
    known = of(type(config))
    for field in dataclasses.fields(config):
        value, kind = getattr(config, field.name), type(field.default)
        # Python counts a bool as an int, a field does not; a float field accepts an int
        typed = isinstance(value, (int, float) if kind is float else kind) and (
            kind is bool or not isinstance(value, bool)
        )
        if not typed:
            refuse(field.name, value, f"a value of type {kind.__name__}")
        if kind is float and not math.isfinite(value):
            refuse(field.name, value, "a finite number")
        bounds = known.get(field.name) or ANY.get(kind)
        if bounds and not bounds.hold(value):
            refuse(field.name, value, bounds.accepts)


def refuse(field: str, value: Any, accepts: str) -> None:
    raise ValueError(f"{field}={value!r} is not accepted: {field} takes {accepts}")


def _field(default: Any, low: float, high: float, accepts: str, of: int = 1) -> Any:
    return dataclasses.field(default=default, metadata={KEY: Bounds(low, high, accepts, of)})


def _plain(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"
