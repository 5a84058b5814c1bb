"""Numbers are written in one way, lines fit or say that they do not, and the fonts are the project's own."""

from __future__ import annotations

import hashlib
import importlib.resources

import pytest
from matplotlib import font_manager

from render.picture import words
from render.picture.theme import LIGHT
from render.picture.words import DoesNotFit, said, signed, width_px, wrapped


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(0.0, "0"), (1e-13, "0"), (-1e-13, "0"), (3.14159, "3.14"), (31.4159, "31.4"), (314.159, "314")],
        *[(9.996, "10.0"), (99.96, "100"), (0.9996, "1.00"), (0.25, "0.250"), (0.0123, "0.012"), (1.0, "1.00")],
        *[(-0.5, "−0.500"), (12345.6, "12,346"), (-2.0, "−2.00")],
        *[(0.00099, "10⁻³"), (1e-7, "10⁻⁷"), (9.9e-8, "10⁻⁷"), (2e-8, "10⁻⁸"), (-1e-5, "−10⁻⁵"), (1e-11, "10⁻¹¹")],
        *[(float("nan"), "–"), (float("inf"), "–")],
    ],
)
def test_a_number_has_three_digits_or_is_a_power_of_ten(value, text):
    assert said(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.01, "1 %"), (0.456, "46 %"), (1.0, "100 %"), (-0.25, "−25 %")],
)
def test_a_share_is_said_in_percent(value, text):
    assert said(value, "percent") == text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        *[(119.6, "degrees", "120°"), (-0.2, "degrees", "0°"), (-30.0, "degrees", "−30°")],
        *[(1234.0, "count", "1,234"), (-0.2, "count", "0"), (-3.0, "count", "−3"), (float("nan"), "count", "–")],
    ],
)
def test_angles_and_counts_are_whole(value, form, text):
    assert said(value, form) == text


@pytest.mark.parametrize(
    ("text", "with_minus"),
    [
        ("from -3 to -0.5", "from −3 to −0.5"),
        ("the top-5 of low-rank", "the top-5 of low-rank"),
        ("pages 3-5", "pages 3-5"),
        ("(-2)", "(−2)"),
        ("a - b", "a - b"),
    ],
)
def test_a_hyphen_before_a_number_is_a_minus(text, with_minus):
    assert signed(text) == with_minus


def test_text_is_as_wide_as_it_is_and_wider_in_bold():
    one = width_px("eigenvalue", LIGHT.family, 13)
    assert 50 < one < 110
    assert width_px("eigenvalue", LIGHT.family, 13, bold=True) > one
    assert width_px("eigenvalues", LIGHT.family, 13) > one
    assert width_px("", LIGHT.family, 13) == 0


def test_lines_are_as_few_as_they_need_to_be_and_none_is_too_wide():
    text = "now it is the linear classifier and nothing else"
    whole = width_px(text, LIGHT.family, 15)
    assert wrapped(text, LIGHT.family, 15, whole, 2) == [text]
    lines = wrapped(text, LIGHT.family, 15, 0.6 * whole, 2)
    assert len(lines) == 2
    assert " ".join(lines) == text
    assert max(width_px(line, LIGHT.family, 15) for line in lines) <= 0.6 * whole
    assert wrapped("", LIGHT.family, 15, 10, 1) == []


def test_a_text_that_does_not_fit_says_which_and_what_room_there_is():
    with pytest.raises(DoesNotFit, match=r"'one two three' does not fit into 1 line of 60 px at 15 pt"):
        wrapped("one two three", LIGHT.family, 15, 60, 1)
    with pytest.raises(ValueError, match=r"'incomprehensibilities' does not fit into 2 lines of 60 px"):
        wrapped("incomprehensibilities", LIGHT.family, 15, 60, 2)


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_the_fonts_are_those_of_the_project_also_where_a_machine_has_them_too(weight, monkeypatch):
    words.load_fonts()
    known = font_manager.fontManager
    own = importlib.resources.files("render.picture") / "fonts"
    theirs = [entry for entry in known.ttflist if entry.name == "DejaVu Sans"]
    namesakes = [font_manager.FontEntry(fname=entry.fname, name=LIGHT.family, weight=entry.weight) for entry in theirs]
    monkeypatch.setattr(known, "ttflist", [*known.ttflist, *namesakes])
    properties = font_manager.FontProperties(family=LIGHT.family, weight=weight)
    assert font_manager.findfont(properties, rebuild_if_missing=False).startswith(str(own))


def test_another_font_is_another_picture():
    """What is stale is read off the code, in which a font is its digest."""
    own = importlib.resources.files("render.picture") / "fonts"
    digests = {name: hashlib.sha256((own / name).read_bytes()).hexdigest()[:16] for name in words.FONTS}
    assert digests == {name: digest for name, (_, digest) in words.FONTS.items()}


def test_the_fonts_have_the_fields_symbols():
    words.load_fonts()
    for weight in ("normal", "bold"):
        path = font_manager.findfont(font_manager.FontProperties(family=LIGHT.family, weight=weight))
        assert {ord(symbol) for symbol in "σΣλΦ−≤≥✓⁻⁰¹²³⁴⁵⁶⁷⁸⁹°–·"} <= font_manager.get_font(path).get_charmap().keys()
