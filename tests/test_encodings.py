"""Every file of text that the project opens is UTF-8, whatever the locale of who runs it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "cli.py", *sorted((ROOT / "render").rglob("*.py")), *sorted((ROOT / "scenes").rglob("*.py"))]
TEXT = ("read_text", "write_text", "TextIOWrapper")
OPENERS = ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile")
PROCESSES = ("run", "Popen", "check_output", "call", "check_call")
OF_NUMBERS = {("digits.py", "gzip")}  # a table of numbers in another package, which is ASCII
NO_FILES = ("os", "Image", "zarr", "av", "h5py", "webbrowser")  # whose `open` opens no text


def of_the_locale(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines and objects of calls that read or write text as the locale has it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        keywords = {word.arg: word.value for word in node.keywords}
        named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if "encoding" in keywords or None in keywords:
            continue
        if named in PROCESSES and {"text", "universal_newlines"} & keywords.keys():
            yield node.lineno, owner
        elif named in TEXT:
            position = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1}[named]
            if len(node.args) <= position:
                yield node.lineno, owner
        elif named in OPENERS and owner not in NO_FILES:
            modes = [word.value for word in [*node.args, *node.keywords] if isinstance(word, ast.Constant)]
            modes += [word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)]
            binary = named.endswith("TemporaryFile") and "mode" not in keywords
            archived = owner in ("archive", "zipfile.ZipFile(path)")
            if not binary and not archived and not any(isinstance(mode, str) and "b" in mode[:3] for mode in modes):
                yield node.lineno, owner


@pytest.mark.parametrize(
    "line",
    [
        "path.read_text()",
        "temporary.write_text(text)",
        "open(path)",
        "open(path, 'w')",
        "path.open()",
        "path.open('a')",
        "gzip.open(path, 'rt')",
        "tempfile.NamedTemporaryFile(mode='w')",
        "io.TextIOWrapper(file)",
        "subprocess.run(asked, text=True)",
    ],
)
def test_what_the_locale_decides_is_recognised(line: str) -> None:
    assert list(of_the_locale(ast.parse(line)))
    assert not list(
        of_the_locale(
            ast.parse(line[:-1].removesuffix("(") + ("(" if line.endswith("()") else ", ") + "encoding='utf-8')")
        )
    )


@pytest.mark.parametrize(
    "line", ["path.open('rb')", "open(path, mode='wb')", "os.open(path, flags)", "path.read_bytes()"]
)
def test_bytes_have_no_encoding(line: str) -> None:
    assert not list(of_the_locale(ast.parse(line)))


def test_no_file_is_read_or_written_as_the_locale_has_it() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        for line, owner in of_the_locale(ast.parse(path.read_text(encoding="utf-8")))
        if (path.name, owner) not in OF_NUMBERS
    ]
    assert len(SOURCES) > 100
    assert found == []
