"""What a folder of pictures holds, drawn from what, with which numbers; and whether that is still so.

Nothing here imports jax or matplotlib: finding that there is nothing to do must cost nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from render.device import CPU
from render.files import replacing, sha256

NAME = "manifest.json"
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("jax", "jaxlib", "optax", "numpy", "matplotlib", "pillow")


def versions() -> dict[str, str]:
    """Versions of the packages that decide what a picture looks like."""
    return {package: metadata.version(package) for package in PACKAGES}


def public_folder() -> Path:
    """What the blog serves: the project's public/ in a checkout, ./public elsewhere."""
    return ROOT / "public" if (ROOT / "pyproject.toml").exists() else Path("public")


def inputs_digest(reference: str, theme: str, overrides: Mapping[str, Any]) -> str:
    """Digest of all that decides a picture: the scene's source, what it shares with others, config, theme, versions.

    reference: a scene's dotted module or file path, as in `render.loading.load_scene`.
    """
    digest = digest_of(reference)
    platform = os.environ.get("JAX_PLATFORMS", CPU)
    where = [] if platform == CPU else [platform]  # another device rounds otherwise
    digest.update(json.dumps([theme, dict(overrides), versions(), *where], sort_keys=True).encode())
    return digest.hexdigest()


def digest_of(reference: str, leaving_out: Collection[str] = ()) -> hashlib._Hash:
    """Digest of a scene's source and of what scenes share, but for the named files and folders of render/."""
    if reference.endswith(".py"):
        source = Path(reference)
    else:
        spec = importlib.util.find_spec(reference)
        if spec is None or spec.origin is None:
            raise ValueError(f"no module {reference}")
        source = Path(spec.origin)
    render = ROOT / "render"
    apart = {*leaving_out, "audit"}  # what is audited is no scene
    shared = [path for path in render.rglob("*.py") if path.relative_to(render).parts[0] not in apart]
    shared += [path for path in (ROOT / "scenes").glob("*.py") if path.name != "__init__.py"]
    named = [(path.relative_to(ROOT).as_posix(), path) for path in sorted(shared)]
    return digest_of_files([(source.name, source), *named])


def digest_of_files(named: Iterable[tuple[str, Path]]) -> hashlib._Hash:
    """Digest of the content of files and of what each is called."""
    digest = hashlib.sha256()
    for name, path in named:
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """Entries by output; empty, with a warning, when the manifest cannot be read."""
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
    return outputs


def record(folder: Path, output: str, entry: Mapping[str, Any]) -> None:
    """Put one entry into the folder's manifest; safe against others that do so at the same time."""
    with _locked(folder):
        outputs = {**read(folder), output: dict(entry)}
        with replacing(folder / NAME) as temporary:
            temporary.write_text(json.dumps({"outputs": outputs}, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def find_current(folder: Path, reference: str, theme: str, poster: bool = True) -> str | None:
    """The output that `reference` in its default config has in `folder`, if its files are what it would draw now.

    Warns of pictures without a manifest: nobody knows what they were drawn from.
    """
    if not (folder / NAME).exists() and any(folder.glob("*.gif")):
        warnings.warn(f"{folder} has pictures but no {NAME}, which is made anew", stacklevel=2)
    digest = inputs_digest(reference, theme, {})
    for output, entry in read(folder).items():
        if entry.get("inputs") == digest:
            files = {f"{output}.gif": entry.get("sha256")}
            if poster:
                files[poster_name(output)] = entry.get("poster_sha256")
            if all((folder / name).is_file() and sha256(folder / name) == digest for name, digest in files.items()):
                return output
    return None


def not_as_committed(folder: Path, outputs: Iterable[str]) -> list[str]:
    """Files of these outputs that git knows in `folder` and that hold something else now; none outside a checkout."""
    names = [name for output in outputs for name in (f"{output}.gif", poster_name(output)) if (folder / name).exists()]
    asked = ["git", "-C", str(folder), "diff", "--name-only", "--relative", "-z", "HEAD", "--", *names]
    try:
        found = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):  # no git: nothing is known of what is committed
        return []
    return sorted(filter(None, found.stdout.split("\0"))) if found.returncode == 0 else []


def poster_name(output: str) -> str:
    return f"{output}-preview.png"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
