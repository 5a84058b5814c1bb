"""Pages of the site, as text: what is shown on each, put into its template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from render import bounds
from render.picture.group import Group
from render.scene import Config, Scene
from render.site import groups, looks, telling
from render.site.pictures import LOOKS, Drawn, Picture
from render.target import Goals, Target
from render.terminal.console import percent
from render.terminal.options import FIELDS

TEMPLATES = Environment(
    loader=PackageLoader("render.site"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
COLUMNS = ("target", "goal", "this run", "worst of the seeds", "holds on", "from")


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
    """A page that others link to: its file below the site, and its name in a row of links."""

    file: str
    short: str


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


def gallery(site: Site, shown: Sequence[Shown], cards: Mapping[str, Mapping[str, Any]], best: str) -> str:
    """The gallery. cards: name -> files of a card, as `render.site.building` makes them."""
    by_group: dict[str, list[Shown]] = {}
    for one in sorted(shown, key=lambda one: groups.place(one.scene.group)):
        by_group.setdefault(one.scene.group, []).append(one)
    told = [
        {
            "key": telling.slug(group or groups.OTHER),
            "title": groups.title(group),
            "cards": [_card(one, cards) for one in members],
        }
        for group, members in by_group.items()
    ]
    first = next((one for one in shown if one.name == best), shown[0])
    picture = (first.drawn.main.poster, first.alt) if first.drawn.main else ("", "")
    description = (
        "Animated figures of how representations form while a network trains, measured live and held against theory."
    )
    return site.page(
        "gallery.html", "index.html", "Frame Potential", description, picture, groups=told, count=len(shown)
    )


def _card(one: Shown, cards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    said = {
        "name": one.name,
        "page": one.page,
        "title": one.title,
        "message": one.scene.message,
        "verdict": verdict(one),
    }
    return {"poster": "", **said, **cards.get(one.name, {})}


def verdict(one: Shown) -> dict[str, Any] | None:
    """The worst seed's number of the target that the hero is drawn against, or of the first; None without verdicts."""
    known = {told["name"]: told for told in one.verdicts}
    panels = one.scene.panels(one.config, one.goals)
    drawn = [target for panel in panels for target in _targets(panel) if target.name in known]
    target = next(iter([*drawn, *(target for target in one.goals.values() if target.name in known)]), None)
    if target is None:
        return None
    told = known[target.name]
    seeds = "" if told["lower_bound"] is None else f", {told['seeds_met']} of {told['seeds']} seeds"
    worst = "" if told["lower_bound"] is None else "at worst "
    text = f"{target.name}: {worst}{telling.number(told['value'])}, theory {telling.goal(target)}{seeds}"
    return {"text": text, "met": not told["failed"]}


def _targets(value: Any) -> list[Target]:
    """Targets that are drawn in a panel, a group or a mark, in their order."""
    if isinstance(value, Target):
        return [value]
    if isinstance(value, tuple | list):
        return [target for part in value for target in _targets(part)]
    if isinstance(value, Group) or hasattr(value, "__dataclass_fields__"):
        return [target for field in fields(value) for target in _targets(getattr(value, field.name))]
    return []


def scene(site: Site, one: Shown, before: Shown | None, after: Shown | None) -> str:
    """The page of a scene."""
    main = one.drawn.main
    downloads = [(picture.file, _download(picture)) for picture in [*one.drawn.looks.values(), *one.drawn.others]]
    return site.page(
        "scene.html",
        one.page,
        f"{one.title} | Frame Potential",
        one.scene.message or one.title,
        (main.poster, one.alt) if main else ("", ""),
        scene_title=one.title,
        name=one.name,
        message=one.scene.message,
        look_for=one.scene.look_for,
        source=one.scene.source,
        main=main,
        alt=one.alt,
        reason=one.reason,
        states=main.entry.get("states", []) if main else [],
        variants=looks.of_page(one.drawn),
        films=looks.without_scripts(one.drawn) if main else [],
        formulas=[(what, telling.mathml(latex)) for what, latex in one.scene.formulas],
        targets=_table(one) if one.goals else "",
        counted=_counted(one),
        fields=_fields(one),
        downloads=downloads,
        before=before,
        after=after,
    )


def _table(one: Shown) -> Markup:
    known = {told["name"]: told for told in one.verdicts}
    ours = {told["name"]: told for told in one.drawn.main.entry["targets"]} if one.drawn.main else {}
    rows: list[list[Markup | str]] = []
    for target in one.goals.values():
        told, run = known.get(target.name), ours.get(target.name)
        random = told is not None and told["lower_bound"] is not None
        held = f"{told['seeds_met']} of {told['seeds']}" if told and random else "no randomness" if told else "–"
        kind = "missed" if told and told["failed"] else "met"
        mark = (
            Markup('<span class="{}">{} {}</span>').format(kind, "✗" if kind == "missed" else "✓", held)
            if told
            else held
        )
        worst = telling.number(told["value"]) if told and random else "–"
        rows.append(
            [
                target.name,
                telling.goal(target),
                telling.number(run["value"]) if run else "–",
                f"{worst} (seed {told['worst_seed']})" if told and random else worst,
                mark,
                target.formula,
            ]
        )
    return telling.table(COLUMNS, rows, "targets")


def _counted(one: Shown) -> str:
    """What the counts prove, of the target that is checked on the fewest seeds."""
    least = [told["lower_bound"] for told in one.verdicts if told["lower_bound"] is not None]
    if not one.verdicts:
        return "Not checked over seeds with the code as it is."
    if not least:
        return "Nothing in this scene is random: another seed gives the same."
    share = percent(min(least))
    return f"Each target holds on at least {share} of all seeds, at 95 % confidence (Clopper & Pearson 1934)."


def _fields(one: Shown) -> list[dict[str, Any]]:
    """Settings of a scene: name, default, what it accepts, and its option where it has one of its own."""
    known = bounds.of(one.scene.config)
    return [
        {
            "name": field.name,
            "default": f"{value:g}"
            if isinstance(value, float)
            else str(value).lower()
            if isinstance(value, bool)
            else str(value),
            "accepts": known[field.name].accepts if field.name in known else type(value).__name__,
            "option": "--" + field.name.replace("_", "-") if field.name in FIELDS else "",
            "numeric": isinstance(value, int | float) and not isinstance(value, bool),
        }
        for field in fields(one.config)
        for value in [getattr(one.config, field.name)]
    ]


def _download(picture: Any) -> str:
    entry = picture.entry
    size = f"{entry['width']} × {entry['height']}, {entry['bytes'] / 1000:,.0f} kB"
    kind = {"gif": "GIF", "webp": "WebP", "apng": "APNG", "mp4": "MP4", "webm": "WebM"}[entry.get("container", "gif")]
    return f"{kind}, {entry['theme']}, {size}"


def film(picture: Picture, alt: str) -> str:
    """A player for an animation that is not of a scene, as HTML."""
    macros: Any = TEMPLATES.get_template("player.html").module
    name = picture.file.rpartition("/")[2].rpartition(".")[0]
    return str(macros.player("", [], looks.without_scripts(Drawn({LOOKS[0]: picture})), picture, alt, name, []))


def code(text: str) -> Markup:
    """A text of a docstring: what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


__all__ = ["Page", "Shown", "Site", "code", "film", "gallery", "scene", "verdict"]
