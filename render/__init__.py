"""Animated figures of how representations form while a network trains, and the metrics behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from render.audit.in_memory import report
    from render.audit.recorder import Recorder
    from render.notebook import show


def __getattr__(name: str) -> Any:
    """What a training loop and a notebook want, imported when it is asked for: help must not wait for NumPy."""
    if name == "Recorder":
        from render.audit.recorder import Recorder

        return Recorder
    if name == "report":
        from render.audit.in_memory import report

        return report
    if name == "show":
        from render.notebook import show

        return show
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Recorder", "report", "show"]
