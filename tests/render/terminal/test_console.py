"""What the command prints never holds what a terminal would obey."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import click
import pytest

from render.errors import NotFinite
from render.terminal import console, ending

EVIL = "a\x1b[31m\u202e\x9b\nb"


def test_errors_warnings_tables_and_paths_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    errors = [ValueError(EVIL), KeyError(EVIL), NotFinite(EVIL), FileNotFoundError(2, "No such file", f"/{EVIL}")]
    for error in errors:
        line = console.one_line(error)
        assert line.isprintable(), line
    console.table(["name"], [[EVIL]])
    console.say(False, EVIL.replace("\n", " "))
    console.say_path(False, Path(EVIL))
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "a\\x1b[31m\\u202e\\x9b\\nb" in told


def test_json_on_a_terminal_is_escaped_and_means_the_same() -> None:
    text = console.json_text({EVIL: EVIL, "surrogate": "\udcff"})
    assert json.loads(text) == {EVIL: EVIL, "surrogate": "\udcff"}
    assert text.replace("\n", "").isprintable()


def test_what_is_wrong_with_a_command_is_escaped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # which the command replaces
    monkeypatch.setattr(sys, "argv", ["render"])

    @click.command()
    def fails() -> None:
        raise click.UsageError(EVIL)

    with pytest.raises(SystemExit):
        ending.run(fails)
    assert "\x1b" not in capsys.readouterr().err
