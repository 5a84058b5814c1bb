"""The strip under a picture: the states of the run as bands with their names, the playhead, the axis, one footer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from render.picture import words
from render.picture.ink import TextLine
from render.picture.marks.base import MOVING
from render.picture.marks.lines import BEHIND
from render.picture.stage import dodged, nothing

if TYPE_CHECKING:
    from render.picture.composition import Composition

MARGIN_PX = 18  # of the picture
BAND_PX, BAND_AT, TICKS_AT, NAMES_GAP = 16, 36, 20, 19
FOOTER_PX = 140


def draw(canvas: Composition) -> float:
    """Draw the strip of a composition; -> the height in pixels above which there is room for the groups."""
    theme, film, strip = canvas.theme, canvas.film, canvas.story.strip
    ends = (" ".join(filter(None, (strip.ends[0], "loss" * bool(strip.loss)))), strip.ends[1])
    before, behind = (words.width_px(text, theme.family, theme.note_pt) for text in ends)
    left = MARGIN_PX + (before + 10 if before else 0)
    footer = max(FOOTER_PX, words.width_px(_checked(canvas), theme.family, theme.note_pt) + 16)
    right = canvas.width - MARGIN_PX - footer - (behind + 10 if behind else 0)
    low, high = BAND_AT, BAND_AT + BAND_PX
    middle = (low + high) / 2
    for text, x, align in ((ends[0], left - 10, "right"), (ends[1], right + 10, "left")):
        if text:
            canvas.write(x, middle, text, theme.note_pt, theme.muted, canvas.pixels, ha=align)
    places = left + (right - left) * np.linspace(0, 1, film.frames)
    _bands(canvas, places, low, high)
    if strip.loss:
        _loss(canvas, places, low, high)
    if strip.live:
        _live(canvas, places)
    else:
        _ticks(canvas, places)
    _playhead(canvas, places, low, high)
    _footer(canvas, middle)
    return high + NAMES_GAP + 31


def _bands(canvas: Composition, places: np.ndarray, low: float, high: float) -> None:
    """A band a state, brighter while it lasts, and its name above, bold while it lasts."""
    theme, states, names = canvas.theme, canvas.states, canvas.story.names
    calm, lit = theme.on_page(theme.series["rest"], 0.45), theme.on_page(theme.series["rest"], 1.0)
    present = [state for state in range(len(names)) if (states == state).any()]
    starts = [places[np.flatnonzero(states == state)[0]] for state in present]
    ends = [*starts[1:], places[-1]]
    widths = [words.width_px(names[state], theme.family, theme.note_pt, bold=True) for state in present]
    middles = _side_by_side([(a + b) / 2 for a, b in zip(starts, ends, strict=True)], widths, places[0], places[-1])
    if middles is None:
        room = places[-1] - places[0]
        raise canvas.refusal(f"the names of the states, {', '.join(names)}, do not fit into {room:.0f} px")
    for state, start, end, middle in zip(present, starts, ends, middles, strict=True):
        band = canvas.band(start, low, max(end - start - 2, 1), high - low, calm)
        pair = [
            canvas.write(
                middle, high + NAMES_GAP + 3, names[state], theme.note_pt, colour, canvas.pixels, bold, ha="center"
            )
            for colour, bold in ((theme.muted, False), (theme.ink, True))
        ]

        def update(frame: int, band: Rectangle = band, pair: list[TextLine] = pair, state: int = state) -> None:
            now = bool(states[frame] == state)
            band.set_facecolor(lit if now else calm)
            pair[0].set_visible(not now)
            pair[1].set_visible(now)

        update(0)
        canvas.moves(band, update)
        for text in pair:
            canvas.moves(text, update)
        band.set_zorder(MOVING - 0.5)


def _side_by_side(wanted: list[float], widths: list[float], low: float, high: float) -> list[float] | None:
    """Middles of texts of these widths near the wanted ones, 12 pixels apart, in [low, high]; None without room."""
    if sum(widths) + 12 * (len(widths) - 1) > high - low:
        return None
    offsets = np.cumsum([0.0, *(width + 12 for width in widths[:-1])])
    starts = [middle - width / 2 - offset for middle, width, offset in zip(wanted, widths, offsets, strict=True)]
    room = high - low - (offsets[-1] + widths[-1])
    moved = dodged(starts, 0.0, low, low + room) if len(starts) > 1 else [min(max(starts[0], low), low + room)]
    return [start + offset + width / 2 for start, offset, width in zip(moved, offsets, widths, strict=True)]


def _ticks(canvas: Composition, places: np.ndarray) -> None:
    """Values of the axis where the run passes them, the ends first, then whatever has room."""
    theme, strip = canvas.theme, canvas.story.strip
    values = np.asarray(canvas.film.arrays[strip.array], float)[: canvas.film.frames]
    first, last = values[0], values[-1]
    rising = values if last >= first else -values
    inner = strip.ticks or [10.0**power for power in range(-6, 12)]
    between = [tick for tick in inner if min(first, last) < tick < max(first, last)]
    taken: list[tuple[float, float]] = []
    for tick in [first, last, *between]:
        text = words.signed(strip.form.format(tick))
        text = f"{strip.label} {text}" if tick == first else text
        half = words.width_px(text, theme.family, theme.note_pt) / 2
        x = float(np.interp(tick if last >= first else -tick, rising, places))
        x = min(max(x, places[0] + half), places[-1] - half)
        if all(x + half + 14 < a or b + 14 < x - half for a, b in taken):
            taken.append((x - half, x + half))
            canvas.write(x, TICKS_AT, text, theme.note_pt, theme.muted, canvas.pixels, ha="center")


def _live(canvas: Composition, places: np.ndarray) -> None:
    """The dial's own quantity under the playhead."""
    theme, strip = canvas.theme, canvas.story.strip
    values = np.asarray(canvas.film.arrays[strip.array], float)[: canvas.film.frames]
    texts = [f"{strip.label} {words.signed(strip.form.format(value))}" for value in values]
    half = max(words.width_px(text, theme.family, theme.label_pt, True) for text in texts) / 2
    line = canvas.write(places[0], TICKS_AT, texts[0], theme.label_pt, theme.ink, canvas.pixels, True, ha="center")
    canvas.dial.add(line)

    def update(frame: int) -> None:
        line.set_text(texts[frame])
        line.set_x(min(max(places[frame], places[0] + half), max(places[-1] - half, places[0] + half)))

    update(0)
    canvas.moves(line, update)


def _loss(canvas: Composition, places: np.ndarray, low: float, high: float) -> None:
    """The loss, in logs, over the bands, which are drawn anew in each frame."""
    theme = canvas.theme
    values = np.log(np.maximum(np.asarray(canvas.film.arrays[canvas.story.strip.loss], float), 1e-12))[: len(places)]
    heights = low + 2 + (high - low - 4) * (values - values.min()) / (np.ptp(values) or 1.0)
    line = Line2D(places, heights, color=theme.muted, linewidth=theme.line_pt, transform=canvas.pixels)
    canvas.parent.add_artist(line)
    canvas.moves(line, nothing)


def _playhead(canvas: Composition, places: np.ndarray, low: float, high: float) -> None:
    theme = canvas.theme
    (head, line) = (
        Line2D([], [], marker="v", markersize=8, color=theme.ink, transform=canvas.pixels, linestyle="none"),
        Line2D([], [], color=theme.ink, linewidth=theme.line_pt, transform=canvas.pixels),
    )
    for artist in (line, head):
        canvas.parent.add_artist(artist)

    def update(frame: int) -> None:
        head.set_data([places[frame]], [high + 5])
        line.set_data([places[frame]] * 2, [low, high])

    update(0)
    canvas.moves(line, update)
    canvas.moves(head, update)


def _checked(canvas: Composition) -> str:
    """How many targets this run meets, in words, and how many other seeds are pale behind it; nothing without any."""
    met, all_of_them = canvas.film.checks
    if not all_of_them:
        return ""
    count = f"{met}" if met == all_of_them else f"{met} of {all_of_them}"
    said = f"{count} target{'s' * (all_of_them > 1)} met" + (" ✓" if met == all_of_them else "")
    others = [len(curves) for name, curves in canvas.film.arrays.items() if name.startswith(BEHIND.format(""))]
    return f"{said}, {min(others)} seeds" if others else said


def _footer(canvas: Composition, y: float) -> None:
    """The count of targets, at the frame at which they are judged: the last."""
    text, theme, last = _checked(canvas), canvas.theme, canvas.film.frames - 1
    if not text:
        return
    line = canvas.write(canvas.width - MARGIN_PX, y, text, theme.note_pt, theme.met, canvas.pixels, ha="right")

    def update(frame: int) -> None:
        line.set_visible(frame == last)

    update(0)
    canvas.moves(line, update)
