"""The upper row of a picture: points in the plane, the spectrum, and the cosines of class means."""

from __future__ import annotations

from render.audit.numbers import COSINES, SPECTRUM
from render.audit.picture.album import COLOURED, Album
from render.audit.picture.readouts import placed, readout, shared
from render.picture.panels.bars import Bars, Heights
from render.picture.panels.base import Axis, Insets, Level, Panel
from render.picture.panels.histogram import Histogram
from render.picture.panels.points import Points
from render.target import Arrays

SMALL = 1e-4  # share of the variance that the logarithmic axis goes down to


def views(album: Album, arrays: Arrays, moving: bool) -> list[Panel]:
    """Points in the plane, the spectrum, and the cosines of class means where there are three classes or more."""
    setting = album.last.setting
    beside = placed(shared(album, arrays), "beside")
    coloured = "labels" in arrays
    seen = "rings: where a simplex has its corners" if album.simplex else "the first two principal axes"
    if setting.classes > COLOURED:
        seen = f"principal axes; {setting.classes:,} classes, one colour"
    elif moving and not album.simplex:
        seen += " of the last step"
    modes = arrays["shares"].shape[1]
    panels: list[Panel] = [
        Points(
            title=f"{arrays['points'].shape[1]} of the points" if setting.points > len(album.rows) else "the points",
            caption=seen,
            points="points",
            labels="labels" if coloured else "",
            means="means" if coloured else "",
            ghosts="ghosts" if album.simplex else "",
            numbers=tuple(map(str, album.classes)) if album.simplex else (),
        ),
        Bars(
            title=SPECTRUM,
            series=(Heights("shares", first=min(setting.classes - 1, modes) if setting.classes > 1 else None),),
            labels=tuple(str(k) if k == 1 or k % 5 == 0 else "" for k in range(1, modes + 1)) if modes > 12 else (),
            x_axis=Axis(
                "variance by mode"
                + (f", {modes} of {setting.dim:,}" if modes < setting.dim else "")
                + ("; C−1 in colour" if setting.classes > 1 else "")
            ),
            y_axis=Axis(scale="log", high=1.0, floor=SMALL),
            readouts=tuple(map(readout, beside.get(SPECTRUM, []))),
            insets=Insets(left=50, right=14, bottom=40),
        ),
    ]
    if COSINES in beside and len(album.edges):
        room = any(finding.theory is not None for finding in beside[COSINES])  # for a simplex of so many classes
        panels.append(
            Histogram(
                title=COSINES,
                counts="cosines",
                edges="cosine_edges",
                goal=Level(-1 / (setting.classes - 1), "−1/(C−1) = {:.3g}") if room else None,
                x_axis=Axis(f"cosine; {int(arrays['cosines'][-1].sum()):,} pairs"),
                readouts=tuple(map(readout, beside[COSINES])),
            )
        )
    return panels


__all__ = ["views"]
