"""The picture of an audit: a dashboard of one snapshot, or an animation of a series over its steps."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from render.audit import by_depth
from render.audit.depth import Depth
from render.audit.headline import KINDS, Headline, limits
from render.audit.picture import layers, scalars
from render.audit.picture.album import Album, Page
from render.audit.picture.evidence import evidence
from render.audit.picture.rows import lengths, uneven
from render.audit.picture.told import numbers
from render.film import Film, Layout, Story, Strip
from render.picture import words
from render.picture.group import Group
from render.picture.strip import MARGIN_PX
from render.picture.theme import LIGHT
from render.target import Arrays

SECONDS = 6.0  # that an animation takes, if its frames need not be too short or too long for it
SHORTEST_MS, LONGEST_MS, HOLD_MS = 60, 500, 2000
LONGEST_NAME = 40
MOST_STATES = 4  # kinds of headlines that the strip of an animation tells apart
WIDTH_PX, STILL_PX, MOVING_PX, CURVES_PX = 1100, 760, 660, 120
WIDTHS, CURVES = 1.35, 0.16  # of the columns, one to the other; of the height of the evidence and what is beneath it
GAP_PX = 26  # between groups, as a composition has it
BELOW_PX, AROUND_PX = {True: 245, False: 275}, {True: 214, False: 170}  # under layers; header, strip or footer
RATIO = "within_between_ratio"
SAID = {  # of a kind, on the strip
    "zero_rows": "rows of zeros",
    "duplicates": "duplicates",
    "cone": "a cone",
    "few_directions": "few directions",
    "unmatched_views": "views apart",
    "merged_classes": "merged classes",
    "collapsed": "collapsed",
    "collapsing": "collapsing",
    "no_class_structure": "no structure",
    "dead_units": "dead units",
    "separate_classes": "classes apart",
    "overlapping_classes": "overlapping",
    "healthy": "healthy",
}


def dashboard(name: str, album: Album, page: Page, headline: Headline | None = None) -> Film:
    """One frame, the page of the album's report: its headline, the evidence, and the numbers that matter."""
    headline = headline or album.last.headline()
    return _film(name, album, [page], headline, moving=False)


def animation(name: str, album: Album, pages: Sequence[Page], snapshots: int, headline: Headline | None = None) -> Film:
    """A frame a page, of so many snapshots: the evidence of the last headline over the steps, and the kinds so far."""
    headline = headline or album.last.headline()
    course = f"{snapshots} snapshots" + (f", {len(pages)} of them drawn" if len(pages) < snapshots else "")
    return _film(name, album, pages, headline, moving=True, course=course)


def _film(name: str, album: Album, pages: Sequence[Page], headline: Headline, moving: bool, course: str = "") -> Film:
    arrays = dict(album.arrays(pages))
    shown = evidence(headline.kind, album, arrays, moving)
    more = (lengths(arrays),) if moving and uneven(arrays) else ()
    groups = (*shown.groups[: 3 - len(more)], *more, numbers(album, arrays, moving, headline.kind))
    states, names = _states([*(_kind(page, pages[0]) for page in pages[:-1]), headline.kind])
    arrays |= {**shown.arrays, "state": states}
    hero, *beside = list("abcd")[: len(groups)]
    rows, heights, height_px = tuple(f"{hero}{letter}" for letter in beside), _heights(beside, moving), STILL_PX
    if moving:
        height_px = MOVING_PX
    depth, curves = album.last.depth, (scalars.curves(arrays),) if moving and scalars.there(arrays) else ()
    if depth is None and curves:  # beneath the evidence, beside the end of the numbers
        height_px = MOVING_PX + CURVES_PX
        share = CURVES * sum(heights)
        rows, heights = (
            (*rows, f"{'abcde'[len(beside) + 1]}{beside[-1]}"),
            (*heights[:-1], heights[-1] - share, share),
        )
    layout = Layout(rows, widths=(WIDTHS, 1), heights=heights)
    if depth is not None:
        groups, layout, height_px, of_depth = _deep(depth, album, pages, groups, moving, bool(curves))
        arrays |= of_depth
    groups = (*groups, *curves)
    setting, steps = album.last.setting, arrays["step"]
    parts = [plain(name), f"{setting.points:,} rows × {setting.dim:,} column{'s'[: setting.dim - 1]}"]
    parts += [f"{setting.classes} classes"] * (setting.classes > 0) + [course] * bool(course)
    if not moving and album.last.snapshot.step is not None:
        parts.append(f"step {steps[0]:,}")
    said = f"{(headline.status or 'next').upper()}: {headline.next}"
    frame_ms = int(np.clip(10 * round(100 * SECONDS / len(steps)), SHORTEST_MS, LONGEST_MS))
    title = headline.text
    title, said = title[:1].upper() + title[1:], said[:1].upper() + said[1:]
    if depth is not None:
        title, said = _both(depth, headline, said)
    sentence = fitted(said, LIGHT.sentence_pt, False)
    return Film(
        title=fitted(title, LIGHT.headline_pt, True),
        subtitle="  ·  ".join(parts),
        alt=_described(name, album, headline, arrays["step"]),
        layout=("a",),
        width_px=WIDTH_PX,
        height_px=height_px,
        panels=groups,
        frame_ms=frame_ms,
        hold_ms=HOLD_MS,
        arrays=arrays,
        story=Story(
            state="state",
            names=names,
            sentences=(sentence,) * len(names),
            wide=layout,
            column=layout,
            strip=Strip(),
        ),
    )


def _deep(
    depth: Depth, album: Album, pages: Sequence[Page], groups: Sequence[Group], moving: bool, curves: bool
) -> tuple[tuple[Group, ...], Layout, int, Arrays]:
    """The layers over what there is to show of the audited one, and the numbers of that: groups, places, height."""
    room = WIDTH_PX - 2 * MARGIN_PX
    hero = layers.by_depth(depth, pages, album.last.setting.goal, room, moving)
    wide = WIDTHS / (1 + WIDTHS) * (room - GAP_PX)
    name = by_depth.labels(list(depth.values))[depth.chosen]
    shown = [layers.of_layer(group, name, wide) for group in (groups[0], groups[-1])]
    above, below = layers.HEAD_PX + layers.rows_px(len(depth.values)), BELOW_PX[moving]
    small = 3 * CURVES_PX // 4 * curves  # beneath the evidence
    below += small
    rows = ("aa", "bc", *["dc"] * curves)
    heights = (above, below - curves * (small + GAP_PX), *[small] * curves)
    height = above + below + GAP_PX + AROUND_PX[moving]
    layout = Layout(rows, widths=(WIDTHS, 1), heights=heights)
    return (*hero.groups, *shown), layout, 20 * -(-height // 20), hero.arrays


def _both(depth: Depth, headline: Headline, said: str) -> tuple[str, str]:
    """Title and sentence where there are layers: what is so by depth first, unless there is something to act on."""
    name = by_depth.labels(list(depth.values))[depth.chosen]
    deep, own = by_depth.sentence(depth)[1], f"{name}: {headline.text}"
    deep = deep[:1].upper() + deep[1:]
    if fitted(deep, LIGHT.headline_pt, True).endswith("…"):
        deep = deep.split("; ")[0]
    return (own, f"{said}. {deep}") if headline.status == "act" else (deep, f"{own}. {said}")


def _heights(beside: Sequence[str], moving: bool) -> tuple[float, ...]:
    """Relative heights of what stands beside the hero; numbers are the last, and have a line each."""
    return (*(1.0,) * (len(beside) - 1), 1.5 if moving else 1.25 * (len(beside) - 1) ** 0.5)


def _kind(page: Page, start: Page) -> str:
    """The kind of a page's headline in the light of the start of its run: of what says less, collapsing comes first."""
    ratio, first = page.values.get(RATIO), start.values.get(RATIO)
    fall, end = limits("collapsing")
    order = [kind.name for kind in KINDS]
    if ratio is None or first is None or ratio >= end or first < fall * ratio:
        return page.kind
    return "collapsing" if order.index(page.kind) > order.index("collapsing") else page.kind


def _states(kinds: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """States that never fall: stretches of steps whose headlines are of one kind, and their names.

    Of many short stretches only the longest are told apart; others go with what came before.
    """
    starts = [0, *(k for k in range(1, len(kinds)) if kinds[k] != kinds[k - 1])]
    ends = [*starts[1:], len(kinds)]
    longest = sorted(range(len(starts)), key=lambda k: (k != len(starts) - 1, starts[k] - ends[k]))[:MOST_STATES]
    kept: list[int] = []
    for k in sorted(longest):
        if not kept or kinds[starts[k]] != kinds[starts[kept[-1]]]:
            kept.append(k)
    states = np.zeros(len(kinds), int)
    for state, k in enumerate(kept):
        states[starts[k] if state else 0 :] = state
    return states, tuple(SAID[kinds[starts[k]]] for k in kept)


def _spoken(text: str) -> str:
    """The text with powers of ten as they are read: 5.6e-08 as 5.6·10⁻⁸."""
    return re.sub(
        r"(?<=\d)e([+-]?)0*(\d+)",
        lambda found: f"·10{(found[1].strip('+') + found[2]).translate(words.SUPERSCRIPTS)}",
        text,
    )


def fitted(text: str, size_pt: float, bold: bool) -> str:
    """The text, or as many of its words as two lines hold, which say that there are more."""
    spoken = _spoken(text).split()
    for count in range(len(spoken), 0, -1):
        part = " ".join(spoken[:count]) + (" …" if count < len(spoken) else "")
        try:
            words.wrapped(part, LIGHT.family, size_pt, WIDTH_PX - 2 * MARGIN_PX, 2, bold)
        except words.DoesNotFit:
            continue
        return part
    return text[:LONGEST_NAME]


def plain(name: str) -> str:
    """A file's name as text that fits a line."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _described(name: str, album: Album, headline: Headline, steps: np.ndarray) -> str:
    over = f" from step {steps[0]:,} to {steps[-1]:,}" if len(steps) > 1 else ""
    return f"Audit of {name}{over}, {album.last.setting.points:,} rows: {headline.text}."


__all__ = ["animation", "dashboard", "fitted", "plain"]
