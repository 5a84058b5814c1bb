"""Exit codes of the command, and the errors that carry one."""

from __future__ import annotations

DONE, ERROR, USAGE, TARGET_MISSED, INTERRUPTED = 0, 1, 2, 3, 130


class TargetMissed(RuntimeError):
    """A run of a scene's default configuration misses a target: it is not written."""

    exit_code = TARGET_MISSED


class NotFinite(ArithmeticError):
    """A measured or derived array holds a NaN or an infinity, or nothing can be derived from what was measured."""

    exit_code = ERROR


def exit_code(error: BaseException) -> int:
    """The code that the command ends with for an error: its own, or that of bad input for a ValueError."""
    return getattr(error, "exit_code", USAGE if isinstance(error, ValueError) else ERROR)
