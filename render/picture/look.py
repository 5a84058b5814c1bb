"""How a picture looks, in numbers: words, live numbers, panels, the hero's share and fill, type, still frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from render.film import Film
from render.picture import figure
from render.picture.composition import Composition
from render.picture.frames import SHOWN
from render.picture.stage import Stage
from render.picture.theme import LIGHT

MOVED = 0.002  # of its panel's range: what moves less stands still for an eye


def look(film: Film) -> dict[str, Any]:
    """The look of a film that tells a story, for the manifest and for tests; the theme changes none of it.

    words: in the frame that has most, of at least two letters each. live_numbers: texts with digits that change, the
    strip's own quantity apart. panels: groups. hero_share: of the area between header and strip. hero_fill: of the
    hero's width or height, whichever is less, that its marks span in the mean over frames. still_frames: those in which
    no mark of the hero moves by MOVED.
    """
    with figure.default_style():
        picture = figure.picture(film, LIGHT, Figure(figsize=(film.width_px / 100, film.height_px / 100), dpi=100))
    assert isinstance(picture, Composition)
    most, seen = 0, {text: set[str]() for text in picture.texts}
    smallest = float("inf")
    for frame in range(film.frames):
        picture.show(frame)
        visible = picture.visible_texts()
        most = max(most, sum(count_words(text.get_text()) for text in visible))
        smallest = min(smallest, *(float(text.get_fontsize()) for text in visible))
        for text in visible:
            seen[text].add(text.get_text())
    live = [
        text
        for text, said in seen.items()
        if text not in picture.dial and len({line for line in said if any(map(str.isdigit, line))}) > 1
    ]
    stages = picture.stages[0]
    return {
        "words": most,
        "live_numbers": len(live),
        "panels": len(picture.stages),
        "hero_share": round(float(area(picture.boxes[0]) / area(picture.body)), 3),
        "hero_fill": round(min((fill(stage) for stage in stages if moving(stage)), default=0.0), 3),
        "smallest_type_px": round(smallest * 100 / 72, 1),
        "still_frames": int(np.count_nonzero(~moved(stages, film.frames))),
    }


def count_words(text: str) -> int:
    """Words of a text: tokens with at least two letters."""
    return sum(sum(map(str.isalpha, token)) >= 2 for token in text.split())


def area(box: Sequence[float]) -> float:
    return box[2] * box[3]


def moving(stage: Stage) -> bool:
    return any(drawn.moves is not None for drawn in stage.drawn)


def fill(stage: Stage) -> float:
    """The smaller of the shares of width and height that a stage's marks span, in the mean over frames.

    One far point in hundreds fills nothing: the span is that of the middle 99 % of the places.
    """
    contents = [drawn.content for drawn in stage.drawn if drawn.content is not None]
    if not contents:
        return 1.0  # words and numbers alone: as large as they are
    spans = []
    for frame in range(stage.frames):
        places = np.clip(stage.shares(np.concatenate([content[frame] for content in contents])), 0, 1)
        low, high = np.nanpercentile(places, [100 - SHOWN, SHOWN], axis=0, method="nearest")
        spans.append(high - low)
    return float(np.mean(spans, axis=0).min())


def moved(stages: Sequence[Stage], frames: int) -> np.ndarray:
    """Whether any mark of the stages moves from the frame before: (frames - 1,)."""
    found = np.zeros(max(frames - 1, 0), bool)
    for drawn in (drawn for stage in stages for drawn in stage.drawn):
        if drawn.moves is not None:
            steps = np.abs(np.diff(drawn.moves, axis=0)).reshape(frames - 1, -1)
            found |= np.nan_to_num(steps).max(axis=1, initial=0.0) > MOVED
    return found
