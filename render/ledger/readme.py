"""The parts of README, docs and gallery that are made from what the project measured: each lies between two marks.

What scenes say of themselves stands in HTML there, and is escaped: nothing in a title becomes markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from render.places import replacing
from render.production import drawings, manifest
from render.production.edition import POSTER, Edition

COLUMNS = 2  # of the grid of posters: their words stay readable on a page of 800 pixels
Outputs = Mapping[str, Mapping[str, Any]]


def replace_between(path: Path, mark: str, text: str) -> None:
    """Put `text` between the lines `<!-- mark -->` and `<!-- end of mark -->`.

    Nothing is written if it is there already. Raises ValueError for a file without the lines.
    """
    start, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    old = path.read_text(encoding="utf-8")
    before, found, rest = old.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{path} has no lines {start.strip()} and {end} to put text between")
    new = f"{before}{start}{text.strip()}\n{end}{after}"
    if new != old:
        with replacing(path) as temporary:
            temporary.write_text(new, encoding="utf-8")


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    columns = list(columns)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def best(outputs: Outputs, name: str) -> str:
    """The animation of a scene as HTML: in the reader's theme, and a still for who asks for less motion.

    outputs: of a manifest. Where the scene is not drawn in the dark theme the light one is for all readers.
    """
    drawn = {theme: _drawn(outputs, theme).get(name) for theme in ("light", "dark")}
    if drawn["light"] is None:
        return ""
    (light, entry), dark = drawn["light"], drawn["dark"][0] if drawn["dark"] else ""
    still, in_dark = "prefers-reduced-motion: reduce", "prefers-color-scheme: dark"
    sources = [
        *([(f"({still}) and ({in_dark})", dark + POSTER)] if dark else []),
        (f"({still})", light + POSTER),
        *([(f"({in_dark})", f"{dark}.gif")] if dark else []),
    ]
    lines = [f'  <source media="{media}" srcset="{_quoted("public/" + file)}">' for media, file in sources]
    picture = f'  <img src="{_quoted(f"public/{light}.gif")}" alt="{_quoted(entry["alt"])}">'
    return "\n".join(["<picture>", *lines, picture, "</picture>"])


def gallery(outputs: Outputs, names: Iterable[str]) -> str:
    """A table of scenes as HTML: each by its poster, which leads to the animation, its title, and what it shows.

    outputs: of a manifest. Scenes that are not drawn are left out.
    """
    drawn = _drawn(outputs, "light")
    cells = [_cell(*drawn[name]) for name in names if name in drawn]
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    return "\n".join(["<table>", *(line for row in rows for line in ("<tr>", *row, "</tr>")), "</table>"])


def everything(outputs: Outputs, names: Iterable[str]) -> str:
    """Every scene as HTML, by post in the order of `names`: a link to the animation, and what it shows."""
    drawn = _drawn(outputs, "light")
    shown = [drawn[name] for name in names if name in drawn]
    parts = []
    for post in dict.fromkeys(entry["post"] for _, entry in shown):
        links = [_link(output, entry) for output, entry in shown if entry["post"] == post]
        parts += [f"<h2>{_quoted(post)}</h2>", "<ul>", *links, "</ul>"]
    return "\n".join(parts)


def refresh_gallery(edition: Edition, names: Iterable[str], shown: Sequence[str]) -> None:
    """Put the pictures into the project's README, and all others into public/, if the edition is what the blog serves.

    shown: names of the scenes that the README shows, the first at its top.
    """
    root = manifest.ROOT
    in_project = edition.folder.resolve() == root / "public" and (root / "README.md").exists()
    if not (in_project and drawings.is_served(edition) and edition.theme == "light"):
        return
    outputs = manifest.read(edition.folder)
    replace_between(root / "README.md", "best", best(outputs, shown[0]))
    replace_between(root / "README.md", "gallery", gallery(outputs, shown))
    replace_between(root / "public" / "README.md", "gallery", everything(outputs, names))


def _drawn(outputs: Outputs, theme: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Name of a scene -> its output and entry: the GIF of the wide cut in a theme."""
    wanted = (theme, "wide", "gif")
    return {entry["name"]: (output, entry) for output, entry in outputs.items() if _looks(entry) == wanted}


def _looks(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["theme"], entry.get("cut", "wide"), entry.get("container", "gif")


def _cell(output: str, entry: Mapping[str, Any]) -> str:
    file = _quoted(f"public/{output}")
    poster = f'<img src="{file}{POSTER}" alt="{_quoted(entry["alt"])}">'
    said = f"<br>{_quoted(entry['message'])}" if entry.get("message") else ""
    title = f"<b>{_quoted(entry['title'])}</b>"
    return f'<td width="{100 // COLUMNS}%"><a href="{file}.gif">{poster}</a><br>{title}{said}</td>'


def _link(output: str, entry: Mapping[str, Any]) -> str:
    said = f": {_quoted(entry['message'])}" if entry.get("message") else ""
    return (
        f'<li><a href="{_quoted(output)}.gif">{_quoted(entry["title"])}</a> '
        f"(<code>{_quoted(entry['name'])}</code>){said}</li>"
    )


def _quoted(text: str) -> str:
    """Text for HTML within Markdown, in one line: after an empty one it would be read as Markdown again."""
    return html.escape(" ".join(text.split()))
