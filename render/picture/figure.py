"""From a run to pictures: build every artist once, then move them frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from PIL import Image

from render.film import Film
from render.picture.cards import Cards
from render.picture.composition import Composition
from render.picture.ink import StampingRenderer
from render.picture.theme import Theme
from render.picture.words import DPI


@contextmanager
def default_style() -> Iterator[None]:
    """Matplotlib as it ships, whatever the user's own style file says: the same run, the same bytes."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["svg.hashsalt"] = "frame-potential"
        matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text, that can be searched and set again
        matplotlib.rcParams["pdf.fonttype"] = 42  # TrueType, embedded: journals refuse Type 3
        yield


Picture = Cards | Composition


def picture(film: Film, theme: Theme, parent: Figure | SubFigure) -> Picture:
    """A film's picture, built on a figure: a composition where it tells a story, cards where it does not."""
    return Composition(film, theme, parent) if film.story else Cards(film, theme, parent)


def new_picture(film: Film, theme: Theme) -> tuple[Figure, Picture]:
    """A figure of the film's size with its picture on it."""
    figure = Figure(figsize=(film.width_px / DPI, film.height_px / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure, picture(film, theme, figure)


def frames(film: Film, theme: Theme, which: Iterable[int] | None = None) -> Iterator[np.ndarray]:
    """The frames of a run, one by one: (height, width) uint32, each an RGBA pixel as it lies in memory.

    What stands still is drawn once; a frame restores it and draws the moving artists, in zorder. which: their numbers
    if not all are wanted.
    """
    with default_style():
        figure, drawn = new_picture(film, theme)
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        for artist in drawn.moving:
            artist.set_animated(True)
        canvas.draw()
        background = canvas.copy_from_bbox(figure.bbox)
        renderer = StampingRenderer(drawn.width, drawn.height, DPI)
        for frame in range(film.frames) if which is None else which:
            renderer.restore_region(background)
            drawn.show(frame)
            for artist in drawn.moving:
                artist.draw(renderer)
            yield np.asarray(renderer.buffer_rgba()).view(np.uint32)[..., 0].copy()


def image(frame: np.ndarray) -> Image.Image:
    """A frame, as `frames` yields it, as a picture of Pillow's."""
    return Image.fromarray(np.ascontiguousarray(frame.view(np.uint8).reshape(*frame.shape, 4)[..., :3]))


def poster(film: Film, theme: Theme) -> np.ndarray:
    """The picture that stands for a film, as `frames` yields one: what its story says, or else its last frame.

    A column has no room for heroes side by side: there it is the frame in the middle of those that the story names.
    """
    last = film.frames - 1
    at = [round(share * last) for share in film.story.poster] if film.story else [last]
    if len(at) == 1 or film.cut == "column":
        return next(frames(film, theme, [at[len(at) // 2]]))
    with default_style():
        figure = Figure(figsize=(film.width_px / DPI, film.height_px / DPI), dpi=DPI)
        canvas = FigureCanvasAgg(figure)
        Composition(film, theme, figure, poster=at)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy().view(np.uint32)[..., 0]


def still(film: Film, theme: Theme, at: Sequence[int]) -> Figure:
    """Frames one below the other on a figure of their own, for `savefig` in any format; call under default_style."""
    width, height = film.width_px / DPI, film.height_px / DPI
    figure = Figure(figsize=(width, height * len(at)), dpi=DPI)
    FigureCanvasAgg(figure)
    for parent, frame in zip(figure.subfigures(len(at), 1, squeeze=False)[:, 0], at, strict=True):
        picture(film, theme, parent).show(frame)
    return figure
