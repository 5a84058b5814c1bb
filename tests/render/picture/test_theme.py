"""Colours: every one from the theme, classes told apart by everybody, text that can be read."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest

from render.picture.theme import LIGHT, THEMES

every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)

# Machado, Oliveira & Fernandes 2009, Table 1, severity 1.0, on linear RGB.
VISIONS = {
    "trichromat": np.eye(3),
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
SRGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str) -> np.ndarray:
    """Linear RGB in [0, 1] of an sRGB colour."""
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear RGB, D65."""
    ratios = SRGB_TO_XYZ @ np.clip(light, 0, 1) / (0.95047, 1.0, 1.08883)
    x, y, z = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(linear(colour) @ (0.2126, 0.7152, 0.0722) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@every_theme
@pytest.mark.parametrize(("vision", "bound"), [("trichromat", 20), ("protanope", 11), ("deuteranope", 11)])
def test_class_colours_are_told_apart(theme, vision, bound):
    seen = {colour: lab(np.asarray(VISIONS[vision]) @ linear(colour)) for colour in theme.classes}
    distances = {
        pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in itertools.combinations(theme.classes, 2)
    }
    closest = min(distances, key=distances.get)
    assert distances[closest] >= bound, closest


@every_theme
def test_there_are_ten_class_colours_and_each_stands_out_from_the_card(theme):
    assert len(set(theme.classes)) == 10
    for colour in theme.classes:
        assert contrast(colour, theme.card) > 1.9
        assert np.linalg.norm(lab(linear(colour)) - lab(linear(theme.card))) > 30


@every_theme
def test_text_can_be_read(theme):
    for ground in (theme.page, theme.card):
        assert contrast(theme.ink, ground) > 12
        for colour in (theme.muted, theme.goal, theme.met):
            assert contrast(colour, ground) > 4.5


@every_theme
def test_every_colour_is_six_hexadecimal_digits_and_every_size_at_least_9_pt(theme):
    for colour in (*theme.exact_colours(), theme.grid):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)
    assert min(theme.title_pt, theme.subtitle_pt, theme.card_title_pt, theme.text_pt, theme.small_pt) >= 9


def test_both_themes_name_the_same_roles():
    light, dark = THEMES["light"], THEMES["dark"]
    assert (light.name, dark.name) == ("light", "dark")
    assert list(light.series) == list(dark.series)
    assert lab(linear(light.page))[0] > 90 > 20 > lab(linear(dark.page))[0]


@every_theme
def test_exact_colours_are_distinct_and_hold_the_ground_the_text_and_the_classes(theme):
    exact = theme.exact_colours()
    assert len(set(exact)) == len(exact)
    assert {theme.page, theme.card, theme.ink, theme.met, theme.goal, *theme.classes, *theme.series.values()} <= set(
        exact
    )


def test_a_tint_is_what_opacity_would_show_on_a_card():
    theme = dataclasses.replace(LIGHT, card="#204060")
    assert theme.tint("#a0c0e0", 0.5) == "#6080a0"
    assert theme.tint("#a0c0e0", 0.0) == "#204060"
    assert theme.tint("#a0c0e0", 1.0) == "#a0c0e0"
