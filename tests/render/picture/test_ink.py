"""Text and cells lie on whole pixels, edges have few colours, and stamps show the pixels that Agg draws."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from render.picture.figure import DPI, default_style
from render.picture.ink import Cells, Edges, StampingRenderer, TextLine

WIDTH, HEIGHT = 240, 60
MADE = {"svg": "Date", "pdf": "CreationDate"}  # in a file's metadata, where it differs from run to run
TEXTS = ("0.1234 ✓", "−1.5e−05", "step 1,234 of 20,000", "collapsed", "spectral AVATo", r"$\Sigma_W/\Sigma_B$ = 0.3")


@pytest.fixture(autouse=True)
def style():
    with default_style():
        yield


def new_figure() -> Figure:
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def line(x: float = 120, y: float = 30, text: str = "0.5", kind: type[Text] = TextLine, **how) -> Text:
    """A text at a place in pixels, on a figure of its own."""
    made = kind(x, y, text, **how)
    made.set_figure(new_figure())
    return made


def inked(*artists: Text, renderer: type[RendererAgg] = RendererAgg) -> np.ndarray:
    """Pixels (height, width, 4) of artists, drawn one after the other on white."""
    canvas = renderer(WIDTH, HEIGHT, DPI)
    no_edge = canvas.new_gc()
    no_edge.set_linewidth(0)
    canvas.draw_path(no_edge, Path.unit_rectangle(), Affine2D().scale(2 * WIDTH), (1.0, 1.0, 1.0))
    for artist in artists:
        artist.draw(canvas)
    return np.asarray(canvas.buffer_rgba()).copy()


def box(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Left, right, bottom and top of what is not white, in pixels from the lower left."""
    rows, columns = np.nonzero((pixels[..., :3] < 250).any(axis=-1))
    return columns.min(), columns.max() + 1, HEIGHT - rows.max() - 1, HEIGHT - rows.min()


class TestTextLine:
    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("look", [{}, {"weight": "bold", "fontsize": 9.5, "color": "#1f7a4d"}])
    def test_it_looks_as_a_text_that_is_drawn_there(self, text, look):
        plain = line(20, 30, text, Text, va="baseline", **look)
        np.testing.assert_array_equal(inked(line(20, 30, text, va="baseline", **look)), inked(plain))

    @pytest.mark.parametrize(("share", "ha"), [(0.0, "left"), (0.5, "center"), (1.0, "right")])
    def test_its_place_is_what_it_is_aligned_by(self, share, ha):
        left, right, _, _ = box(inked(line(ha=ha, text="0.1234")))
        assert left + share * (right - left) == pytest.approx(120, abs=2)

    def test_a_digit_is_centred_or_hangs_or_stands_at_its_place(self):
        for va, expected in (("center", lambda low, high: (low + high) / 2), ("top", max), ("baseline", min)):
            _, _, bottom, top = box(inked(line(va=va, text="0")))
            assert expected(bottom, top) == pytest.approx(30, abs=1)

    def test_the_line_does_not_move_when_a_comma_or_a_check_mark_comes(self):
        tops = {box(inked(line(va="center", text=text)))[3] for text in ("100", "1,00", "100 ✓", "10g0")}
        assert len(tops) == 1

    @pytest.mark.parametrize("ha", ["left", "center", "right"])
    def test_it_has_the_same_pixels_wherever_it_stands(self, ha):
        at = {}
        for shift in (0.0, 0.25, 0.4):
            pixels = inked(line(100 + shift, 30 + shift, "0.25 of 3", ha=ha, va="center"))
            left, right, bottom, top = box(pixels)
            at[shift] = pixels[HEIGHT - top : HEIGHT - bottom, left:right]
        np.testing.assert_array_equal(at[0.0], at[0.25])
        np.testing.assert_array_equal(at[0.0], at[0.4])

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("ha", ["left", "right"])
    def test_its_extent_holds_its_ink(self, text, ha):
        drawn = line(20 if ha == "left" else 220, 30, text, ha=ha, va="center")
        extent, (left, right, bottom, top) = drawn.get_window_extent(), box(inked(drawn))
        assert extent.x0 - 2 <= left < right <= extent.x1 + 2
        assert extent.y0 - 2 <= bottom < top <= extent.y1 + 2
        assert extent.height < top - bottom + 4

    @pytest.mark.parametrize("how", [{"text": ""}, {"visible": False}])
    def test_nothing_is_drawn_of_what_is_empty_or_hidden(self, how):
        np.testing.assert_array_equal(inked(line(**how)), inked())

    def test_a_line_without_text_has_no_extent(self):
        assert line(text="").get_window_extent().width <= 0

    @pytest.mark.parametrize("kind", ["svg", "pdf"])
    def test_it_is_in_vector_files_too(self, kind):
        figure, written = new_figure(), []
        for text in ("", "0.5"):
            figure.texts[:] = [TextLine(20, 30, text)]
            figure.texts[0].set_figure(figure)
            file = io.BytesIO()
            figure.savefig(file, format=kind)
            written.append(file.tell())
        assert written[1] > written[0] + 100


class TestStampingRenderer:
    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("place", [(20, 30), (20.5, 30), (20, 30.3)])
    @pytest.mark.parametrize("rotation", [0, 30])
    def test_stamps_are_the_pixels_that_agg_draws(self, text, place, rotation):
        texts = [
            line(*place, text, Text, va="baseline", rotation=rotation, weight="bold", color=colour)
            for colour in ("#1c1b19", "#1f7a4d")
        ]
        texts[1].set_position((place[0] + 60, place[1] - 20))
        expected = inked(*texts).astype(int)
        for _ in range(2):
            apart = np.abs(inked(*texts, renderer=StampingRenderer) - expected)
            assert apart.max() <= 1  # where two letters of a stamped word touch
            assert np.count_nonzero(apart) < 20

    def test_digits_are_exactly_those_of_agg(self):
        texts = [line(3 + 60 * k, 8 + 8 * j, f"{k + 0.1 * j:+.4f}") for k in range(4) for j in range(6)]
        np.testing.assert_array_equal(inked(*texts, renderer=StampingRenderer), inked(*texts))

    def test_a_string_is_as_large_as_agg_says(self):
        plain, stamping = (kind(WIDTH, HEIGHT, DPI) for kind in (RendererAgg, StampingRenderer))
        for text in TEXTS:
            font = line().get_fontproperties()
            ismath = "$" in text
            expected = plain.get_text_width_height_descent(text, font, ismath)
            assert stamping.get_text_width_height_descent(text, font, ismath) == pytest.approx(expected)

    def test_a_glyph_is_drawn_once(self, monkeypatch):
        renderer, drawn = StampingRenderer(WIDTH, HEIGHT, DPI), []
        draw = RendererAgg.draw_text

        def counting(self, gc, x, y, s, *rest):
            drawn.append(s)
            return draw(self, gc, x, y, s, *rest)

        monkeypatch.setattr(RendererAgg, "draw_text", counting)
        for number in ("0.1212", "0.2121", "12.12"):
            line(text=number).draw(renderer)
        assert sorted(drawn) == [".", "0", "1", "2"]

    def test_a_font_that_changes_is_another_font(self):
        text, renderer = line(text="123", va="baseline", x=10), StampingRenderer(WIDTH, HEIGHT, DPI)
        text.draw(renderer)
        text.set_fontsize(20)
        text.set_position((100, 30))
        text.draw(renderer)
        expected = RendererAgg(WIDTH, HEIGHT, DPI)
        line(text="123", va="baseline", x=10).draw(expected)
        text.draw(expected)
        np.testing.assert_array_equal(np.asarray(renderer.buffer_rgba()), np.asarray(expected.buffer_rgba()))


class TestCells:
    @pytest.mark.parametrize("shape", [(4, 4), (1, 7), (37, 17), (300, 5)])
    @pytest.mark.parametrize("place", [(0, 0, 1, 1), (0.1, 0.2, 0.5, 0.7), (0.1013, 0.2031, 0.5007, 0.7117)])
    def test_they_look_as_imshow_draws_them(self, shape, place):
        colours = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
        drawn = []
        for own in (True, False):
            figure = new_figure()
            axes = figure.add_axes(place)
            axes.set_axis_off()
            if own:
                axes.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))
                cells = Cells(axes, interpolation="nearest")
                cells.set_data(colours)
                axes.add_image(cells)
            else:
                axes.imshow(colours, interpolation="nearest", aspect="auto")
            figure.canvas.draw()
            drawn.append(np.asarray(figure.canvas.buffer_rgba()).copy())
        np.testing.assert_array_equal(*drawn)

    @pytest.mark.parametrize("kind", ["svg", "pdf"])
    def test_vector_files_have_the_image_that_imshow_makes(self, kind):
        """Their points are no pixels: the image is made as large as `imshow` makes it."""
        written = []
        for image_kind in (Cells, AxesImage):
            figure = new_figure()
            axes = figure.add_axes((0.1, 0.2, 0.5, 0.7))
            axes.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
            image = image_kind(axes, interpolation="nearest")
            image.set_data(np.eye(3, dtype=np.uint8)[..., None].repeat(3, axis=2))
            axes.add_image(image)
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata={MADE[kind]: None})
            written.append(file.getvalue())
        assert written[0] == written[1]


def edged(kind: type[LineCollection]) -> Figure:
    """A star of lines in two colours over a grey rectangle, in axes that fill part of the figure."""
    figure = new_figure()
    axes = figure.add_axes((0.1013, 0.1, 0.8, 0.8))
    axes.set(xlim=(-1, 1), ylim=(-1, 1), facecolor="#dddddd")
    turns = np.linspace(0, np.pi, 9)
    ends = 0.9 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    edges = kind(list(np.stack([-ends, ends], axis=1)), colors=["#b5651d", "#2f6f9f"], linewidths=[1.0, 2.2])
    axes.add_collection(edges, autolim=False)
    return figure


class TestEdges:
    def test_they_lie_where_lines_lie_within_half_a_level(self):
        drawn = []
        for kind in (Edges, LineCollection):
            figure = edged(kind)
            for _ in range(2):  # nothing is left of the drawing before
                figure.canvas.draw()
            drawn.append(np.asarray(figure.canvas.buffer_rgba()).astype(int))
        assert np.abs(drawn[0] - drawn[1]).max() <= 255 / 16 + 1
        assert (drawn[0] != drawn[1]).any()

    def test_there_is_an_eighth_of_the_colours_along_one_line(self):
        counts = []
        for kind in (Edges, LineCollection):
            figure = edged(kind)
            edges = figure.axes[0].collections[0]
            edges.set_segments([[(-0.9, -0.5), (0.9, 0.6)]])
            figure.canvas.draw()
            inside = np.asarray(figure.canvas.buffer_rgba())[12:-12, 40:-40]
            counts.append(len(np.unique(inside.reshape(-1, 4), axis=0)))
        assert counts[0] <= 9 < 40 < counts[1]

    @pytest.mark.parametrize("kind", ["svg", "pdf"])
    def test_vector_files_have_the_lines_themselves(self, kind):
        written = []
        for collection in (Edges, LineCollection):
            with default_style():
                file = io.BytesIO()
                edged(collection).savefig(file, format=kind, metadata={MADE[kind]: None})
                written.append(re.sub(rb"LineCollection|Edges", b"", file.getvalue()))
        assert written[0] == written[1]
