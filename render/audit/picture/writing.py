"""The files of an audit: a dashboard, or an animation with its poster and the reports of all steps."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from render.audit.against.comparison import Comparison
from render.audit.files.names import name_of, title_of
from render.audit.picture import dashboard, morph
from render.audit.series import AuditedSeries
from render.film import Film
from render.picture import figure
from render.picture.theme import THEMES
from render.places import replacing, written_to
from render.printable import printable
from render.production import writing
from render.stages import Stages


@dataclass(frozen=True)
class Seen:
    """A run as it goes on: called with its audit so far, it draws its picture anew and says its headline in a line."""

    path: Path
    folder: Path | None
    theme: str
    quiet: bool

    def __call__(self, course: AuditedSeries) -> None:
        headline, place = course.headline, ""
        if self.folder is not None:
            name, still = title_of(self.path), _target(self.path, self.folder, self.theme)
            film, still = film_of(name, course), still.with_name(f"{still.name}.png")
            (frame,) = figure.frames(film, THEMES[self.theme], [film.frames - 1])
            with replacing(still) as temporary:
                writing.write_poster(temporary, frame)
            place = f"  {still}"
        if not self.quiet:
            word = f"{headline.status}: " if headline.status else ""
            step = "" if course.last.snapshot.step is None else f"step {course.last.snapshot.step:,}: "
            click.echo(printable(f"{step}{word}{headline.text}{place}"))


def write(
    path: Path, course: AuditedSeries, report: str | None, folder: Path, theme: str, stages: Stages
) -> list[Path]:
    """Draw what was audited of a path into a folder, and write the reports of a series beside it if given as text.

    -> the files: of one snapshot NAME-audit.png, of a series NAME-audit.gif, its last frame as .png, and .json. All
    are written before any replaces what was there. Raises OSError when one cannot be.
    """
    film, target = film_of(title_of(path), course), _target(path, folder, theme)
    animation, still, told = (target.with_name(target.name + kind) for kind in (".gif", ".png", ".json"))
    with ExitStack() as files:
        if len(course.pages) == 1:
            with stages("draw"):
                (frame,) = figure.frames(film, THEMES[theme])
                writing.write_poster(files.enter_context(replacing(still)), frame)
            return [still]
        with stages("encode"):
            writing.write_animation(files, film, theme, [written_to(animation), written_to(still)], stages)
        if report is None:
            return [animation, still]
        files.enter_context(replacing(told)).write_text(report, encoding="utf-8", errors="backslashreplace")
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
    places = [written_to(file) for file in files]
    with stages("encode"), ExitStack() as opened:
        film = morph.morph(title_of(path), title_of(earlier), course.album, comparison)
        writing.write_animation(opened, film, theme, places, stages)
    return files


def png(film: Film, theme: str) -> bytes:
    """The last frame of a film as a PNG."""
    (frame,) = figure.frames(film, THEMES[theme], [film.frames - 1])
    file = io.BytesIO()
    figure.image(frame).save(file, format="PNG", optimize=True)
    return file.getvalue()


def film_of(name: str, course: AuditedSeries) -> Film:
    """The dashboard of a snapshot, or the animation of a series."""
    if len(course.pages) == 1:
        return dashboard.dashboard(name, course.album, *course.pages, course.headline)
    return dashboard.animation(name, course.album, course.drawn, len(course.pages), course.headline)


def _target(path: Path, folder: Path, theme: str) -> Path:
    """Path of the files without their suffix."""
    return folder / (f"{name_of(path)}-audit" if theme == "light" else f"{name_of(path)}-audit-{theme}")


__all__ = ["Seen", "film_of", "png", "write", "write_comparison"]
