"""What a headline is shown by, and names in it."""

from __future__ import annotations

from dataclasses import dataclass

from render.picture.group import Group
from render.target import Arrays


@dataclass(frozen=True)
class Evidence:
    """What is drawn: groups, the hero first, and the arrays that they name besides the album's."""

    groups: tuple[Group, ...]
    arrays: Arrays


def literal(name: str) -> str:
    """A name as a line of `Words` that shows it as it is: what stands in braces there is an array's number."""
    return name.replace("{", "{{").replace("}", "}}")


__all__ = ["Evidence", "literal"]
