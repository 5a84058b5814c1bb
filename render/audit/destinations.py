"""What an audit reads and where it writes, looked at before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from render import places
from render.audit.files.addresses import Address
from render.audit.files.names import name_of
from render.terminal import console

if TYPE_CHECKING:
    from render.audit.auditing import Asked


def require(asked: Asked) -> None:
    """Raise ValueError for paths that cannot be followed, and for files that cannot be written."""
    for path in filter(None, (asked.path, asked.against)):
        if not isinstance(path, Address):
            places.require_reachable(path)
    console.require_json_file(asked.json_path)
    if asked.html_path is not None:
        places.require_file(asked.html_path, "name a file for --html")
    if asked.draws:
        places.require_folder(asked.out)
        for file in _pictures(asked):
            places.require_short(asked.out / file, "rename the snapshot, or say --no-picture")


def _pictures(asked: Asked) -> Iterator[str]:
    """The longest names of files that are drawn."""
    name, theme = name_of(asked.path), "" if asked.theme == "light" else f"-{asked.theme}"
    yield f"{name}-audit{theme}.json"
    if asked.against is not None:
        yield f"{name}-against-{name_of(asked.against)}{theme}.gif"


__all__ = ["require"]
