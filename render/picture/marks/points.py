"""Points of one ink or one a class, of one size or one each, with names beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from render.picture.ink import TextLine
from render.picture.marks.base import MOVING, Mark, at, clipped, growth, joined, still
from render.picture.stage import Drawn, Stage, dodged
from render.picture.words import said


@dataclass(frozen=True, kw_only=True)
class Points(Mark):
    """points (frames, n, 2 or 3), or (n, 2 or 3) that stand still, by name.

    ink: a role. classes: (n,) class numbers by name, whose colours they have instead; with `roles`, those of the roles
    of these numbers. tint: how solid they are. size_pt: diameter. sizes: (frames, n) or (n,) factors on it, by name.
    hollow: rings in place of discs. theory: dashed rings in the ink of theory, whatever the ink, through which one sees
    what lies under them. rim: a rim in the page's colour, for points that lie on others. marker: their
    shape. names: one a point, written on it, or beside it by `offset_px`; at least `apart_px` from each
    other from left to right. numbers: (n,) by name, in place of names. every: how many points go to one that is drawn.
    """

    points: str
    ink: str = "ink"
    classes: str = ""
    roles: tuple[str, ...] = ()
    tint: float = 1.0
    size_pt: float = 5.0
    sizes: str = ""
    hollow: bool = False
    theory: bool = False
    rim: bool = False
    marker: Literal["o", "*"] = "o"
    names: tuple[str, ...] = ()
    numbers: str = ""
    offset_px: tuple[float, float] = (0.0, 0.0)
    apart_px: float = 0.0
    every: int = 1

    def reach(self, stage: Stage) -> np.ndarray:
        return stage.places(self.points, 3).reshape(-1, 2)

    def draw(self, stage: Stage) -> Drawn:
        theme, places = stage.theme, stage.places(self.points, 3)[:, :: self.every]
        count = places.shape[1]
        classes = stage.fixed(self.classes).astype(int)[:: self.every] if self.classes else np.zeros(count, int)
        sizes = stage.played(self.sizes, 2) if self.sizes else np.ones((1, count))
        artists, groups = [], []
        for each in np.unique(classes):
            colour = theme.ink_of(self._role(each))
            colour = colour if self.tint == 1 else theme.on_page(colour, self.tint)
            members = np.flatnonzero(classes == each)
            dots = stage.axes.scatter([], [], s=[], marker=self.marker, zorder=MOVING + self.over)
            clipped(dots, stage, self.size_pt * sizes.max() / 2 + theme.rim_pt)
            dots.set_facecolor(theme.page if self.hollow else colour)
            dots.set_edgecolor(colour if self.hollow else theme.page)
            dots.set_linewidth(theme.rim_pt if self.hollow else theme.inner_pt if self.rim else 0)
            if self.theory:
                dots.set(facecolor="none", edgecolor=colour, linewidth=theme.rim_pt, linestyle=theme.short_dashes)
            artists.append(dots)
            groups.append(members)
        numbers = stage.fixed(self.numbers) if self.numbers else ()
        names = self.names or tuple(said(float(number), "count") for number in numbers)
        inks = [self.roles[each] if self.roles else self.ink for each in classes]
        labels = [self._name(stage, name, ink) for name, ink in zip(names, inks, strict=False)]

        def update(frame: int) -> None:
            now, size = at(places, frame), at(sizes, frame)
            for dots, members in zip(artists, groups, strict=True):
                dots.set_offsets(now[members])
                dots.set_sizes((self.size_pt * size[members]) ** 2)
            if not labels:
                return
            across, up = stage.px(now[: len(labels)]).T + np.array(self.offset_px)[:, None]
            order = np.argsort(across, kind="stable")
            if self.apart_px:
                across[order] = dodged(across[order], self.apart_px, stage.box.x0, stage.box.x1)
            for label, x, y in zip(labels, across, up, strict=True):
                there = bool(np.isfinite(x) and np.isfinite(y))  # a point may be missing in a frame
                label.set_visible(there)
                if there:
                    label.set_position((x, y))

        update(0)
        if len(places) == len(sizes) == 1:
            return still(artists, self.over)
        moves = joined(stage.motion(self.points, 3), growth(stage, self.size_pt * sizes))
        content = np.broadcast_to(places, (stage.frames, count, 2))
        return Drawn([*artists, *labels], update, moves, content)

    def _role(self, each: int) -> str:
        """The ink of a point of this class."""
        if self.theory:
            return "theory"
        if not self.classes:
            return self.ink
        return self.roles[each] if self.roles else f"class:{each}"

    def _name(self, stage: Stage, name: str, ink: str) -> TextLine:
        ink = ink if any(self.offset_px) or not self.size_pt else "page"
        return stage.write(
            0,
            0,
            name,
            ink=ink,
            bold=True,
            ha="center",
            within=stage.composition.pixels,
            zorder=MOVING + self.over + 0.1,
        )
