"""A figure for print: as wide as the page's column, with type that can be read there and the curve once."""

from __future__ import annotations

import re
import zlib

import pytest
from matplotlib.text import Text

from render.picture import figure, printed
from render.picture.recording import Recording
from render.picture.theme import THEMES


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [2.0, 3.25, 6.75])
@pytest.mark.parametrize("at", [[0], [0, 9], [0, 5, 9]], ids=len)
def test_it_is_as_wide_as_asked_and_its_type_has_eight_points(
    told_recording: Recording, theme: str, width: float, at: list[int]
) -> None:
    with figure.default_style():
        drawn = printed.drawn(told_recording, THEMES[theme], at, width)
        drawn.canvas.draw()
    assert drawn.get_size_inches()[0] == width
    seen = [text for text in drawn.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in seen) >= printed.SMALLEST_PT - 1e-9
    boxes = [text.get_window_extent() for text in seen]
    assert all(box.x0 >= 0 and box.x1 <= drawn.bbox.width for box in boxes)
    assert all(box.y0 >= 0 and box.y1 <= drawn.bbox.height for box in boxes)
    apart = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if min(a.x1, b.x1) - max(a.x0, b.x0) > 1]
    assert all(min(a.y1, b.y1) - max(a.y0, b.y0) <= 1 for a, b in apart)


def test_each_hero_has_its_step_under_it(told_recording: Recording) -> None:
    with figure.default_style():
        drawn = printed.drawn(told_recording, THEMES["light"], [0, 9], 6.75)
    steps = [int(told_recording.arrays["step"][frame]) for frame in (0, 9)]
    said = [text.get_text() for text in drawn.findobj(Text) if text.get_visible()]
    assert [said.count(f"step {step}") for step in steps] == [1, 1]


def test_its_pdf_embeds_truetype(told_recording: Recording, tmp_path) -> None:
    path = tmp_path / "figure.pdf"
    with figure.default_style():
        printed.drawn(told_recording, THEMES["light"], [0, 9], 3.25).savefig(path)
    content = path.read_bytes()
    unpacked = content + b"".join(
        zlib.decompress(stream) for stream in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", content, re.DOTALL)
    )
    assert b"/FontFile2" in unpacked
    assert b"/Type3" not in unpacked
    (box,) = set(re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ", unpacked))
    assert float(box) == pytest.approx(3.25 * 72)


def test_cards_are_not_set_for_print(tiny_recording: Recording) -> None:
    with pytest.raises(ValueError, match="drawn in cards, which are not set for print: leave out --width"):
        printed.drawn(tiny_recording, THEMES["light"], [0], 3.25)
