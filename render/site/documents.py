"""The guides: Markdown of `docs/`, with its links and pictures where the site has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup
from PIL import Image

from render.ledger import claims as ledgers
from render.production import manifest
from render.production.edition import POSTER
from render.site import pages, telling
from render.site.pictures import FOLDER, Picture, copy

# Those in the head of every page, by file, with their names there; the others stand at the foot.
HEAD = {"ledger": "Ledger", "metrics": "Metrics", "audit": "Audit your run", "add-a-scene": "Add a scene"}


@dataclass(frozen=True)
class Document:
    """A page of `docs/`: its name without suffix, its text, and the title that it begins with."""

    name: str
    text: str

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0].removeprefix("# ").strip()

    @property
    def page(self) -> pages.Page:
        return pages.Page(f"{self.name}.html", HEAD.get(self.name, self.title), self.title)

    @property
    def first_words(self) -> str:
        """The first paragraph under the title, as plain text."""
        paragraph = next((part for part in self.text.split("\n\n")[1:] if part[:1].isalnum()), self.title)
        return re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))


def all_of(folder: Path) -> list[Document]:
    """The documents of a folder, those of the head first; none where there is no such folder."""
    found = {path.stem: Document(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.md"))}
    return [found.pop(name) for name in HEAD if name in found] + list(found.values())


class Publisher:
    """Who turns documents into HTML for a site, and puts their pictures there."""

    def __init__(self, site: Path, documents: list[Document]) -> None:
        self._site, self._names = site, {document.name for document in documents}

    def html(self, document: Document) -> Markup:
        return telling.markdown(document.text, self._link, self._picture)

    def halves(self, document: Document) -> dict[str, Markup]:
        """The HTML before and after the first heading under the title."""
        before, mark, after = self.html(document).partition("<h2")
        return {"before": Markup(before), "after": Markup(mark + after)}

    def ledger(self, document: Document, ledger: Mapping[str, Any], scenes: set[str]) -> Markup:
        """The document with the ledger's own table in place of the one that is stored in it."""
        before, _, rest = document.text.partition("<!-- claims -->")
        after = rest.partition("<!-- end of claims -->")[2]
        parts = [telling.markdown(text, self._link, self._picture) for text in (before, after)]
        return parts[0] + self._counts(ledger) + self._table(ledger, scenes) + parts[1]

    def _counts(self, ledger: Mapping[str, Any]) -> Markup:
        """How many claims have each verdict, as buttons that show those alone."""
        counted = Counter(claim["verdict"] for claim in ledger["claims"])
        one = Markup('<button type="button" aria-pressed="false" data-verdict="{0}">{1} {0}</button>')
        return Markup('<p class="verdicts">{}</p>').format(
            Markup(" ").join(one.format(*told) for told in counted.items())
        )

    def _table(self, ledger: Mapping[str, Any], scenes: set[str]) -> Markup:
        rows: list[list[Markup | str]] = []
        for claim, cells in zip(ledger["claims"], ledgers.cells(ledger), strict=True):
            post, said, published, ours, worst, verdict = cells
            kind, _, because = verdict.partition(": ")
            ink = {"does not hold": "missed", "not shown": "muted"}.get(kind, "met")
            held = Markup('<span class="{}">{}</span>').format(ink, kind)
            link: Markup | str = said
            if claim["scene"] in scenes:
                link = Markup('<a href="scenes/{}.html">{}</a>').format(claim["scene"], said)
            rows.append([post, link, published, ours, worst, held + (f": {because}" if because else "")])
        return telling.table(ledgers.COLUMNS, rows, "claims")

    def _link(self, address: str) -> str | None:
        """Addresses elsewhere and within a page stay; pages of the site are found; other files have no place here."""
        name, mark, part = address.partition("#")
        if re.match(r"https?://", address) or not name:
            return address
        if name.endswith(".md") and Path(name).stem in self._names:
            return f"{Path(name).stem}.html{mark}{part}"
        return "index.html" if name in ("../README.md", "../public/", "../public") else None

    def _picture(self, address: str, alt: str) -> str:
        """A picture of public/, beside the site's own; an animation with the player's controls."""
        public = manifest.public_folder()
        name = address.partition("public/")[2]
        source = public / name
        if not name or not source.is_file() or not source.resolve().is_relative_to(public.resolve()):
            return Markup('<p class="muted">{}</p>').format(alt)
        copy(source, self._site / FOLDER / name)
        with Image.open(source) as picture:
            width, height = picture.size
        poster = next(
            (p for p in (source.with_suffix(".png"), source.with_name(source.stem + POSTER)) if p.is_file()), None
        )
        if source.suffix != ".gif" or poster is None:
            shown = Markup('<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">')
            return shown.format(f"{FOLDER}/{name}", alt, width, height)
        still = f"{name.rpartition('.')[0]}{POSTER}"
        copy(poster, self._site / FOLDER / still)
        return pages.film(Picture(f"{FOLDER}/{name}", {"width": width, "height": height}), alt)
