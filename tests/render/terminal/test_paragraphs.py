"""What the command prints fits where it is read: no name is cut, no word is broken."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from cli import render
from render.terminal import paragraphs
from scenes import ENTRIES

VERBS = ((), ("list",), ("scene",), ("figure",), ("all",), ("check",), ("claims",), ("cache",), ("audit",))


def lines(*arguments: str, columns: str | None = None) -> list[str]:
    ended = CliRunner(env={"COLUMNS": columns}).invoke(render, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.output.splitlines()


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_help_at_80_columns_breaks_no_word_and_cuts_no_line(verb: tuple[str, ...]) -> None:
    for line in lines(*verb, "--help", columns="80"):
        assert len(line) <= 80
        assert not re.search(r"\w-$|\.\.\.$", line.removesuffix("[ARGS]...")), line


@pytest.mark.parametrize("columns", ["80", "60"])
def test_the_list_has_every_name_and_title_whole(columns: str) -> None:
    found = lines("list", columns=columns)
    assert max(map(len, found)) <= int(columns)
    said = " ".join(" ".join(found).split())
    for name, entry in ENTRIES.items():
        assert f" {name} {entry.title} " in f" {said} "
    for post in {entry.post for entry in ENTRIES.values()}:
        assert said.count(post) == 1


def test_a_title_that_does_not_fit_goes_on_below_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert paragraphs.filled("one two three four", "  name  ") == ["  name  one two", "        three four"]


@pytest.mark.filterwarnings("ignore:claims.json is older")
def test_a_pipe_gets_whole_lines() -> None:
    assert sum(line.startswith("  ") for line in lines("list", columns="")) == len(ENTRIES)
    claims = lines("claims", columns="")
    assert max(map(len, claims)) > 80


@pytest.mark.filterwarnings("ignore:claims.json is older")
def test_a_claim_is_a_paragraph_with_its_mark() -> None:
    found = lines("claims", columns="80")
    assert max(map(len, found)) <= 80
    marks = {line.split()[0] for line in found if re.match(r"  [✓~✗] ", line)}
    assert marks == {"✓", "~", "✗"}
    assert any(line.startswith("    published: ") for line in found)
