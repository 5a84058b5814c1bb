"""Every colour of every scene's picture is one of its theme."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from render.picture import figure
from render.picture.theme import LIGHT, THEMES, Theme
from scenes import SCENES
from tests.conftest import default_recording

every_scene = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SCENES]
)
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


def strange_theme() -> Theme:
    """Roles with colours that no default of matplotlib and no other role has."""
    rng = np.random.default_rng(0)

    def colour() -> str:
        return "#" + bytes(rng.integers(0, 256, 3).astype(np.uint8)).hex()

    roles = {role: colour() for role in ("page", "card", "edge", "ink", "muted", "grid", "goal", "met")}
    return Theme(
        "strange", **roles, series={role: colour() for role in LIGHT.series}, classes=tuple(colour() for _ in range(10))
    )


@functools.cache
def strangely_drawn(name: str) -> tuple[Figure, figure.Picture]:
    """A figure in the strange theme, drawn once, so that its ticks are there."""
    with figure.default_style():
        canvas, picture = figure.new_picture(default_recording(name), strange_theme())
        canvas.canvas.draw()
    return canvas, picture


def colours_of(artist: object) -> list:
    """The colours with which an artist is drawn."""
    if isinstance(artist, Text):
        return [artist.get_color()] if artist.get_text().strip() else []
    if isinstance(artist, Line2D):
        line = [artist.get_color()] if artist.get_linestyle() != "None" else []
        dots = [artist.get_markeredgecolor()] * (artist.get_markeredgewidth() > 0)
        dots += [artist.get_markerfacecolor()] * (artist.get_fillstyle() != "none")
        return line + dots * (artist.get_marker() not in ("None", None, "", " "))
    if isinstance(artist, Patch):
        edge = [artist.get_edgecolor()] * (artist.get_linewidth() > 0)
        return [artist.get_facecolor()] * bool(artist.get_fill()) + edge
    if isinstance(artist, Collection):
        return [*artist.get_facecolor(), *artist.get_edgecolor()]
    return []


def drawn_artists(artist) -> list:
    """An artist and its descendants, as far as they are visible."""
    if not artist.get_visible():
        return []
    if isinstance(artist, Axes) and not artist.axison:
        children = [
            child for child in artist.get_children() if child in (*artist.lines, *artist.texts, *artist.patches)
        ]
    else:
        children = artist.get_children()
    return [artist, *itertools.chain.from_iterable(map(drawn_artists, children))]


@every_scene
@pytest.mark.parametrize("part", [0.0, 1.0], ids=["first", "last"])
def test_every_colour_of_a_picture_is_the_themes_or_a_tint_of_one(name, part):
    theme, (canvas, picture) = strange_theme(), strangely_drawn(name)
    ground = np.array(to_rgba(theme.page if default_recording(name).story else theme.card)[:3])
    roles = np.array([to_rgba(colour)[:3] for colour in (*theme.exact_colours(), theme.grid)])
    picture.show(round(part * (default_recording(name).frames - 1)))
    found = 0
    for artist in drawn_artists(canvas):
        for colour in colours_of(artist):
            *rgb, alpha = to_rgba(colour)
            if alpha == 0:
                continue
            found += 1
            away, directions = np.array(rgb) - ground, roles - ground
            share = np.clip((directions @ away) / np.maximum((directions**2).sum(axis=1), 1e-12), 0, 1)
            distance = np.abs(share[:, None] * directions - away).max(axis=1).min()
            assert distance < 1.01 / 255, f"{artist}: {to_hex(colour)} is no colour of the theme"
    assert found > 20


@every_scene
@every_theme
def test_no_class_colour_of_the_other_theme_is_drawn(name, theme):
    _, picture = figure.new_picture(default_recording(name), theme)
    drawn = {to_rgba(colour) for artist in drawn_artists(picture.parent) for colour in colours_of(artist)}
    (other,) = (other for other in THEMES.values() if other is not theme)
    assert drawn
    assert not {to_rgba(colour) for colour in other.classes} & drawn
