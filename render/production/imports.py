"""Digest and imports of a Python file, from its syntax tree: the file is never run.

Files that differ only in comments, docstrings, layout or imports under `if TYPE_CHECKING` have the same digest.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

LOADERS = ("find_spec", "import_module")  # functions of importlib whose literal argument counts as an import


class Import(NamedTuple):
    """`import module` (name None), or `from module import name` ("*" for all)."""

    module: str
    name: str | None = None


class Written(NamedTuple):
    """An import as it is written. level: number of leading dots. bound: the name that it binds in the file."""

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
        """The imports of this file as the module `name`: relative ones are resolved from there."""
        for written in self.written:
            yield Import(_absolute(written, name, is_package), written.name)

    def handed_on(self, bound: str, package: str) -> Import | None:
        """The import by which this file, the `__init__` of `package`, re-exports `bound`; None for its own names."""
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
    """Module of a file's content. If that is not Python, its bytes are digested and it has no imports."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return Module(hashlib.sha256(content).hexdigest(), ())
    said: list[str] = []
    written: list[Written] = []
    _read(tree, said, written)
    return Module(hashlib.sha256("\0".join(said).encode()).hexdigest(), tuple(written))


def _read(node: ast.AST, said: list[str], written: list[Written]) -> None:
    """Append a node's text for the digest to `said` and its imports to `written`.

    Empty fields are left out, since newer versions of Python have more of them, and so are unused strings: docstrings.
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
