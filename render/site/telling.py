"""Texts of the site: Markdown and LaTeX as HTML, numbers in words, and nothing of it markup that was not meant."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from render.picture import words
from render.target import Target

SCROLLS = '<div class="scroll" tabindex="0" role="region" aria-label="{}">'


def mathml(latex: str) -> Markup:
    """A formula in LaTeX as MathML, on a line of its own."""
    tree = convert_to_element(latex, display="block")
    for part in tree.iter():  # the package writes characters as entities, and escapes nothing when it makes a text
        part.text = html.unescape(part.text) if part.text else None
    return Markup(ElementTree.tostring(tree, encoding="unicode"))


def markdown(text: str, link: Callable[[str], str | None], picture: Callable[[str, str], str]) -> Markup:
    """Markdown as HTML. HTML in it is shown and not obeyed, save comments, which are left out.

    link: from an address to the site's own, None for one that the site has not, whose words stay. picture: from an
    address and its alt text to the HTML of the picture.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = re.sub(r"^<!--.*?-->\n?", "", text, flags=re.MULTILINE)
    tokens = parser.parse(text)
    for token in tokens:
        for child in token.children or ():
            _turn(child, link, picture)
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "heading_open":
            opening.attrSet("id", slug(inline.content))
        elif opening.type == "paragraph_open" and [child.type for child in inline.children or ()] == ["picture"]:
            opening.hidden = closing.hidden = True  # a figure is no part of a paragraph
    return Markup(_Renderer(parser).render(tokens, parser.options, {}))


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def number(value: float | None) -> str:
    """A number in four digits, 8.94 × 10⁻⁷ below a ten-thousandth."""
    return "–" if value is None else plain(f"{value:.4g}")


def goal(target: Target) -> str:
    return plain(target.goal_text)


def plain(text: str) -> str:
    """A text whose numbers have no e-notation and no hyphens."""

    def power(found: re.Match[str]) -> str:
        exponent = str(int(found[2])).translate(words.SUPERSCRIPTS)
        return f"10{exponent}" if found[1] == "1" else f"{found[1]} × 10{exponent}"

    return words.signed(re.sub(r"(\d[\d.]*)e([+-]\d+)", power, text))


def table(columns: Sequence[str], rows: Sequence[Sequence[Markup | str]], name: str) -> Markup:
    """A table that scrolls by itself where it is wider than the page."""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(column) for column in columns)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row))
        for row in rows
    )
    around = Markup(SCROLLS).format(name)
    return Markup("{}<table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>").format(around, head, body)


def _turn(token: Token, link: Callable[[str], str | None], picture: Callable[[str, str], str]) -> None:
    """Give a part of a line its place on the site."""
    if token.type == "link_open":
        address = link(str(token.attrs.get("href", "")))
        token.attrs = {"href": address} if address else {}
    elif token.type == "image":
        token.type, token.content = "picture", picture(str(token.attrs["src"]), token.content)


class _Renderer(RendererHTML):
    """Tables and code that scroll by themselves; pictures as the site shows them. A method a kind of token."""

    def table_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return SCROLLS.format("table") + "<table>\n"

    def table_close(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f'<pre tabindex="0"><code>{html.escape(tokens[index].content)}</code></pre>\n'

    def picture(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return tokens[index].content
