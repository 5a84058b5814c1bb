"""The verb `site`: parses, calls, and prints."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from render.errors import ERROR
from render.printable import printable
from render.production.cache import Cache
from render.terminal import console, options, progress

OUT = Path("out/site")


def _address(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """The address without a slash at its end, or "" for none."""
    if value and not value.startswith(("https://", "http://")):
        raise click.BadParameter(f"{value!r}: an address as https://example.org/frames", context, option)
    return (value or "").rstrip("/")


def command(scenes: Mapping[str, str], own: Mapping[str, str], rows: str, best: str) -> click.Command:
    """The verb. scenes: name -> reference of all, own: of the project's; rows: the module that states the claims.

    best: the scene that stands for all.
    """

    @click.command("site")
    @click.option("--out", type=options.path(), default=OUT, show_default=True, help="Folder to build in.")
    @click.option("--url", callback=_address, help="Where it will be served: pages then name their share images.")
    @click.option("--containers", is_flag=True, help="Draw WebP, APNG, MP4 and WebM to download, too.")
    @click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: one a core].")
    @options.cached
    @options.quiet_and_traceback
    def site(out: Path, url: str, containers: bool, jobs: int | None, cached: bool, quiet: bool) -> None:
        """Build the site: gallery, scenes, ledger, metrics, guides.

        It is made of static files with relative links alone, for any folder of any host, and opens from a disk, too.
        Pictures that public/ has are taken from there; dark ones and columns are drawn.
        """
        from render.site import building

        asked = building.Asked(out, scenes, own, rows, best, url, containers)
        missing = building.build(asked, jobs or os.cpu_count() or 1, Cache.if_wanted(cached), progress.board(quiet))
        for name, error in missing.items():
            click.echo(f"render: {printable(name)}: {console.one_line(error)}", err=True)
        console.say_path(quiet, out / "index.html")
        if missing:
            raise SystemExit(ERROR)

    return site


__all__ = ["command"]
