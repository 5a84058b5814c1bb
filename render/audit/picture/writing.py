"""The files of an audit: a dashboard, or an animation with its poster and the reports of all steps."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from render.audit.against.comparison import Comparison
from render.audit.picture import dashboard, morph
from render.audit.series import AuditedSeries, name_of
from render.files import replacing
from render.picture import figure
from render.picture.theme import THEMES
from render.production import writing
from render.stages import Stages


def write(
    path: Path, course: AuditedSeries, report: str | None, folder: Path, theme: str, stages: Stages
) -> list[Path]:
    """Draw what was audited of a path into a folder, and write the reports of a series beside it if given as text.

    -> the files: of one snapshot NAME-audit.png, of a series NAME-audit.gif, its last frame as .png, and .json. All
    are written before any replaces what was there. Raises OSError when one cannot be.
    """
    name = name_of(path)
    target = folder / (f"{name}-audit" if theme == "light" else f"{name}-audit-{theme}")
    animation, still, told = (target.with_name(target.name + kind) for kind in (".gif", ".png", ".json"))
    with ExitStack() as files:
        if len(course.pages) == 1:
            with stages("draw"):
                (frame,) = figure.frames(
                    dashboard.dashboard(name, course.album, *course.pages, course.headline), THEMES[theme]
                )
                writing.write_poster(files.enter_context(replacing(still)), frame)
            return [still]
        with stages("encode"):
            film = dashboard.animation(name, course.album, course.drawn, len(course.pages), course.headline)
            writing.write_animation(files, film, theme, [animation, still], stages)
        if report is None:
            return [animation, still]
        files.enter_context(replacing(told)).write_text(report)
    return [animation, still, told]


def write_comparison(
    path: Path, earlier: Path, course: AuditedSeries, comparison: Comparison, folder: Path, theme: str, stages: Stages
) -> list[Path]:
    """Draw how one state turns into the other: -> NAME-against-EARLIER.gif, and its two ends side by side as .png.

    Raises OSError when one cannot be written.
    """
    name, before = name_of(path), name_of(earlier)
    target = folder / (f"{name}-against-{before}" if theme == "light" else f"{name}-against-{before}-{theme}")
    files = [target.with_name(target.name + kind) for kind in (".gif", ".png")]
    with stages("encode"), ExitStack() as opened:
        writing.write_animation(opened, morph.morph(name, before, course.album, comparison), theme, files, stages)
    return files


__all__ = ["write", "write_comparison"]
