"""The table of docs/containers.md: how many bytes each scene takes in each container, light and in the wide cut.

`python -m render.ledger.containers FOLDER` puts it there, once `render all --container NAME --out FOLDER` drew them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from render.encoding.encoders import ENCODERS
from render.errors import USAGE
from render.ledger import readme
from render.production import manifest
from render.registry import installed


def table(manifests: Iterable[Mapping[str, Mapping[str, Any]]], names: Iterable[str]) -> str:
    """A Markdown table of thousands of bytes: a row a scene, and one of all together; a column a container.

    manifests: outputs of one or more folders. Raises ValueError for a scene that is not drawn in all containers, and
    where there is none.
    """
    size = {
        (entry["name"], entry.get("container", "gif")): int(entry["bytes"])
        for outputs in manifests
        for entry in outputs.values()
        if (entry["theme"], entry.get("cut", "wide")) == ("light", "wide")
    }
    names = list(names)
    if not names:
        raise ValueError("no scene is drawn: `make gifs` draws them")
    for name in names:
        lacking = [container for container in ENCODERS if (name, container) not in size]
        if lacking:
            raise ValueError(f"{name} is not drawn as {', '.join(lacking)}: `make containers` draws it")
    rows = [(name, [size[name, container] for container in ENCODERS]) for name in names]
    rows.append(("all", [sum(size[name, container] for name in names) for container in ENCODERS]))
    told = [[name, *(f"{taken / 1000:,.0f}" for taken in sizes)] for name, sizes in rows]
    return readme.table(["kB", *ENCODERS], told)


def main(folder: Path) -> None:
    """Put the table into the docs. folder: where the containers are, beside the GIFs that are served."""
    served = manifest.read(manifest.public_folder())
    drawn = {entry["name"] for entry in served.values()}
    told = table([served, manifest.read(folder)], [name for name in installed() if name in drawn])
    readme.replace_between(manifest.ROOT / "docs" / "containers.md", "containers", told)


if __name__ == "__main__":
    try:
        main(Path(*sys.argv[1:2] or ["out/containers"]))
    except ValueError as error:
        print(error, file=sys.stderr)
        raise SystemExit(USAGE) from error
