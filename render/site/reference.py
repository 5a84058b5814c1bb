"""The metrics reference: every public metric, in the words of its docstring."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass

from render import metrics

SHAPED = re.compile(r"""['"]?(?:Float|Int|Bool|Num)\[Array, ?['"]\s*([^'"]*)['"]\]['"]?""")


@dataclass(frozen=True)
class Metric:
    """A metric: its dotted name within render.metrics, signature, first line, paragraphs, source, the posts' names."""

    name: str
    signature: str
    summary: str
    paragraphs: tuple[str, ...]
    source: str
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """A module of metrics: what it is about, and its metrics."""

    name: str
    about: str
    metrics: tuple[Metric, ...]


def modules(names: dict[str, tuple[str, ...]]) -> Iterator[Module]:
    """The modules of metrics by name. names: dotted name -> what the posts call it."""
    for found in sorted(pkgutil.iter_modules(metrics.__path__), key=lambda found: found.name):
        module = importlib.import_module(f"{metrics.__name__}.{found.name}")
        members = [(name, getattr(module, name)) for name in sorted(module.__all__)]
        told = tuple(
            _metric(f"{found.name}.{name}", member, names)
            for name, member in members
            if callable(member) and inspect.getdoc(member) and member.__module__ == module.__name__
        )
        if told:
            yield Module(found.name, _first(inspect.getdoc(module) or ""), told)


def posts_names(text: str) -> dict[str, tuple[str, ...]]:
    """Dotted name -> what the posts call it, from a Markdown table of the two: | `theirs` (post) | `ours`, ... |."""
    found: dict[str, tuple[str, ...]] = {}
    for theirs, ours in re.findall(r"^\| (`\w+`[^|]*?) \| (.*?) \|$", text, flags=re.MULTILINE):
        for name in re.findall(r"`([\w.]+)`", ours):
            found[name] = (*found.get(name, ()), theirs.replace("`", ""))
    return found


def _metric(name: str, member: object, names: dict[str, tuple[str, ...]]) -> Metric:
    doc = inspect.getdoc(member) or ""
    summary, *rest = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", doc))
    body, _, source = "\n".join(rest).partition("Source: ")
    source, *after = source.split("\n")
    paragraphs = tuple(filter(None, (text.strip() for text in [*body.split("\n"), *after])))
    return Metric(name, _signature(name, member), summary, paragraphs, source, names.get(name, ()))


def _signature(name: str, member: object) -> str:
    """Arguments and result, arrays by their shapes: `cdnv(variances: (classes), means: (classes, dim)) -> ()`."""
    try:
        text = str(inspect.signature(member))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return name
    shaped = SHAPED.sub(lambda found: f"({', '.join(found[1].split())})", text)
    shaped = re.sub(r"ForwardRef\((\([^)]*\))\)", r"\1", shaped)
    return name.rpartition(".")[2] + shaped.replace("'", "").replace('"', "")


def _first(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split())
