"""Name: a word that goes with a point that moves, such as where a line leaves the frame."""

from __future__ import annotations

from dataclasses import dataclass

from render.picture.marks.base import MOVING, Mark, at
from render.picture.stage import LINE_PX, Drawn, Stage
from render.picture.words import width_px

GAP_PX, END_GAP_PX = 14, 9  # from the point to its name: inside the frame, and beyond its right edge
EDGE_PX = 1.5  # a point so near the right edge lies on it


@dataclass(frozen=True, kw_only=True)
class Name(Mark):
    """point: (frames, 2), or (2,) that stands still, by name.

    The text stands to the right of its point: of a point on the frame's right edge beyond it, in the room of the labels
    at right ends and clear of them. It stands to the left where there is no room, and is not seen while its point is
    outside the frame.
    """

    point: str
    text: str
    ink: str = "ink"
    bold: bool = True

    def draw(self, stage: Stage) -> Drawn:
        theme, places = stage.theme, stage.places(self.point, 2)
        wide = width_px(self.text, theme.family, theme.label_pt, self.bold)
        word = stage.write(
            0,
            0,
            self.text,
            size_pt=theme.label_pt,
            ink=self.ink,
            within=stage.composition.pixels,
            bold=self.bold,
            zorder=MOVING + self.over + 0.5,
        )
        box, room = stage.box, stage.ends_width()

        def update(frame: int) -> None:
            x, y = stage.px(at(places, frame))
            word.set_visible(bool(box.x0 - 1 <= x <= box.x1 + 1 and box.y0 - 1 <= y <= box.y1 + 1))
            y = min(max(y, box.y0 + LINE_PX / 2), box.y1 - LINE_PX / 2)
            if x > box.x1 - EDGE_PX and END_GAP_PX + wide <= room + 1:
                x, y = box.x1 + END_GAP_PX, _clear(y, [line.get_position()[1] for line, _ in stage.labels])
            else:
                x += GAP_PX if x + GAP_PX + wide <= box.x1 else -GAP_PX - wide
            word.set_position((x, y))

        update(0)
        return Drawn([word], update, stage.motion(self.point, 2))


def _clear(y: float, taken: list[float]) -> float:
    """The height nearest to y that is a line away from all those taken."""
    free = [y, *(height + side * LINE_PX for height in taken for side in (1, -1))]
    free = [height for height in free if all(abs(height - other) > LINE_PX - 0.5 for other in taken)]
    return float(min(free, key=lambda height: abs(height - y)))
