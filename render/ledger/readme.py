"""The parts of the README that are made from what the project measured: each lies between two marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from render.files import replacing
from render.production import manifest
from render.production.edition import Edition


def replace_between(path: Path, mark: str, text: str) -> None:
    """Put `text` between the lines `<!-- mark -->` and `<!-- end of mark -->`.

    Nothing is written if it is there already. Raises ValueError for a file without the lines.
    """
    start, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    old = path.read_text()
    before, found, rest = old.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{path} has no lines {start.strip()} and {end} to put text between")
    new = f"{before}{start}{text.strip()}\n{end}{after}"
    if new != old:
        with replacing(path) as temporary:
            temporary.write_text(new)


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    columns = list(columns)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def gallery(outputs: Mapping[str, Mapping[str, Any]], names: Iterable[str], best: Iterable[str]) -> str:
    """The light animations of a manifest in the wide cut: the best by poster, with a sentence and a link, and then all
    others as links, in the order of `names`."""
    shown = {key: entry for key, entry in outputs.items() if _edition_of(entry) == ("light", "wide", "gif")}
    of_name = {entry["name"]: (output, entry) for output, entry in shown.items()}
    best = [name for name in best if name in of_name]
    parts = [_poster(*of_name[name]) for name in best]
    others = [of_name[name] for name in names if name in of_name and name not in best]
    return "\n\n".join([*parts, "\n".join(_link(output, entry) for output, entry in others)])


def _poster(output: str, entry: Mapping[str, Any]) -> str:
    picture = f"[![{entry['alt']}](public/{output}-preview.png)](public/{output}.gif)"
    said = f"{entry['message']} " if entry.get("message") else ""
    return f"**{entry['title']}** (`{entry['name']}`)\n\n{picture}\n\n{said}[Play it](public/{output}.gif)."


def _link(output: str, entry: Mapping[str, Any]) -> str:
    return f"- [{entry['title']}](public/{output}.gif) (`{entry['name']}`)"


def _edition_of(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["theme"], entry.get("cut", "wide"), entry.get("container", "gif")


def refresh_gallery(edition: Edition, names: Iterable[str], best: Iterable[str]) -> None:
    """Put the gallery into the project's README, if the edition is what the blog serves, in the light theme."""
    readme = manifest.ROOT / "README.md"
    served = manifest.in_checkout() and edition.folder.resolve() == manifest.ROOT / "public"
    if served and edition.theme == "light" and readme.exists():
        replace_between(readme, "gallery", gallery(manifest.read(edition.folder), names, best))
