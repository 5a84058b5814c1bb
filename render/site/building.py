"""The site, built: pictures, then pages, then what is no longer one of them goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from render.ledger import claims as ledgers
from render.loading import load_scene
from render.places import replacing, require_folder
from render.production import counts, manifest
from render.production.sources import ROOT
from render.scene import Scene
from render.site import documents, gallery, groups, looks, pages, reference, scene_page, stills
from render.site.pages import Shown, Site
from render.site.pictures import Drawn, Studio
from render.terminal import console

if TYPE_CHECKING:
    from render.production.cache import Cache
    from render.terminal.progress import Board

STATIC = ("style.css", "script.js", "modern-gif.js", "modern-gif.LICENSE")
MADE = '<meta name="generator" content="frame-potential">'  # of pages that are the site's own to remove


@dataclass(frozen=True)
class Asked:
    """The site that is wanted. scenes: name -> reference of all, own: of the project's; rows: the claims' module.

    best: the scene that stands for all. url: where it will be served, or "". containers: whether to draw them, too.
    """

    out: Path
    scenes: Mapping[str, str]
    own: Mapping[str, str]
    rows: str
    best: str
    url: str = ""
    containers: bool = False


def build(asked: Asked, jobs: int, cache: Cache | None, board: Board) -> dict[str, Exception]:
    """Build the site. -> name -> error of pictures that could not be drawn, whose pages say so.

    Raises ValueError for a folder that cannot be written to, OSError.
    """
    require_folder(asked.out)
    studio = Studio(asked.out, jobs, cache, board)
    loaded = _loaded(asked.scenes, studio.missing)
    in_cards = [name for name, scene in loaded.items() if scene.story is None]
    drawn = studio.draw({name: asked.scenes[name] for name in loaded}, in_cards, asked.containers)
    shown = [_shown(name, scene, asked.scenes[name], drawn[name], studio.missing) for name, scene in loaded.items()]
    written = dict(_pages(asked, shown))
    for name in STATIC:
        written[name] = resources.files("render.site").joinpath("static", name).read_text(encoding="utf-8")
    for name, text in written.items():
        _write(asked.out / name, text)
    for page in {*asked.out.glob("*.html"), *asked.out.glob("scenes/*.html")}:
        if str(page.relative_to(asked.out)) not in written and MADE in page.read_text(
            encoding="utf-8", errors="replace"
        ):
            page.unlink()
    return studio.missing


def _loaded(scenes: Mapping[str, str], missing: dict[str, Exception]) -> dict[str, Scene]:
    """Scenes by name, in the order of the gallery; missing: takes the errors of those that do not load."""
    loaded = {}
    for name, dotted in scenes.items():
        try:
            if not re.fullmatch(r"\w[\w.-]*", name):
                raise ValueError(f"{name!r} is no name for a page: letters, digits, '-', '_' and '.' are")
            loaded[name] = load_scene(dotted)
        except Exception as error:
            missing[name] = error
    return dict(sorted(loaded.items(), key=lambda one: groups.place(one[1].group)))


def _shown(name: str, scene: Scene, reference: str, drawn: Drawn, missing: Mapping[str, Exception]) -> Shown:
    config = scene.config()
    verdicts = counts.verdicts(manifest.published_folder() / "claims.json", name, reference)
    reason = console.one_line(missing[name]) if name in missing else ""
    return Shown(name, scene, config, scene.targets(config), drawn, verdicts, reason)


def _pages(asked: Asked, shown: list[Shown]) -> Iterator[tuple[str, str]]:
    """File below the site -> text, of every page."""
    papers = documents.all_of(ROOT / "docs")
    head = [paper.page for paper in papers if paper.name in documents.HEAD]
    site = Site(head, [paper.page for paper in papers if paper.name not in documents.HEAD], asked.url)
    cards = {one.name: _card(asked.out, one) for one in shown if one.drawn.main}
    yield "index.html", gallery.page(site, shown, cards, asked.best)
    for place, one in enumerate(shown):
        around = [shown[place - 1] if place else None, shown[place + 1] if place + 1 < len(shown) else None]
        yield one.page, scene_page.page(site, one, *around)
    publisher = documents.Publisher(asked.out, papers)
    special: dict[str, Callable[[documents.Document], dict[str, Any]]] = {
        "ledger": lambda paper: {"content": publisher.ledger(paper, _ledger(asked), {one.name for one in shown})},
        "metrics": lambda paper: {
            **publisher.halves(paper),
            "modules": list(reference.modules(reference.posts_names(paper.text))),
            "code": pages.code,
        },
    }
    for paper in papers:
        more = special.get(paper.name, lambda paper: {"content": publisher.html(paper)})(paper)
        template = "metrics.html" if paper.name == "metrics" else "document.html"
        title = f"{paper.title} | Frame Potential"
        yield paper.page.file, site.page(template, paper.page.file, title, paper.first_words, **more)


def _ledger(asked: Asked) -> dict[str, Any]:
    return ledgers.read(ledgers.stored(), ledgers.digests(asked.own, asked.rows))


def _card(site: Path, one: Shown) -> dict[str, Any]:
    """Files of a scene's card: a column where there is one, else the wide picture; stills of three moments."""
    posters, still, films, size = {}, {}, {}, (1, 1)
    told = one.scene.story is not None and len(one.scene.story.poster) > 1
    for theme in ("light", "dark"):
        wide = one.drawn.looks.get((theme, "wide"))
        played = one.drawn.looks.get((theme, "column")) or wide
        if played is None:
            continue
        posters[theme], films[theme] = stills.card(site, played), played.file
        size = (played.entry["width"], played.entry["height"]) if theme == "light" or size == (1, 1) else size
        if told and wide:  # a poster that shows the hero at three moments
            still[theme] = (stills.card(site, wide), wide.entry["width"], wide.entry["height"])
        else:
            file = stills.steps(site, played)
            with Image.open(site / file) as picture:
                still[theme] = (file, *picture.size)
    return {
        "poster": posters.get("light", next(iter(posters.values()), "")),
        "film": films.get("light", ""),
        "film_dark": films.get("dark", films.get("light", "")),
        "variants": looks.of_card(posters, still, size),
        "width": size[0],
        "height": size[1],
    }


def _write(path: Path, text: str) -> None:
    """Write a file unless it is there already with this content."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
