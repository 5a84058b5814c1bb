"""Manifest of a folder of pictures: from what each was drawn, with which numbers, and whether it is up to date.

Nothing here imports jax or matplotlib: finding that there is nothing to do must cost nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from render.device import CPU
from render.files import sha256
from render.places import replacing, require_folder
from render.printable import printable
from render.production import ribbons, sources
from render.production.edition import EXPERIMENTS, Edition
from render.production.sources import ROOT

NAME = "manifest.json"


def in_checkout() -> bool:
    """Whether this is a checkout of the project, and not an installed package, inside which the scenes are."""
    return (ROOT / "pyproject.toml").exists() and not (ROOT / sources.SCENES_INSIDE.replace(".", "/")).exists()


def public_folder() -> Path:
    """What the blog serves: the project's public/ in a checkout, ./public elsewhere."""
    return ROOT / "public" if in_checkout() else Path("public")


def published_folder() -> Path:
    """Where the ledger and the curves of all seeds are read: the project's public/, or what a package has of it."""
    inside = ROOT / "render" / "public"
    return inside if inside.exists() and not in_checkout() else public_folder()


def require_place(out: Path | None, own: bool, is_default: bool) -> None:
    """Raise ValueError, before anything is loaded, where no picture can be written to the folder that is its default.

    out: the folder that was asked for instead. own, is_default: of the scene and its configuration, as they were asked
    for; one with settings may turn out to be the default one all the same.
    """
    public, experiments = public_folder(), EXPERIMENTS
    places = [out] if out else [public] if own and is_default else [experiments, public] if own else [experiments]
    for place in places:
        try:
            return require_folder(place)
        except ValueError as error:
            refused = error
    raise refused


def inputs_digest(reference: str, edition: Edition, overrides: Mapping[str, Any]) -> str:
    """Digest of everything that determines a picture: code, versions, looks, configuration, device if not the CPU, and
    the curves of other seeds.

    reference: a scene's dotted module or file path, as in `render.loading.load_scene`.
    """
    platform = os.environ.get("JAX_PLATFORMS", CPU)
    where = [] if platform == CPU else [platform]  # another device rounds otherwise
    curves = ribbons.of_run(published_folder(), reference, overrides)
    behind = [sha256(curves)] if curves and curves.is_file() else []
    return sources.picture(reference, edition.container).digest(*edition.looks, dict(overrides), *where, *behind)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Entries by the key of an output, `Edition.key`; empty, with a warning, when the manifest cannot be read."""
    path = folder / NAME
    if not path.exists():
        return {}
    try:
        outputs = json.loads(path.read_bytes())["outputs"]
        if not all(isinstance(entry, dict) for entry in outputs.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        warnings.warn(f"{path} cannot be read and is made anew", stacklevel=2)
        return {}
    refused = sorted(key for key, entry in outputs.items() if not all(map(_is_inside, (key, *_files_of(entry)))))
    if refused:
        left_out = printable(", ".join(refused))
        warnings.warn(f"{path} names files outside its folder, in {left_out}: these entries are left out", stacklevel=2)
    return {key: entry for key, entry in outputs.items() if key not in refused}


def _files_of(entry: Mapping[str, Any]) -> list[str]:
    """The files that an entry names, below the folder."""
    files = entry.get("files")
    return [str(name) for name in files] if isinstance(files, dict) else []


def _is_inside(name: str) -> bool:
    """Whether a name is of something below the folder, as all are that are written."""
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")


def record(folder: Path, key: str, entry: Mapping[str, Any]) -> None:
    """Put one entry into the folder's manifest; safe against others that do so at the same time."""
    with _locked(folder):
        outputs = {**read(folder), key: dict(entry)}
        with replacing(folder / NAME) as temporary:
            text = json.dumps({"outputs": outputs}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            temporary.write_text(text, encoding="utf-8")


def find_current(edition: Edition, reference: str) -> str | None:
    """The output of a scene's default run in an edition, if its files are up to date, else None.

    Warns of pictures without a manifest, since what they were drawn from is unknown.
    """
    folder = edition.folder
    if not (folder / NAME).exists() and any(folder.glob(f"*.{edition.container}")):
        warnings.warn(f"{folder} has pictures but no {NAME}, which is made anew", stacklevel=2)
    digest = inputs_digest(reference, edition, {})
    for key, entry in read(folder).items():
        output = edition.output_of(key)
        if (
            output
            and entry.get("inputs") == digest
            and _are_whole(folder, edition.files(output), entry.get("files") or {})
        ):
            return output
    return None


def _are_whole(folder: Path, names: Iterable[str], digests: Mapping[str, str]) -> bool:
    """Whether all these files are there and hold what their digests say."""
    return all(
        name in digests and (folder / name).is_file() and sha256(folder / name) == digests[name] for name in names
    )


def not_as_committed(folder: Path, names: Iterable[str]) -> list[str]:
    """Those of the files in `folder` that git tracks and whose content differs from the commit; none without git."""
    asked = ["git", "-C", str(folder), "diff", "--name-only", "--relative", "-z", "HEAD", "--", *names]
    try:
        found = subprocess.run(asked, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):  # no git: nothing is known of what is committed
        return []
    return sorted(filter(None, os.fsdecode(found.stdout).split("\0"))) if found.returncode == 0 else []


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
