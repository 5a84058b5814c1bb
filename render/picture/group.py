"""Group: frames under one heading; the first group of a picture is its hero."""

from __future__ import annotations

from dataclasses import dataclass

from render.film import Layout
from render.picture.frames import Frame


@dataclass(frozen=True, kw_only=True)
class Group:
    """Frames under one heading. layout: their places within the group, in both cuts; column: in the column cut.

    gap_px: between frames.
    """

    frames: tuple[Frame, ...]
    heading: str = ""
    note: str = ""
    layout: Layout = Layout()
    column: Layout | None = None
    gap_px: int = 18

    def in_cut(self, cut: str) -> Layout:
        return self.column if cut == "column" and self.column else self.layout
