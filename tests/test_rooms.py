"""The rooms of the project: who may use whom, and that no arrow runs up or round."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A room may use those on lower floors, and none beside it. Modules that lie in render/ itself are the contract.
FLOORS = {
    "contract": 0,
    "metrics": 1,
    "terminal": 1,
    "training": 2,
    "encoding": 2,
    "picture": 3,
    "production": 4,
    "ledger": 5,
    "audit": 5,
    "integrations": 6,
    "site": 6,
    "notebook": 6,  # a single module, that a notebook sees through the door
    "scenes": 6,
    "cli": 7,
    "door": 8,  # `render` itself, which hands on what a user's code imports
}
CONTRACT = {
    "device",
    "packaged",
    "scene",
    "target",
    "film",
    "bounds",
    "errors",
    "stages",
    "files",
    "views",
    "loading",
    "registry",
}
CONTRACT |= {"places", "printable", "temporary"}


def sources() -> list[Path]:
    return sorted([ROOT / "cli.py", *(ROOT / "render").rglob("*.py"), *(ROOT / "scenes").rglob("*.py")])


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path) for path in sources()}


def room(module: str) -> str:
    """The room that a module lies in."""
    first, *rest = module.split(".")
    if module == "render":
        return "door"
    if first != "render":
        return first
    return rest[0] if rest and (rest[0] in FLOORS or (ROOT / "render" / rest[0]).is_dir()) else "contract"


def imports(source: str, module: str, is_package: bool = False) -> Iterator[str]:
    """Modules of the project that a source imports, in every form that Python has; not for the types alone."""
    tree = ast.parse(source)
    types_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in types_only:
            continue
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found = [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            found = [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
        else:
            continue
        for name in found:
            known = name
            while known and known not in MODULES:
                known = known.rpartition(".")[0]
            if known:
                yield known


def arrows() -> dict[str, set[str]]:
    return {
        dotted(path): set(imports(path.read_text(), dotted(path), path.name == "__init__.py")) - {dotted(path)}
        for path in sources()
    }


@pytest.mark.parametrize(
    ("statement", "module", "found"),
    [
        ("import render.picture.figure", "render.production.outputs", "render.picture.figure"),
        ("import render.picture.figure as f", "cli", "render.picture.figure"),
        ("from render.picture import figure", "cli", "render.picture.figure"),
        ("from render.picture.figure import frames", "cli", "render.picture.figure"),
        ("from . import figure", "render.picture.recording", "render.picture.figure"),
        ("from .figure import frames", "render.picture.recording", "render.picture.figure"),
        ("from ..encoding import gif", "render.picture.recording", "render.encoding.gif"),
        ("def f():\n    from render.encoding import gif", "render.target", "render.encoding.gif"),
        ("import importlib\nimportlib.import_module('render.encoding.gif')", "render.target", "render.encoding.gif"),
    ],
)
def test_every_form_of_an_import_is_seen(statement: str, module: str, found: str) -> None:
    assert set(imports(statement, module)) == {found}


def test_every_module_lies_in_a_room_that_has_a_floor() -> None:
    assert {room(module) for module in MODULES} == set(FLOORS)
    assert {module.removeprefix("render.") for module in MODULES if room(module) == "contract"} == CONTRACT


def test_other_rooms_use_what_a_room_offers() -> None:
    for module, all_used in arrows().items():
        for used in all_used:
            parts = used.split(".")
            offered = getattr(importlib.import_module(".".join(parts[:2])), "__all__", None) if len(parts) > 2 else None
            if offered and room(used) not in (room(module), "contract", "metrics", "scenes"):
                assert parts[2] in offered, f"{module} uses {used}, which its room does not offer"


def test_no_arrow_runs_up_or_across() -> None:
    wrong = [
        f"{module} -> {used}"
        for module, all_used in arrows().items()
        for used in all_used
        if room(used) != room(module) and FLOORS[room(used)] >= FLOORS[room(module)]
    ]
    assert wrong == []


def test_no_module_imports_itself_by_a_circle() -> None:
    used = arrows()
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join([*above[above.index(module) :], module])
        if module not in done:
            for other in used[module]:
                visit(other, (*above, module))
            done.add(module)

    for module in used:
        visit(module, ())


def test_no_file_holds_two_things() -> None:
    long = {dotted(path): count for path in sources() if (count := len(path.read_text().splitlines())) > 260}
    assert long == {}
    assert len((ROOT / "cli.py").read_text().splitlines()) < 250
