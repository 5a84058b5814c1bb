"""Lines: a quantity over the run, pale in full and solid up to now; or a shape over x that moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.picture.marks.base import MOVING, Mark, clipped, still
from render.picture.stage import Drawn, End, Stage
from render.picture.words import Form, said

BEHIND = "seeds/{}"  # the array of the curves of other seeds that stand behind a course of this name


@dataclass(frozen=True, kw_only=True)
class Course(Mark):
    """A quantity (frames,) over the run, by name: pale from the first frame, solid up to the playhead, a dot there.

    label: beside the right end, with the value now if `form` says how it is written. theory: dashed in the ink of
    theory, and only as far as the playhead. ahead: whether what is still to come is seen, pale. Where the film has
    `seeds/<array>`, (seeds, frames), these curves of other seeds stand behind it.
    """

    array: str
    ink: str = "run"
    label: str = ""
    form: Form | None = None
    theory: bool = False
    bold: bool = False
    ahead: bool = True

    def reach(self, stage: Stage) -> np.ndarray:
        return np.stack([stage.time, stage.course(self.array)], axis=1)

    def ends(self, stage: Stage) -> list[End]:
        values, form = stage.course(self.array), self.form

        def text(frame: int) -> str:
            return f"{self.label} {said(values[frame], form)}".strip() if form else self.label

        return [End(float(values[-1]), text, "theory" if self.theory else self.ink)] if self.label or form else []

    def draw(self, stage: Stage) -> Drawn:
        theme, time, values = stage.theme, stage.time, stage.course(self.array)
        colour = theme.ink_of("theory" if self.theory else self.ink)
        width = theme.bold_pt if self.bold else theme.line_pt
        style = {"linestyle": theme.dashes, "linewidth": theme.dash_pt} if self.theory else {"linewidth": width}
        if not self.theory and self.ahead:
            others = stage.film.arrays.get(BEHIND.format(self.array), np.zeros((0, stage.frames)))[:, : stage.frames]
            pale = theme.on_page(colour, theme.ribbon)
            stage.axes.plot(time, others.T, color=pale, linewidth=theme.thin_pt, zorder=1.7)
            stage.axes.plot(time, values, color=theme.on_page(colour, theme.future), linewidth=width, zorder=2)
        (line,) = stage.axes.plot([], [], color=colour, zorder=MOVING + self.over, **style, solid_capstyle="round")
        clipped(line, stage, theme.head_pt)
        if not self.theory:
            line.set(marker="o", markersize=theme.head_pt + 1, markevery=[0])

        def update(frame: int) -> None:
            line.set_data(time[: frame + 1], values[: frame + 1])
            if not self.theory:
                line.set_markevery([frame])

        update(0)
        heights = stage.shares(np.stack([time, values], axis=1))[:, 1:]
        whole = np.broadcast_to(np.stack([time, values], axis=1)[None], (stage.frames, stage.frames, 2))
        return Drawn([line], update, heights, whole)


@dataclass(frozen=True, kw_only=True)
class Curve(Mark):
    """A shape: values (frames, n) or, standing still, (n,), over x (n,), by name.

    theory: dashed in the ink of theory. label: beside its right end, in its ink.
    """

    x: str
    array: str
    ink: str = "run"
    tint: float = 1.0
    label: str = ""
    theory: bool = False
    bold: bool = False

    def reach(self, stage: Stage) -> np.ndarray:
        values = stage.played(self.array, 2)
        return np.stack([np.broadcast_to(stage.fixed(self.x), values.shape), values], axis=-1).reshape(-1, 2)

    def ends(self, stage: Stage) -> list[End]:
        height = float(stage.played(self.array, 2)[-1][-1])
        return [End(height, lambda frame: self.label, "theory" if self.theory else self.ink)] if self.label else []

    def draw(self, stage: Stage) -> Drawn:
        theme, x, values = stage.theme, np.asarray(stage.fixed(self.x), float), stage.played(self.array, 2)
        colour = theme.on_page(theme.ink_of("theory" if self.theory else self.ink), self.tint)
        width = theme.bold_pt if self.bold else theme.line_pt
        style = {"linestyle": theme.dashes, "linewidth": theme.dash_pt} if self.theory else {"linewidth": width}
        (line,) = stage.axes.plot(x, values[0], color=colour, zorder=MOVING + self.over, **style)
        if len(values) == 1:
            return still([line], self.over)
        places = np.stack([np.broadcast_to(x, values.shape), values], axis=-1)
        return Drawn(
            [line],
            lambda frame: line.set_ydata(values[frame]),
            stage.shares(places)[..., 1],
            places[:, :: len(x) // 20 or 1],
        )
