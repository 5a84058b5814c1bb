"""Pictures of the site: taken from public/ where they are current there, drawn otherwise, in both themes and cuts."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.encoding import encoders
from render.places import replacing
from render.production import batch, manifest
from render.production.edition import POSTER, Edition

if TYPE_CHECKING:
    from render.production.cache import Cache
    from render.terminal.progress import Board

FOLDER = "pictures"  # below the site
LOOKS = tuple((theme, cut) for cut in ("wide", "column") for theme in ("light", "dark"))
OTHERS = [container for container in encoders.ENCODERS if container != "gif"]


@dataclass(frozen=True)
class Picture:
    """A picture below the site: its file, and its manifest entry."""

    file: str
    entry: Mapping[str, Any]

    @property
    def poster(self) -> str:
        return self.file.rpartition(".")[0] + POSTER


@dataclass
class Drawn:
    """What there is of a scene: pictures by theme and cut, and the same in other containers, to download."""

    looks: dict[tuple[str, str], Picture] = field(default_factory=dict)
    others: list[Picture] = field(default_factory=list)

    @property
    def main(self) -> Picture | None:
        return self.looks.get(LOOKS[0])


class Studio:
    """Who draws: into a site, with a cache, in a number of processes. missing: name -> why a picture is not there."""

    def __init__(self, site: Path, jobs: int, cache: Cache | None, board: Board) -> None:
        self._site, self._jobs, self._cache, self._board = site, jobs, cache, board
        self.missing: dict[str, Exception] = {}

    def draw(self, scenes: Mapping[str, str], in_cards: Collection[str], containers: bool) -> dict[str, Drawn]:
        """All pictures of scenes (name -> reference), by name; those in other containers where they are asked for.

        in_cards: scenes that are drawn in cards, which have no column. What is there and current of other containers is
        offered in any case.
        """
        drawn = {name: Drawn() for name in scenes}
        folder = self._site / FOLDER
        for theme, cut in LOOKS:
            having = {name: scenes[name] for name in scenes if cut == "wide" or name not in in_cards}
            for name, picture in self._edition(having, Edition(folder, theme, cut), wanted=True).items():
                drawn[name].looks[theme, cut] = picture
        for container in OTHERS:
            wanted = containers and self._can(container)
            edition = Edition(folder, container=container, poster=False)
            for name, picture in self._edition(scenes, edition, wanted).items():
                drawn[name].others.append(picture)
        return drawn

    def _can(self, container: str) -> bool:
        try:
            encoders.require(container)
        except ValueError as error:
            self.missing[container] = error
            return False
        return True

    def _edition(self, scenes: Mapping[str, str], edition: Edition, wanted: bool) -> dict[str, Picture]:
        """Pictures of an edition that are there in the end; those that are not are drawn if they are wanted."""
        found = {name: self._found(edition, reference) for name, reference in scenes.items()}
        due = {name: scenes[name] for name in found if wanted and not found[name] and name not in self.missing}
        if due:
            with closing(
                batch.render_all(due, edition, jobs=self._jobs, board=self._board, cache=self._cache)
            ) as ended:
                for outcome in ended:
                    if outcome.error is not None:
                        if getattr(outcome.error, "concerns_all", False):
                            raise outcome.error
                        self.missing[outcome.name] = outcome.error
                    elif outcome.entry is not None:
                        found[outcome.name] = self._picture(edition, outcome.output, outcome.entry)
        return {name: picture for name, picture in found.items() if picture}

    def _found(self, edition: Edition, reference: str) -> Picture | None:
        """A current picture of the site, taken from public/ if that has one."""
        public = replace(edition, folder=manifest.public_folder())
        for source in (edition, public):
            if output := manifest.find_current(source, reference):
                entry = manifest.read(source.folder)[source.key(output)]
                if source is public:
                    for name in source.files(output):
                        copy(source.folder / name, edition.folder / name)
                    manifest.record(edition.folder, edition.key(output), entry)
                return self._picture(edition, output, entry)
        return None

    def _picture(self, edition: Edition, output: str, entry: Mapping[str, Any]) -> Picture:
        return Picture(f"{FOLDER}/{edition.files(output)[0]}", entry)


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all, unless it is there already."""
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
