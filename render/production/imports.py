"""What one file of Python says and imports, read off its syntax: it is never run.

Two files say the same when they differ in comments, docstrings, layout or imports for types alone.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

LOADERS = ("find_spec", "import_module")  # of importlib: a literal that is handed to one of these is an import, too


class Import(NamedTuple):
    """`import module` (name None), or `from module import name` ("*" for all)."""

    module: str
    name: str | None = None


class Written(NamedTuple):
    """An import as it is written. level: number of dots. bound: what the file calls it."""

    level: int
    module: str
    name: str | None
    bound: str


@dataclass(frozen=True)
class Module:
    """digest: SHA-256 of the code. written: all imports, also those inside functions."""

    digest: str
    written: tuple[Written, ...]

    def imports(self, name: str, is_package: bool) -> Iterator[Import]:
        """The imports, from where relative ones lead in a module of this dotted name."""
        for written in self.written:
            yield Import(_absolute(written, name, is_package), written.name)

    def handed_on(self, bound: str, package: str) -> Import | None:
        """Where a package's `__init__` has a name from that it hands on; None for a name of its own."""
        for written in self.written:
            if written.bound == bound and written.name not in (None, "*"):
                return Import(_absolute(written, package, True), written.name)
        return None


def _absolute(written: Written, name: str, is_package: bool) -> str:
    if not written.level:
        return written.module
    parts = name.split(".")
    above = parts[: len(parts) - written.level + is_package]
    return ".".join([*above, *([written.module] if written.module else [])])


@functools.lru_cache(maxsize=512)
def parsed(content: bytes) -> Module:
    """A file by its content. What is no Python says its bytes and imports nothing: who runs it learns of the error."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return Module(hashlib.sha256(content).hexdigest(), ())
    said: list[str] = []
    written: list[Written] = []
    _read(tree, said, written)
    return Module(hashlib.sha256("\0".join(said).encode()).hexdigest(), tuple(written))


def _read(node: ast.AST, said: list[str], written: list[Written]) -> None:
    """Append what a node says and imports.

    Empty fields are left out: newer versions of Python have more of them. So are strings that nothing uses.
    """
    said.append(node.__class__.__name__)
    written.extend(_imports(node))
    for field in node._fields:
        value = getattr(node, field, None)
        if value is None or value == []:
            continue
        said.append(field)
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, ast.AST):
                said.append(ascii(part))
            elif _for_types(part):
                for other in part.orelse:
                    _read(other, said, written)
            elif not _unused(part):
                _read(part, said, written)
        said.append(")")


def _imports(node: ast.AST) -> Iterator[Written]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Written(0, alias.name, None, alias.asname or alias.name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield Written(node.level, node.module or "", alias.name, alias.asname or alias.name)
    elif isinstance(node, ast.Call) and node.args:
        called = getattr(node.func, "attr", getattr(node.func, "id", None))
        argument = getattr(node.args[0], "value", None)
        if called in LOADERS and isinstance(argument, str):
            yield Written(0, argument, None, "")


def _for_types(node: ast.AST) -> TypeGuard[ast.If]:
    """Whether a statement is `if TYPE_CHECKING`."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in (getattr(node.test, key, "") for key in ("id", "attr"))


def _unused(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or any other string by itself."""
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
