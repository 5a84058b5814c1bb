"""What a recorder says: warnings at the line of the caller's own code, each cause once."""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path

from render.printable import printable

PACKAGE = str(Path(__file__).parents[2])


class Said:
    """What has been said so far."""

    def __init__(self) -> None:
        self._causes: set[str] = set()

    def once(self, text: str, key: str = "") -> None:
        """Warn of a cause, unless it was said: of a text, whatever its numbers are, or of a key; nothing if empty."""
        key = key or re.sub(r"\d+", "#", text)
        if text and key not in self._causes:
            self._causes.add(key)
            self.now(text)

    @staticmethod
    def now(text: str) -> None:
        level, frame = 1, sys._getframe(0)
        while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
            level, frame = level + 1, frame.f_back
        warnings.warn(f"render.Recorder {printable(text)}", stacklevel=level)


__all__ = ["Said"]
