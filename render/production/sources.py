"""Sources of a picture, a run and a figure of the ledger: the code and versions that determine it, from its imports.

A closure is the modules that a module imports, directly or not, and the distributions that these name. A module counts
by its code, without comments, docstrings and layout. Nothing is imported to find out.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from render.encoding.encoders import ENCODERS
from render.files import package_of
from render.production.imports import Import, Module, parsed

ROOT = Path(__file__).resolve().parents[2]
SCENES_INSIDE = "render.scenes"  # what a checkout has as `scenes`, where a wheel brought it

# What only draws: a scene imports its frames and marks, which change what is seen of a run but none of its numbers.
LOOKS = ("render.picture.panels", "render.picture.group", "render.picture.frames", "render.picture.marks")
DRAWN = "_picture"  # ending of the name of a scene's module that only draws
TRAINS = ("render.training.trajectory",)
RECORDS = ("render.picture.recording",)
DRAWS = ("render.production.writing",)
JUDGES = ("render.training.checks",)
TELLS = ("render.training.estimate",)  # estimates how long a run will take; changes none of its numbers

DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}  # import -> distribution, where names differ
COMPANIONS = {"jax": "jaxlib"}  # distribution -> one that computes for it and is not imported by name
ONLY_TYPES = ("jaxtyping",)  # changes no number: annotations are never evaluated


@dataclass(frozen=True)
class Sources:
    """modules: dotted name -> digest of the code. packages: names of third-party distributions."""

    modules: Mapping[str, str]
    packages: frozenset[str]

    def __or__(self, other: Sources) -> Sources:
        return Sources({**self.modules, **other.modules}, self.packages | other.packages)

    def versions(self) -> dict[str, str]:
        """Distribution -> the version that is installed, "" where none is."""
        return {package: version(package) for package in sorted(self.packages)}

    def digest(self, *more: object) -> str:
        """SHA-256, in hexadecimal, of code, versions and further inputs `more` (as JSON)."""
        said = [dict(self.modules), self.versions(), *more]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def run(reference: str) -> Sources:
    """Sources of the numbers of a scene's run: the scene and the training code, without packages that only draw.

    reference: a dotted module or the path of a .py file, as in `render.loading.load_scene`. Raises ValueError when
    there is none, like every function here that takes a reference.
    """
    return closure(reference, leaving_out=LOOKS) | closure(*TRAINS, leaving_out=LOOKS + TELLS)


def recorded(reference: str) -> Sources:
    """Sources of a recording, the form in which a run is cached."""
    return run(reference) | closure(*RECORDS, leaving_out=LOOKS)


def picture(reference: str, container: str = "gif") -> Sources:
    """Sources of a picture: its recording, the marks and panels that its scene imports, drawing code and encoder.

    The code that draws and stores knows them all; only those count that the scene imports, since it uses no other.
    """
    return recorded(reference) | closure(reference) | closure(*DRAWS, ENCODERS[container], leaving_out=LOOKS)


def ledger(reference: str) -> Sources:
    """Sources of the verdicts on a scene's targets: its run, and the code that judges targets over seeds.

    A module of a scene whose name ends in DRAWN says how the scene is told, and no number: it is left out.
    """
    own = closure(reference, leaving_out=LOOKS, ending=DRAWN)
    return own | closure(*TRAINS, leaving_out=LOOKS + TELLS) | closure(*JUDGES, leaving_out=LOOKS)


def rows(reference: str) -> Sources:
    """Sources of a ledger's rows: the module that states the claims, and the studies that some of them read."""
    return closure(reference, leaving_out=(*LOOKS, *TELLS, "render.ledger"), ending=DRAWN)


def closure(*references: str, leaving_out: Iterable[str] = (), ending: str = "\n") -> Sources:
    """Modules and distributions that `references` import, directly or not, themselves among them.

    Inside the project are `render` and the package of each reference; everything else is third-party or Python's own.
    Modules within `leaving_out`, or whose name has this `ending`, are skipped. A package's `__init__` counts if a name
    defined in it is imported; a name that it re-exports leads to the module that defines it.
    """
    left_out = tuple(leaving_out)
    todo = [_located(reference) for reference in references]
    project = {"render": str(ROOT / "render"), **{name.partition(".")[0]: _top(name, path) for name, path in todo}}
    modules: dict[str, str] = {}
    packages: set[str] = set()
    while todo:
        name, path = todo.pop()
        if name in modules:
            continue
        module = _read(path)
        modules[name] = module.digest
        for imported in module.imports(name, path.endswith("/__init__.py")):
            top = imported.module.partition(".")[0]
            if top in project:
                provided = _provider(imported, project)
                todo += [one for one in provided if not within(one[0], left_out) and not one[0].endswith(ending)]
            elif top not in ONLY_TYPES:
                packages |= distributions(top)
    return Sources({_as_in_checkout(name): digest for name, digest in modules.items()}, frozenset(packages))


def _as_in_checkout(module: str) -> str:
    """A module's name in a checkout, so that a package and its checkout agree on what is up to date."""
    return module.removeprefix("render.") if within(module, [SCENES_INSIDE]) else module


def within(module: str, rooms: Iterable[str]) -> bool:
    """Whether a dotted name is one of the packages or modules `rooms`, or inside one."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@functools.cache
def distributions(top: str) -> frozenset[str]:
    """Names of the distributions that a top-level import comes from; none for Python's own modules."""
    if top in sys.stdlib_module_names:
        return frozenset()
    name = DISTRIBUTIONS.get(top, top)
    if not version(name):
        name = next(iter(metadata.packages_distributions().get(top, [])), name)
    return frozenset({name, COMPANIONS.get(top, name)})


@functools.cache
def version(distribution: str) -> str:
    """The version that is installed, "" where none is."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _located(reference: str) -> tuple[str, str]:
    """(dotted name, file) of a reference. A file inside a package has its dotted name, any other file its stem.

    Raises ValueError for what is neither a module nor a file.
    """
    if not reference.endswith(".py"):
        if not (ROOT / SCENES_INSIDE.replace(".", "/")).is_dir():
            reference = _as_in_checkout(reference)
        top = reference.partition(".")[0]
        found = _module(reference, _folder(top)) if _folder(top) else None
        if found is None:
            raise ValueError(f"no module {reference}")
        return found
    path = Path(reference).absolute()
    if not path.is_file():
        raise ValueError(f"{path} is no file: name a Python module that defines SCENE")
    return ".".join([*package_of(path), path.stem]), str(path)


def _folder(top: str) -> str:
    """Where a top-level package is: of the project, or as Python would find it; "" where there is none."""
    if (ROOT / top / "__init__.py").is_file():
        return str(ROOT / top)
    spec = importlib.util.find_spec(top)
    places = spec.submodule_search_locations if spec else None
    if places:
        return next(iter(places))
    return spec.origin.removesuffix(".py") if spec and spec.origin else ""


def _top(name: str, path: str) -> str:
    """The folder of the top-level package of a module of this name in this file."""
    inner = name.partition(".")[2].replace(".", "/")
    base = path.removesuffix(".py").removesuffix("/__init__")
    return base.removesuffix(f"/{inner}") if inner else base


def _module(name: str, folder: str) -> tuple[str, str] | None:
    """(dotted name, file) of a module whose top-level package is `folder`; None where there is none."""
    inner = name.partition(".")[2].replace(".", "/")
    base = f"{folder}/{inner}" if inner else folder
    for path in (f"{base}.py", f"{base}/__init__.py"):
        if os.path.isfile(path):  # pathlib takes longer than all the rest
            return name, path
    return None


def _provider(imported: Import, project: Mapping[str, str]) -> list[tuple[str, str]]:
    """(dotted name, file) of the project's module that provides an import, as a list of one or none."""
    folder = project.get(imported.module.partition(".")[0], "")
    if imported.name and (found := _module(f"{imported.module}.{imported.name}", folder)):
        return [found]
    owner = _module(imported.module, folder)
    if owner is None:
        return []
    if imported.name and owner[1].endswith("/__init__.py"):
        handed_on = _read(owner[1]).handed_on(imported.name, owner[0])
        if handed_on and handed_on.module != owner[0] and handed_on.module.partition(".")[0] in project:
            return _provider(handed_on, project)
    return [owner]


def _read(path: str) -> Module:
    with open(path, "rb") as file:
        return parsed(file.read())
