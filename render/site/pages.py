"""Pages of the site, as text: what is shown on each, put into its template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from render.scene import Config, Scene
from render.site import looks
from render.site.pictures import LOOKS, Drawn, Picture
from render.target import Goals

TEMPLATES = Environment(
    loader=PackageLoader("render.site"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True)
class Shown:
    """A scene on the site: itself, its default configuration and targets, its pictures, its verdicts over seeds.

    verdicts: as `render.production.counts.verdicts`, none where the ledger is out of date. reason: why there is no
    picture.
    """

    name: str
    scene: Scene
    config: Config
    goals: Goals
    drawn: Drawn
    verdicts: Sequence[Mapping[str, Any]]
    reason: str = ""

    @property
    def title(self) -> str:
        return self.scene.heading(self.config)[0]

    @property
    def page(self) -> str:
        return f"scenes/{self.name}.html"

    @property
    def alt(self) -> str:
        return self.drawn.main.entry["alt"] if self.drawn.main else ""


@dataclass(frozen=True)
class Page:
    """A page that others link to: its file below the site, its name in a row of links, and its title."""

    file: str
    short: str
    long: str


@dataclass(frozen=True)
class Site:
    """What all pages share. pages: those in the head, more: those at the foot. url: where it is served, or ""."""

    pages: Sequence[Page]
    more: Sequence[Page]
    url: str

    def page(
        self, template: str, file: str, title: str, description: str, picture: tuple[str, str] = ("", ""), **more: Any
    ) -> str:
        """The text of a page. picture: the file below the site and the alt text of what stands for it when shared."""
        share = None
        if self.url:
            image = f"{self.url}/{picture[0]}" if picture[0] else ""
            share = {"page": f"{self.url}/{file}", "image": image, "alt": picture[1]}
        shared = {"pages": self.pages, "more": self.more, "here": file, "root": "../" * file.count("/"), "share": share}
        return TEMPLATES.get_template(template).render(title=title, description=description, **shared, **more)


def film(picture: Picture, alt: str) -> str:
    """A player for an animation that is not of a scene, as HTML."""
    macros: Any = TEMPLATES.get_template("player.html").module
    name = picture.file.rpartition("/")[2].rpartition(".")[0]
    return str(macros.player("", [], looks.without_scripts(Drawn({LOOKS[0]: picture})), picture, alt, name, []))


def code(text: str) -> Markup:
    """A text of a docstring: what stands between backticks as code."""
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"(?<![\w*)])\*(\w[\w ]*)\*(?![\w*])", r"<em>\1</em>", coded))


__all__ = ["Page", "Shown", "Site", "code", "film"]
