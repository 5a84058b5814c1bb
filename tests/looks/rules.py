"""The law of looks: what is wrong with a picture that tells a story, in words; nothing if it keeps every rule."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from render.film import Film
from render.picture import figure
from render.picture.composition import Composition
from render.picture.look import look
from render.picture.theme import THEMES

WORDS = {"wide": 60, "column": 40}
SMALLEST_PX = 16
FAR_PX = 46  # from the end of a curve to its label: a label two lines away is another one's
SLACK_PX = 1.0  # boxes that touch
APART_PX = 10  # by which a word may leave the place of its hero on a poster: less than half of the gap to the next


def faults(film: Film, theme: str = "light") -> list[str]:
    """Every rule that a film breaks in one theme and the cut that it has."""
    assert film.story is not None
    with figure.default_style():
        picture = figure.new_picture(film, THEMES[theme])[1]
        assert isinstance(picture, Composition)
        return [
            *_numbers(film),
            *_delays(film),
            *_texts(film, picture),
            *_labels(picture),
            *_legends(film, picture),
            *_parts(film, theme, picture),
        ]


def drawn_faults(film: Film, theme: str) -> list[str]:
    """The rules about what is drawn alone: of the picture of an audit, which has words and numbers of its own."""
    with figure.default_style():
        picture = figure.new_picture(film, THEMES[theme])[1]
        assert isinstance(picture, Composition)
        return [*_texts(film, picture), *_labels(picture), *_parts(film, theme, picture)]


def poster_faults(film: Film, theme: str) -> list[str]:
    """What is wrong with heroes that stand side by side on a poster: what is written in one stays in its own place."""
    assert film.story is not None
    at = [round(share * (film.frames - 1)) for share in film.story.poster]
    if len(at) == 1:
        return []
    with figure.default_style():
        parent = Figure(figsize=(film.width_px / figure.DPI, film.height_px / figure.DPI), dpi=figure.DPI)
        picture = Composition(film, THEMES[theme], parent, poster=at)
        found = []
        for index, (left, _, width, _) in picture.boxes.items():
            said = [text for stage in picture.stages[index] for text in stage.texts if text in picture.visible_texts()]
            boxes = [(text.get_text(), text.get_window_extent()) for text in said]
            found += [
                f"{text!r} leaves its hero, number {index}"
                for text, box in boxes
                if box.x0 < left - APART_PX or box.x1 > left + width + APART_PX
            ]
            found += [
                f"{one!r} and {other!r} overlap in hero number {index}"
                for (one, box), (other, beside) in itertools.combinations(boxes, 2)
                if min(box.x1, beside.x1) - max(box.x0, beside.x0) > SLACK_PX
                and min(box.y1, beside.y1) - max(box.y0, beside.y0) > SLACK_PX
            ]
        return found


def _numbers(film: Film) -> Iterator[str]:
    found = look(film)
    if found["words"] > WORDS[film.cut]:
        yield f"{found['words']} words"
    if found["live_numbers"] > 4:
        yield f"{found['live_numbers']} live numbers"
    if found["panels"] > 3:
        yield f"{found['panels']} panels"
    if found["hero_share"] < 0.45:
        yield f"the hero has {found['hero_share']:.0%} of the area"
    if found["hero_fill"] < 0.35:
        yield f"the hero's content spans {found['hero_fill']:.0%} of its panel"
    if found["smallest_type_px"] < SMALLEST_PX:
        yield f"type of {found['smallest_type_px']} px"
    if found["still_frames"] >= film.frames / 5:
        yield f"{found['still_frames']} of {film.frames} frames without motion"


def _delays(film: Film) -> Iterator[str]:
    delays = film.delays
    if delays[0] < 1000:
        yield f"the opening frame stands {delays[0]} ms"
    if delays[-1] < 3000:
        yield f"the closing frame stands {delays[-1]} ms"
    states = np.asarray(film.arrays[film.story.state])[: film.frames]
    if any(delays[frame] < 500 for frame in np.flatnonzero(np.diff(states)) + 1):
        yield "a change of state stands less than 500 ms"


def watched(film: Film) -> list[int]:
    """First, quarter, middle and last frame, and those in which the state changes."""
    last = film.frames - 1
    changes = np.flatnonzero(np.diff(np.asarray(film.arrays[film.story.state])[: film.frames])) + 1
    return sorted({0, last // 4, last // 2, last, *map(int, changes)})


def _texts(film: Film, picture: Composition) -> Iterator[str]:
    known = set(picture.texts)
    for text in itertools.chain(picture.parent.texts, *(axes.texts for axes in picture.parent.axes)):
        if text not in known:
            yield f"{text.get_text()!r} is written past the grammar"
    for frame in watched(film):
        picture.show(frame)
        written = [(text.get_text(), text.get_window_extent()) for text in picture.visible_texts()]
        for (one, box), (other, beside) in itertools.combinations(written, 2):
            across = min(box.x1, beside.x1) - max(box.x0, beside.x0)
            along = min(box.y1, beside.y1) - max(box.y0, beside.y0)
            if across > SLACK_PX and along > SLACK_PX:
                yield f"{one!r} and {other!r} overlap in frame {frame}"
        for text, box in written:
            if min(box.x0, box.y0) < 0 or box.x1 > film.width_px or box.y1 > film.height_px:
                yield f"{text!r} leaves the picture in frame {frame}"
            if re.search(r"\de[+-]?\d", text, re.IGNORECASE):
                yield f"{text!r} has an exponent that nobody reads"
            if re.search(r"(?<![\w-])-[\d.]", text):
                yield f"{text!r} has a hyphen for a minus"
            if frame == 0 and "✓" in text:
                yield f"{text!r} is said in the first frame"


def _labels(picture: Composition) -> Iterator[str]:
    for stage in itertools.chain.from_iterable(picture.stages.values()):
        for line, wanted in stage.labels:
            if abs(line.get_position()[1] - wanted) > FAR_PX:
                yield f"the label {line.get_text()!r} stands far from the end of its line"


def _legends(film: Film, picture: Composition) -> Iterator[str]:
    """Words in the colour of a curve of their group stand at it, wherever it is now or ends."""
    theme = picture.theme
    nameless = {theme.ink, theme.muted, theme.page, theme.met, theme.edge, theme.grid, theme.series["rest"]}
    last = film.frames - 1
    for stages in picture.stages.values():
        lines = [line for stage in stages for line in stage.axes.lines if line.get_color() not in nameless]
        picture.show(last)
        whole = [line.get_transform().transform(line.get_xydata()) for line in lines]
        said = set()
        for frame in watched(film):
            picture.show(frame)
            for text in itertools.chain.from_iterable(stage.texts for stage in stages):
                places = [
                    np.concatenate([end, line.get_transform().transform(line.get_xydata())])
                    for line, end in zip(lines, whole, strict=True)
                    if line.get_color() == text.get_color()
                ]
                if not places or not text.get_visible() or not text.get_text().strip() or text in said:
                    continue
                box, points = text.get_window_extent(), np.concatenate(places)
                away = np.maximum(np.maximum(box.min - points, points - box.max), 0)
                if np.linalg.norm(away, axis=1).min() > FAR_PX:
                    said.add(text)
                    yield f"{text.get_text()!r} stands far from the line whose colour it has"


def _parts(film: Film, theme: str, picture: Composition) -> Iterator[str]:
    """Frames by the generator are those that are drawn whole, and no axes are rescaled between them."""
    axes = picture.parent.axes
    limits, rescaled = [(*each.get_xlim(), *each.get_ylim()) for each in axes], False
    for frame, pixels in zip(watched(film), figure.frames(film, THEMES[theme], watched(film)), strict=True):
        picture.show(frame)
        rescaled |= [(*each.get_xlim(), *each.get_ylim()) for each in axes] != limits
        picture.parent.canvas.draw()
        whole = np.asarray(picture.parent.canvas.buffer_rgba()).astype(int)
        apart = np.abs(whole - pixels.view(np.uint8).reshape(*pixels.shape, 4))
        if apart.max() > 1 and np.count_nonzero(apart.max(axis=-1) > 1) > 100:
            yield f"frame {frame} drawn by parts is not the frame drawn whole"
    if rescaled:
        yield "a panel is rescaled between frames"
