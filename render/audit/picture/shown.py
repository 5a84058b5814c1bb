"""What a headline is shown by."""

from __future__ import annotations

from dataclasses import dataclass

from render.picture.group import Group
from render.target import Arrays


@dataclass(frozen=True)
class Evidence:
    """What is drawn: groups, the hero first, and the arrays that they name besides the album's."""

    groups: tuple[Group, ...]
    arrays: Arrays


__all__ = ["Evidence"]
