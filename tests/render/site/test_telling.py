"""Texts of the site: what is meant as markup is, what is not is shown."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from render.loading import load_scene
from render.site import looks, pages, reference, stills, telling
from render.site.pictures import Drawn, Picture
from scenes import SCENES


def shown(text: str) -> str:
    return str(telling.markdown(text, {"there.md": "there.html"}.get, lambda address, alt: f"<{address}|{alt}>"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("≤ 2e-05", "≤ 2 × 10⁻⁵"),
        ("1e-05", "10⁻⁵"),
        ("-3 to 1e+06", "−3 to 10⁶"),
        ("Eckart-Young at 5-6", "Eckart-Young at 5-6"),
    ],
)
def test_numbers_have_no_e_notation_and_no_hyphens(text: str, told: str) -> None:
    assert telling.plain(text) == told


def test_a_formula_is_mathml_and_its_text_no_markup() -> None:
    formula = telling.mathml(r"\text{<b>&lt;</b>} < \frac{1}{\sqrt{d}}")
    tree = ElementTree.fromstring(str(formula))
    assert tree.get("display") == "block"
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} >= {"mfrac", "msqrt", "mtext", "mo"}
    assert "b" not in {element.tag.rpartition("}")[2] for element in tree.iter()}


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_has_formulas_that_can_be_set(name: str) -> None:
    formulas = load_scene(SCENES[name]).formulas
    assert formulas
    for what, latex in formulas:
        tree = ElementTree.fromstring(str(telling.mathml(latex)))
        texts = "".join(tree.itertext())
        assert "\\" not in texts, what
        assert texts


def test_markup_in_markdown_is_shown_and_links_lead_to_where_the_site_has_them() -> None:
    assert "&lt;script&gt;" in shown("a <script>alert(1)</script> b")
    assert shown("[a](there.md) and [b](elsewhere.md)") == '<p><a href="there.html">a</a> and <a>b</a></p>\n'
    assert shown("[a](javascript:alert(1))").count("href") == 0
    assert shown("<!-- mark -->\n# A `title`, twice") == '<h1 id="a-title-twice">A <code>title</code>, twice</h1>\n'
    assert shown("![of it](x.png)") == "<x.png|of it>"
    assert '<pre tabindex="0"><code>a &lt; b\n</code></pre>' in shown("```sh\na < b\n```")
    assert '<div class="scroll" tabindex="0"' in shown("| a |\n| --- |\n| b |")


def test_code_in_a_docstring_is_code_and_nothing_else_is_markup() -> None:
    assert pages.code("`a<b` <i>") == "<code>a&lt;b</code> &lt;i&gt;"


def test_every_public_metric_is_in_the_reference_with_its_shapes() -> None:
    told = {metric.name: metric for module in reference.modules({}) for metric in module.metrics}
    assert told["spectrum.participation_ratio"].signature == "participation_ratio(eigenvalues: (modes)) -> ()"
    assert "Gao" in told["spectrum.participation_ratio"].source
    assert not [
        metric.name
        for metric in told.values()
        if "Array" in metric.signature.replace("Array]", "") and "(" not in metric.signature
    ]
    for name, metric in told.items():
        assert metric.summary.endswith((".", ":")), name
    assert reference.posts_names("| `theirs` (a post) | `m.ours`, `m.other` |") == {
        "m.ours": ("theirs (a post)",),
        "m.other": ("theirs (a post)",),
    }


def picture(file: str, width: int = 1100, height: int = 540) -> Picture:
    return Picture(file, {"width": width, "height": height})


def test_narrow_and_dark_pages_have_pictures_of_their_own() -> None:
    drawn = Drawn(
        {
            ("light", "wide"): picture("p/a.gif"),
            ("dark", "wide"): picture("p/a-dark.gif"),
            ("light", "column"): picture("p/a-column.gif", 640, 760),
            ("dark", "column"): picture("p/a-column-dark.gif", 640, 760),
        }
    )
    found = [(look.poster, look.query) for look in looks.of_page(drawn)]
    assert found == [
        ("p/a-column-dark-preview.png", "(max-width: 40rem) and (prefers-color-scheme: dark)"),
        ("p/a-column-preview.png", "(max-width: 40rem)"),
        ("p/a-dark-preview.png", "(prefers-color-scheme: dark)"),
    ]
    still = [look for look in looks.without_scripts(drawn) if "reduced-motion" in look.media]
    assert [look.file for look in still][-1] == "p/a-preview.png"
    assert all(look.file.endswith(".png") for look in still)


def test_three_moments_stand_side_by_side(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    frames = [Image.new("RGB", (64, 76), colour) for colour in ("red", "green", "blue")]
    frames[0].save(tmp_path / "pictures" / "a.gif", save_all=True, append_images=frames[1:])
    file = stills.steps(tmp_path, picture("pictures/a.gif"))
    with Image.open(tmp_path / file) as still:
        assert still.size == (192, 76)
        seen = [still.convert("RGB").getpixel((32 + 64 * place, 38)) for place in range(3)]
    strongest = [max(range(3), key=lambda channel: pixel[channel]) for pixel in seen]  # type: ignore[index]
    assert strongest == [0, 1, 2]
    written = (tmp_path / file).stat().st_mtime_ns
    stills.steps(tmp_path, picture("pictures/a.gif"))
    assert (tmp_path / file).stat().st_mtime_ns == written
