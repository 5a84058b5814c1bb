"""A fixed batch that is logged every so many steps: what the callbacks of all trainers share."""

from __future__ import annotations

import fnmatch
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from render.audit.recorder import Recorder

LISTED = 30  # layers that a message names

Seen = tuple[dict[str, Any], Any, Any]  # layers' outputs by name, the model's outputs, weights of its last layer


class UnknownLayer(ValueError):
    """A name or pattern that no layer has."""


def matching(names: Sequence[str], patterns: str | Sequence[str]) -> list[str]:
    """The names that fit one of the patterns, which are as in a shell, in their own order.

    Raises UnknownLayer, with the names that there are, for a pattern that fits none, and for no pattern.
    """
    wanted = [patterns] if isinstance(patterns, str) else list(patterns)
    for pattern in wanted or [""]:
        if not fnmatch.filter(names, pattern):
            more = [f"and {len(names) - LISTED} more"] if len(names) > LISTED else []
            there = ", ".join([*names[:LISTED], *more]) or "none"
            raise UnknownLayer(f"no layer is called {pattern!r}; the model has: {there}")
    return [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)]


@dataclass
class FixedBatch:
    """Inputs and labels that stay the same, and where and how often the layers' view of them is logged.

    recorder: a `render.Recorder`. inputs: what the model is called with, an array, a tuple of them, or a dict of
    arguments. labels (N,), if there are any. layers: names of layers, or patterns as in a shell; of one its outputs are
    the features, of several they are the layers. every: steps from one log to the next. head: the last layer, whose
    weights are logged, too. Raises ValueError for `every` below 1.
    """

    recorder: Recorder
    inputs: Any
    labels: Any = None
    layers: str | Sequence[str] = ()
    every: int = 50
    head: str | None = None
    _last: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.every < 1 or int(self.every) != self.every:
            raise ValueError(f"every is {self.every}: log every 1, 2, ... steps")

    def is_due(self, step: int) -> bool:
        """Whether a step begins another stretch of `every` steps; the first that is asked for does."""
        return self._last is None or step // self.every > self._last // self.every

    def log(self, step: int, look: Callable[[FixedBatch], Seen], writes: bool = True) -> None:
        """Log a step, unless it was the last to be logged.

        look: shows the batch to the model. writes: False in all processes but one, which look and do not log, since a
        model that is spread over processes needs all of them. Raises UnknownLayer; whatever else fails in the model is
        warned of, as it is not worth a training, unless the recorder's `on_error` is "raise".
        """
        if step == self._last:
            return
        self._last = step
        try:
            seen, outputs, weights = look(self)
        except Exception as error:
            if isinstance(error, UnknownLayer) or self.recorder.on_error == "raise":
                raise
            warnings.warn(f"render logs nothing of step {step}: {error}", stacklevel=3)
            return
        if writes and seen:
            features = {"features": next(iter(seen.values()))} if len(seen) == 1 else {"layers": seen}
            self.recorder.log(step, labels=self.labels, outputs=outputs, weights=weights, **features)


__all__ = ["FixedBatch", "Seen", "UnknownLayer", "matching"]
